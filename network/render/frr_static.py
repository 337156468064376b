"""FRR: VRF stanzas, static routes, and the filters between protocols and a VRF's table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory.text import Text
from network.canonical import DEFAULT_VRF
from network.render.errors import RenderError, interface_name, name
from network.render.frr_words import IP, POLICY_NAME, VRF_NAME, address_text, natural, network_text
from network.state import RibFilter, StaticRoute, Vrf

_ONLY_FAMILY = {"ospf": 4, "ospf6": 6}


def top_level(vrfs: Iterable[Vrf]) -> Iterator[str]:
    """The static routes of the default table."""
    for item in vrfs:
        if item.name is None:
            yield from _routes(item)


def top_level_filters(vrfs: Iterable[Vrf]) -> Iterator[str]:
    """How the next hops of the default table are found, and its filters."""
    for item in vrfs:
        if item.name is None:
            yield from _next_hops(item)
            yield from map(_rib_filter, item.rib_filters)


def vrf(item: Vrf) -> Iterator[str]:
    """The stanza of a named VRF; nothing for the default table, which has none."""
    if item.name is None:
        return
    if item.name == DEFAULT_VRF:
        raise RenderError(VRF_NAME, item.name)
    yield f"vrf {interface_name(item.name)}"
    yield from (f" {line}" for line in _next_hops(item))
    for rib_filter in item.rib_filters:
        yield f" {_rib_filter(rib_filter)}"
    for route in _routes(item):
        yield f" {route}"
    yield "exit-vrf"


def _next_hops(item: Vrf) -> Iterator[str]:
    if item.resolve_via_default:
        yield from (f"{word} nht resolve-via-default" for word in IP.values())


def _routes(item: Vrf) -> Iterator[str]:
    return map(_route, sorted(item.static_routes, key=_order))


def _order(route: StaticRoute) -> tuple[object, ...]:
    """FRR's own order: shorter prefixes first; interface routes before next hops, addresses by value."""
    prefix = route.prefix
    blackhole = route.interface == "blackhole"
    kind = 3 if blackhole else 0 if route.via is None else 1 + bool(route.interface)
    return (
        *(prefix.version, prefix.prefixlen, int(prefix.network_address), route.distance or 1, route.tag or 0),
        *(kind, int(route.via) if route.via else 0, natural(route.interface), route.nexthop_vrf or ""),
    )


def _route(route: StaticRoute) -> str:
    what = Text("a static route", "静的経路")
    blackhole = route.interface == "blackhole"
    impossible = blackhole and (route.via or route.nexthop_vrf)
    if impossible or not (route.via or route.interface) or (route.via and route.via.version != route.prefix.version):
        raise RenderError(what, route)
    words = [IP[route.prefix.version], "route", network_text(route.prefix)]
    if route.via:
        words.append(address_text(route.via))
    if route.interface:
        words.append(interface_name(route.interface))
    if route.tag:
        words.append(f"tag {route.tag}")
    if route.distance:
        words.append(str(route.distance))
    if route.nexthop_vrf:
        words.append(f"nexthop-vrf {name(route.nexthop_vrf, VRF_NAME)}")
    return " ".join(words)


def _rib_filter(item: RibFilter) -> str:
    if _ONLY_FAMILY.get(item.protocol, item.family) != item.family:
        raise RenderError(Text("a filter between a protocol and a table", "経路表フィルタ"), item)
    return f"{IP[item.family]} protocol {item.protocol} route-map {name(item.route_map, POLICY_NAME)}"
