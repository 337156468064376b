"""What a switch adds to the plant: its VLANs, and what its ports join them with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from network.prove.crossing.plant import MANAGEMENT_PORT, UNTAGGED, Ground, Guest, Join, Part, Place, Seed, Strange
from network.state import Bridge, DeviceState, SwitchPort, Tunnel

_ALL_TAGS = range(4096)
"""Those that a frame can have; 0 is an untagged one."""


def switch(ground: Ground, name: str, state: DeviceState) -> Part:
    """What a switch adds, given what it says."""
    part = Part()
    guests, cabled, seen = ground.guests.get(name, {}), ground.ports[name], set[tuple[str, Place]]()
    zones = ground.zones_of_tags(name)
    peers = {port.name: port.peer for bridge in state.bridges for port in bridge.ports}
    for bridge in state.bridges:
        tags = _tags(bridge)
        for port in bridge.ports:
            carried = {tag: ("vlan", name, bridge.name, str(vlan)) for tag, vlan in _carried(port, tags)}
            if port.peer:
                if peers.get(port.peer) == port.name:
                    ends = " ".join(sorted((port.name, port.peer)))
                    part.joins += (
                        Join(place, ("patch", name, ends, tag), name, port) for tag, place in carried.items()
                    )
            elif port.tunnel:
                _tunnel(part, ground, name, port, port.tunnel, carried)
            elif port.name in cabled or port.name == MANAGEMENT_PORT:
                for tag, place in carried.items():
                    outside = ground.outside(name, port.name, tag)
                    if outside is not None:
                        part.joins.append(Join(place, outside, name, port))
            elif ground.outside(name, port.name, UNTAGGED) is None:
                part.strange.append(Strange(name, port))
            else:
                _attach(part, name, port, carried, guests.get(port.name, {}), zones, seen)
    return part


def _tags(bridge: Bridge) -> Iterable[int]:
    """What a port that takes every VLAN joins: the VLANs that other ports name, or any if several take every one."""
    every = sum(port.mode == "trunk" and not port.trunks for port in bridge.ports)
    if every > 1:
        return _ALL_TAGS
    named = {tag for port in bridge.ports for tag in (*port.trunks, port.tag) if tag is not None}
    return sorted({int(UNTAGGED), *named})


def _carried(port: SwitchPort, every: Iterable[int]) -> Iterator[tuple[str, int]]:
    """Tags on the cable and the VLANs they mean on a port."""
    if port.mode == "access":
        if port.tag is not None:
            yield UNTAGGED, port.tag
        return
    yield from ((str(vlan), vlan) for vlan in port.trunks or every)
    if port.native and port.tag is not None:
        yield str(port.tag), port.tag
        yield UNTAGGED, port.tag


def _tunnel(  # noqa: PLR0913, PLR0917 a port, all that is known of it, and where to note it
    part: Part, ground: Ground, name: str, port: SwitchPort, tunnel: Tunnel, carried: Mapping[str, Place]
) -> None:
    """A tunnel to another switch is like a cable. One to anything else may join what cannot be known from here.

    Whoever has the address at its other end gets the frames: if it is one of a zone, that zone is joined.
    """
    near, far = ground.management_address(name), tunnel.remote
    low, high = sorted(map(str, (near, far)))
    kind = f"{tunnel.kind} {tunnel.key}" if tunnel.key else tunnel.kind  # without a key, Open vSwitch takes 0
    places = {tag: ("tunnel", kind, low, high, tag) for tag in carried}
    part.joins += (Join(place, places[tag], name, port) for tag, place in carried.items())
    other = next((item for item in ground.fabric.devices if ground.management_address(item) == far), "")
    if other and ground.fabric.devices[other].spec.platform == "openvswitch":
        return
    part.strange.append(Strange(name, port))
    there = ground.at_address(far)
    if there is not None:
        zone, origin = there
        part.seeds += (Seed(zone, place, str(far), port.name, name, port, origin) for place in places.values())


def _attach(  # noqa: PLR0913, PLR0917 a port, all that is known of it, and where to note it
    part: Part,
    name: str,
    port: SwitchPort,
    carried: Mapping[str, Place],
    there: Mapping[str, tuple[Guest, ...]],
    zones: Mapping[str, str],
    seen: set[tuple[str, Place]],
) -> None:
    """A port for a host: it stands in the VLANs it is registered in, and joins them with any others of another segment.

    Of the many ports of a group that are alike and right, one seed is enough.
    """
    own: dict[Place, None] = {}
    for tag, guests in there.items():
        place = carried.get(tag)
        if place is None:
            continue
        own[place] = None
        for guest in guests:
            usual = zones.get(place[-1]) == guest.zone
            if not usual or (guest.name, place) not in seen:
                seen.add((guest.name, place))
                part.seeds.append(Seed(guest.zone, place, guest.name, port.name, name, port, guest.origin))
    others = [place for place in dict.fromkeys(carried.values()) if place not in own]
    several = len({guest.zone for guests in there.values() for guest in guests}) > 1
    if len(own) + len(others) > 1 and (others or several):
        host = ("host", name, port.name)
        part.joins += (Join(host, place, name, port) for place in (*own, *others))
