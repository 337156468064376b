"""What the register asks of routing, computed once for the whole city.

A segment learns routes to exactly the prefixes it talks to, and nothing else. For every live flow the source's zone
needs a route to the destination, and the destination's zone one back to the source (unless the source is translated).
How a prefix comes into a segment depends on whose it is:

* a segment's prefix is originated by the firewall;
* a peer's prefix is there only while the peer announces it: it is passed on as it was learned;
* when the peer announces a default route and the register names less, each named prefix is a static route that stands
  on that default route and goes with it;
* everything ("the internet") is never put into OSPF as a default route: FRR 8.4's ospf6d does not withdraw one that
  another router takes over, and ospfd gives it no tag. Instead the firewall announces one host route, the exit marker,
  while it has the peer's default; every router of the segment has a static default route that stands on the marker.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from inventory.origin import Origin
from network.compile.flows import LiveFlow, live_flows
from network.compile.rules import FlowRule, GroupSet, flow_rules, group_sets
from network.endpoints import peer_zone
from network.fabric import Endpoint, Fabric
from network.state import Address, Network

DUMMY4 = IPv4Address("192.0.0.8")
"""Stands nowhere (RFC 7600), so that only a default route leads to it."""
DUMMY6 = IPv6Address("100::1")
"""From the discard prefix (RFC 6666): likewise."""

_Order = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A prefix that a zone needs a route to, and whose zone it is."""

    prefix: Network
    owner: str
    origin: Origin = field(compare=False)


@dataclass(frozen=True, slots=True)
class Route:
    """How a firewall brings a prefix into a zone.

    `originate`: announced by the firewall itself. `via`: a static route to `prefix` over this next hop, redistributed
    while it resolves. Neither: passed on as it was learned.
    """

    prefix: Network
    origin: Origin = field(compare=False)
    originate: bool = False
    via: Address | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What all devices share."""

    wanted: dict[str, tuple[Wanted, ...]]
    """Zone → the prefixes it needs routes to, sorted."""
    exits: dict[str, tuple[IPv4Network | IPv6Network, ...]]
    """Segment → the exit markers on which its default routes stand."""
    flow_rules: tuple[FlowRule, ...]
    group_sets: dict[str, GroupSet]
    brought: dict[tuple[str, frozenset[str]], tuple[Route, ...]] = field(default_factory=dict, compare=False)
    """What `routes_into` found: firewalls that stand in the same zones bring the same routes into each."""


def build_intent(fabric: Fabric, on: dt.date) -> Intent:
    """Compute what the register asks for on a day."""
    flows = live_flows(fabric, on)
    translated = {peer_zone(fabric.city, name) for name, peer in fabric.city.peers.items() if peer.source_nat4}
    first: dict[tuple[str, str, bool], tuple[Endpoint, Origin]] = {}
    """Zone, group, and whether both families are wanted → the group, and the first row that wants it there."""
    for live in flows:
        origin, whole = live.flow.origin, live.destination.zone not in translated
        first.setdefault((live.source.zone, live.destination.group, True), (live.destination, origin))
        first.setdefault((live.destination.zone, live.source.group, whole), (live.source, origin))
    found: dict[str, dict[_Order, Wanted]] = {}
    for (zone, _, whole), (end, origin) in first.items():
        rows = found.setdefault(zone, {})
        for prefix in _prefixes(end) if whole else end.ipv6:
            rows.setdefault(network_order(prefix), Wanted(prefix, end.zone, origin))
    wanted = {zone: tuple(rows[key] for key in sorted(rows)) for zone, rows in found.items()}
    return Intent(wanted, _exits(fabric, wanted), flow_rules(flows), group_sets(fabric, flows))


def network_order(network: Network) -> _Order:
    """Sorts prefixes of both families: IPv4 first, by address, the shorter first.

    It also stands for a prefix as a key: numbers are hashed much faster than a prefix is.
    """
    return network.version, int(network.network_address), network.prefixlen


def _prefixes(endpoint: Endpoint) -> tuple[Network, ...]:
    return (*endpoint.ipv4, *endpoint.ipv6)


def _exits(fabric: Fabric, wanted: dict[str, tuple[Wanted, ...]]) -> dict[str, tuple[IPv4Network | IPv6Network, ...]]:
    """The markers of each segment that may reach everything behind a peer; a My Number segment never may."""
    exits = {}
    for name, segment in fabric.city.segments.items():
        if segment.kind == "mynumber":
            continue
        markers = [exit_marker(fabric, row) for row in wanted.get(name, ()) if row.prefix.prefixlen == 0]
        if markers:
            exits[name] = tuple(markers)
    return exits


def exit_marker(fabric: Fabric, row: Wanted) -> IPv4Network | IPv6Network:
    """The host route that says "the exit is alive": the first address of the peer's segment, which no host ever has."""
    peer = fabric.city.peers[row.owner.removeprefix("peer:")]
    segment = fabric.city.segments[peer.segment]
    if row.prefix.version == 4:  # noqa: PLR2004 the IP version
        return IPv4Network(segment.ipv4.supernet.network_address)
    return IPv6Network(segment.ipv6.supernet.network_address)


def routes_into(fabric: Fabric, intent: Intent, zone: str, present: frozenset[str]) -> tuple[Route, ...]:
    """How a firewall that stands in the zones `present` brings into `zone` what that zone needs."""
    found = intent.brought.get((zone, present))
    if found is None:
        found = intent.brought[zone, present] = _routes_into(fabric, intent, zone, present)
    return found


def _routes_into(fabric: Fabric, intent: Intent, zone: str, present: frozenset[str]) -> tuple[Route, ...]:
    rows = (row for row in intent.wanted.get(zone, ()) if row.owner in present)
    routes: dict[_Order, Route] = {}
    for row in rows:
        for route in _routes(fabric, zone, row):
            routes.setdefault(network_order(route.prefix), route)
    return tuple(routes[key] for key in sorted(routes))


def _routes(fabric: Fabric, zone: str, row: Wanted) -> Iterator[Route]:
    if not row.owner.startswith("peer:"):
        yield from _own(fabric, row)
        return
    segment = fabric.city.segments.get(zone)
    peer = fabric.city.peers[row.owner.removeprefix("peer:")]
    for learned in peer.prefixes4 if row.prefix.version == 4 else peer.prefixes6:  # noqa: PLR2004 the IP version
        if learned.prefixlen == 0 and row.prefix.prefixlen == 0:
            if segment is not None and segment.kind != "mynumber":
                yield Route(exit_marker(fabric, row), row.origin, via=_dummy(row.prefix))
        elif learned.prefixlen == 0:
            yield Route(row.prefix, row.origin, via=_dummy(row.prefix))
        elif covers(learned, row.prefix) or covers(row.prefix, learned):
            yield Route(learned, row.origin)


def _own(fabric: Fabric, row: Wanted) -> Iterator[Route]:
    """A segment's prefix; the whole supernet goes as two halves, since a firewall must not originate what it learns."""
    segment = fabric.city.segments[row.owner]
    whole = row.prefix == (segment.ipv4 if row.prefix.version == 4 else segment.ipv6).supernet  # noqa: PLR2004 the IP version
    for part in row.prefix.subnets() if whole else (row.prefix,):
        yield Route(part, row.origin, originate=True)


def covers(outer: Network, inner: Network) -> bool:
    """Whether every address of `inner` is in `outer`; both of one family."""
    shift = outer.max_prefixlen - outer.prefixlen
    same = int(outer.network_address) >> shift == int(inner.network_address) >> shift
    return outer.prefixlen <= inner.prefixlen and same


def _dummy(prefix: Network) -> Address:
    """An address that is reachable exactly while there is a default route of the prefix's family."""
    return DUMMY4 if prefix.version == 4 else DUMMY6  # noqa: PLR2004 the IP version


__all__ = [
    "Intent",
    "LiveFlow",
    "Route",
    "Wanted",
    "build_intent",
    "covers",
    "exit_marker",
    "network_order",
    "routes_into",
]
