"""The separation of small cities asked of an SMT solver: the same verdicts as `sanso prove`, and the ratio of times.

    python3 -m venv .venv-bench && .venv-bench/bin/pip install z3-solver==5.4.0.0
    PYTHONPATH=.venv-bench/lib/python3.11/site-packages python benchmarks/prove_z3.py

A packet is a set of bit vectors. What joins places is written down anew from the states and the fabric, filters are
formulas made from `NftRule`s, the register is one made from the rows; nothing of `network.prove` is used for that. For
every ordered pair of zones the solver is asked for a packet of a new connection that passes and that no row names.
Compared are the pairs. Left out are faults that the question does not cover: destinations that are translated, known
connections, a firewall's own addresses, rules without effect, and lines that cannot be read.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "faults"))

import z3
from seeded import DAY, SeededCity, catalogue

from inventory.generate import generate_city
from inventory.loader import load_city
from network.compile.flows import is_live
from network.fabric import Endpoint, Fabric
from network.prove import Prover, Subject
from network.state import DeviceState, Interface, Network, NftChain, NftRule, NftTable, SwitchPort

ROOT = Path(__file__).parents[1]
TCP, UDP, ICMP, OTHER = range(4)
PROTOCOLS = {"tcp": TCP, "udp": UDP, "icmp": ICMP}
ICMP_TYPES = {
    "echo-request": (8, 128), "echo-reply": (0, 129), "nd-neighbor-solicit": (135, 135),
    "nd-neighbor-advert": (136, 136), "nd-router-solicit": (133, 133), "nd-router-advert": (134, 134),
    "destination-unreachable": (3, 1), "time-exceeded": (11, 3), "packet-too-big": (2, 2), "parameter-problem": (12, 4),
}  # fmt: skip
"""Numbers under IPv4 and IPv6."""
FAULTS = (
    "access-port-in-another-vlan", "server-port-in-another-vlan", "native-vlan-and-vrf-of-another",
    "free-port-with-two-segments", "gateway-in-another-vrf", "static-route-into-another-vrf-ipv6",
    "leaks-over-a-vrf-of-nobody", "rule-without-a-row", "rule-without-a-row-ipv6", "ports-wider-than-the-row",
    "set-with-one-more-member", "chain-that-accepts", "policy-accept", "rule-at-the-standby-firewall",
    "last-rule-accepts", "hub-gateway-in-another-vrf",
)  # fmt: skip
CROSSINGS = 3
"""Firewalls and leaks on a way, one after the other, through places of no zone."""
Place = tuple[str, ...]
Pairs = frozenset[tuple[str, str]]

V6 = z3.Bool("v6")
SOURCE, DESTINATION = z3.BitVec("source", 128), z3.BitVec("destination", 128)
PROTOCOL = z3.BitVec("protocol", 2)
SPORT, DPORT, ICMP_TYPE = z3.BitVec("sport", 16), z3.BitVec("dport", 16), z3.BitVec("icmp", 8)
TRUE, FALSE = z3.BoolVal(True), z3.BoolVal(False)  # noqa: FBT003 z3's own constants


def among(vector: z3.BitVecRef, networks: Iterable[Network]) -> z3.BoolRef:
    """The address is in one of the prefixes."""
    return z3.Or(
        [
            z3.And((net.version == 6) == V6, z3.ULE(int(net[0]), vector), z3.ULE(vector, int(net[-1])))  # noqa: PLR2004 the IP version
            for net in networks
        ]
    )


def between(vector: z3.BitVecRef, ranges: Iterable[tuple[int, int]]) -> z3.BoolRef:
    """The number is in one of the ranges."""
    return z3.Or([z3.And(z3.ULE(low, vector), z3.ULE(vector, high)) for low, high in ranges])


def icmp(name: str) -> z3.BoolRef:
    """The message is of that type."""
    four, six = ICMP_TYPES[name]
    return z3.If(V6, six == ICMP_TYPE, four == ICMP_TYPE)


class Filter:
    """The forward chains of a firewall as formulas, for new connections."""

    def __init__(self, state: DeviceState) -> None:
        self._tables = [
            (table, chain)
            for table in state.tables
            for chain in table.chains
            if chain.kind == "filter" and chain.hook == "forward"
        ]

    def passes(self, iif: str, oif: str) -> z3.BoolRef:
        """What every base chain lets through."""
        return z3.And([self._chain(table, chain, iif, oif)[0] for table, chain in self._tables])

    def _chain(self, table: NftTable, chain: NftChain, iif: str, oif: str) -> tuple[z3.BoolRef, z3.BoolRef]:
        """What is accepted, and what comes to the end of the chain (nothing, of a base chain)."""
        accepted, left = FALSE, TRUE
        for rule in chain.rules:
            hit = _matching(table, rule, iif, oif)
            if hit is None:
                continue
            mine = z3.And(left, hit)
            if rule.verdict in {"jump", "goto"}:
                inner = next(item for item in table.chains if item.name == rule.target)
                taken, back = self._chain(table, inner, iif, oif)
                accepted = z3.Or(accepted, z3.And(mine, taken))
                left = z3.Or(z3.And(left, z3.Not(hit)), z3.And(mine, back) if rule.verdict == "jump" else FALSE)
                continue
            if rule.verdict == "accept":
                accepted = z3.Or(accepted, mine)
            left = z3.And(left, z3.Not(hit))
        if chain.policy == "accept":
            return z3.Or(accepted, left), FALSE
        return accepted, FALSE if chain.hook else left


def _matching(table: NftTable, rule: NftRule, iif: str, oif: str) -> z3.BoolRef | None:
    """The formula of a rule's matches on a packet; None when interfaces or connection states rule it out."""
    if not (_named(table, rule.iif, iif) and _named(table, rule.oif, oif)):
        return None
    if rule.ct_states and "new" not in rule.ct_states:
        return None
    parts = [TRUE] if rule.family is None else [(rule.family == 6) == V6]  # noqa: PLR2004 the IP version
    if rule.src:
        inside = among(SOURCE, _networks(table, rule.src))
        parts.append(z3.And(_of_six(table, rule.src) == V6, z3.Not(inside)) if rule.negate_src else inside)
    if rule.dst:
        parts.append(among(DESTINATION, _networks(table, rule.dst)))
    if rule.protocol:
        parts.append(PROTOCOLS[rule.protocol] == PROTOCOL)
    if rule.sports:
        parts.append(between(SPORT, rule.sports))
    if rule.dports:
        parts.append(between(DPORT, rule.dports))
    if rule.icmp_types:
        parts.append(z3.Or([icmp(name) for name in rule.icmp_types]))
    return z3.And(parts)


def _named(table: NftTable, said: tuple[str, ...] | str, name: str) -> bool:
    if isinstance(said, str) and said:
        said = tuple(map(str, next(item.elements for item in table.sets if item.name == said[1:])))
    return not said or name in said


def _networks(table: NftTable, said: tuple[Network, ...] | str) -> tuple[Network, ...]:
    if isinstance(said, str):
        return next(item.elements for item in table.sets if item.name == said[1:])  # type: ignore[return-value] # a set of addresses
    return said


def _of_six(table: NftTable, said: tuple[Network, ...] | str) -> bool:
    if isinstance(said, str):
        return next(item.kind for item in table.sets if item.name == said[1:]) == "ipv6"
    return said[0].version == 6  # noqa: PLR2004 the IP version


@dataclass
class Ground:
    """Places, what joins them without a condition, what leads on under one, and which zones stand where."""

    joins: list[tuple[Place, Place]]
    gates: list[tuple[Place, Place, z3.BoolRef]]
    seeds: list[tuple[str, Place]]

    def areas(self) -> dict[Place, Place]:
        """Place → its area, by spreading names until nothing changes."""
        near: dict[Place, list[Place]] = {}
        for a, b in self.joins:
            near.setdefault(a, []).append(b)
            near.setdefault(b, []).append(a)
        found: dict[Place, Place] = {}
        for start in (*near, *(p for gate in self.gates for p in gate[:2]), *(place for _, place in self.seeds)):
            todo = [start] if start not in found else []
            while todo:
                place = todo.pop()
                if place not in found:
                    found[place] = start
                    todo += near.get(place, ())
        return found


def ground_of(fabric: Fabric, states: dict[str, DeviceState]) -> Ground:
    """Everything from cables, hosts and peers, and from what the devices say."""
    ground = Ground([], [], [])
    wires = {(end.device, end.port): wire for wire in fabric.wires.values() for end in (wire.a, wire.b)}
    for line in fabric.peer_lines.values():
        ground.joins.append((("wire", line.name, "0"), ("peer", line.peer)))
        ground.seeds.append((f"peer:{line.peer}", ("peer", line.peer)))
    ground.seeds.append(("management", ("management",)))
    for transit in fabric.transits:
        ground.seeds.append((transit.segment, ("wire", transit.wire, transit.a.interface.partition(".")[2])))

    def outside(device: str, port: str, tag: str) -> Place:
        if port == "eth0":
            return ("management",)
        wire = wires.get((device, port))
        return ("wire", wire.name, tag) if wire else ("free", device, port, tag)

    segments = {segment.vrf: name for name, segment in fabric.city.segments.items()}
    for name, state in states.items():
        if state.platform == "openvswitch":
            _switch(ground, fabric, name, state, outside, {port for device, port in wires if device == name})
            continue
        up = list(_up(state))
        listed = {item.name for item in state.interfaces}
        ports = [port for device, port in wires if device == name] + ["eth0"]
        sides = [(item.name, item.vrf or "", outside(name, *_parts(item))) for item in up]
        sides += [(port, "", outside(name, port, "0")) for port in ports if port not in listed]
        if state.platform == "nftables":
            rules = Filter(state)
            ground.gates += [(a[2], b[2], rules.passes(a[0], b[0])) for a, b in permutations(sides, 2)]
            continue
        ground.joins += [(("vrf", name, vrf), place) for _, vrf, place in sides]
        ground.seeds += [(segments[vrf.name], ("vrf", name, vrf.name)) for vrf in state.vrfs if vrf.name in segments]
        _leaks(ground, name, state)
    return ground


def _leaks(ground: Ground, name: str, state: DeviceState) -> None:
    """Static routes from one instance of a router into another."""
    homes = {item.name: item.vrf or "" for item in state.interfaces}
    for vrf in state.vrfs:
        for route in vrf.static_routes:
            target = (route.nexthop_vrf or homes.get(route.interface, vrf.name or "")).replace("default", "")
            if target != (vrf.name or ""):
                here, there = ("vrf", name, vrf.name or ""), ("vrf", name, target)
                ground.gates.append((here, there, among(DESTINATION, [route.prefix])))


def _up(state: DeviceState) -> Iterator[Interface]:
    down = {item.name for item in state.interfaces if item.shutdown}
    for item in state.interfaces:
        if not {item.name, item.name.partition(".")[0]} & down:
            yield item


def _parts(item: Interface) -> tuple[str, str]:
    port, _, tag = item.name.partition(".")
    return port, tag or "0"


def _switch(  # noqa: PLR0913, PLR0917 one place of call
    ground: Ground,
    fabric: Fabric,
    name: str,
    state: DeviceState,
    outside: Callable[[str, str, str], Place],
    cabled: set[str],
) -> None:
    hosts = {(host.switch, host.port): host.segment for host in fabric.hosts.values()}
    site = fabric.city.sites[fabric.devices[name].site]
    for group in site.terminals.values():
        if f"{fabric.devices[name].site}-{group.switch}" == name:
            hosts |= {(name, port): site.vlans[group.vlans[0]].segment for port in group.ports.names}
    for bridge in state.bridges:
        for port in bridge.ports:
            carried = _carried(port)
            if port.name in cabled:
                ground.joins += [(("vlan", name, vlan), outside(name, port.name, tag)) for tag, vlan in carried]
                continue
            segment = hosts.get((name, port.name))
            if segment is not None and carried and carried[0][0] == "0":
                ground.seeds.append((segment, ("vlan", name, carried[0][1])))
            ground.joins += [(("host", name, port.name), ("vlan", name, vlan)) for _, vlan in carried]


def _carried(port: SwitchPort) -> list[tuple[str, str]]:
    native = [("0", str(port.tag))] if port.tag is not None and (port.mode == "access" or port.native) else []
    return native + [(str(vlan), str(vlan)) for vlan in port.trunks]


def registered(fabric: Fabric, source: str, destination: str) -> z3.BoolRef:
    """The packets of all rows in force between two zones."""
    rows = []
    for flow in fabric.city.flows.values():
        ends = fabric.endpoints[flow.source], fabric.endpoints[flow.destination]
        if is_live(flow, DAY) and (_zone(fabric, ends[0]), _zone(fabric, ends[1])) == (source, destination):
            kinds = []
            for port in flow.ports:
                kind = [PROTOCOLS[port.protocol] == PROTOCOL]
                if port.protocol == "icmp":
                    kind.append(icmp("echo-request"))
                else:
                    kind.append(between(DPORT, [(port.low, port.high)]))
                kinds.append(z3.And(kind))
            either = [
                z3.And(among(SOURCE, a), among(DESTINATION, b))
                for a, b in ((ends[0].ipv4, ends[1].ipv4), (ends[0].ipv6, ends[1].ipv6))
            ]
            rows.append(z3.And(z3.Or(either), z3.Or(kinds)))
    return z3.Or(rows)


def _zone(fabric: Fabric, end: Endpoint) -> str:
    peer = fabric.city.peers.get(end.zone.removeprefix("peer:")) if end.zone.startswith("peer:") else None
    return f"peer:{peer.behind}" if peer and peer.behind else end.zone


def crossings(subject: Subject) -> Pairs:
    """Ordered pairs of zones between which an unregistered packet passes, by the solver."""
    ground = ground_of(subject.fabric, dict(subject.states))
    areas = ground.areas()
    zones: dict[Place, list[str]] = {}
    for zone, place in ground.seeds:
        there = zones.setdefault(areas[place], [])
        if zone not in there:
            there.append(zone)
    gates: dict[Place, list[tuple[Place, z3.BoolRef]]] = {}
    for a, b, condition in ground.gates:
        if areas[a] != areas[b]:
            gates.setdefault(areas[a], []).append((areas[b], condition))
    found: set[tuple[str, str]] = set()
    for start, here in zones.items():
        found |= set(permutations(here, 2))
        for target, condition in _arriving(start, gates, zones).items():
            there = zones[target]
            if set(here) & set(there):
                continue
            solver = z3.SolverFor("QF_BV")
            rows = [registered(subject.fabric, a, b) for a in here for b in there]
            solver.add(z3.simplify(condition), z3.Not(z3.Or(rows)))
            if solver.check() == z3.sat:
                found |= {(a, b) for a in here for b in there}
    return frozenset(found)


def _arriving(
    start: Place, gates: dict[Place, list[tuple[Place, z3.BoolRef]]], zones: dict[Place, list[str]]
) -> dict[Place, z3.BoolRef]:
    """Areas with a zone → what arrives there from the start, unrolled over gates through areas without one."""
    reached: dict[Place, z3.BoolRef] = {}
    layer = {start: TRUE}
    for _ in range(CROSSINGS):
        following: dict[Place, z3.BoolRef] = {}
        for area, condition in layer.items():
            for target, gate in gates.get(area, ()):
                into = reached if target in zones else following
                if target != start:
                    into[target] = z3.Or(into.get(target, FALSE), z3.And(condition, gate))
        layer = following
    return reached


def proved(subject: Subject) -> Pairs:
    """The same by `sanso prove`."""
    found = Prover().prove(subject, ("separation",)).open
    pairs = (
        item.subject.split(" > ") for item in found if item.kind == "crossing" and " > device " not in item.subject
    )
    return frozenset((source, destination) for source, destination in pairs)


def main() -> int:
    """Compare on right and faulty cities; exit code 1 when a verdict differs."""
    cities = {
        "tiny": SeededCity(load_city(ROOT / "tests" / "cities" / "tiny", DAY)),
        "mini": SeededCity(load_city(ROOT / "tests" / "cities" / "mini", DAY)),
        "generated": SeededCity(generate_city(24)),
        "generated-6": SeededCity(generate_city(30, 6)),
    }
    rows = {fault.id: fault for fault in catalogue()}
    asked = [(f"{name}, correct", city.subject) for name, city in cities.items()]
    asked += [(f"{rows[name].city}, {name}", cities[rows[name].city].faulty(rows[name])[0]) for name in FAULTS]
    same = 0
    ours_all = theirs_all = 0.0
    for what, subject in asked:
        begun = time.perf_counter()
        ours = proved(subject)
        middle = time.perf_counter()
        theirs = crossings(subject)
        spent, solving = middle - begun, time.perf_counter() - middle
        ours_all, theirs_all, same = ours_all + spent, theirs_all + solving, same + (ours == theirs)
        verdict = (
            "same" if ours == theirs else f"DIFFERENT: only ours {set(ours - theirs)}, only z3 {set(theirs - ours)}"
        )
        print(
            f"{what:58} {len(ours):3} pairs  {spent:7.3f} s  z3 {solving:7.3f} s  ×{solving / spent:6.1f}  {verdict}",
            flush=True,
        )
    print(f"same verdicts: {same} of {len(asked)}; z3 takes {theirs_all / ours_all:.1f} times as long")
    return 0 if same == len(asked) else 1


if __name__ == "__main__":
    sys.exit(main())
