"""Why a demand has no path: the first thing in its way, told with the lines that cause it.

Looked for in the order in which the packet and its answer travel: out of the source's subnet, to the firewall, through
its filter, to the destination, and back. Of several firewalls the one is told where it gets furthest. What the devices
should say is known from the intended states, so that a lost adjacency is named and both lines are cited.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from inventory.origin import Origin
from inventory.text import Text
from inventory.words import tied
from network.prove.filtering.nft_table import Hit
from network.prove.findings import Hop
from network.prove.paths.adjacency import Adjacency, Line
from network.prove.paths.asked import Demand
from network.prove.paths.gates import Stop
from network.prove.paths.itinerary import Itinerary
from network.prove.paths.lines import interface_lines, neighbor_lines
from network.prove.paths.offers import Attachment
from network.prove.paths.passages import Way, Ways
from network.prove.paths.places import Place, place_title
from network.prove.paths.route_policy import head
from network.prove.paths.steered import steered
from network.prove.paths.steering import Loss
from network.prove.paths.switched import carries
from network.prove.sets.packets import Packet
from network.state import Network


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way, how far the packet gets, and where it is written."""

    what: Text
    hops: tuple[Hop, ...] = ()
    origins: tuple[Origin, ...] = ()
    packet: Packet | None = None


class Obstacles:
    """Finds the first obstacle of demands in one family."""

    def __init__(self, ways: Ways) -> None:
        self._ways = ways
        self._subject = ways.subject
        self._itinerary = Itinerary(ways)

    @cached_property
    def _intended(self) -> Adjacency:
        return Adjacency(self._subject.fabric, self._subject.intended, self._ways.family)

    def first(self, demand: Demand) -> Obstacle | None:
        """The first obstacle of a demand; None when it has a path."""
        for place in (demand.source, demand.destination):
            found = self._in_subnet(place)
            if found is not None:
                return found
        ways = self._ways.ways(demand)
        if not ways:
            return self._apart(demand)
        told = [(step, found) for step, found in (self._on(way, demand) for way in ways)]
        if any(found is None for _, found in told):
            return None
        return max(told, key=lambda row: row[0])[1]

    def _in_subnet(self, place: Place) -> Obstacle | None:
        lan, ground = place.lan, self._ways.ground(place)
        if lan is None or ground.firm:
            return None
        if ground.node is None:
            address = lan.gateway4 if self._ways.family == 4 else lan.gateway6  # noqa: PLR2004 the IP version
            return Obstacle(
                Text(
                    f"the gateway address {address} of VLAN {place.name} is on no working interface of {lan.gateway} "
                    f"({lan.gateway_interface} is meant)",
                    f"VLAN {place.name} のゲートウェイアドレス {address} が {lan.gateway} の "
                    f"{lan.gateway_interface} で使える状態にありません",
                ),
                origins=(*interface_lines(self._subject, lan.gateway, lan.gateway_interface), lan.origin),
            )
        host = ground.astray[0]
        steps = self._ways.switched.way(host).steps
        last, vlan = steps[-1][:2] if steps else (host.switch, lan.tag)
        port = self._ways.switched.port(host.switch, host.port)
        return Obstacle(
            Text(
                f"VLAN {lan.tag} does not lead from {host.name} ({host.switch} {host.port}) to its gateway "
                f"{lan.gateway} {lan.gateway_interface}; it ends at {last}",
                f"VLAN {lan.tag} が {host.name}({host.switch} {host.port})からゲートウェイ {lan.gateway} "
                f"{lan.gateway_interface} まで届いていません({last} まで)",
            ),
            hops=tuple(self._itinerary.sending(place, None)),
            origins=(*((port.origin,) if port else ()), *self._trunks(last, vlan), host.origin, lan.origin),
        )

    def _trunks(self, switch: str, vlan: int) -> Iterator[Origin]:
        """The lines of the switch's ports on wires, and of the ports at their far ends that do not take the VLAN."""
        for wire, name in self._subject.fabric.wires_of[switch]:
            far = wire.b if wire.a.device == switch else wire.a
            near, other = self._ways.switched.port(switch, name), self._ways.switched.port(far.device, far.port)
            closed = other if other is not None and not carries(other, vlan) else None
            yield from (port.origin for port in (near, closed) if port is not None and port.origin.file)

    def _apart(self, demand: Demand) -> Obstacle:
        """No firewall stands in both zones: sessions that should be up are not."""
        zones = demand.source.zone, demand.destination.zone
        lost = [over for over in self._lost() if over.zone in zones]
        if lost:
            return self._silent(lost)
        return Obstacle(
            Text(
                f"no firewall stands between {zones[0]} and {zones[1]}",
                f"{zones[0]} と {zones[1]} の両方に接するファイアウォールがありません",
            ),
            origins=(demand.live.flow.origin,),
        )

    def _lost(self) -> list[Attachment]:
        """The sessions and lines that should be up and are not."""
        mine = self._ways.adjacency
        up = {(row.wire, row.zone) for table in (mine.sessions, mine.lines) for rows in table.values() for row in rows}
        tables = (self._intended.sessions, self._intended.lines)
        meant = [row for table in tables for rows in table.values() for row in rows]
        return [row for row in meant if (row.wire, row.zone) not in up]

    def _silent(self, lost: Sequence[Attachment]) -> Obstacle:
        over = lost[0]
        far = f"peer {over.peer}" if isinstance(over, Line) else over.core[0]
        more = f" (and {len(lost) - 1} more)" if len(lost) > 1 else ""
        lines = [*neighbor_lines(self._subject, over), self._subject.fabric.wires[over.wire].origin]
        return Obstacle(
            Text(
                f"no BGP session between {over.firewall} and {far} in {over.zone} over {over.wire}{more}",
                f"{over.firewall} と {far} の間({over.zone}、{over.wire})の BGP セッションが成立しません"
                + (f"(ほか {len(lost) - 1} 件)" if len(lost) > 1 else ""),
            ),
            origins=tuple(dict.fromkeys(lines)),
        )

    def _on(self, way: Way, demand: Demand) -> tuple[int, Obstacle | None]:
        """How many steps a way goes well, and what then is in the way."""
        new = [stop for stop in way.stops if stop.connection == "new"]
        late = [stop for stop in way.stops if stop.connection != "new"]
        source, destination = demand.source, demand.destination
        back = self._ways.attachments(way.firewall, destination.zone)
        answered = self._ways.answered_to(demand, back[0])
        steps: tuple[tuple[bool, Callable[[], Obstacle]], ...] = (
            (way.sent.holds(), lambda: self._unheard(way, demand, source, destination.prefix)),
            (not new, lambda: self._stopped(new[0], demand, way)),
            (way.delivered.holds(), lambda: self._undelivered(way, demand, destination)),
            (way.answered.holds(), lambda: self._unheard(way, demand, destination, answered)),
            (not late, lambda: self._stopped(late[0], demand, way)),
            (way.returned.holds(), lambda: self._undelivered(way, demand, source)),
        )
        for number, (well, why) in enumerate(steps):
            if not well:
                return number, why()
        turned = steered(self._ways, demand)
        loss = turned.lost(way.firewall) if turned else None
        return len(steps), self._astray(loss, demand, way) if loss else None

    def _astray(self, loss: Loss, demand: Demand, way: Way) -> Obstacle:
        """A policy route takes packets to where they do not arrive."""
        turn, rule = loss.turn, loss.turn.rule
        name = f"{turn.interface.policy} seq {rule.seq}"
        there = f"{rule.via or rule.interface}" if rule.vrf is None else f"VRF {rule.vrf}"
        return Obstacle(
            Text(
                f"a policy route of {turn.device} (pbr-map {name} on {turn.interface.name}) sends packets of this flow "
                f"to {there}, where they do not arrive at their destination",
                f"{turn.device} のポリシールーティング(pbr-map {name}、{turn.interface.name})がこの通信のパケットを "
                f"{there} へ送り、宛先に届きません",
            ),
            hops=tuple(self._itinerary.sending(demand.source, way.sent.chosen())),
            origins=(rule.origin, turn.interface.origin, demand.live.flow.origin),
            packet=loss.packets.witness(),
        )

    def _stopped(self, stop: Stop, demand: Demand, way: Way) -> Obstacle:
        packet = stop.packets.witness()
        hits: tuple[Hit, ...] = ()
        if packet is not None:
            gate = self._ways.gate(stop.firewall).filter
            hits = gate.explain(packet, "forward", stop.iif, stop.oif, stop.connection, mark=stop.mark).hits
        origins = tuple(hit.origin for hit in hits if hit.origin.file)
        kind = (
            Text("the flow's packets", "この通信のパケット")
            if stop.connection == "new"
            else Text("the answers", "応答のパケット")
        )
        return Obstacle(
            Text(
                f"the filter of {stop.firewall} does not let {kind.en} through from {stop.iif} to {stop.oif}",
                f"{stop.firewall} のフィルタが{kind.ja}を {stop.iif} から {stop.oif} へ通しません",
            ),
            hops=tuple(self._itinerary.sending(demand.source, way.sent.chosen())),
            origins=(*origins, demand.live.flow.origin),
            packet=packet,
        )

    def _unheard(self, way: Way, demand: Demand, place: Place, wanted: Network) -> Obstacle:
        """A place does not learn over any attachment of the firewall where the other end is."""
        rows = self._ways.attachments(way.firewall, place.zone)
        if not any(self._ways.routes.heard(over, head(wanted)) for over in rows):
            return self._untold(rows, demand, wanted)
        return self._cut_off(way, demand, place)

    def _untold(self, rows: tuple[Attachment, ...], demand: Demand, wanted: Network) -> Obstacle:
        over = rows[0]
        lost = [row for row in self._lost() if row.firewall == over.firewall and isinstance(row, Line)]
        if lost:
            return self._silent(lost)
        far = f"peer {over.peer}" if isinstance(over, Line) else over.core[0]
        return Obstacle(
            Text(
                f"{far} takes no route to {wanted} from {over.firewall}: it is not announced, or a prefix list or "
                "route map denies it",
                f"{far} が {over.firewall} から {wanted} への経路を受け取れません"
                "(広告されていないか、プレフィックスリストまたはルートマップが拒否しています)",
            ),
            origins=(*neighbor_lines(self._subject, over), demand.live.flow.origin),
        )

    def _undelivered(self, way: Way, demand: Demand, place: Place) -> Obstacle:
        rows = self._ways.attachments(way.firewall, place.zone)
        telling = [over for over in rows if self._ways.routes.announces(over, head(place.prefix))]
        if telling:
            return self._cut_off(way, demand, place)
        over = rows[0]
        far = f"peer {over.peer}" if isinstance(over, Line) else over.core[0]
        return Obstacle(
            Text(
                f"{over.firewall} takes no route to {place.prefix} from {far}: it is not announced, or a prefix list "
                "or route map denies it",
                f"{over.firewall} が {far} から {place.prefix} への経路を受け取れません"
                "(広告されていないか、プレフィックスリストまたはルートマップが拒否しています)",
            ),
            origins=(*neighbor_lines(self._subject, over), demand.live.flow.origin),
        )

    def _cut_off(self, way: Way, demand: Demand, place: Place) -> Obstacle:
        """The routers of a segment do not bring the route all the way between a subnet and the firewall's cores."""
        lan, title = place.lan, place_title(self._subject.fabric, place)
        if lan is not None and not self._ways.ground(place).announced:
            return Obstacle(
                Text(
                    f"OSPF does not know the subnet of VLAN {place.name}: {lan.gateway_interface} of {lan.gateway} is "
                    "not in it",
                    f"VLAN {place.name} のサブネットが OSPF にありません({lan.gateway} の "
                    f"{lan.gateway_interface} が対象外)",
                ),
                origins=(*interface_lines(self._subject, lan.gateway, lan.gateway_interface), lan.origin),
            )
        broken = self._broken(place)
        if broken:
            wire = self._subject.fabric.wires[broken[0]]
            lines = [row for end in (wire.a, wire.b) for row in self._port_lines(end.device, end.port, place.zone)]
            return Obstacle(
                Text(
                    f"no OSPF adjacency in {place.zone} over {wire.name} between {wire.a.device} and {wire.b.device}, "
                    f"so that {title.en} does not reach {way.firewall}",
                    f"{wire.a.device} と {wire.b.device} の間({wire.name}、{place.zone})の OSPF 隣接が成立せず、"
                    f"{tied(title.ja, 'から')} {way.firewall} に届きません",
                ),
                hops=tuple(self._itinerary.sending(place, None)),
                origins=tuple(dict.fromkeys((*lines, wire.origin))),
            )
        return Obstacle(
            Text(
                f"routing in {place.zone} has no way between {title.en} and {way.firewall}",
                f"{place.zone} の経路では {tied(title.ja, 'と')} {way.firewall} がつながりません",
            ),
            hops=tuple(self._itinerary.sending(place, None)),
            origins=(demand.live.flow.origin,),
        )

    def _broken(self, place: Place) -> list[str]:
        """The wires on which an adjacency of the segment's VRF should be and is not."""
        vrf = self._subject.fabric.city.segments[place.zone].vrf if place.lan else ""
        up = self._ways.adjacency.neighbours
        return list(
            dict.fromkeys(
                wire
                for node, rows in self._intended.neighbours.items()
                if node[1] == vrf
                for there, wire in rows
                if (there, wire) not in up.get(node, ())
            )
        )

    def _port_lines(self, device: str, port: str, zone: str) -> Iterator[Origin]:
        """The lines of the interface that a port has in a segment, as it is and as it is meant."""
        segment = self._subject.fabric.city.segments.get(zone)
        meant = self._intended.speakers[device].up(port).values()
        for interface in meant:
            if segment is not None and interface.vrf == segment.vrf:
                yield from interface_lines(self._subject, device, interface.name)
