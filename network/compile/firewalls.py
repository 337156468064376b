"""Firewalls: the only devices that stand in several segments; one table of routes, BGP to cores and peers.

Into each segment a firewall announces exactly what the register needs there, to each peer the addresses of the segment
the peer serves (or the translated address) and what registered flows need besides. Among several lines to one peer the
less preferred ones carry a longer AS path outward and a lower local preference inward, so that both directions of a
flow take the same line and stay with the same firewall.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from network.compile.filters import filter_table
from network.compile.intent import Intent, Route, covers, network_order, routes_into
from network.compile.routers import FAMILIES, own_list, own_prefixes
from network.compile.wording import FAR, bfd_of, peer_description, port_description, transit_description
from network.fabric import Fabric, FabricDevice, PeerLine
from network.state import (
    BfdProfile,
    Bgp,
    BgpNeighbor,
    DeviceState,
    Family,
    Interface,
    Network,
    PrefixList,
    PrefixListEntry,
    Redistribute,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
    Vrf,
)

_NOTHING: dict[Family, PrefixListEntry] = {
    4: PrefixListEntry(10, permit=False, prefix=IPv4Network("0.0.0.0/0"), le=32),
    6: PrefixListEntry(10, permit=False, prefix=IPv6Network("::/0"), le=128),
}


@dataclass(frozen=True, slots=True)
class _Stand:
    """Where a firewall stands: its segments, its lines to peers, and what it announces to whom."""

    segments: tuple[str, ...]
    lines: tuple[PeerLine, ...]
    into: dict[str, tuple[Route, ...]]
    """Segment or peer → routes."""


def compile_firewall(fabric: Fabric, intent: Intent, device: FabricDevice) -> DeviceState:
    """The state of a firewall: filter, interfaces, BGP."""
    stand = _stand(fabric, intent, device)
    statics = _statics(stand)
    ranks = {line.name: _rank(fabric, line) for line in stand.lines}
    vrfs = (Vrf(None, static_routes=statics, resolve_via_default=True, origin=device.origin),) if statics else ()
    return DeviceState(
        hostname=device.name,
        platform="nftables",
        vrfs=vrfs,
        interfaces=tuple(sorted(_interfaces(fabric, device, stand), key=lambda i: (i.vrf or "", i.name))),
        bfd_profiles=_profiles(fabric, device, stand),
        bgp=(_bgp(fabric, device, stand, ranks, bool(statics)),),
        prefix_lists=tuple(_prefix_lists(fabric, stand)),
        route_maps=tuple(_route_maps(fabric, device, stand, ranks)),
        tables=(filter_table(fabric, intent, device, stand.lines),),
    )


def _stand(fabric: Fabric, intent: Intent, device: FabricDevice) -> _Stand:
    segments = tuple(dict.fromkeys(transit.segment for transit, _, _ in fabric.transits_of[device.name]))
    lines = tuple(line for line in fabric.peer_lines.values() if line.device == device.name)
    peers = tuple(dict.fromkeys(line.peer for line in lines))
    present = frozenset((*segments, *(f"peer:{peer}" for peer in peers)))
    into = {name: routes_into(fabric, intent, name, present) for name in segments}
    into |= {f"peer:{peer}": _to_peer(fabric, intent, peer, present) for peer in peers}
    return _Stand(segments, lines, into)


def _to_peer(fabric: Fabric, intent: Intent, name: str, present: frozenset[str]) -> tuple[Route, ...]:
    """What a peer learns from us; nothing while no live flow joins us to it.

    All of it comes from the cores, the translated address too: a firewall cut off from them must not draw the answers
    to connections that go through the other one.
    """
    zone = f"peer:{name}"
    met = zone in intent.wanted or any(row.owner == zone for rows in intent.wanted.values() for row in rows)
    if not met:
        return ()
    peer = fabric.city.peers[name]
    segment = fabric.city.segments[peer.segment]
    base = [Route(segment.ipv6.supernet, peer.origin)]
    if peer.source_nat4 is None:
        base.append(Route(segment.ipv4.supernet, peer.origin))
    else:
        base.append(Route(IPv4Network(peer.source_nat4), peer.origin))
    more = [
        route
        for route in routes_into(fabric, intent, zone, present)
        if not any(route.prefix.version == b.prefix.version and covers(b.prefix, route.prefix) for b in base)
    ]
    return tuple(sorted((*base, *more), key=lambda route: network_order(route.prefix)))


def _statics(stand: _Stand) -> tuple[StaticRoute, ...]:
    """The routes that stand on what a peer announces."""
    found = {
        network_order(route.prefix): StaticRoute(route.prefix, via=route.via, origin=route.origin)
        for routes in stand.into.values()
        for route in routes
        if route.via is not None
    }
    return tuple(found[key] for key in sorted(found))


def _interfaces(fabric: Fabric, device: FabricDevice, stand: _Stand) -> Iterator[Interface]:
    lines = {line.interface: line for line in stand.lines}
    for wire, port in fabric.wires_of[device.name]:
        if wire.kind == "peer":
            line = lines[port]
            description = peer_description(fabric, wire)
            yield Interface(port, description=description, addresses=(line.ipv4, line.ipv6), origin=line.origin)
        else:
            yield Interface(port, description=port_description(fabric, wire, device.name), origin=wire.origin)
    for transit, own, far in fabric.transits_of[device.name]:
        yield Interface(
            own.interface,
            description=transit_description(transit.segment, far.device, transit.wire),
            addresses=(own.ipv4, own.ipv6),
            origin=transit.origin,
        )


def _profiles(fabric: Fabric, device: FabricDevice, stand: _Stand) -> tuple[BfdProfile, ...]:
    used = {bfd_of(fabric, device, far.device) for _, _, far in fabric.transits_of[device.name]}
    used |= {FAR for _ in stand.lines}
    return tuple(sorted(used, key=lambda profile: profile.name))


def _bgp(fabric: Fabric, device: FabricDevice, stand: _Stand, ranks: dict[str, int], statics: bool) -> Bgp:  # noqa: FBT001 private
    neighbors = [*_core_neighbors(fabric, device), *_peer_neighbors(stand, ranks)]
    routes = (route for routes in stand.into.values() for route in routes if route.originate)
    networks = {network_order(route.prefix): route.prefix for route in routes}
    carried = (Redistribute("static"),) if statics else ()
    return Bgp(
        vrf=None,
        asn=device.asn or fabric.city.asn,
        router_id=device.router_id,
        neighbors=tuple(sorted(neighbors, key=lambda n: (n.address.version, int(n.address)))),
        networks=tuple(networks[key] for key in sorted(networks)),
        redistribute4=carried,
        redistribute6=carried,
        origin=device.origin,
    )


def _core_neighbors(fabric: Fabric, device: FabricDevice) -> Iterator[BgpNeighbor]:
    for transit, _, far in fabric.transits_of[device.name]:
        for address in (far.ipv4.ip, far.ipv6.ip):
            yield BgpNeighbor(
                address,
                remote_as=fabric.devices[far.device].asn or fabric.city.asn,
                description=f"{far.device} {transit.segment}",
                bfd=bfd_of(fabric, device, far.device).name,
                prefixes_in=own_prefixes(transit.segment),
                prefixes_out=_into(transit.segment),
                origin=transit.origin,
            )


def _peer_neighbors(stand: _Stand, ranks: dict[str, int]) -> Iterator[BgpNeighbor]:
    for line in stand.lines:
        for address in (line.peer_ipv4.ip, line.peer_ipv6.ip):
            yield BgpNeighbor(
                address,
                remote_as=line.peer_asn,
                description=f"peer {line.name}",
                bfd=FAR.name,
                prefixes_in=_from_peer(line.peer),
                prefixes_out=_into(f"peer:{line.peer}"),
                route_map_in=_preference(line.preference),
                route_map_out=_lengthen(ranks[line.name]) if ranks[line.name] else "",
                origin=line.origin,
            )


def _rank(fabric: Fabric, line: PeerLine) -> int:
    """How many degrees of preference are above a line's among its peer's lines."""
    above = {a.preference for a in fabric.city.peers[line.peer].attachments.values() if a.preference > line.preference}
    return len(above)


def _into(zone: str) -> str:
    return f"to-peer-{zone.removeprefix('peer:')}" if zone.startswith("peer:") else f"into-{zone}"


def _from_peer(peer: str) -> str:
    return f"from-peer-{peer}"


def _preference(value: int) -> str:
    return f"preference-{value}"


def _lengthen(rank: int) -> str:
    return f"lengthen-{rank}"


def _prefix_lists(fabric: Fabric, stand: _Stand) -> Iterator[PrefixList]:
    """Sorted by family and name; a list that permits nothing is written as one that denies everything."""
    for family in FAMILIES:
        lists = [own_list(fabric, name, family) for name in stand.segments]
        lists += [_permitted(family, _into(zone), routes) for zone, routes in stand.into.items()]
        for peer in dict.fromkeys(line.peer for line in stand.lines):
            spec = fabric.city.peers[peer]
            prefixes: tuple[Network, ...] = (*spec.prefixes4, *spec.prefixes6)
            learned = (Route(prefix, spec.origin) for prefix in prefixes)
            lists.append(_permitted(family, _from_peer(peer), learned))
        yield from sorted(lists, key=lambda item: item.name)


def _permitted(family: Family, name: str, routes: Iterable[Route]) -> PrefixList:
    mine = [route for route in routes if route.prefix.version == family]
    entries = tuple(
        PrefixListEntry(10 * number, permit=True, prefix=route.prefix, origin=route.origin)
        for number, route in enumerate(mine, start=1)
    )
    return PrefixList(family, name, entries or (_NOTHING[family],))


def _route_maps(fabric: Fabric, device: FabricDevice, stand: _Stand, ranks: dict[str, int]) -> Iterator[RouteMap]:
    asn = device.asn or fabric.city.asn
    maps = {
        _preference(line.preference): RouteMapEntry(10, permit=True, set_local_preference=line.preference)
        for line in stand.lines
    }
    maps |= {
        _lengthen(rank): RouteMapEntry(10, permit=True, set_as_path_prepend=(asn,) * (2 * rank))
        for rank in ranks.values()
        if rank
    }
    yield from (RouteMap(name, (maps[name],)) for name in sorted(maps))
