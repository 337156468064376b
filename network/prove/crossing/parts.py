"""What each device adds to the plant, by what it is: a router, a firewall, a switch, or one that says nothing.

FRR's text does not say where a tunnel, a virtual cable or a bridge leads to. What two such interfaces have in common is
the prefix of their addresses: they are taken to be ends of one link. That there are no others cannot be proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from network.canonical import DEFAULT_VRF
from network.prove.crossing.plant import (
    MANAGEMENT_PORT,
    UNTAGGED,
    Door,
    Ground,
    Join,
    Leak,
    Part,
    Place,
    Seed,
    Strange,
)
from network.prove.crossing.switches import switch
from network.state import DeviceState, Interface, Network, PolicyRule, StaticRoute

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
            yield from ((interface, ("link", str(prefix))) for prefix in _prefixes(interface))
        else:
            yield interface, place


def _prefixes(interface: Interface) -> Iterator[Network]:
    """What an interface shares with its neighbours; link-local prefixes are the same everywhere."""
    for address in interface.addresses:
        if not address.is_link_local and address.network.num_addresses > 1:
            yield address.network


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
    yield from _policies(name, state, homes, known)
    for bgp in state.bgp:
        for other in bgp.import_vrfs:
            yield Leak(_instance(name, bgp.vrf), _instance(name, _table(other)), name, bgp)


def _policies(
    name: str, state: DeviceState, homes: Mapping[str, set[str | None]], known: set[str | None]
) -> Iterator[Leak]:
    """Where policy maps send what comes in by the interfaces that name them.

    A rule is taken to get all that it matches, whatever rules stand before it. What an earlier rule matches is not
    subtracted, since no rule keeps its packets in every routing state: while its next hop is down it is not there, and
    where the table that it asks has no route the kernel goes on to the next rule.
    """
    maps = {item.name: item.rules for item in state.policy_maps}
    for interface in state.interfaces:
        for rule in maps.get(interface.policy, ()) if not interface.shutdown else ():
            for other in _chosen(rule, interface.vrf, homes, known):
                if other != interface.vrf:
                    yield Leak(_instance(name, interface.vrf), _instance(name, other), name, rule, interface)


def _chosen(
    rule: PolicyRule, vrf: str | None, homes: Mapping[str, set[str | None]], known: set[str | None]
) -> Iterator[str | None]:
    """The instances a rule leads into; without a VRF, FRR looks for the next hop in the default table."""
    if rule.vrf is not None:
        yield vrf if rule.vrf == "unchanged" else _table(rule.vrf)
    elif rule.via or rule.interface:
        yield from dict.fromkeys((_table(rule.nexthop_vrf), *_targets(rule, vrf, homes, known)))


def _table(name: str | None) -> str | None:
    return None if name == DEFAULT_VRF else name


def _targets(
    route: StaticRoute | PolicyRule, vrf: str | None, homes: Mapping[str, set[str | None]], known: set[str | None]
) -> Iterator[str | None]:
    """The other instances a route leads into."""
    if route.nexthop_vrf:
        target = _table(route.nexthop_vrf)
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


def _unknown(ground: Ground, name: str) -> Part:
    """A device of which nothing is known: all that is cabled to it is one."""
    part, middle = Part(), _instance(name, None)
    for port, wire in {MANAGEMENT_PORT: None, **ground.ports[name]}.items():
        tags = (UNTAGGED, *(map(str, wire.tags) if wire else ()))
        places = dict.fromkeys(ground.outside(name, port, tag) for tag in tags)
        part.joins += (Join(middle, place, name, None) for place in places if place is not None)
    for port, guests in ground.guests.get(name, {}).items():
        for guest in (guest for there in guests.values() for guest in there):
            part.seeds.append(Seed(guest.zone, middle, guest.name, port, name, None, guest.origin))
    return part


_PARTS: Mapping[str, Callable[[Ground, str, DeviceState], Part]] = MappingProxyType(
    {"frr": _router, "nftables": _firewall, "openvswitch": switch}
)
