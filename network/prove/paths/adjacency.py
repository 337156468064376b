"""Who speaks to whom: OSPF adjacencies, BGP sessions between cores and firewalls, and firewalls' lines to peers.

Read from the devices' states and the cables of the fabric, for one family. Two ends of a routed wire are adjacent when
both run OSPF there in the same area, of the same network type, neither passive, both up; in IPv4 they share a subnet
too. A BGP session is up when each side names the other's address on the wire and its AS number. A peer's side is not
ours to configure: it is what the fabric says.

Not modelled: timers, authentication, MTU, BFD (a session without it is up as well), router IDs, and OSPF areas beyond
the area number itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from network.fabric import Fabric, PeerLine, Wire
from network.prove.paths.reach import Node
from network.state import Bgp, BgpNeighbor, DeviceState, Family, Interface, Ospf, OspfInterface

UNTAGGED = ""


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """A BGP session between a core and a firewall, and the segment it stands in."""

    wire: str
    zone: str
    core: Node
    firewall: str
    core_interface: str
    firewall_interface: str
    by_core: BgpNeighbor
    by_firewall: BgpNeighbor

    @property
    def far(self) -> str:
        """The device at the other end of the firewall's wire."""
        return self.core[0]


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """A line of a firewall to a peer, its BGP session up."""

    wire: str
    zone: str
    """`peer:<name>`"""
    peer: str
    firewall: str
    firewall_interface: str
    by_firewall: BgpNeighbor

    @property
    def far(self) -> str:
        """The peer is no device of ours, so that nothing of ours fails with it."""
        return ""


class Speaker:
    """One device's interfaces and routing processes of a family."""

    def __init__(self, state: DeviceState, family: Family, before: Speaker | None = None) -> None:
        """`before`: the same device, maybe in another state."""
        self.state = state
        routing = before.routing if before is not None and _routes_alike(before.routing, state) else state
        self.routing: DeviceState = routing
        """A state that routes as this one does: the same object for as long as nothing but the filters changes."""
        self.interfaces: dict[str, Interface] = {interface.name: interface for interface in state.interfaces}
        self.ospf: dict[str | None, Ospf] = {row.vrf: row for row in state.ospf if row.family == family}
        self.bgp: dict[str | None, Bgp] = {row.vrf: row for row in state.bgp}
        self._family = family
        self._ports: dict[str, dict[str, Interface]] = {}
        for name, interface in self.interfaces.items():
            port, _, tag = name.partition(".")
            if not interface.shutdown and not (port in self.interfaces and self.interfaces[port].shutdown):
                self._ports.setdefault(port, {})[tag] = interface

    def up(self, port: str) -> Mapping[str, Interface]:
        """Tag → the interface that is up on a port."""
        return self._ports.get(port, {})

    def runs(self, interface: Interface) -> OspfInterface | None:
        """OSPF on an interface, if its VRF has the process."""
        if interface.vrf not in self.ospf:
            return None
        return interface.ospf if self._family == 4 else interface.ospf6  # noqa: PLR2004 the IP version


@dataclass(frozen=True, slots=True, eq=False)
class Meeting:
    """Who meets on a routed wire: nodes that are adjacent, and sessions."""

    ends: tuple[DeviceState, DeviceState]
    """How both devices route."""
    adjacent: tuple[tuple[Node, Node], ...]
    sessions: tuple[Session, ...]


class Adjacency:
    """Every adjacency and session of a family.

    With the adjacency of the same city `before`, only what touches a device that routes in another way is worked out
    anew: all else is the same object as there. `changed` are the nodes whose neighbours are others than there, `moved`
    the devices that route in another way.
    """

    def __init__(
        self, fabric: Fabric, states: Mapping[str, DeviceState], family: Family, before: Adjacency | None = None
    ) -> None:
        self.fabric, self.family = fabric, family
        self.zones: Mapping[tuple[str, str], str] = before.zones if before else _zones(fabric)
        """A firewall's interface → the segment it is meant for."""
        self.speakers: dict[str, Speaker] = {
            name: _speaker(state, family, before.speakers.get(name) if before else None)
            for name, state in states.items()
            if name in fabric.devices
        }
        self.neighbours: dict[Node, list[tuple[Node, str]]] = {}
        self.sessions: dict[tuple[str, str], list[Session]] = {}
        """Firewall and zone → sessions with cores."""
        self.lines: dict[tuple[str, str], list[Line]] = {}
        """Firewall and zone → lines."""
        self._meetings: dict[str, Meeting] = {}
        self._peerings: dict[str, tuple[DeviceState, tuple[Line, ...]]] = {}
        self._meet(before)
        self._peer(before)
        self.changed = self._changes(before)
        there = before.speakers if before else {}
        self.moved = frozenset(
            name
            for name in self.speakers.keys() | there.keys()
            if name not in self.speakers or name not in there or self.speakers[name].routing is not there[name].routing
        )
        self._standing: dict[str, tuple[str, ...]] = {}

    def firewalls(self, zone: str) -> tuple[str, ...]:
        """The firewalls that stand in a zone, in the inventory's order."""
        if zone not in self._standing:
            here = {name for table in (self.sessions, self.lines) for name, place in table if place == zone}
            self._standing[zone] = tuple(name for name in self.fabric.devices if name in here)
        return self._standing[zone]

    def _meet(self, before: Adjacency | None) -> None:
        for wire in self.fabric.wires.values():
            a, b = self.speakers.get(wire.a.device), self.speakers.get(wire.b.device)
            if wire.kind != "routed" or a is None or b is None:
                continue
            known = before._meetings.get(wire.name) if before else None  # noqa: SLF001 the same class
            if known is None or known.ends[0] is not a.routing or known.ends[1] is not b.routing:
                known = self._meeting(wire, a, b)
            self._meetings[wire.name] = known
            for one, other in known.adjacent:
                self.neighbours.setdefault(one, []).append((other, wire.name))
                self.neighbours.setdefault(other, []).append((one, wire.name))
            for session in known.sessions:
                self.sessions.setdefault((session.firewall, session.zone), []).append(session)

    def _peer(self, before: Adjacency | None) -> None:
        for name, line in self.fabric.peer_lines.items():
            speaker = self.speakers.get(line.device)
            if speaker is None:
                continue
            known = before._peerings.get(name) if before else None  # noqa: SLF001 the same class
            if known is None or known[0] is not speaker.routing:
                known = speaker.routing, tuple(self._lines(name, line, speaker))
            self._peerings[name] = known
            for found in known[1]:
                self.lines.setdefault((found.firewall, found.zone), []).append(found)

    def _changes(self, before: Adjacency | None) -> frozenset[Node]:
        if before is None:
            return frozenset(self.neighbours)
        tables = self._meetings, before._meetings  # noqa: SLF001 the same class
        wires = {wire for wire in tables[0].keys() | tables[1].keys() if tables[0].get(wire) is not tables[1].get(wire)}
        touched = (table[wire] for wire in wires for table in tables if wire in table)
        nodes = {node for meeting in touched for pair in meeting.adjacent for node in pair}
        return frozenset(node for node in nodes if self.neighbours.get(node) != before.neighbours.get(node))

    def _meeting(self, wire: Wire, a: Speaker, b: Speaker) -> Meeting:
        adjacent: list[tuple[Node, Node]] = []
        sessions: list[Session] = []
        ends, there = (wire.a.device, wire.b.device), b.up(wire.b.port)
        for tag, interface in a.up(wire.a.port).items():
            other = there.get(tag)
            if other is None:
                continue
            if _adjacent(a, interface, b, other, self.family):
                adjacent.append(((ends[0], interface.vrf or ""), (ends[1], other.vrf or "")))
            if a.state.platform == "nftables":
                sessions += self._session(wire.name, (ends[1], other), (ends[0], interface))
            elif b.state.platform == "nftables":
                sessions += self._session(wire.name, (ends[0], interface), (ends[1], other))
        return Meeting((a.routing, b.routing), tuple(adjacent), tuple(sessions))

    def _session(self, wire: str, core: tuple[str, Interface], firewall: tuple[str, Interface]) -> Iterator[Session]:
        """The session between a core and a firewall on these interfaces, if both sides are configured for it."""
        zone = self.zones.get((firewall[0], firewall[1].name))
        by_core, by_firewall = self._neighbor(core, firewall), self._neighbor(firewall, core)
        if zone is not None and by_core is not None and by_firewall is not None:
            node = (core[0], core[1].vrf or "")
            yield Session(wire, zone, node, firewall[0], core[1].name, firewall[1].name, by_core, by_firewall)

    def _neighbor(self, near: tuple[str, Interface], far: tuple[str, Interface]) -> BgpNeighbor | None:
        """How the near end is configured for the far one, if at all."""
        own = self.speakers[near[0]].bgp.get(near[1].vrf)
        other = self.speakers[far[0]].bgp.get(far[1].vrf)
        if own is None or other is None:
            return None
        networks = {address.network for address in near[1].addresses if address.version == self.family}
        addresses = {address.ip for address in far[1].addresses if address.network in networks}
        found = (row for row in own.neighbors if row.address in addresses and row.remote_as == other.asn)
        return next(found, None)

    def _lines(self, name: str, line: PeerLine, speaker: Speaker) -> Iterator[Line]:
        interface = speaker.up(line.interface).get(UNTAGGED)
        own = speaker.bgp.get(interface.vrf) if interface else None
        if interface is None or own is None or own.asn != self.fabric.devices[line.device].asn:
            return
        ours, theirs = (line.ipv4, line.peer_ipv4) if self.family == 4 else (line.ipv6, line.peer_ipv6)  # noqa: PLR2004 the IP version
        for row in own.neighbors if ours in interface.addresses else ():
            if row.address == theirs.ip and row.remote_as == line.peer_asn:
                yield Line(name, f"peer:{line.peer}", line.peer, line.device, line.interface, row)


def _zones(fabric: Fabric) -> Mapping[tuple[str, str], str]:
    ends = ((transit.segment, end) for transit in fabric.transits for end in (transit.a, transit.b))
    return {(end.device, end.interface): segment for segment, end in ends}


def _speaker(state: DeviceState, family: Family, before: Speaker | None) -> Speaker:
    return before if before is not None and before.state is state else Speaker(state, family, before)


def _routes_alike(one: DeviceState, other: DeviceState) -> bool:
    """Whether two states of a device differ in their filters only, if at all."""
    return bool(one.tables) == bool(other.tables) and replace(one, tables=()) == replace(other, tables=())


def _adjacent(speaker_a: Speaker, a: Interface, speaker_b: Speaker, b: Interface, family: Family) -> bool:
    here, there = speaker_a.runs(a), speaker_b.runs(b)
    if here is None or there is None or here.passive or there.passive:
        return False
    if here.area != there.area or here.point_to_point != there.point_to_point:
        return False
    if family == 6:  # noqa: PLR2004 OSPFv3 speaks over link-local addresses
        return True
    networks = {address.network for address in a.addresses if address.version == family}
    own = set(a.addresses)
    return any(other.network in networks and other not in own for other in b.addresses)
