"""The firewall's filter: zones, the register's rules, protection against false sources, and address translation.

One table. Its `forward` chain first drops packets whose source does not belong to the zone they come from, then lets
known connections through (with the ICMP errors that belong to them) between interfaces of zones, then follows the
register row by row; what no row permits is counted and dropped. `input` lets in only what the firewall itself needs.

A row's rule marks the connections it opens, and a connection is known for as long as its mark is in the set `live`: the
marks of the rows in this very table. So a row that goes takes its connections with it, and no other's. A packet of a
connection whose mark is not there is judged by the rows like a first one: what opened it may open it again, under
another row that permits it, and its mark is then that row's.

Rules of a row with a window (maintenance) match within it only. The mark of such a row is not in `live`: a rule of its
own, with the same hours, lets its known connections through. So what is open when the window ends is cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from inventory.origin import Origin
from network.claims import foreign
from network.compile.hours import Span
from network.compile.intent import Intent
from network.compile.rules import ECHO, FAMILIES, FlowRule, zone_set
from network.fabric import Fabric, FabricDevice, PeerLine
from network.state import Family, Network, NftChain, NftRule, NftSet, NftTable

TABLE = "sanso"
ZONES = "zones"
LIVE = "live"
MANAGEMENT = ("eth0",)
BGP_PORTS = ((179, 179),)
BFD_PORTS = ((3784, 3784),)
SNMP_PORTS = ((161, 161),)
NEIGHBOR_DISCOVERY = ("nd-neighbor-solicit", "nd-neighbor-advert")
SOURCE_NAT_PRIORITY = 100
_NOT = "not_"

ANSWERS = NftRule("accept", ct_states=("established", "related"))
KNOWN = NftRule("accept", iif=f"@{ZONES}", oif=f"@{ZONES}", ct_states=ANSWERS.ct_states, ct_marks=f"@{LIVE}")
BROKEN = NftRule("drop", ct_states=("invalid",))
THE_REST = NftRule("drop", counter=True)


def filter_table(fabric: Fabric, intent: Intent, device: FabricDevice, lines: tuple[PeerLine, ...]) -> NftTable:
    """The table of a firewall with these lines to peers."""
    zones = _zones(fabric, device, lines)
    rules = tuple(rule for rule in intent.flow_rules if rule.source in zones and rule.destination in zones)
    sources = _sources(fabric, zones, lines)
    neighbors = _neighbors(fabric, device, lines)
    translation = tuple(_translations(fabric, lines))
    own = _own(fabric) if translation else ()
    chains = [
        NftChain("input", tuple(_input(fabric, neighbors)), "filter", "input", 0, "drop", origin=device.origin),
        NftChain("forward", tuple(_forward(rules)), "filter", "forward", 0, "drop", origin=device.origin),
        NftChain("antispoof", tuple(_antispoof(zones, sources)), origin=device.origin),
    ]
    if translation:
        chains.append(
            NftChain(
                "postrouting", translation, "nat", "postrouting", SOURCE_NAT_PRIORITY, "accept", origin=device.origin
            )
        )
    known = _known(device, zones, rules)
    sets = [*zones.values(), *sources.values(), *known, *neighbors, *own, *_groups(intent, rules)]
    return NftTable(TABLE, tuple(sorted(sets, key=lambda item: item.name)), tuple(chains))


def _zones(fabric: Fabric, device: FabricDevice, lines: tuple[PeerLine, ...]) -> dict[str, NftSet]:
    """Zone → the set of its interfaces on this firewall."""
    found: dict[str, list[str]] = {}
    for transit, own, _ in fabric.transits_of[device.name]:
        found.setdefault(transit.segment, []).append(own.interface)
    for line in lines:
        found.setdefault(f"peer:{line.peer}", []).append(line.interface)
    return {zone: NftSet(zone_set(zone), "ifname", tuple(sorted(names))) for zone, names in found.items()}


def _known(device: FabricDevice, zones: dict[str, NftSet], rules: Iterable[FlowRule]) -> tuple[NftSet, ...]:
    """What known connections are held to: the interfaces of all zones, and the marks of the rows in force here."""
    interfaces = {name for item in zones.values() for name in item.elements if isinstance(name, str)}
    marks = {item.rule.set_mark for item in rules if item.rule.set_mark is not None and item.rule.hours is None}
    return (
        NftSet(ZONES, "ifname", tuple(sorted(interfaces)), device.origin),
        NftSet(LIVE, "mark", tuple(sorted(marks)), device.origin),
    )


def _sources(fabric: Fabric, zones: dict[str, NftSet], lines: tuple[PeerLine, ...]) -> dict[tuple[str, Family], NftSet]:
    """Zone and family → the addresses that packets from the zone may carry, or may not: then its name begins so."""
    found: dict[tuple[str, Family], NftSet] = {}
    for zone in zones:
        origin, networks = _may_carry(fabric, zone, lines)
        for family in FAMILIES:
            name, mine = f"from_{zone_set(zone)}_{family}", _minimal(networks, family)
            if not mine or not mine[0].prefixlen:
                name, mine = f"{_NOT}{name}", _minimal(foreign(fabric.city, zone, family), family)
            found[zone, family] = NftSet(name, "ipv4" if family == 4 else "ipv6", mine, origin)  # noqa: PLR2004 the IP version
    return found


def _may_carry(fabric: Fabric, zone: str, lines: tuple[PeerLine, ...]) -> tuple[Origin, Iterable[Network]]:
    """A segment's addresses; or those of a peer, of the peers behind it and of its lines."""
    if not zone.startswith("peer:"):
        segment = fabric.city.segments[zone]
        four, six = segment.ipv4, segment.ipv6
        own: tuple[Network, ...] = (four.supernet, four.transit, six.supernet, six.transit)
        return segment.origin, own
    name = zone.removeprefix("peer:")
    spec = fabric.city.peers[name]
    members = [peer for key, peer in fabric.city.peers.items() if name in {key, peer.behind}]
    networks: list[Network] = []
    for peer in members:
        networks += [*peer.prefixes4, *peer.prefixes6]
    for line in lines:
        if line.peer == name:
            networks += [line.ipv4.network, line.ipv6.network]
    return spec.origin, networks


def _minimal(networks: Iterable[Network], family: Family) -> tuple[Network, ...]:
    if family == 4:  # noqa: PLR2004 the IP version
        return tuple(collapse_addresses(n for n in networks if isinstance(n, IPv4Network)))
    return tuple(collapse_addresses(n for n in networks if isinstance(n, IPv6Network)))


def _own(fabric: Fabric) -> tuple[NftSet, ...]:
    """Every address of the city's segments."""
    plans: list[Network] = []
    for segment in fabric.city.segments.values():
        plans += [segment.ipv4.supernet, segment.ipv6.supernet]
    return NftSet("own_4", "ipv4", _minimal(plans, 4)), NftSet("own_6", "ipv6", _minimal(plans, 6))


def _neighbors(fabric: Fabric, device: FabricDevice, lines: tuple[PeerLine, ...]) -> tuple[NftSet, ...]:
    """The addresses of the routers this firewall speaks BGP and BFD with."""
    ends: list[Network] = []
    for _, _, far in fabric.transits_of[device.name]:
        ends += [IPv4Network(far.ipv4.ip), IPv6Network(far.ipv6.ip)]
    for line in lines:
        ends += [IPv4Network(line.peer_ipv4.ip), IPv6Network(line.peer_ipv6.ip)]
    sets = (("neighbors_4", "ipv4"), ("neighbors_6", "ipv6"))
    return tuple(
        NftSet(name, "ipv4" if kind == "ipv4" else "ipv6", _sorted(ends, 4 if kind == "ipv4" else 6))
        for name, kind in sets
    )


def _sorted(networks: Iterable[Network], family: Family) -> tuple[Network, ...]:
    return tuple(sorted((n for n in networks if n.version == family), key=lambda n: int(n.network_address)))


def _input(fabric: Fabric, neighbors: tuple[NftSet, ...]) -> Iterator[NftRule]:
    ssh = fabric.city.management.port
    yield ANSWERS
    yield BROKEN
    yield NftRule("accept", iif=("lo",))
    yield NftRule("accept", iif=MANAGEMENT, protocol="tcp", dports=((ssh, ssh),))
    if fabric.city.management.snmp is not None:
        yield NftRule("accept", iif=MANAGEMENT, protocol="udp", dports=SNMP_PORTS)
    yield NftRule("accept", iif=MANAGEMENT, family=4, protocol="icmp", icmp_types=ECHO)
    yield NftRule("accept", family=6, protocol="icmp", icmp_types=NEIGHBOR_DISCOVERY)
    for item in neighbors:
        if item.elements:
            yield NftRule("accept", src=f"@{item.name}", protocol="tcp", dports=BGP_PORTS)
            yield NftRule("accept", src=f"@{item.name}", protocol="udp", dports=BFD_PORTS)
    yield THE_REST


def _forward(rules: Iterable[FlowRule]) -> Iterator[NftRule]:
    yield NftRule("jump", target="antispoof")
    yield KNOWN
    yield from _known_for_hours(rules)
    yield BROKEN
    yield from (item.rule for item in rules)
    yield THE_REST


def _known_for_hours(rules: Iterable[FlowRule]) -> Iterator[NftRule]:
    """What lets through known connections of rows with a window, a rule for each span of time."""
    marks: dict[Span, set[int]] = {}
    for item in rules:
        if item.rule.hours is not None and item.rule.set_mark is not None:
            marks.setdefault(Span(item.rule.days, item.rule.hours), set()).add(item.rule.set_mark)
    for span in sorted(marks):
        yield replace(KNOWN, ct_marks=tuple(sorted(marks[span])), days=span.days, hours=span.hours)


def _antispoof(zones: dict[str, NftSet], sources: dict[tuple[str, Family], NftSet]) -> Iterator[NftRule]:
    """Drop what does not come from where it says.

    A peer that announces everything may claim all but our own addresses and those that other peers announce by name.
    """
    for zone, interfaces in zones.items():
        for family in FAMILIES:
            name = sources[zone, family].name
            yield NftRule(
                "drop",
                iif=f"@{interfaces.name}",
                src=f"@{name}",
                negate_src=not name.startswith(_NOT),
                counter=True,
                origin=interfaces.origin,
            )


def _translations(fabric: Fabric, lines: tuple[PeerLine, ...]) -> Iterator[NftRule]:
    for name in dict.fromkeys(line.peer for line in lines):
        peer = fabric.city.peers[name]
        if peer.source_nat4 is not None:
            yield NftRule(
                "snat",
                oif=f"@{zone_set(f'peer:{name}')}",
                src="@own_4",
                to=peer.source_nat4,
                counter=True,
                origin=peer.origin,
            )


def _groups(intent: Intent, rules: Iterable[FlowRule]) -> Iterator[NftSet]:
    names = {name for rule in rules for name in rule.sets}
    return (intent.group_sets[name] for name in names)
