"""What passes while a change is on its way: every mixture of devices that are new and devices that are still old.

All devices of a change commit at the same time, and go back at the same time, so that any of them may be new while any
other is old. First both states of each device are taken to hold at once (`sides`): everything that either state joins
is joined, and a packet passes a firewall when its old or its new filter lets it. Each of the 2^n mixtures of n devices
joins a part of that, and lets pass a part of it, so that what is not found then is found in no mixture: one look proves
all of them, however many devices change.

What is found may need one device to be old and new at once: such a device is fixed to either state, both are tried, and
so on, until no finding names a device that is open: then it stands, with a mixture that was looked at and shows it.
Devices that no finding hangs on are never fixed, so that the looks do not grow with the number of devices that change,
but with that of devices on which findings hang together. After `MOST_LOOKS` of them what is left is told as not ruled
out: it stops a plan as any other finding, and is never called proved. That may be a false alarm when a change gives the
same VLAN to another segment at more routers than can be tried in all their mixtures.

Told is only what the mixture makes: not what passes in the new state too (that is proved by itself), and not what
passes today. Today's are crossings that the running devices let through by the same rule or leak, and anything between
two zones that hang together without a filter today. The register is that of the new state: a rule for a row that it
closes still passes where it does today.

The claim is separation only. A service may be interrupted by a change; its checks tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from inventory.text import Text
from network.prove.crossing.causes import Intended
from network.prove.crossing.crossings import Crossings
from network.prove.crossing.firewall import Group
from network.prove.crossing.intruders import Intruders
from network.prove.crossing.merges import merges
from network.prove.crossing.plant import Plant, plant_of
from network.prove.crossing.sides import NEW, OLD, Side, Sides, sides_of, together
from network.prove.crossing.ways import Ways
from network.prove.filtering.nft_table import Doubt
from network.prove.findings import Finding, Verdict
from network.prove.separation import Separation
from network.prove.subject import Subject

MOST_LOOKS = 64
"""Mixtures looked at; six devices are tried in each of theirs."""

Fixed = Mapping[str, Side]
_WHILE = Text(
    "While {new} already run(s) the new configuration and {old} still the old one: {what}",
    "{new} が変更後、{old} が変更前の設定で動作している間: {what}",
)
_PERHAPS = Text(
    "Not ruled out for some order in which the devices change: {what}",
    "機器の切り替わる順序によっては起こり得ます: {what}",
)
_FEWER = Text(
    "Too many devices change at once to try every order: change them in several plans.",
    "同時に変わる機器が多く、すべての順序を調べきれません。計画を数回に分けてください。",
)
_HINT = Text(
    "Split the change in two, so that what closes comes before what opens.",
    "変更を 2 回に分け、先に閉じる変更、後で開く変更を適用してください。",
)


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding in a mixture, and the devices whose state it may hang on."""

    finding: Finding
    devices: frozenset[str]
    joining: bool = False
    """Whether zones hang together without a filter: what crosses from a third zone to one of them may be hidden."""

    @property
    def name(self) -> tuple[object, ...]:
        """The same for the same cause."""
        return self.finding.key, self.finding.what, self.finding.origins


@dataclass(frozen=True, slots=True)
class Look:
    """All that crosses in a mixture, or in several at once."""

    plant: Plant
    seen: tuple[Seen, ...]
    doubts: tuple[tuple[str, Doubt], ...]


class Transition:
    """The way of a city from what its devices run to what they shall run.

    Args:
        separation: the claim, with what it knows of both.
        old: what the devices run; `new`: the planned result, of the same fabric and day.
    """

    def __init__(self, separation: Separation, old: Subject, new: Subject) -> None:
        devices = separation.devices(new.fabric)
        self._ground = devices.ground
        self._register, self._intended = separation.register(new), Intended(new.intended)
        self.sides: Sides = sides_of(devices.ground, devices.of(old), devices.of(new))
        self._unsure = any(old.unknown.get(name) for name in self.sides.changing)

    def prove(self) -> tuple[Verdict, tuple[Finding, ...]]:
        """The verdict, and what some mixture lets pass that neither today nor the planned result does.

        `not-proved`: nothing was found, but changing devices run what cannot be read, or zones that hang together today
        may hide more than could be looked at.
        """
        if len(self.sides.changing) < 2:  # noqa: PLR2004 one device is old or new: nothing is in between
            return "proved", ()
        whole = self.look({})
        self._unsure |= bool(whole.doubts)
        found: tuple[Finding, ...] = ()
        if whole.seen:
            today = self.look(dict.fromkeys(self.sides.changing, OLD))
            found = tuple(self._search(whole, _Today(today)))
        if found:
            return "findings", found
        return ("not-proved" if self._unsure else "proved"), ()

    def _search(self, whole: Look, today: _Today) -> Iterator[Finding]:
        told: set[str] = set()
        looks = 0
        waiting: list[tuple[Fixed, tuple[Seen, ...]]] = [({}, whole.seen)]
        while waiting:
            fixed, seen = waiting.pop()
            looked = not fixed or looks < MOST_LOOKS
            if fixed and looked:
                seen, looks = self.look(fixed).seen, looks + 1
            fresh = [item for item in seen if not today.has(item) and item.finding.key not in told]
            for item in fresh:
                at = {name: fixed[name] for name in self.sides.changing if name in item.devices and name in fixed}
                shown = looked and not self._open(item, fixed) and len(set(at.values())) > 1
                if shown and item.finding.key not in told:
                    told.add(item.finding.key)
                    yield _mixed(item.finding, at)
            device = self._next([item for item in fresh if item.finding.key not in told], fixed)
            if device is None:
                device = self._next([item for item in seen if item.joining], fixed)
            if looked and device is None:
                continue
            if device is not None and looks < MOST_LOOKS:
                waiting += [({**fixed, device: side}, seen) for side in (NEW, OLD)]
                continue
            self._unsure = True
            for item in fresh:
                if item.finding.key not in told:
                    told.add(item.finding.key)
                    yield replace(item.finding, what=_PERHAPS.format(what=item.finding.what), hint=_FEWER)

    def _next(self, items: Iterable[Seen], fixed: Fixed) -> str | None:
        """The device to fix: of the finding that hangs on the fewest."""
        opened = [names for item in items if (names := self._open(item, fixed))]
        return min(opened, key=len)[0] if opened else None

    def _open(self, item: Seen, fixed: Fixed) -> list[str]:
        return [name for name in self.sides.changing if name in item.devices and name not in fixed]

    def look(self, fixed: Fixed) -> Look:
        """All that crosses while these devices are fixed, and all others are both old and new."""
        known = self.sides.at(fixed)
        parts = {name: together(items) for name, items in known.items()}
        plant = plant_of(self._ground, parts, self._ground.fixed)
        ways = Ways(plant)
        firewalls = [item.firewall for items in known.values() for item in items if item.firewall is not None]
        crossings = Crossings(plant, firewalls, ways, self._register, self._intended)
        joined = merges(plant, ways, self._register, self._intended)
        seen = [Seen(finding, _named(finding), joining=True) for finding in joined]
        seen += [Seen(finding, _named(finding)) for finding in crossings.findings()]
        doubts = crossings.doubts
        intruders = Intruders(plant, self._register, self._intended, doubts)
        for firewall in firewalls:
            groups = crossings.groups[firewall]
            seen += [
                Seen(finding, _named(finding) | _around(finding, plant, ways, groups))
                for finding in intruders.findings(firewall, groups)
            ]
        return Look(plant, tuple(seen), tuple(doubts))


class _Today:
    """What the running devices let pass."""

    def __init__(self, look: Look) -> None:
        self._names = {item.name for item in look.seen}
        self._joined = [set(zones) for zones in look.plant.areas.zones.values() if len(zones) > 1]

    def has(self, item: Seen) -> bool:
        pair = set(item.finding.subject.split(" > "))
        return item.name in self._names or any(pair <= zones for zones in self._joined)


def _named(finding: Finding) -> frozenset[str]:
    """What a finding names: devices, beside others."""
    origins = (*finding.origins, *(origin for hop in finding.hops for origin in hop.origins))
    return frozenset((*(hop.node for hop in finding.hops), *(origin.file for origin in origins)))


def _around(finding: Finding, plant: Plant, ways: Ways, groups: Iterable[Group]) -> frozenset[str]:
    """The devices by which a firewall's interfaces stand in the zones of a finding."""
    found: set[str] = set()
    for zone in finding.subject.split(" > "):
        for group in groups:
            if plant.areas.zones_at(group.door.place) == (zone,):
                way = ways.to(zone, group.door.place)
                found |= {join.device for join, _ in way.joins} | {way.start.device} if way else set()
    return frozenset(found)


def _mixed(finding: Finding, at: Fixed) -> Finding:
    new, old = (", ".join(name for name, side in at.items() if side == wanted) for wanted in ("new", "old"))
    return replace(finding, what=_WHILE.format(new=new, old=old, what=finding.what), hint=_HINT)
