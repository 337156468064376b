"""What each device adds to the plant, by what it is: a router, a firewall, a switch, or one that says nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from network.canonical import DEFAULT_VRF
from network.prove.crossing.plant import (
    MANAGEMENT_PORT,
    UNTAGGED,
    Door,
    Ground,
    Guest,
    Join,
    Leak,
    Part,
    Place,
    Seed,
    Strange,
)
from network.state import DeviceState, Interface, StaticRoute, SwitchPort

_NOWHERE_TO = frozenset({"blackhole", "lo"})
"""What a static route may name as an interface without leaving its instance."""


def part_of(ground: Ground, name: str, state: DeviceState | None) -> Part:
    """What a device adds, given what it says; without a state it lets everything pass."""
    if state is None:
        return _unknown(ground, name)
    return _PARTS[state.platform](ground, name, state)


def _instance(device: str, vrf: str | None) -> Place:
    return ("vrf", device, vrf or "")


def _router(ground: Ground, name: str, state: DeviceState) -> Part:
    part = Part()
    for interface, place in _interfaces(ground, name, state, part):
        part.joins.append(Join(_instance(name, interface.vrf), place, name, interface))
    part.joins += (Join(_instance(name, None), place, name, None) for _, place in _unlisted(ground, name, state))
    vrfs = {vrf.name: vrf.origin for vrf in state.vrfs}
    for vrf, origin in vrfs.items():
        segment = ground.segment_of_vrf.get(vrf) if vrf else None
        if segment:
            part.seeds.append(Seed(segment, _instance(name, vrf), name, "", name, None, origin))
    part.leaks += _leaks(name, state, part)
    return part


def _interfaces(ground: Ground, name: str, state: DeviceState, part: Part) -> Iterator[tuple[Interface, Place]]:
    """Interfaces that are up, with the place outside of each; notes the strange ones."""
    down = {interface.name for interface in state.interfaces if interface.shutdown}
    for interface in state.interfaces:
        port, _, tag = interface.name.partition(".")
        if port in down or interface.name in down or _own(interface):
            continue
        place = ground.outside(name, port, tag.partition(".")[0] or UNTAGGED)
        if place is None:
            part.strange.append(Strange(name, interface))
        else:
            yield interface, place


def _unlisted(ground: Ground, name: str, state: DeviceState) -> Iterator[tuple[str, Place]]:
    """Ports of which the device says nothing: they are up, in the default table."""
    listed = {interface.name for interface in state.interfaces}
    for port in (MANAGEMENT_PORT, *ground.ports[name]):
        place = None if port in listed else ground.outside(name, port, UNTAGGED)
        if place is not None:
            yield port, place


def _own(interface: Interface) -> bool:
    """Interfaces that lead nowhere else: the loopback, a dummy, the device of a VRF itself."""
    return interface.name in {"lo", interface.vrf} or interface.name.startswith("dummy")


def _leaks(name: str, state: DeviceState, part: Part) -> Iterator[Leak]:
    homes: dict[str, set[str | None]] = {}
    for interface in state.interfaces:
        homes.setdefault(interface.name, set()).add(interface.vrf)
    known = {vrf.name for vrf in state.vrfs}
    for vrf in state.vrfs:
        for route in vrf.static_routes:
            for other in _targets(route, vrf.name, homes, known):
                yield Leak(_instance(name, vrf.name), _instance(name, other), name, route)
            if route.interface and route.interface not in homes and route.interface not in {*known, *_NOWHERE_TO}:
                part.strange.append(Strange(name, route))
    for bgp in state.bgp:
        for other in bgp.import_vrfs:
            target = None if other == DEFAULT_VRF else other
            yield Leak(_instance(name, bgp.vrf), _instance(name, target), name, bgp)


def _targets(
    route: StaticRoute, vrf: str | None, homes: Mapping[str, set[str | None]], known: set[str | None]
) -> Iterator[str | None]:
    """The other instances a route leads into."""
    if route.nexthop_vrf:
        target = None if route.nexthop_vrf == DEFAULT_VRF else route.nexthop_vrf
        if target != vrf:
            yield target
    there = homes.get(route.interface, {route.interface} if route.interface in known else set())
    if route.interface and vrf not in there:
        yield from sorted(there, key=lambda item: item or "")


def _firewall(ground: Ground, name: str, state: DeviceState) -> Part:
    part = Part()
    for interface, place in _interfaces(ground, name, state, part):
        names = (interface.name, interface.vrf) if interface.vrf else (interface.name,)
        part.doors.append(Door(name, names, place, interface))
    part.doors += (Door(name, (port,), place, None) for port, place in _unlisted(ground, name, state))
    return part


def _switch(ground: Ground, name: str, state: DeviceState) -> Part:
    part = Part()
    guests, cabled, seen = ground.guests.get(name, {}), ground.ports[name], set[tuple[str, Place]]()
    zones = ground.zones_of_tags(name)
    for bridge in state.bridges:
        for port in bridge.ports:
            carried = {tag: ("vlan", name, bridge.name, str(vlan)) for tag, vlan in _carried(port)}
            if port.name in cabled or port.name == MANAGEMENT_PORT:
                for tag, place in carried.items():
                    outside = ground.outside(name, port.name, tag)
                    if outside is not None:
                        part.joins.append(Join(place, outside, name, port))
            elif ground.outside(name, port.name, UNTAGGED) is None:
                part.strange.append(Strange(name, port))
            else:
                _attach(part, name, port, carried, guests.get(port.name, {}), zones, seen)
    return part


def _carried(port: SwitchPort) -> Iterator[tuple[str, int]]:
    """Tags on the cable and the VLANs they mean on a port."""
    if port.mode == "access":
        if port.tag is not None:
            yield UNTAGGED, port.tag
        return
    if port.native and port.tag is not None:
        yield UNTAGGED, port.tag
        yield str(port.tag), port.tag
    yield from ((str(vlan), vlan) for vlan in port.trunks)


def _attach(  # noqa: PLR0913, PLR0917 a port, all that is known of it, and where to note it
    part: Part,
    name: str,
    port: SwitchPort,
    carried: Mapping[str, Place],
    there: Mapping[str, Guest],
    zones: Mapping[str, str],
    seen: set[tuple[str, Place]],
) -> None:
    """A port for a host: it stands in the VLANs it is registered in, and joins them with any other it gets.

    Of the many ports of a group that are alike and right, one seed is enough.
    """
    own: dict[Place, None] = {}
    for tag, guest in there.items():
        place = carried.get(tag)
        if place is None:
            continue
        own[place] = None
        usual = zones.get(place[-1]) == guest.zone
        if not usual or (guest.name, place) not in seen:
            seen.add((guest.name, place))
            part.seeds.append(Seed(guest.zone, place, guest.name, port.name, name, port, guest.origin))
    others = [place for place in dict.fromkeys(carried.values()) if place not in own]
    if others and len(own) + len(others) > 1:
        host = ("host", name, port.name)
        part.joins += (Join(host, place, name, port) for place in (*own, *others))


def _unknown(ground: Ground, name: str) -> Part:
    """A device of which nothing is known: all that is cabled to it is one."""
    part, middle = Part(), _instance(name, None)
    for port, wire in {MANAGEMENT_PORT: None, **ground.ports[name]}.items():
        tags = (UNTAGGED, *(map(str, wire.tags) if wire else ()))
        places = dict.fromkeys(ground.outside(name, port, tag) for tag in tags)
        part.joins += (Join(middle, place, name, None) for place in places if place is not None)
    for port, guests in ground.guests.get(name, {}).items():
        for guest in guests.values():
            part.seeds.append(Seed(guest.zone, middle, guest.name, port, name, None, guest.origin))
    return part


_PARTS: Mapping[str, Callable[[Ground, str, DeviceState], Part]] = MappingProxyType(
    {"frr": _router, "nftables": _firewall, "openvswitch": _switch}
)
