"""What crosses from zone to zone over firewalls and leaks, beside what the register permits.

From each area with a zone every packet sets out, with whatever addresses, and goes over firewalls and leaks, on
through areas without a zone, until it comes to an area with another zone. There it must be registered between the two.
What goes on from there is looked at from there, since every packet sets out there too; registered packets of one pair
are never registered ones of another, because the address plans of zones do not overlap.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from inventory.origin import Origin
from inventory.text import Text
from network.prove.crossing.addresses import plausible, spans_of
from network.prove.crossing.causes import Intended, sets_of
from network.prove.crossing.firewall import Firewall, Group, Through
from network.prove.crossing.plant import Leak, Place, Plant
from network.prove.crossing.ways import Ways, hops, named, origins_of
from network.prove.filtering.filters import Decision
from network.prove.filtering.nft_table import Doubt
from network.prove.filtering.policy_rules import matched
from network.prove.findings import Finding, Hop
from network.prove.register import Register
from network.prove.sets.packets import ALL_PACKETS, NO_PACKETS, Packet, Packets, packets
from network.state import Address, Bgp, PolicyRule, StaticRoute

MOST_RULES = 20
"""Told of one pair of zones at one firewall; what is left shows in the next run."""


@dataclass(frozen=True, slots=True)
class Gate:
    """A way through a firewall from one group of its interfaces to another."""

    firewall: Firewall
    entry: Group
    leave: Group


@dataclass(frozen=True, slots=True)
class Arrival:
    """Packets that came to an area, and over what."""

    area: Place
    packets: Packets
    over: Gate | Leak | None = None
    before: Arrival | None = None

    def chain(self) -> tuple[Arrival, ...]:
        """The arrivals that led here, in order; the first one is where the packets set out."""
        return (*(self.before.chain() if self.before else ()), self)


class Crossings:
    """Looks at every way between zones."""

    def __init__(
        self, plant: Plant, firewalls: Iterable[Firewall], ways: Ways, register: Register, intended: Intended
    ) -> None:
        """`firewalls`: several of one name are one device in the states it may be in."""
        self._plant, self._ways, self._register, self._intended = plant, ways, register, intended
        self._gates: dict[Place, list[Gate | Leak]] = {}
        areas = plant.areas
        for part in plant.parts.values():
            for leak in part.leaks:
                self._gates.setdefault(areas.of(leak.a), []).append(leak)
        self.groups: dict[Firewall, tuple[Group, ...]] = {}
        self._twin: dict[Firewall, int] = {}
        for firewall in firewalls:
            self._twin[firewall] = sum(other.name == firewall.name for other in self._twin)
            groups = firewall.groups({door: areas.of(door.place) for door in firewall.doors})
            self.groups[firewall] = groups
            for entry in groups:
                self._gates.setdefault(entry.area, []).extend(
                    Gate(firewall, entry, leave) for leave in groups if leave.area != entry.area
                )
        self.doubts: list[tuple[str, Doubt]] = []
        self._told: set[tuple[str, int, tuple[Origin, ...], str]] = set()

    def findings(self) -> Iterator[Finding]:
        """A finding for each pair of zones and each rule or leak that lets pass what is not registered."""
        for area in self._plant.areas.zones:
            yield from self._from(area)

    def _from(self, start: Place) -> Iterator[Finding]:
        zones = self._plant.areas.zones
        queue = deque([Arrival(start, ALL_PACKETS)])
        seen: dict[Place, Packets] = {start: ALL_PACKETS}
        while queue:
            here = queue.popleft()
            for gate in self._gates.get(here.area, ()):
                target = gate.leave.area if isinstance(gate, Gate) else self._plant.areas.of(gate.b)
                if target == start:
                    continue
                for found in _through(gate, here.packets):
                    if zones.get(target):
                        yield from self._judge(start, here, gate, target, found)
                    elif not found.leaving <= seen.get(target, NO_PACKETS):
                        seen[target] = seen.get(target, NO_PACKETS) | found.leaving
                        queue.append(Arrival(target, found.leaving, gate, here))

    def _judge(
        self, start: Place, here: Arrival, gate: Gate | Leak, target: Place, found: Through
    ) -> Iterator[Finding]:
        sources, destinations = self._plant.areas.zones[start], self._plant.areas.zones[target]
        first = here.chain()[1].over if here.before else gate
        pair = self._named(sources, _ends(first or gate)[0]), self._named(destinations, _ends(gate)[1])
        if set(sources) & set(destinations):
            return
        allowed = self._register.across(sources, destinations)
        if isinstance(gate, Gate) and gate.firewall.filter.memo.within(found.seen, allowed):
            return
        if isinstance(gate, Gate):
            self.doubts += [(gate.firewall.name, doubt) for doubt in found.doubts]
        extra = found.certain - allowed
        for _ in range(MOST_RULES):
            if not extra:
                return
            finding, taken = self._finding(pair, here, gate, found, extra)
            twin = self._twin[gate.firewall] if isinstance(gate, Gate) else 0
            key = finding.subject, twin, finding.origins[-1:], "" if finding.origins else finding.what.en
            if key not in self._told:
                self._told.add(key)
                yield finding
            extra -= taken

    def _named(self, zones: tuple[str, ...], place: Place) -> str:
        """Of zones that hang together, the one that a place is meant to be in."""
        meant = self._plant.meant.get(place)
        return meant if meant in zones else zones[0]

    def _finding(
        self, pair: tuple[str, str], here: Arrival, gate: Gate | Leak, found: Through, extra: Packets
    ) -> tuple[Finding, Packets]:
        source, destination = pair
        fabric = self._plant.ground.fabric
        packet = plausible(
            extra, spans_of(fabric, self._register, source), spans_of(fabric, self._register, destination)
        )
        if packet is None:
            raise ValueError(extra)
        if isinstance(gate, Leak):
            what = _LEAK.format(source=source, destination=destination, element=_named(gate))
            lines = self._intended.lines(gate.device, gate.elements)
            shown, taken = packet, extra
        else:
            decision = gate.firewall.explain(packet, gate.entry, gate.leave, found.connection)
            what = _PASSES.format(
                source=source, destination=destination, device=gate.firewall.name,
                rule=rule_text(decision), connection=_CONNECTIONS[found.connection],
            )  # fmt: skip
            lines = decision_lines(gate.firewall, decision, self._intended, self._plant)
            taken = _like(gate, decision, found, packet)
            shown, change = gate.firewall.before(packet, gate.entry) if found.connection == "new" else (packet, None)
            if change is not None:
                lines = (change.origin, *lines)
        hops_ = self._hops(pair, here, gate, found, packet)
        return Finding("crossing", f"{source} > {destination}", what, shown, hops_, tuple(dict.fromkeys(lines))), taken

    def _owner(self, address: Address) -> str:
        """The host that has an address; "" when none has."""
        hosts = self._plant.ground.fabric.hosts.values()
        return next((host.name for host in hosts if address in {host.ipv4.ip, host.ipv6.ip}), "")

    def _hops(
        self, pair: tuple[str, str], here: Arrival, last: Gate | Leak, found: Through, packet: Packet
    ) -> tuple[Hop, ...]:
        """The way of a packet: over all gates, with the ways between them where nothing filters."""
        gates = [*(step.over for step in here.chain() if step.over is not None), last]
        first, end = _ends(gates[0])[0], _ends(gates[-1])[1]
        steps: list[Hop] = []
        way = self._ways.to(pair[0], first, node=self._owner(packet.source))
        steps += hops(way) if way else ()
        for gate in gates:
            steps.append(_gate_hop(gate, packet, found))
        way = self._ways.to(pair[1], end, node=self._owner(packet.destination))
        steps += hops(way, backward=True) if way else ()
        return tuple(steps)


def _through(gate: Gate | Leak, arriving: Packets) -> Iterator[Through]:
    if isinstance(gate, Gate):
        yield from gate.firewall.through(arriving, gate.entry, gate.leave)
        return
    leaking = arriving & _meant_for(gate.element)
    if leaking:
        yield Through(leaking, leaking, leaking, "new")


def _meant_for(element: StaticRoute | PolicyRule | Bgp) -> Packets:
    """The packets that a leak is for."""
    match element:
        case StaticRoute():
            return packets(destination=[element.prefix])
        case PolicyRule():
            return matched(element)
    return ALL_PACKETS


def _named(leak: Leak) -> Text:
    """What makes a leak, in words."""
    text = named(leak.device, leak.element)
    if leak.entry is None:
        return text
    where = leak.entry.policy, leak.entry.name
    return Text(f"{text.en} ({where[0]}, at {where[1]})", f"{text.ja} ({where[0]}、{where[1]} に適用)")


def _ends(gate: Gate | Leak) -> tuple[Place, Place]:
    if isinstance(gate, Gate):
        return gate.entry.door.place, gate.leave.door.place
    return gate.a, gate.b


def _gate_hop(gate: Gate | Leak, packet: Packet, found: Through) -> Hop:
    if isinstance(gate, Leak):
        place = f"vrf {gate.a[2] or 'default'} → {gate.b[2] or 'default'}"
        lines = tuple(origin for element in gate.elements for origin in origins_of(element))
        return Hop(gate.device, place, _named(gate), lines)
    decision = gate.firewall.explain(packet, gate.entry, gate.leave, found.connection)
    place = f"forward {gate.entry.door.name} → {gate.leave.door.name}"
    return Hop(
        gate.firewall.name, place, rule_text(decision), tuple(hit.origin for hit in decision.hits if hit.origin.line)
    )


def _like(gate: Gate, decision: Decision, found: Through, packet: Packet) -> Packets:
    """What passes by the same rule, so that it is told once."""
    rule = decision.hits[-1].rule if decision.hits else None
    if rule is None:
        return found.seen
    mine = gate.firewall.matched(rule)
    return mine if packet in mine else found.seen


def decision_lines(firewall: Firewall, decision: Decision, intended: Intended, plant: Plant) -> tuple[Origin, ...]:
    """Where the rules and sets behind a decision are written, and the row of the register that they cite."""
    lines: list[Origin] = []
    flows = plant.ground.fabric.city.flows
    for hit in decision.hits:
        lines.append(hit.origin)
        if hit.rule is None:
            continue
        table = next(table for table in firewall.state.tables if table.name == hit.table)
        meant = intended.table(firewall.name, hit.table)
        for item in sets_of(table, hit.rule):
            other = next((known for known in meant.sets if known.name == item.name), None) if meant else None
            if other != item:
                lines += [item.origin, *([other.origin] if other else ())]
        if hit.rule.id in flows:
            lines.append(flows[hit.rule.id].origin)
    return tuple(dict.fromkeys(line for line in lines if line.line))


def rule_text(decision: Decision) -> Text:
    """What lets a packet pass, in words."""
    hits = [hit for hit in decision.hits if hit.rule is not None]
    if not hits:
        policy = [hit.chain for hit in decision.hits]
        name = policy[0] if policy else ""
        return (
            Text(f"policy accept of chain {name}", f"チェイン {name} の既定動作 (許可)")
            if name
            else Text("no filter", "フィルタなし")
        )
    last = hits[-1]
    rule = last.rule
    if rule is not None and rule.id:
        return Text(
            f"rule for row {rule.id} in chain {last.chain}", f"チェイン {last.chain} の登録番号 {rule.id} の規則"
        )
    return Text(f"a rule of chain {last.chain} without a row", f"チェイン {last.chain} の登録番号のない規則")


_PASSES = Text(
    "Packets that no row of the register names pass from {source} to {destination} at {device} ({connection}): {rule}.",
    "{device} で、登録簿にない通信が {source} から {destination} へ通ります ({connection})。原因: {rule}。",
)
_LEAK = Text(
    "Packets pass from {source} to {destination} past every firewall: {element}.",
    "ファイアウォールを通らずに {source} から {destination} へ通信が漏れます。原因: {element}。",
)
_CONNECTIONS: Mapping[str, Text] = {
    "new": Text("new connections", "新しい接続"),
    "invalid": Text("packets of no connection", "接続に属さないパケット"),
    "untracked": Text("packets that are not tracked", "追跡されないパケット"),
}
