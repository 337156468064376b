"""The plant: every place a packet can be in, and what joins places without a filter.

A place is a tuple: `("vrf", device, name)`, the forwarding instance of a router ("" is the default table); `("vlan",
device, bridge, tag)`; `("wire", name, tag)`, what travels on a cable with that tag ("0" is untagged); `("free", device,
port, tag)`, a port without a cable; `("host", device, port)`, a machine on a switch port that gets VLANs of several
segments; `("patch", device, ports, tag)`, between two ports of a switch that are joined; `("tunnel", kind and key, one
address, other address, tag)`; `("link", prefix)`, what interfaces lead to that the inventory does not know, by their
addresses; `("peer", name)`; `("management",)`.

Cables, hosts and peers come from the fabric, all else from what the devices say. In an instance anything may go
anywhere, on a switch anything within a VLAN. A frame changes its VLAN where two ends of a cable disagree about its tag.
A switch port takes in a tag only if its list has it; untagged frames belong to the native VLAN, or nowhere. What is
shut down by configuration joins nothing. A host is taken to forward everything between the VLANs of its port, be they
registered or not, unless all are of one segment. A device without a state joins all it is cabled to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from inventory.origin import Origin
from network.fabric import Fabric, Wire
from network.prove.register import MANAGEMENT, PEER
from network.state import Address, Bgp, Interface, PolicyRule, StaticRoute, SwitchPort

Place = tuple[str, ...]
Element = Interface | SwitchPort | StaticRoute | PolicyRule | Bgp
UNTAGGED = "0"
MANAGEMENT_PORT = "eth0"
MANAGEMENT_PLACE: Place = ("management",)


class Join(NamedTuple):
    """Two places between which everything may pass, and the configuration element that joins them, if one does."""

    a: Place
    b: Place
    device: str
    element: Element | None


class Seed(NamedTuple):
    """A place that is in a zone: by whose registration, through which element of a device."""

    zone: str
    place: Place
    node: str
    port: str
    device: str
    element: Element | None
    origin: Origin


class Leak(NamedTuple):
    """A way from one instance of a device into another, for what a route or rule is for, or for all packets."""

    a: Place
    b: Place
    device: str
    element: StaticRoute | PolicyRule | Bgp
    entry: Interface | None = None
    """Where the packets come in that a rule of a policy map is for."""

    @property
    def elements(self) -> tuple[Element, ...]:
        """What makes the way."""
        return (self.element, self.entry) if self.entry else (self.element,)


class Door(NamedTuple):
    """An interface of a firewall: the names a filter may see it under, and the place outside of it."""

    device: str
    names: tuple[str, ...]
    place: Place
    element: Interface | None

    @property
    def name(self) -> str:
        return self.names[0]


class Strange(NamedTuple):
    """An element that may join what cannot be known from here."""

    device: str
    element: Element


@dataclass(slots=True)
class Part:
    """What one device adds to the plant."""

    joins: list[Join] = field(default_factory=list)
    seeds: list[Seed] = field(default_factory=list)
    leaks: list[Leak] = field(default_factory=list)
    doors: list[Door] = field(default_factory=list)
    strange: list[Strange] = field(default_factory=list)

    def joins_as(self, other: Part) -> bool:
        """Whether the same places hang together in another part, and lie in the same zones."""
        return self is other or (
            [(join.a, join.b) for join in self.joins] == [(join.a, join.b) for join in other.joins]
            and [(seed.zone, seed.place) for seed in self.seeds] == [(seed.zone, seed.place) for seed in other.seeds]
        )


@dataclass(frozen=True, slots=True)
class Guest:
    """A machine that the inventory puts on a switch port, in a zone."""

    zone: str
    name: str
    origin: Origin


class Ground:
    """What the fabric alone says: cables, hosts, peers, and which tags and VRFs are whose."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        city = fabric.city
        self.zones = (*city.segments, *(f"{PEER}{name}" for name in city.peers), MANAGEMENT)
        self.segment_of_vrf = {segment.vrf: name for name, segment in city.segments.items()}
        self.ports: dict[str, dict[str, Wire]] = {
            name: {port: wire for wire, port in fabric.wires_of[name]} for name in fabric.devices
        }
        self.guests: dict[str, dict[str, dict[str, tuple[Guest, ...]]]] = _guests(fabric)
        self._tags: dict[str, dict[str, str]] = {}
        for lan in fabric.lans.values():
            self._tags.setdefault(lan.site, {})[str(lan.tag)] = lan.segment
        self.joins = [
            Join(("wire", line.name, UNTAGGED), ("peer", line.peer), line.device, None)
            for line in fabric.peer_lines.values()
        ]
        self.fixed = [*_peer_seeds(fabric)]
        self.seeds = [*self.fixed, *_wire_seeds(fabric)]
        """What is in a zone whatever devices say: peers and the management network, and what tags on cables mean."""

    def zones_of_tags(self, device: str) -> Mapping[str, str]:
        """VLAN tag → the segment it belongs to at the site of a device."""
        return self._tags.get(self.fabric.devices[device].site, {})

    def management_address(self, device: str) -> Address:
        """Where tunnels of a switch end: it has no other address."""
        return self.fabric.devices[device].management.ip

    def at_address(self, address: Address) -> tuple[str, Origin] | None:
        """The zone that an address belongs to, and where the inventory says so; None when nobody's is known."""
        if address in self.fabric.city.management.ipv4:
            return MANAGEMENT, self.fabric.city.management.origin
        lans = self.fabric.lans.values()
        return next(((lan.segment, lan.origin) for lan in lans if address in lan.ipv4 or address in lan.ipv6), None)

    def outside(self, device: str, port: str, tag: str) -> Place | None:
        """What is outside a device's port; None when the inventory knows no such port."""
        if port == MANAGEMENT_PORT:
            return MANAGEMENT_PLACE
        wire = self.ports[device].get(port)
        if wire is not None:
            return ("wire", wire.name, tag)
        number = port.removeprefix("eth")
        known = number.isdecimal() and 1 <= int(number) <= self.fabric.devices[device].spec.ports
        return ("free", device, port, tag) if known else None


def _guests(fabric: Fabric) -> dict[str, dict[str, dict[str, tuple[Guest, ...]]]]:
    """Switch → port → tag on the cable → who is there; more than one when the inventory is wrong."""
    found: dict[str, dict[str, dict[str, tuple[Guest, ...]]]] = {}

    def put(switch: str, port: str, tag: str, guest: Guest) -> None:
        there = found.setdefault(switch, {}).setdefault(port, {})
        there[tag] = (*there.get(tag, ()), guest)

    for site_name, site in fabric.city.sites.items():
        for key, server in site.servers.items():
            guest = Guest(site.vlans[server.vlan].segment, f"{site_name}-{key}", server.origin)
            put(f"{site_name}-{server.switch}", server.port, UNTAGGED, guest)
        for key, group in site.terminals.items():
            tags = (UNTAGGED, *(str(site.vlans[vlan].id) for vlan in group.vlans[1:]))
            guests = [Guest(site.vlans[vlan].segment, f"{site_name}-{key}", group.origin) for vlan in group.vlans]
            for port in group.ports.names:
                for tag, guest in zip(tags, guests, strict=True):
                    put(f"{site_name}-{group.switch}", port, tag, guest)
    return found


def _peer_seeds(fabric: Fabric) -> Iterator[Seed]:
    for name, peer in fabric.city.peers.items():
        if peer.attachments:
            yield Seed(f"{PEER}{name}", ("peer", name), f"peer:{name}", "", "", None, peer.origin)
    yield Seed(MANAGEMENT, MANAGEMENT_PLACE, MANAGEMENT, "", "", None, fabric.city.management.origin)


def _wire_seeds(fabric: Fabric) -> Iterator[Seed]:
    """The tags on cables are the segments': those of VLANs in a site, those of transits between routers."""
    lans = {(lan.site, lan.tag): lan for lan in fabric.lans.values()}
    for wire in fabric.wires.values():
        if wire.kind == "switched":
            site = fabric.devices[wire.a.device].site
            for lan in (lans[site, tag] for tag in wire.tags):
                yield _on_wire(lan.segment, wire.name, str(lan.tag), lan.origin)
    for transit in fabric.transits:
        yield _on_wire(transit.segment, transit.wire, transit.a.interface.partition(".")[2], transit.origin)


def _on_wire(zone: str, wire: str, tag: str, origin: Origin) -> Seed:
    return Seed(zone, ("wire", wire, tag), wire, "", "", None, origin)


class Areas:
    """Places that hang together without a filter, found by union; each area with the zones that stand in it."""

    def __init__(self, joins: Iterable[Join], seeds: Iterable[Seed], order: Sequence[str]) -> None:
        """`order`: zones as the inventory lists them, so that findings come in its order."""
        self._parent: dict[Place, Place] = {}
        parent, find = self._parent, self._find
        for a, b, _, _ in joins:
            first, second = find(a), find(b)
            if first != second:
                parent[second] = first
        self.zones: dict[Place, tuple[str, ...]] = {}
        for seed in seeds:
            area = find(seed.place)
            there = self.zones.get(area, ())
            if seed.zone not in there:
                self.zones[area] = tuple(sorted((*there, seed.zone), key=order.index))

    def of(self, place: Place) -> Place:
        """The area of a place, named by one of its places."""
        return self._find(place)

    def zones_at(self, place: Place) -> tuple[str, ...]:
        """The zones that stand in the area of a place."""
        return self.zones.get(self._find(place), ())

    def _find(self, place: Place) -> Place:
        parent = self._parent
        above = parent.get(place)
        if above is None:
            parent[place] = place
            return place
        while above != place:
            higher = parent[above]
            parent[place] = higher
            place, above = above, higher
        return place


@dataclass(frozen=True)
class Plant:
    """All devices' parts together."""

    ground: Ground
    parts: Mapping[str, Part]
    joins: tuple[Join, ...]
    seeds: tuple[Seed, ...]
    areas: Areas

    @cached_property
    def meant(self) -> Mapping[Place, str]:
        """The zone that the inventory means a place outside of devices to be in."""
        return {seed.place: seed.zone for seed in self.ground.seeds}


def plant_of(
    ground: Ground, parts: Mapping[str, Part], fixed: Iterable[Seed] | None = None, areas: Areas | None = None
) -> Plant:
    """The plant of a city from the parts of its devices.

    Args:
        ground: the city without what devices say.
        parts: of all devices.
        fixed: the seeds of the ground, if not all of them.
        areas: of another plant of this ground whose parts join as these do.
    """
    joins = (*ground.joins, *(join for part in parts.values() for join in part.joins))
    seeds = (
        *(ground.seeds if fixed is None else fixed),
        *(seed for part in parts.values() for seed in part.seeds),
    )
    return Plant(ground, parts, joins, seeds, areas or Areas(joins, seeds, ground.zones))
