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
from dataclasses import dataclass
from functools import cached_property

from network.fabric import Fabric, Wire
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

    def __init__(self, state: DeviceState, family: Family) -> None:
        self.state = state
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


class Adjacency:
    """Every adjacency and session of a family."""

    def __init__(self, fabric: Fabric, states: Mapping[str, DeviceState], family: Family) -> None:
        self.fabric, self.family = fabric, family
        self.speakers = {name: Speaker(state, family) for name, state in states.items() if name in fabric.devices}
        self.neighbours: dict[Node, list[tuple[Node, str]]] = {}
        self.sessions: dict[tuple[str, str], list[Session]] = {}
        """Firewall and zone → sessions with cores."""
        self.lines: dict[tuple[str, str], list[Line]] = {}
        """Firewall and zone → lines."""
        for wire in fabric.wires.values():
            if wire.kind == "routed":
                self._join(wire)
        for line in self._lines():
            self.lines.setdefault((line.firewall, line.zone), []).append(line)

    @cached_property
    def zones(self) -> dict[tuple[str, str], str]:
        """A firewall's interface → the segment it is meant for."""
        ends = ((transit.segment, end) for transit in self.fabric.transits for end in (transit.a, transit.b))
        return {(end.device, end.interface): segment for segment, end in ends}

    def firewalls(self, zone: str) -> Iterator[str]:
        """The firewalls that stand in a zone, in the inventory's order."""
        for name in self.fabric.devices:
            if (name, zone) in self.sessions or (name, zone) in self.lines:
                yield name

    def _join(self, wire: Wire) -> None:
        ends = [(end.device, self.speakers.get(end.device), end.port) for end in (wire.a, wire.b)]
        (a, speaker_a, port_a), (b, speaker_b, port_b) = ends
        if speaker_a is None or speaker_b is None:
            return
        there = speaker_b.up(port_b)
        for tag, interface in speaker_a.up(port_a).items():
            other = there.get(tag)
            if other is None:
                continue
            if _adjacent(speaker_a, interface, speaker_b, other, self.family):
                node_a, node_b = (a, interface.vrf or ""), (b, other.vrf or "")
                self.neighbours.setdefault(node_a, []).append((node_b, wire.name))
                self.neighbours.setdefault(node_b, []).append((node_a, wire.name))
            if speaker_a.state.platform == "nftables":
                self._meet(wire.name, (b, other), (a, interface))
            elif speaker_b.state.platform == "nftables":
                self._meet(wire.name, (a, interface), (b, other))

    def _meet(self, wire: str, core: tuple[str, Interface], firewall: tuple[str, Interface]) -> None:
        """Note the session between a core and a firewall on these interfaces, if both sides are configured for it."""
        zone = self.zones.get((firewall[0], firewall[1].name))
        by_core, by_firewall = self._neighbor(core, firewall), self._neighbor(firewall, core)
        if zone is not None and by_core is not None and by_firewall is not None:
            node = (core[0], core[1].vrf or "")
            self.sessions.setdefault((firewall[0], zone), []).append(
                Session(wire, zone, node, firewall[0], core[1].name, firewall[1].name, by_core, by_firewall)
            )

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

    def _lines(self) -> Iterator[Line]:
        for name, line in self.fabric.peer_lines.items():
            speaker = self.speakers.get(line.device)
            interface = speaker.up(line.interface).get(UNTAGGED) if speaker else None
            own = speaker.bgp.get(interface.vrf) if speaker and interface else None
            if interface is None or own is None or own.asn != self.fabric.devices[line.device].asn:
                continue
            ours, theirs = (line.ipv4, line.peer_ipv4) if self.family == 4 else (line.ipv6, line.peer_ipv6)  # noqa: PLR2004 the IP version
            for row in own.neighbors if ours in interface.addresses else ():
                if row.address == theirs.ip and row.remote_as == line.peer_asn:
                    yield Line(name, f"peer:{line.peer}", line.peer, line.device, line.interface, row)


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
