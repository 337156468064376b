"""Who knows a route to what: what firewalls, cores and peers tell each other, and which routers of a segment learn it.

A route comes into a segment over a BGP session with a firewall: the firewall has it (a network of its own, a static
route that it redistributes while its next hop resolves, or what a peer's line brings), both ends' prefix lists and
route maps permit it, the core carries it into OSPF, and each router on the way takes it into its table. A router may
also hold a static route whose next hop such a route resolves: the exit marker. The way back stands on the networks
that cores announce, and on the gateway's subnet in OSPF. A firewall takes any core that announces a subnet to it: so
each of them must be able to deliver.

Not modelled: which of several usable routes is preferred (so both directions are taken to pass the same firewall, as
the configured preferences have it), metrics, AS-path loops between firewalls, VRF leaks, other redistributions than
static into a firewall's BGP, BGP into OSPF, and connected subnets into OSPF.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from network.compile.intent import covers
from network.prove.paths.adjacency import Adjacency, Line, Session
from network.prove.paths.offers import Attachment, Covering, Heard, Marker, Offer, Said, Shelf, Stem, said
from network.prove.paths.reach import Node, Tree
from network.prove.paths.route_policy import Head, Ready, RoutePolicy, head
from network.state import Address, Bgp, DeviceState, Network, PrefixList, Redistribute, StaticRoute, Vrf


class Known:
    """What routes depend on beside who is adjacent to whom, and what was worked out from it."""

    def __init__(self, adjacency: Adjacency) -> None:
        speakers = adjacency.speakers
        ends = {row.core[0] for rows in adjacency.sessions.values() for row in rows}
        self.vrfs: dict[Node, Vrf] = {}
        self.nodes: dict[str, set[Node]] = {}
        self.statics: dict[str, dict[tuple[Network, Address], set[Node]]] = {}
        """VRF → static route and next hop → the routers that have it."""
        self.telling: dict[str, DeviceState] = {}
        """The devices whose routing policy counts: all but those that take and pass on whatever OSPF brings."""
        for name, speaker in speakers.items():
            tells = name in ends or bool(speaker.state.tables) or bool(speaker.state.bgp)
            for vrf in speaker.state.vrfs:
                node = name, vrf.name or ""
                self.vrfs[node] = vrf
                self.nodes.setdefault(node[1], set()).add(node)
                tells |= bool(vrf.rib_filters)
                for route in vrf.static_routes:
                    if route.via is not None:
                        rows = self.statics.setdefault(node[1], {})
                        rows.setdefault((route.prefix, route.via), set()).add(node)
            if tells:
                self.telling[name] = speaker.routing
        self.attachments = [
            row for table in (adjacency.sessions, adjacency.lines) for rows in table.values() for row in rows
        ]
        self.shelves: dict[Attachment, Shelf] = {}
        self.shared: dict[tuple[int, tuple[Ready, ...]], Shelf] = {}
        """Offers (these very ones) and the lists that are asked about them → the shelf without markers."""
        self.lists: dict[PrefixList, Ready] = {}
        self.told: dict[Attachment, tuple[tuple[Network, ...], Covering]] = {}
        self.own: dict[tuple[str, str | None], tuple[Offer, ...]] = {}
        self.told_out: dict[tuple[str, str, str | None, str, str], tuple[Offer, ...]] = {}
        self.taken: dict[tuple[int, str, object], tuple[Offer, ...]] = {}
        """What was told (these very offers), and what the core filters it with → what it takes."""
        self.stems: dict[tuple[Node, bool, frozenset[Node]], Stem] = {}

    def alike(self, other: Known) -> bool:
        """Whether the same routes come from both."""
        return (
            self.nodes == other.nodes
            and self.statics == other.statics
            and self.telling.keys() == other.telling.keys()
            and all(other.telling[name] is state for name, state in self.telling.items())
            and len(self.attachments) == len(other.attachments)
            and all(one is two for one, two in zip(self.attachments, other.attachments, strict=True))
        )


class Routes:
    """What is known where, in one family; every answer is worked out once.

    With the routes of the same city `before`, what nothing has touched since is taken from there; `same` tells whether
    only trees may have changed.
    """

    def __init__(self, adjacency: Adjacency, before: Routes | None = None) -> None:
        self.adjacency = adjacency
        known = Known(adjacency)
        self.same = before is not None and before.known.alike(known)
        self.known: Known = before.known if before is not None and self.same else known
        self._vrfs = known.vrfs
        self._policies = {name: RoutePolicy(state, adjacency.family) for name, state in known.telling.items()}
        self._filtered: dict[str, list[Node]] = {}
        for node, vrf in known.vrfs.items():
            if vrf.rib_filters:
                self._filtered.setdefault(node[1], []).append(node)
        self._lists: dict[Node, tuple[Ready, ...]] = {}
        self._spreads: dict[tuple[Node, frozenset[Node], Said], Stem] = {}
        self._carriers: dict[tuple[Node, bool, Said], Stem] = {}
        self._trees: dict[Stem, Tree] = {}
        self._kin: dict[tuple[bool, str, frozenset[Node]], Tree] = {}
        """Spread, VRF and shut nodes → the first tree of these; others may have all nodes in common with it."""
        self.kept = self.same
        """Whether every tree is as it was, too."""
        self.strayed: frozenset[Node] = frozenset()
        """The nodes that are in a tree and were not before, or were and are not."""
        if before is not None and self.same:
            self._regrow(before._trees)  # noqa: SLF001 the same class

    def _regrow(self, before: Mapping[Stem, Tree]) -> None:
        """Take the trees that no change of adjacencies touched, and grow the others anew."""
        strayed: set[Node] = set()
        for stem, tree in before.items():
            if tree.nodes.isdisjoint(self.adjacency.changed):
                self._trees[stem] = tree
            else:
                self.kept = False
                strayed |= tree.nodes ^ self.tree(stem).nodes
        self.strayed = frozenset(strayed)

    def heard(self, over: Attachment, wanted: Head) -> tuple[Heard, ...]:
        """How the far side of an attachment learns from the firewall where `wanted` is."""
        shelf = self._shelf(over)
        return tuple(self._hear(over, shelf, place) for place in shelf.places(wanted))

    def alike(self, over: Attachment, wanted: Head) -> tuple[object, ...]:
        """The same for all prefixes that are heard in the same way over an attachment."""
        return self._shelf(over).alike(wanted)

    def announces(self, over: Attachment, wanted: Head) -> bool:
        """Whether the far side tells the firewall where `wanted` is."""
        return any(True for _ in self._told(over)[1].of(wanted))

    def carriers(self, session: Session, subnet: Head, *, announced: bool) -> Stem:
        """The routers from which `session`'s core knows the way to a subnet; announced: it is in OSPF."""
        core = session.core
        key = core, announced, said(self._asked(core), subnet)
        if key not in self._carriers:
            shut = self._refusing(core[1], subnet, None)
            self._carriers[key] = self._stem(core, announced and core not in shut, shut - {core})
        return self._carriers[key]

    def tree(self, stem: Stem) -> Tree:
        """The tree that grows from a stem."""
        if stem not in self._trees:
            neighbours = self.adjacency.neighbours if stem.spread else {}
            kin = self._kin.get((stem.spread, stem.root[1], stem.shut))
            tree = Tree(stem.root, neighbours, stem.shut, kin if kin and stem.root in kin else None)
            self._trees[stem] = tree
            self._kin.setdefault((stem.spread, stem.root[1], stem.shut), tree)
        return self._trees[stem]

    def _shelf(self, over: Attachment) -> Shelf:
        """All that the far side takes from the firewall."""
        if over not in self.known.shelves:
            self.known.shelves[over] = self._filled(over)
        return self.known.shelves[over]

    def _filled(self, over: Attachment) -> Shelf:
        if isinstance(over, Session):
            offers, asked = self._taken(over), self._asked(over.core)
            markers = tuple(self._markers(over, offers))
            if markers:
                return Shelf(offers, markers, asked)
        else:
            offers, asked = self._told_out(over), ()
        return self.known.shared.setdefault((id(offers), asked), Shelf(offers, (), asked))

    def _markers(self, over: Session, offers: Iterable[Offer]) -> Iterator[Marker]:
        """The static routes of a core whose next hop an offer leads to."""
        rows = self.known.statics.get(over.core[1], {})
        for offer in offers:
            for (route, via), nodes in rows.items():
                if over.core in nodes and via in offer.prefix and not _holds(offer.prefix, route):
                    yield route, frozenset(nodes), offer

    def _hear(self, over: Attachment, shelf: Shelf, place: int) -> Heard:
        if isinstance(over, Line):
            return Heard(shelf.offers[place].stands, None)
        marker = place - len(shelf.offers)
        if marker < 0:
            offer, shut = shelf.offers[place], frozenset[Node]()
        else:
            _, nodes, offer = shelf.markers[marker]
            shut = frozenset(self.known.nodes[over.core[1]] - nodes)
        return Heard(offer.stands, self._spread(over.core, offer.head, shut))

    def _spread(self, core: Node, prefix: Head, shut: frozenset[Node]) -> Stem:
        """A route that a core hears, as far as OSPF carries it to routers that can use it."""
        key = core, shut, said(self._asked(core), prefix)
        if key not in self._spreads:
            carried, tag = self._carried(core, prefix)
            beyond = shut | self._refusing(core[1], prefix, tag)
            self._spreads[key] = self._stem(core, carried, beyond - {core})
        return self._spreads[key]

    def _asked(self, core: Node) -> tuple[Ready, ...]:
        """Every list that has a say in how far a core spreads a prefix: if they say the same, prefixes spread alike."""
        if core not in self._lists:
            ready = self.known.lists
            self._lists[core] = tuple(ready.setdefault(row, Ready(row)) for row in dict.fromkeys(self._asking(core)))
        return self._lists[core]

    def _asking(self, core: Node) -> Iterator[PrefixList]:
        row = self._redistributing(core)
        if row is not None:
            yield from self._policies[core[0]].asking(row.route_map)
        for node in self._filtered.get(core[1], ()):
            for rib in self._vrfs[node].rib_filters:
                yield from self._policies[node[0]].asking(rib.route_map)

    def _taken(self, over: Session) -> tuple[Offer, ...]:
        """What a core takes of what the firewall tells; cores with the same list take the same."""
        told, theirs, policy = self._told_out(over), over.by_core, self._policies[over.core[0]]
        filters = over if theirs.route_map_in else policy.named(theirs.prefixes_in)
        key = id(told), theirs.prefixes_in, filters
        if key not in self.known.taken:
            self.known.taken[key] = tuple(_let(policy, told, theirs.prefixes_in, theirs.route_map_in))
        return self.known.taken[key]

    def _told_out(self, over: Attachment) -> tuple[Offer, ...]:
        """What the firewall tells, the same over all attachments to a zone with the same lists and maps."""
        policy, mine = self._policies[over.firewall], over.by_firewall
        vrf = self.adjacency.speakers[over.firewall].interfaces[over.firewall_interface].vrf
        key = over.firewall, over.zone, vrf, mine.prefixes_out, mine.route_map_out
        if key not in self.known.told_out:
            held = self._held(over)
            self.known.told_out[key] = tuple(_let(policy, held, mine.prefixes_out, mine.route_map_out))
        return self.known.told_out[key]

    def _held(self, over: Attachment) -> Iterator[Offer]:
        """What the firewall could tell: its own, what stands on its lines, and to peers what the cores told it."""
        adjacency = self.adjacency
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
            for prefix in self._told(source)[0]:
                stands.setdefault(prefix, []).append(source)
        yield from (Offer(prefix, head(prefix), tuple(rows)) for prefix, rows in stands.items())

    def _own(self, firewall: str, process: Bgp) -> tuple[Offer, ...]:
        """What a firewall announces as its own."""
        key = firewall, process.vrf
        if key not in self.known.own:
            networks = (network for network in process.networks if network.version == self.adjacency.family)
            self.known.own[key] = tuple(Offer(network, head(network)) for network in networks)
        return self.known.own[key]

    def _statics(self, firewall: str, carried: Redistribute, lines: Iterable[Line]) -> Iterator[Offer]:
        policy = self._policies[firewall]
        vrf = self._vrfs.get((firewall, ""))
        for route in vrf.static_routes if vrf else ():
            prefix = head(route.prefix)
            if route.prefix.version != self.adjacency.family or not policy.mapped(carried.route_map, prefix)[0]:
                continue
            if route.via is None or self._beside(firewall, route):
                yield Offer(route.prefix, prefix)
                continue
            by_default = vrf is not None and vrf.resolve_via_default
            stands = tuple(
                line
                for line in lines
                if any(route.via in prefix and (prefix.prefixlen or by_default) for prefix in self._told(line)[0])
            )
            if stands:
                yield Offer(route.prefix, prefix, stands)

    def _beside(self, firewall: str, route: StaticRoute) -> bool:
        """Whether the next hop is on a subnet of the firewall's own."""
        interfaces = self.adjacency.speakers[firewall].interfaces.values()
        return any(route.via in address.network for row in interfaces if not row.shutdown for address in row.addresses)

    def _told(self, over: Attachment) -> tuple[tuple[Network, ...], Covering]:
        """What the far side announces and the firewall takes."""
        if over not in self.known.told:
            networks = tuple(self._told_by(over))
            self.known.told[over] = networks, Covering(map(head, networks))
        return self.known.told[over]

    def _told_by(self, over: Attachment) -> Iterator[Network]:
        mine, policy = over.by_firewall, self._policies[over.firewall]
        family = self.adjacency.family
        if isinstance(over, Line):
            peer = self.adjacency.fabric.city.peers[over.peer]
            networks: tuple[Network, ...] = peer.prefixes4 if family == 4 else peer.prefixes6  # noqa: PLR2004 the IP version
        else:
            theirs, of_core = over.by_core, self._policies[over.core[0]]
            process = self.adjacency.speakers[over.core[0]].bgp[over.core[1] or None]
            networks = tuple(
                network
                for network in process.networks
                if network.version == family
                and of_core.permits(head(network), theirs.prefixes_out, theirs.route_map_out)
            )
        for network in networks:
            if policy.permits(head(network), mine.prefixes_in, mine.route_map_in):
                yield network

    def _carried(self, core: Node, prefix: Head) -> tuple[bool, int | None]:
        """Whether a core carries a route from BGP into OSPF, and the tag it gives it."""
        row = self._redistributing(core)
        return self._policies[core[0]].mapped(row.route_map, prefix) if row else (False, None)

    def _redistributing(self, core: Node) -> Redistribute | None:
        process = self.adjacency.speakers[core[0]].ospf.get(core[1] or None)
        return next((row for row in process.redistribute if row.protocol == "bgp"), None) if process else None

    def _refusing(self, vrf: str, prefix: Head, tag: int | None) -> frozenset[Node]:
        """The routers that do not take a route of OSPF into their tables."""
        protocol = "ospf" if self.adjacency.family == 4 else "ospf6"  # noqa: PLR2004 the IP version
        return frozenset(
            node
            for node in self._filtered.get(vrf, ())
            for row in self._vrfs[node].rib_filters
            if row.protocol == protocol
            and row.family == self.adjacency.family
            and not self._policies[node[0]].mapped(row.route_map, prefix, tag)[0]
        )

    def _stem(self, root: Node, spread: bool, shut: frozenset[Node]) -> Stem:  # noqa: FBT001 private
        key = root, spread, shut
        return self.known.stems.setdefault(key, Stem(*key))


def _let(policy: RoutePolicy, offers: Iterable[Offer], prefix_list: str, route_map: str) -> Iterator[Offer]:
    """The offers that a neighbour's list and map both let through."""
    named = policy.only(prefix_list)
    some = offers if named is None else [offer for offer in offers if offer.head in named]
    return (offer for offer in some if policy.permits(offer.head, prefix_list, route_map))


def _holds(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and covers(outer, inner)
