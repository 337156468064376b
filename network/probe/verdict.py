"""The verdict on a measurement: what agrees with the register, and all that is needed to act on what does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from network.probe.engine import ANSWERED, ARRIVED, REFUSED, Measurement
from network.probe.parties import Party
from network.probe.plan import Kind, Plan, Probe
from network.probe.register import INSIDE, NO_ROW

Expected = Literal["answered", "not-arrived", "not-answered", "heard", "not-heard"]
Seen = Literal["nothing", "arrived", "answered", "refused", "heard"]
BROADCAST = "ethernet"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that should not be: who to whom, with what, what was expected and what was seen."""

    kind: Kind | Literal["broadcast"]
    source: str
    source_zone: str
    source_site: str
    destination: str
    destination_zone: str
    destination_site: str
    family: int
    """4, 6, or 0 for a broadcast frame."""
    protocol: str
    port: int
    expected: Expected
    seen: Seen
    row: str
    """The register's row, "inside" within a segment, or "no row"."""
    spoofed: str = ""

    @property
    def leak(self) -> bool:
        """Something passed that must not; otherwise something that must pass did not."""
        return self.expected in {"not-arrived", "not-answered", "not-heard"}


@dataclass(slots=True)
class Cell:
    """Counts between two zones (or two sites of them)."""

    passing: int = 0
    passed: int = 0
    stopping: int = 0
    stopped: int = 0

    @property
    def good(self) -> bool:
        return self.passing == self.passed and self.stopping == self.stopped


Place = tuple[str, str]
"""Zone and site."""


@dataclass(frozen=True)
class Report:
    """The result of a measurement. `cells` is by (source place, destination place)."""

    city: str
    on: str
    cells: dict[tuple[Place, Place], Cell]
    violations: tuple[Violation, ...]
    blind: tuple[str, ...]
    """Parties at which nothing expected ever arrived: that nothing forbidden arrived there means nothing."""
    probes: int
    sent: int
    canaries: int
    canaries_lost: int
    rate: float
    seconds: float

    @property
    def good(self) -> bool:
        return not self.violations and not self.blind

    def matrix(self) -> dict[tuple[str, str], Cell]:
        """Counts by (source zone, destination zone)."""
        zones: dict[tuple[str, str], Cell] = {}
        for ((source, _), (destination, _)), cell in self.cells.items():
            whole = zones.setdefault((source, destination), Cell())
            whole.passing += cell.passing
            whole.passed += cell.passed
            whole.stopping += cell.stopping
            whole.stopped += cell.stopped
        return zones

    def to_json(self) -> dict[str, Any]:
        """Plain data; keys in a fixed order."""
        return {
            "city": self.city,
            "on": self.on,
            "good": self.good,
            "probes": self.probes,
            "sent": self.sent,
            "canaries": {"sent": self.canaries, "lost": self.canaries_lost},
            "rate_pps": round(self.rate),
            "seconds": round(self.seconds, 1),
            "blind": list(self.blind),
            "matrix": [{"from": a, "to": b, **asdict(cell)} for (a, b), cell in self.matrix().items()],
            "violations": [asdict(violation) for violation in self.violations],
        }


def judge(city: str, on: str, plan: Plan, measured: Measurement) -> Report:
    """Compare what was seen with what must come of every probe."""
    cells: dict[tuple[Place, Place], Cell] = {}
    violations: list[Violation] = []
    for probe, seen in zip(measured.probes, measured.seen, strict=True):
        good = _good(probe, seen)
        places = (probe.source.zone, probe.source.site), (probe.target.zone, probe.target.site)
        _count(cells.setdefault(places, Cell()), must_pass=probe.must_pass, good=good)
        if not good:
            violations.append(_violation(probe, seen))
    violations.extend(_broadcasts(plan, measured, cells))
    return Report(
        city=city,
        on=on,
        cells=cells,
        violations=tuple(violations),
        blind=tuple(_blind(plan, measured)),
        probes=len(measured.probes),
        sent=measured.sent,
        canaries=measured.canaries,
        canaries_lost=measured.canaries_lost,
        rate=measured.rate,
        seconds=measured.seconds,
    )


def _good(probe: Probe, seen: int) -> bool:
    if probe.must_pass:
        return bool(seen & ANSWERED)
    if probe.kind == "device":
        return not seen & (ANSWERED | REFUSED)
    return not seen & (ARRIVED | ANSWERED)


def _count(cell: Cell, *, must_pass: bool, good: bool) -> None:
    if must_pass:
        cell.passing += 1
        cell.passed += good
    else:
        cell.stopping += 1
        cell.stopped += good


def _seen(seen: int) -> Seen:
    if seen & ANSWERED:
        return "answered"
    if seen & ARRIVED:
        return "arrived"
    return "refused" if seen & REFUSED else "nothing"


def _violation(probe: Probe, seen: int) -> Violation:
    expected: Expected = "answered" if probe.must_pass else "not-answered" if probe.kind == "device" else "not-arrived"
    return Violation(
        kind=probe.kind,
        source=probe.source.name,
        source_zone=probe.source.zone,
        source_site=probe.source.site,
        destination=probe.target.name,
        destination_zone=probe.target.zone,
        destination_site=probe.target.site,
        family=probe.family,
        protocol=probe.protocol,
        port=probe.port,
        expected=expected,
        seen=_seen(seen),
        row=probe.row,
        spoofed=str(probe.spoofed) if probe.spoofed else "",
    )


def _broadcasts(plan: Plan, measured: Measurement, cells: dict[tuple[Place, Place], Cell]) -> Iterator[Violation]:
    """A broadcast is heard in its own VLAN, and nowhere else."""
    inside = [party for party in plan.parties if party.inside]
    for source in inside:
        for destination in inside:
            if source == destination:
                continue
            together, heard = source.lan == destination.lan, destination.node in measured.heard[source.name]
            places = (source.zone, source.site), (destination.zone, destination.site)
            _count(cells.setdefault(places, Cell()), must_pass=together, good=together == heard)
            if together != heard:
                yield _broadcast(source, destination, heard=heard)


def _broadcast(source: Party, destination: Party, *, heard: bool) -> Violation:
    return Violation(
        kind="broadcast",
        source=source.name,
        source_zone=source.zone,
        source_site=source.site,
        destination=destination.name,
        destination_zone=destination.zone,
        destination_site=destination.site,
        family=0,
        protocol=BROADCAST,
        port=0,
        expected="not-heard" if heard else "heard",
        seen="heard" if heard else "nothing",
        row=INSIDE if source.zone == destination.zone else NO_ROW,
    )


def _blind(plan: Plan, measured: Measurement) -> Iterator[str]:
    hearing: set[str] = set()
    for probe, seen in zip(measured.probes, measured.seen, strict=True):
        if probe.must_pass and seen & ANSWERED:
            hearing.add(probe.source.node)
        if seen & ARRIVED:
            hearing.add(probe.target.node)
    for party in plan.parties:
        if party.node not in hearing:
            yield party.name
