"""Policy routes on the way of a registered flow: where they send its packets, and whether these still arrive.

Where packets come in by an interface with a policy map, its rules are taken in order. A rule whose next hop is a router
beside it in the same VRF passes packets on to that one, or to a firewall; on a firewall, to what is at its other side.
A rule that asks the table of the same VRF changes nothing. Every other rule is taken to lose what it gets: it leads
into another VRF, or to an address that no router or firewall has there. What a rule gets, no later rule gets; but a
rule whose next hop is down gets nothing, as in FRR. All packets that no rule turns away go by the shortest paths of
OSPF, of equal ones by each.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from network.prove.filtering.policy_rules import matched
from network.prove.paths.adjacency import Adjacency, Speaker
from network.prove.paths.down import Down
from network.prove.paths.reach import Node
from network.prove.sets.packets import NO_PACKETS, Packets, packets
from network.state import Interface, PolicyRule

_COST = 10
"""Of an interface that has none of its own: FRR takes all of them for equally fast."""


class Entry(NamedTuple):
    """Where packets come in: a node (of a peer: its zone), and its interface."""

    node: Node
    interface: str


@dataclass(frozen=True, slots=True)
class Turn:
    """What a rule does with packets that come in by an interface: `to` where; None: as if it were not there."""

    device: str
    interface: Interface
    rule: PolicyRule
    packets: Packets
    to: Entry | None = None
    wire: str = ""
    lost: bool = False

    def works(self, down: Down) -> bool:
        """Whether it gets its packets while something is down."""
        return self.to is None or (self.wire not in down.wires and self.to.node[0] not in down.devices)


@dataclass(frozen=True, slots=True)
class Loss:
    """Packets that do not arrive, and the rule that sent them astray."""

    packets: Packets
    turn: Turn


@dataclass(frozen=True, slots=True)
class Walk:
    """A leg to be walked: its packets go to a node and, if it is the core of a firewall, on to that firewall."""

    goal: Node
    firewall: str
    shut: frozenset[Node]
    """Nodes that do not know the way; not the goal."""
    down: Down


class Steering:
    """All policy routes of a family."""

    def __init__(self, adjacency: Adjacency) -> None:
        self._adjacency = adjacency
        self._turns: dict[Entry, tuple[Turn, ...]] = {}
        for name, speaker in adjacency.speakers.items():
            maps = {item.name: item.rules for item in speaker.state.policy_maps}
            for interface in speaker.interfaces.values() if maps else ():
                found = tuple(self._of(name, speaker, interface, maps.get(interface.policy, ())))
                if found:
                    self._turns[Entry((name, interface.vrf or ""), interface.name)] = found
        self._distances: dict[tuple[Node, frozenset[Node], Down], dict[Node, int]] = {}

    @cached_property
    def met(self) -> Packets:
        """All packets that some rule is for."""
        found = NO_PACKETS
        for turn in (turn for turns in self._turns.values() for turn in turns):
            found |= turn.packets
        return found

    def split(self, arriving: Packets, entry: Entry, down: Down) -> tuple[list[tuple[Packets, Turn]], Packets]:
        """What the rules at an interface turn away, and what goes the usual way."""
        turned: list[tuple[Packets, Turn]] = []
        left, usual = arriving, NO_PACKETS
        for turn in self._turns.get(entry, ()):
            met = left & turn.packets if turn.works(down) else NO_PACKETS
            if not met:
                continue
            left -= turn.packets
            if turn.to is None and not turn.lost:
                usual |= met
            else:
                turned.append((met, turn))
        return turned, left | usual

    def walk(
        self, arriving: Packets, entry: Entry, leg: Walk, last: Turn | None = None, seen: frozenset[Entry] = frozenset()
    ) -> Loss | None:
        """Packets that do not arrive because of a rule; None when all do, or when no rule has to do with it."""
        if entry in seen:
            return Loss(arriving, last) if last else None
        turned, usual = self.split(arriving, entry, leg.down)
        for some, turn in turned:
            loss = self._on(some, turn, leg, seen | {entry})
            if loss is not None:
                return loss
        if not usual or entry.node == leg.goal:
            return None
        onward = list(self._shortest(entry.node, leg))
        if not onward:
            return Loss(usual, last) if last else None
        losses = (self.walk(usual, there, leg, last, seen | {entry}) for there in onward)
        return next((loss for loss in losses if loss is not None), None)

    def _on(self, some: Packets, turn: Turn, leg: Walk, seen: frozenset[Entry]) -> Loss | None:
        """What becomes of packets that a rule turns away."""
        if turn.to is None:
            return Loss(some, turn)
        if self._adjacency.speakers[turn.to.node[0]].state.platform == "nftables":
            return None if turn.to.node[0] == leg.firewall else Loss(some, turn)
        return self.walk(some, turn.to, leg, turn, seen)

    def _of(self, name: str, speaker: Speaker, interface: Interface, rules: Collection[PolicyRule]) -> Iterator[Turn]:
        family = self._adjacency.family
        for rule in rules if not interface.shutdown else ():
            met = matched(rule) & packets(family=family)
            if rule.vrf is not None:
                same = rule.vrf in {"unchanged", interface.vrf or "default"}
                yield Turn(name, interface, rule, met, lost=not same)
            elif rule.via is not None and rule.via.version == family:
                to, wire = next(self._beside(name, speaker, interface.vrf, rule), (None, ""))
                yield Turn(name, interface, rule, met, to, wire, lost=to is None)
            elif rule.via is None and rule.interface:
                yield Turn(name, interface, rule, met, lost=True)

    def _beside(self, name: str, speaker: Speaker, vrf: str | None, rule: PolicyRule) -> Iterator[tuple[Entry, str]]:
        """Who has the address of a next hop, at the other end of a wire of the same VRF; and that wire."""
        fabric, speakers = self._adjacency.fabric, self._adjacency.speakers
        for wire, port in fabric.wires_of[name] if rule.nexthop_vrf in {vrf, vrf or "default"} else ():
            far = wire.b if wire.a.device == name else wire.a
            other = speakers.get(far.device)
            for tag, interface in speaker.up(port).items() if other else ():
                there = other.up(far.port).get(tag) if other else None
                if there and interface.vrf == vrf and rule.interface in {"", interface.name}:
                    networks = {address.network for address in interface.addresses}
                    if any(rule.via == address.ip and address.network in networks for address in there.addresses):
                        yield Entry((far.device, there.vrf or ""), there.name), wire.name
        for line in fabric.peer_lines.values():
            if line.device == name and rule.via in {line.peer_ipv4.ip, line.peer_ipv6.ip}:
                yield Entry((f"peer:{line.peer}", ""), ""), line.name

    def _shortest(self, node: Node, leg: Walk) -> Iterator[Entry]:
        """Where a router sends what goes to the goal."""
        far = self._distance(leg)
        for there, wire in self._adjacency.neighbours.get(node, ()) if node in far else ():
            if self._usable(there, wire, leg) and there in far and self._cost(node, wire) + far[there] == far[node]:
                yield Entry(there, self._interface(there, wire).name)

    def _distance(self, leg: Walk) -> dict[Node, int]:
        key = leg.goal, leg.shut, leg.down
        if key not in self._distances:
            far: dict[Node, int] = {}
            queue = [(0, leg.goal)]
            while queue:
                cost, here = heapq.heappop(queue)
                if here in far:
                    continue
                far[here] = cost
                for there, wire in self._adjacency.neighbours.get(here, ()):
                    if there not in far and self._usable(there, wire, leg):
                        heapq.heappush(queue, (cost + self._cost(there, wire), there))
            self._distances[key] = far
        return self._distances[key]

    def _usable(self, there: Node, wire: str, leg: Walk) -> bool:
        return wire not in leg.down.wires and there[0] not in leg.down.devices and there not in leg.shut

    def _cost(self, node: Node, wire: str) -> int:
        runs = self._adjacency.speakers[node[0]].runs(self._interface(node, wire))
        return _COST if runs is None or runs.cost is None else runs.cost

    def _interface(self, node: Node, wire: str) -> Interface:
        """By which a node takes part in an adjacency over a wire."""
        ends = self._adjacency.fabric.wires[wire]
        port = (ends.a if ends.a.device == node[0] else ends.b).port
        up = self._adjacency.speakers[node[0]].up(port)
        return next(row for row in up.values() if (row.vrf or "") == node[1])
