"""Default routes: where a device has one, makes one, or would take one from a neighbour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network

from inventory.origin import Origin
from inventory.text import Text
from network.state import Bgp, BgpNeighbor, DeviceState, Family, Network, PrefixList, StaticRoute

EVERYTHING: dict[int, Network] = {4: IPv4Network("0.0.0.0/0"), 6: IPv6Network("::/0")}


@dataclass(frozen=True, slots=True)
class Default:
    """A default route of a VRF, or a way to get one: written as a `static` route, or taken from a `neighbor`."""

    vrf: str | None
    what: Text
    origin: Origin
    static: StaticRoute | None = None
    neighbor: BgpNeighbor | None = None


def defaults(state: DeviceState) -> Iterator[Default]:
    """Every default route a device has, makes, or would take, in any VRF."""
    for vrf in state.vrfs:
        for route in vrf.static_routes:
            if route.prefix.prefixlen == 0:
                text = Text(f"static route {route.prefix}", f"スタティックルート {route.prefix}")
                yield Default(vrf.name, text, route.origin, route)
    for process in state.ospf:
        if process.default_originate:
            text = Text("OSPF announces a default route", "OSPF が既定経路を配布")
            yield Default(process.vrf, text, process.origin)
    for bgp in state.bgp:
        yield from _of_bgp(state, bgp)


def _of_bgp(state: DeviceState, bgp: Bgp) -> Iterator[Default]:
    for network in bgp.networks:
        if network.prefixlen == 0:
            yield Default(bgp.vrf, Text(f"BGP announces {network}", f"BGP が {network} を広告"), bgp.origin)
    for neighbor in bgp.neighbors:
        family: Family = 4 if neighbor.address.version == 4 else 6  # noqa: PLR2004 the IP version
        if takes(state, neighbor.prefixes_in, family, EVERYTHING[family]):
            text = Text(
                f"BGP would take {EVERYTHING[family]} from {neighbor.address}",
                f"BGP が {neighbor.address} から {EVERYTHING[family]} を受け入れる設定",
            )
            yield Default(bgp.vrf, text, neighbor.origin, neighbor=neighbor)


def takes(state: DeviceState, name: str, family: Family, prefix: Network) -> bool:
    """Whether a prefix list lets a prefix through; without a list everything passes, an unknown list stops nothing."""
    found = next((item for item in state.prefix_lists if item.name == name and item.family == family), None)
    return found is None or permitted(found, prefix)


def permitted(prefixes: PrefixList, prefix: Network) -> bool:
    """The verdict of the first entry that matches; denied when none does."""
    for entry in prefixes.entries:
        inside = entry.prefix.prefixlen <= prefix.prefixlen and prefix[0] in entry.prefix
        low = entry.ge if entry.ge is not None else entry.prefix.prefixlen
        high = (
            entry.le
            if entry.le is not None
            else (prefix.max_prefixlen if entry.ge is not None else entry.prefix.prefixlen)
        )
        if inside and low <= prefix.prefixlen <= high:
            return entry.permit
    return False


def announceable(state: DeviceState, name: str, family: Family) -> tuple[Network, ...]:
    """The prefixes a list permits, as they are written (longer ones that `le` adds lie inside them)."""
    found = next((item for item in state.prefix_lists if item.name == name and item.family == family), None)
    if found is None:
        return (EVERYTHING[family],)
    return tuple(entry.prefix for entry in found.entries if entry.permit)
