"""What firewalls, cores and peers tell each other over BGP, and what each takes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from network.prove.paths.adjacency import Adjacency, Line, Session
from network.prove.paths.known import Known
from network.prove.paths.offers import Attachment, Covering, Offer
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import RoutePolicy, head
from network.state import Bgp, Network, Redistribute, StaticRoute, Vrf


class Announcements:
    """What is told over attachments, in one family; every answer is kept in what is `known`."""

    def __init__(
        self, adjacency: Adjacency, known: Known, vrfs: Mapping[Node, Vrf], policies: Mapping[str, RoutePolicy]
    ) -> None:
        self._adjacency = adjacency
        self._known = known
        self._vrfs = vrfs
        self._policies = policies

    def taken(self, over: Session) -> tuple[Offer, ...]:
        """What a core takes of what the firewall tells; cores with the same list take the same."""
        told, theirs, policy = self.told_out(over), over.by_core, self._policies[over.core[0]]
        filters = over if theirs.route_map_in else policy.named(theirs.prefixes_in)
        key = id(told), theirs.prefixes_in, filters
        if key not in self._known.taken:
            self._known.taken[key] = tuple(_let(policy, told, theirs.prefixes_in, theirs.route_map_in))
        return self._known.taken[key]

    def told_out(self, over: Attachment) -> tuple[Offer, ...]:
        """What the firewall tells, the same over all attachments to a zone with the same lists and maps."""
        policy, mine = self._policies[over.firewall], over.by_firewall
        vrf = self._adjacency.speakers[over.firewall].interfaces[over.firewall_interface].vrf
        key = over.firewall, over.zone, vrf, mine.prefixes_out, mine.route_map_out
        if key not in self._known.told_out:
            held = self._held(over)
            self._known.told_out[key] = tuple(_let(policy, held, mine.prefixes_out, mine.route_map_out))
        return self._known.told_out[key]

    def _held(self, over: Attachment) -> Iterator[Offer]:
        """What the firewall could tell: its own, what stands on its lines, and to peers what the cores told it."""
        adjacency = self._adjacency
        speaker = adjacency.speakers[over.firewall]
        own = speaker.bgp[speaker.interfaces[over.firewall_interface].vrf]
        yield from self._own(over.firewall, own)
        carried = own.redistribute4 if adjacency.family == 4 else own.redistribute6  # noqa: PLR2004 the IP version
        lines = [line for (name, _), rows in adjacency.lines.items() if name == over.firewall for line in rows]
        static = next((row for row in carried if row.protocol == "static"), None)
        if static is not None:
            yield from self._statics(over.firewall, static, lines)
        sources: list[Attachment] = [line for line in lines if line.zone != over.zone]
        if isinstance(over, Line):
            rows = (rows for (name, _), rows in adjacency.sessions.items() if name == over.firewall)
            sources += [session for group in rows for session in group]
        stands: dict[Network, list[Attachment]] = {}
        for source in sources:
            for prefix in self.told(source)[0]:
                stands.setdefault(prefix, []).append(source)
        yield from (Offer(prefix, head(prefix), tuple(rows)) for prefix, rows in stands.items())

    def _own(self, firewall: str, process: Bgp) -> tuple[Offer, ...]:
        """What a firewall announces as its own."""
        key = firewall, process.vrf
        if key not in self._known.own:
            networks = (network for network in process.networks if network.version == self._adjacency.family)
            self._known.own[key] = tuple(Offer(network, head(network)) for network in networks)
        return self._known.own[key]

    def _statics(self, firewall: str, carried: Redistribute, lines: Iterable[Line]) -> Iterator[Offer]:
        policy = self._policies[firewall]
        vrf = self._vrfs.get((firewall, ""))
        for route in vrf.static_routes if vrf else ():
            prefix = head(route.prefix)
            if route.prefix.version != self._adjacency.family or not policy.mapped(carried.route_map, prefix)[0]:
                continue
            if route.via is None or self._beside(firewall, route):
                yield Offer(route.prefix, prefix)
                continue
            by_default = vrf is not None and vrf.resolve_via_default
            stands = tuple(
                line
                for line in lines
                if any(route.via in prefix and (prefix.prefixlen or by_default) for prefix in self.told(line)[0])
            )
            if stands:
                yield Offer(route.prefix, prefix, stands)

    def _beside(self, firewall: str, route: StaticRoute) -> bool:
        """Whether the next hop is on a subnet of the firewall's own."""
        interfaces = self._adjacency.speakers[firewall].interfaces.values()
        return any(route.via in address.network for row in interfaces if not row.shutdown for address in row.addresses)

    def told(self, over: Attachment) -> tuple[tuple[Network, ...], Covering]:
        """What the far side announces and the firewall takes."""
        if over not in self._known.told:
            networks = tuple(self._told_by(over))
            self._known.told[over] = networks, Covering(map(head, networks))
        return self._known.told[over]

    def _told_by(self, over: Attachment) -> Iterator[Network]:
        mine, policy = over.by_firewall, self._policies[over.firewall]
        family = self._adjacency.family
        if isinstance(over, Line):
            peer = self._adjacency.fabric.city.peers[over.peer]
            networks: tuple[Network, ...] = peer.prefixes4 if family == 4 else peer.prefixes6  # noqa: PLR2004 the IP version
        else:
            theirs, of_core = over.by_core, self._policies[over.core[0]]
            process = self._adjacency.speakers[over.core[0]].bgp[over.core[1] or None]
            networks = tuple(
                network
                for network in process.networks
                if network.version == family
                and of_core.permits(head(network), theirs.prefixes_out, theirs.route_map_out)
            )
        for network in networks:
            if policy.permits(head(network), mine.prefixes_in, mine.route_map_in):
                yield network


def _let(policy: RoutePolicy, offers: Iterable[Offer], prefix_list: str, route_map: str) -> Iterator[Offer]:
    """The offers that a neighbour's list and map both let through."""
    named = policy.only(prefix_list)
    some = offers if named is None else [offer for offer in offers if offer.head in named]
    return (offer for offer in some if policy.permits(offer.head, prefix_list, route_map))
