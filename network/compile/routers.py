"""Routers: cores and edges. One VRF, one OSPFv2 and one OSPFv3 process a segment; cores speak BGP to firewalls.

A standby core stands beside the standby firewall. It prefers what OSPF brings from the main site (its BGP distance is
higher), announces its own firewall's routes with a worse metric and a tag, and never lets tagged routes into its own
table, so that two standby cores do not take them from each other and oscillate.
"""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address

from network.compile.intent import Intent
from network.compile.wording import (
    bfd_of,
    lan_description,
    port_description,
    transit_description,
)
from network.fabric import Fabric, FabricDevice, Transit, TransitEnd
from network.state import (
    BfdProfile,
    Bgp,
    BgpNeighbor,
    DeviceState,
    Family,
    Interface,
    Network,
    Ospf,
    OspfInterface,
    PrefixList,
    PrefixListEntry,
    Redistribute,
    RibFilter,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
    Vrf,
)

STANDBY_TAG = 200
STANDBY_DISTANCE = (200, 200, 200)
MARK_STANDBY = "mark-standby"
NOT_STANDBY = "not-standby"
FAMILIES: tuple[Family, Family] = (4, 6)
PASSIVE = OspfInterface(passive=True)

Row = tuple[Transit, TransitEnd, TransitEnd]


def compile_router(fabric: Fabric, intent: Intent, device: FabricDevice) -> DeviceState:
    """The state of a core or edge."""
    rows = fabric.transits_of[device.name]
    to_firewalls = [row for row in rows if _is_firewall(fabric, row[2])]
    bgp = tuple(_bgp(fabric, device, segment, to_firewalls) for segment in _segments(to_firewalls))
    return DeviceState(
        hostname=device.name,
        platform="frr",
        vrfs=tuple(
            sorted((_vrf(fabric, intent, device, name) for name in device.segments), key=lambda v: v.name or "")
        ),
        interfaces=tuple(sorted(_interfaces(fabric, device, rows), key=lambda i: (i.vrf or "", i.name))),
        bfd_profiles=_profiles(fabric, device, rows),
        ospf=tuple(sorted(_ospf(fabric, device, bgp), key=lambda o: (o.family, o.vrf or ""))),
        bgp=tuple(sorted(bgp, key=lambda b: b.vrf or "")),
        prefix_lists=tuple(_prefix_lists(fabric, intent, _segments(to_firewalls))),
        route_maps=_route_maps() if device.spec.standby and bgp else (),
    )


def _is_firewall(fabric: Fabric, end: TransitEnd) -> bool:
    return fabric.devices[end.device].spec.role == "firewall"


def _segments(rows: list[Row]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(transit.segment for transit, _, _ in rows))


def _vrf(fabric: Fabric, intent: Intent, device: FabricDevice, name: str) -> Vrf:
    segment = fabric.city.segments[name]
    filters = (RibFilter(4, "ospf", NOT_STANDBY), RibFilter(6, "ospf6", NOT_STANDBY))
    defaults = tuple(
        StaticRoute(type(marker)((0, 0)), via=marker.network_address, origin=segment.origin)
        for marker in intent.exits.get(name, ())
    )
    speaks = device.spec.standby and any(_is_firewall(fabric, far) for _, _, far in fabric.transits_of[device.name])
    return Vrf(segment.vrf, filters if speaks else (), defaults, origin=segment.origin)


def _interfaces(fabric: Fabric, device: FabricDevice, rows: tuple[Row, ...]) -> Iterator[Interface]:
    for wire, port in fabric.wires_of[device.name]:
        yield Interface(port, description=port_description(fabric, wire, device.name), origin=wire.origin)
    for transit, own, far in rows:
        ospf = None
        if not _is_firewall(fabric, far):
            profile = bfd_of(fabric, device, far.device).name
            ospf = OspfInterface(cost=transit.cost, point_to_point=True, bfd=profile)
        yield Interface(
            own.interface,
            vrf=fabric.city.segments[transit.segment].vrf,
            description=transit_description(transit.segment, far.device, transit.wire),
            addresses=(own.ipv4, own.ipv6),
            ospf=ospf,
            ospf6=ospf,
            origin=transit.origin,
        )
    for lan in fabric.lans_of.get(device.name, ()):
        yield Interface(
            lan.gateway_interface,
            vrf=fabric.city.segments[lan.segment].vrf,
            description=lan_description(lan),
            addresses=(lan.gateway4, lan.gateway6),
            ospf=PASSIVE,
            ospf6=PASSIVE,
            origin=lan.origin,
        )


def _profiles(fabric: Fabric, device: FabricDevice, rows: tuple[Row, ...]) -> tuple[BfdProfile, ...]:
    used = {bfd_of(fabric, device, far.device) for _, _, far in rows}
    return tuple(sorted(used, key=lambda profile: profile.name))


def _ospf(fabric: Fabric, device: FabricDevice, bgp: tuple[Bgp, ...]) -> Iterator[Ospf]:
    with_bgp = {process.vrf for process in bgp}
    for name in device.segments:
        segment = fabric.city.segments[name]
        carried = (_redistribute(standby=device.spec.standby),) if segment.vrf in with_bgp else ()
        for family in FAMILIES:
            yield Ospf(family, segment.vrf, device.router_id, carried, origin=segment.origin)


def _redistribute(*, standby: bool) -> Redistribute:
    """Type 1 is always preferred to type 2, so the main site's routes win whatever the path costs."""
    if standby:
        return Redistribute("bgp", metric=1000, route_map=MARK_STANDBY)
    return Redistribute("bgp", metric=10, metric_type=1)


def _bgp(fabric: Fabric, device: FabricDevice, name: str, rows: list[Row]) -> Bgp:
    segment = fabric.city.segments[name]
    neighbors = [neighbor for row in rows if row[0].segment == name for neighbor in _neighbors(fabric, device, row)]
    return Bgp(
        vrf=segment.vrf,
        asn=device.asn or fabric.city.asn,
        router_id=device.router_id,
        neighbors=tuple(sorted(neighbors, key=lambda n: (n.address.version, int(n.address)))),
        networks=tuple(network for family in FAMILIES for network in own_networks(fabric, name, family)),
        distance=STANDBY_DISTANCE if device.spec.standby else None,
        origin=segment.origin,
    )


def _neighbors(fabric: Fabric, device: FabricDevice, row: Row) -> Iterator[BgpNeighbor]:
    transit, _, far = row
    firewall = fabric.devices[far.device]
    addresses: tuple[IPv4Address, IPv6Address] = (far.ipv4.ip, far.ipv6.ip)
    for address in addresses:
        yield BgpNeighbor(
            address,
            remote_as=firewall.asn or fabric.city.asn,
            description=f"{far.device} {transit.segment}",
            bfd=bfd_of(fabric, device, far.device).name,
            prefixes_in=from_firewall(transit.segment),
            prefixes_out=own_prefixes(transit.segment),
            origin=transit.origin,
        )


def own_prefixes(segment: str) -> str:
    """Name of the prefix list that holds a segment's own prefixes only."""
    return f"own-{segment}"


def from_firewall(segment: str) -> str:
    """Name of the prefix list of what a core takes from a firewall."""
    return f"from-firewall-{segment}"


def _prefix_lists(fabric: Fabric, intent: Intent, segments: tuple[str, ...]) -> Iterator[PrefixList]:
    """Sorted by family and name."""
    for family in FAMILIES:
        lists = [own_list(fabric, name, family) for name in segments]
        lists += [_from_firewall_list(fabric, intent, name, family) for name in segments]
        yield from sorted(lists, key=lambda item: item.name)


def own_networks(fabric: Fabric, name: str, family: Family) -> tuple[Network, ...]:
    """What a segment answers for, sorted: its supernet, and the addresses its sources are translated to for peers."""
    segment = fabric.city.segments[name]
    if family == 6:  # noqa: PLR2004 the IP version
        return (segment.ipv6.supernet,)
    peers = (peer for peer in fabric.city.peers.values() if peer.segment == name and peer.source_nat4)
    return tuple(sorted({segment.ipv4.supernet, *(IPv4Network(str(peer.source_nat4)) for peer in peers)}))


def own_list(fabric: Fabric, name: str, family: Family) -> PrefixList:
    """The segment's own prefixes and nothing else."""
    origin = fabric.city.segments[name].origin
    entries = (
        PrefixListEntry(10 * number, permit=True, prefix=prefix, origin=origin)
        for number, prefix in enumerate(own_networks(fabric, name, family), start=1)
    )
    return PrefixList(family, own_prefixes(name), tuple(entries))


def _from_firewall_list(fabric: Fabric, intent: Intent, name: str, family: Family) -> PrefixList:
    """Anything but the segment's own addresses and a default route; the exit markers first."""
    segment = fabric.city.segments[name]
    supernet: Network = segment.ipv4.supernet if family == 4 else segment.ipv6.supernet  # noqa: PLR2004 the IP version
    everything = type(supernet)((0, 0))
    longest = supernet.max_prefixlen
    markers = (marker for marker in intent.exits.get(name, ()) if marker.version == family)
    terms: list[tuple[bool, Network, int | None]] = [(True, marker, None) for marker in markers]
    terms += [(False, supernet, longest), (False, everything, None), (True, everything, longest)]
    entries = (
        PrefixListEntry(10 * number, permit=permit, prefix=prefix, le=le, origin=segment.origin)
        for number, (permit, prefix, le) in enumerate(terms, start=1)
    )
    return PrefixList(family, from_firewall(name), tuple(entries))


def _route_maps() -> tuple[RouteMap, ...]:
    return (
        RouteMap(MARK_STANDBY, (RouteMapEntry(10, permit=True, set_tag=STANDBY_TAG),)),
        RouteMap(
            NOT_STANDBY,
            (RouteMapEntry(10, permit=False, match_tag=STANDBY_TAG), RouteMapEntry(20, permit=True)),
        ),
    )
