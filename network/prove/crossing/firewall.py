"""A firewall of the plant: what it passes between the groups of its interfaces, in which connection state, and why.

Interfaces that stand in the same area and that every rule treats alike make one group. The first packets of a
connection (`new`), packets outside any known connection (`invalid`) and packets that are not tracked (`untracked`) are
asked about one by one. Packets of known connections (`established`, and `related`: errors about such a connection)
follow a first packet that passed the same pair of interfaces, or its answers, so that they cross only where new ones
do; whether others can slip into a connection from a third zone is asked by `network.prove.crossing.intruders`.

Interfaces in a VRF may be seen by a filter under either name; both are asked, and what either passes counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from network.prove.crossing.plant import Door, Place
from network.prove.filtering.filters import Connection, Decision, DeviceFilter
from network.prove.filtering.nft_table import Doubt
from network.prove.filtering.translations import Translation
from network.prove.sets.packets import ALL_PACKETS, NO_PACKETS, Packet, Packets, packets, union
from network.state import DeviceState, NftRule

OPENING: tuple[Connection, ...] = ("new", "invalid", "untracked")
"""States in which a packet belongs to no connection that was let through before."""


class Group(NamedTuple):
    """Interfaces of one area that all rules treat alike."""

    area: Place
    doors: tuple[Door, ...]

    @property
    def door(self) -> Door:
        return self.doors[0]


@dataclass(frozen=True, slots=True)
class Through:
    """What gets through a firewall: as its forward filter saw it, and as it leaves. `certain` is in no doubt."""

    seen: Packets
    certain: Packets
    leaving: Packets
    connection: Connection
    doubts: tuple[Doubt, ...] = ()


class Firewall:
    """A firewall with its filter made ready; asked again with other areas it keeps what it knows."""

    def __init__(self, state: DeviceState, filter_: DeviceFilter, doors: Iterable[Door]) -> None:
        self.state = state
        self.filter = filter_
        self.doors = tuple(doors)
        self._all: dict[tuple[Door, Door], tuple[Through, ...]] = {}

    @property
    def name(self) -> str:
        return self.state.hostname

    @cached_property
    def _behaviours(self) -> dict[Door, frozenset[str]]:
        """What rules can tell an interface by: the sets it is in, and its name where a rule says it."""
        rules = [rule for table in self.state.tables for chain in table.chains for rule in chain.rules]
        said = {name for rule in rules for names in (rule.iif, rule.oif) if isinstance(names, tuple) for name in names}
        sets: dict[str, set[str]] = {}
        for table in self.state.tables:
            for item in table.sets:
                if item.kind == "ifname":
                    for element in item.elements:
                        sets.setdefault(str(element), set()).add(f"{table.name}@{item.name}")
        return {
            door: frozenset(mark for name in door.names for mark in (*sets.get(name, ()), *({name} & said)))
            for door in self.doors
        }

    def groups(self, areas: dict[Door, Place]) -> tuple[Group, ...]:
        """The interfaces by area and behaviour."""
        found: dict[tuple[Place, frozenset[str], bool], list[Door]] = {}
        for door in self.doors:
            key = areas[door], self._behaviours[door], len(door.names) > 1
            found.setdefault(key, []).append(door)
        return tuple(Group(key[0], tuple(doors)) for key, doors in found.items())

    def through(self, arriving: Packets, entry: Group, leave: Group) -> tuple[Through, ...]:
        """What of `arriving` gets from one group to another, in every opening state in which anything does."""
        if arriving is not ALL_PACKETS:
            return tuple(self._through(arriving, entry, leave))
        key = entry.door, leave.door
        if key not in self._all:
            self._all[key] = tuple(self._through(arriving, entry, leave))
        return self._all[key]

    def _through(self, arriving: Packets, entry: Group, leave: Group) -> Iterator[Through]:
        for iif in entry.door.names:
            for oif in leave.door.names:
                for connection in OPENING:
                    found = self._one(arriving, iif, oif, connection)
                    if found.seen:
                        yield found

    def _one(self, arriving: Packets, iif: str, oif: str, connection: Connection) -> Through:
        changes: tuple[Translation, ...] = ()
        unsure: tuple[Doubt, ...] = ()
        if connection == "new":
            changes = self.filter.translations("prerouting", iif, "")
            unsure = tuple(Doubt(t.doubt, "", "", t.origin, t.rule, t.packets) for t in changes if t.doubt is not None)
            arriving = translated(arriving, changes)
        passing = self.filter.passing("forward", iif, oif, connection)
        seen = passing.packets if arriving is ALL_PACKETS else passing.packets & arriving
        certain = seen if passing.certain is passing.packets else passing.certain & arriving
        leaving = seen
        if connection == "new" and seen:
            leaving = translated(seen, self.filter.translations("postrouting", iif, oif))
        return Through(seen, NO_PACKETS if unsure else certain, leaving, connection, (*passing.doubts, *unsure))

    def into(self, entry: Group) -> Iterator[Through]:
        """What reaches the firewall's own addresses from a group."""
        for iif in entry.door.names:
            for connection in OPENING:
                passing = self.filter.passing("input", iif, "", connection)
                if passing.packets:
                    yield Through(passing.packets, passing.certain, passing.packets, connection, passing.doubts)

    def matched(self, rule: NftRule) -> Packets:
        """Everything a rule may match."""
        table = next(t for t in self.state.tables if any(rule in chain.rules for chain in t.chains))
        return union(match.packets for match in self.filter.matcher(table.name).matches(rule))

    def explain(self, packet: Packet, entry: Group, leave: Group | None, connection: Connection) -> Decision:
        """Why a packet passes, by the first pair of names under which it does."""
        hook, exits = ("input", ("",)) if leave is None else ("forward", leave.door.names)
        tried = [
            self.filter.explain(packet, hook, iif, oif, connection)  # type: ignore[arg-type] # one of the two above
            for iif in entry.door.names
            for oif in exits
        ]
        return next((decision for decision in tried if decision.verdict == "accept"), tried[0])

    def before(self, packet: Packet, entry: Group) -> tuple[Packet, Translation | None]:
        """A packet as it was before its destination was translated, and the rule that did so."""
        for change in self.filter.translations("prerouting", entry.door.name, ""):
            source = packets(source=[(packet.source, packet.source)]) & change.packets
            if change.kind == "destination" and change.to == packet.destination and source:
                own = [(a.ip, a.ip) for a in entry.door.element.addresses] if entry.door.element else []
                kind = packets(protocol=packet.protocol) & source
                return ((packets(destination=own) & kind) or kind or source).witness() or packet, change
        return packet, None


def translated(arriving: Packets, changes: Iterable[Translation]) -> Packets:
    """What becomes of packets at a hook: those that a rule translates leave as it says, the others as they came."""
    parts: list[Packets] = []
    rest = arriving
    for change in changes:
        mine = arriving & change.packets
        if mine:
            parts.append(change.apply(mine))
            if change.doubt is None and change.kind != "unknown":
                rest -= change.packets
    return union((*parts, rest)) if parts else arriving
