"""How far a drill has got: what its rows in the journal tell, whoever wrote them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from deploy.chain import Row
from deploy.journal import Journal
from inventory.errors import SansoError
from inventory.text import Text

Mode = Literal["live", "tabletop"]
Phase = Literal["prepare", "fault", "detect", "steps", "green", "rollback", "after", "end"]
PREFIX = "drill-"
AGAIN = "again"
"""How a drill is taken over that had ended without all being as it was."""


class DrillError(SansoError):
    """A drill that cannot be begun, or cannot go on."""


@dataclass(slots=True)
class Part:
    """A fault, a step or a step of the way back: when it was begun and done, in seconds since 1970; how it went."""

    id: str
    begun: float
    done: float | None = None
    good: bool | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Standing:
    """A drill as the journal tells it."""

    id: str
    begin: Mapping[str, Any]
    at: float
    last: int
    phase: Phase = "prepare"
    faults: dict[str, Part] = field(default_factory=dict)
    healed: set[str] = field(default_factory=set)
    steps: dict[str, Part] = field(default_factory=dict)
    undone: dict[str, Part] = field(default_factory=dict)
    failed: dict[str, list[Part]] = field(default_factory=dict)
    """Tries of a step of the way back before the one in `undone`."""
    clocks: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    hypothesis: dict[str, list[Mapping[str, Any]]] = field(default_factory=dict)
    marker: Mapping[str, Any] | None = None
    survived: Mapping[str, Any] | None = None
    deviation: Mapping[str, Any] | None = None
    resumed: list[Mapping[str, Any]] = field(default_factory=list)
    rollback: Mapping[str, Any] | None = None
    issues: list[Mapping[str, Any]] = field(default_factory=list)
    end: Mapping[str, Any] | None = None
    measured: Mapping[str, Any] = field(default_factory=dict)
    """What was measured before an end that the drill went on after."""

    @property
    def ended(self) -> bool:
        return self.end is not None

    @property
    def retried(self) -> bool:
        """Whether only its way back is tried again: it had ended, and not all was as it was."""
        return any(row["how"] == AGAIN for row in self.resumed)

    @property
    def mode(self) -> Mode:
        return "tabletop" if self.begin["mode"] == "tabletop" else "live"


def standing(rows: Sequence[Row]) -> Standing:
    """Read the rows of one drill, oldest first."""
    if not rows or rows[0].step != "drill-begin":
        raise DrillError(Text("The journal holds no such drill.", "記録にその訓練はありません。"))
    first = rows[0]
    found = Standing(first.change.removeprefix(PREFIX), first.body, _seconds(first), rows[-1].seq)
    for row in rows[1:]:
        _take(found, row)
    return found


def drills(rows: Iterable[Row]) -> list[Standing]:
    """Every drill in a journal, oldest first."""
    stories: dict[str, list[Row]] = {}
    for row in rows:
        if row.change.startswith(PREFIX):
            stories.setdefault(row.change, []).append(row)
    return [standing(story) for story in stories.values()]


def open_drill(book: Journal) -> Standing | None:
    """The drill that was begun and not ended, if there is one."""
    return next((drill for drill in drills(book.rows()) if not drill.ended), None)


def not_restored(book: Journal) -> Standing | None:
    """The last drill, if it ended without all being as it was."""
    known = drills(book.rows())
    last = known[-1] if known else None
    return last if last is not None and last.end is not None and last.end["verdict"] == "not-restored" else None


def _seconds(row: Row) -> float:
    said = row.body.get("at")
    return float(said) if isinstance(said, int | float) else dt.datetime.fromisoformat(row.at).timestamp()


def _take(found: Standing, row: Row) -> None:  # noqa: C901, PLR0912 a row of each kind
    body, at = row.body, _seconds(row)
    kind = row.step.removeprefix(PREFIX)
    if kind == "phase":
        found.phase = body["phase"]
    elif kind == "hypothesis":
        found.hypothesis.setdefault(body["when"], []).extend(body["claims"])
    elif kind in {"fault", "step", "rollback"} and "id" in body:
        parts = {"fault": found.faults, "step": found.steps, "rollback": found.undone}[kind]
        if body["state"] == "begun":
            if kind == "rollback" and body["id"] in parts:
                found.failed.setdefault(body["id"], []).append(parts[body["id"]])
            parts[body["id"]] = Part(body["id"], at)
        else:
            part = parts[body["id"]]
            part.done, part.good, part.told = at, bool(body["good"]), body
            if kind == "rollback" and body.get("heals") and body["good"]:
                found.healed.add(body["heals"])
    elif kind in {"detected", "decided", "executed", "green"}:
        found.clocks.setdefault(kind, {**body, "at": at})
    elif kind == "marker":
        found.marker = {**body, "at": at}
    elif kind == "survived":
        found.survived = body
    elif kind == "deviation":
        found.deviation = found.deviation or {**body, "at": at}
    elif kind == "resumed":
        found.resumed.append({**body, "at": at})
        found.measured = (found.end or {}).get("measured") or found.measured
        found.end = None
    elif kind == "rollback":
        found.rollback = {**body, "at": at}
    elif kind == "issue":
        found.issues.append(body)
    elif kind == "end":
        found.end = {**body, "at": at}
