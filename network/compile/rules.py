"""The register as filter rules and named sets, made once and shared by every firewall."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import product

from inventory.marks import connection_mark
from inventory.values import ProtocolPort
from network.compile.flows import LiveFlow
from network.compile.hours import spans
from network.fabric import Endpoint, Fabric
from network.state import Family, NftRule, NftSet

FAMILIES: tuple[Family, Family] = (4, 6)
ECHO = ("echo-request",)


@dataclass(frozen=True, slots=True)
class FlowRule:
    """A rule of the forward chain, the zones it joins and the sets it names."""

    source: str
    destination: str
    rule: NftRule
    sets: tuple[str, str]


GroupSet = NftSet
"""The prefixes of a host group in one family."""


def zone_set(zone: str) -> str:
    """Name of the set of a zone's interfaces: zone_lgwan, peer_lgwan. A name of the inventory has no underscore."""
    return f"peer_{zone.removeprefix('peer:')}" if zone.startswith("peer:") else f"zone_{zone}"


def group_set(group: str, family: Family) -> str:
    """Name of the set of a host group's prefixes."""
    return f"group_{group}_{family}"


def group_sets(fabric: Fabric, flows: Iterable[LiveFlow]) -> dict[str, GroupSet]:
    """The sets of every group that a live flow names, by name; a group without prefixes of a family has none there."""
    ends = {end.group: end for live in flows for end in (live.source, live.destination)}
    found: dict[str, GroupSet] = {}
    for group, end in ends.items():
        origin = fabric.city.groups[group].origin
        if end.ipv4:
            found[group_set(group, 4)] = NftSet(group_set(group, 4), "ipv4", end.ipv4, origin)
        if end.ipv6:
            found[group_set(group, 6)] = NftSet(group_set(group, 6), "ipv6", end.ipv6, origin)
    return found


def flow_rules(flows: Iterable[LiveFlow]) -> tuple[FlowRule, ...]:
    """The rules of every live flow, in the order of the register: a rule a family and protocol."""
    return tuple(rule for live in flows for rule in _rules(live))


def _rules(live: LiveFlow) -> Iterator[FlowRule]:
    mark = connection_mark(live.row, live.flow)
    for family in FAMILIES:
        if not (_has(live.source, family) and _has(live.destination, family)):
            continue
        names = (group_set(live.source.group, family), group_set(live.destination.group, family))
        for match, span in product(_matches(live.flow.ports), spans(live.flow.window) or (None,)):
            rule = NftRule(
                verdict="accept",
                iif=f"@{zone_set(live.source.zone)}",
                oif=f"@{zone_set(live.destination.zone)}",
                src=f"@{names[0]}",
                dst=f"@{names[1]}",
                protocol=match[0].protocol,
                dports=tuple(sorted((port.low, port.high) for port in match if port.protocol != "icmp")),
                icmp_types=ECHO if match[0].protocol == "icmp" else (),
                days=span.days if span else (),
                hours=span.hours if span else None,
                counter=True,
                set_mark=mark,
                id=live.row,
                origin=live.flow.origin,
            )
            yield FlowRule(live.source.zone, live.destination.zone, rule, names)


def _has(end: Endpoint, family: Family) -> bool:
    return bool(end.ipv4 if family == 4 else end.ipv6)  # noqa: PLR2004 the IP version


def _matches(ports: tuple[ProtocolPort, ...]) -> Iterator[tuple[ProtocolPort, ...]]:
    for protocol in ("tcp", "udp", "icmp"):
        of_protocol = tuple(port for port in ports if port.protocol == protocol)
        if of_protocol:
            yield of_protocol
