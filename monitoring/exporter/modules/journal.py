"""The module `journal`: when the last change and the last drills were, how they ended, and which drill runs now.

What never was has no row. A drill carries its Japanese title beside its scenario's name; as there is one row a
scenario, the title adds none. A change has succeeded when every device was settled on the new configuration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from prometheus_client.metrics_core import Metric
from sqlalchemy import make_url

from deploy.chain import Row
from deploy.journal import Journal
from inventory.errors import SansoError
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, gauge
from monitoring.exporter.errands import Errands
from monitoring.exporter.model import JournalAt


class JournalModule:
    """One city's journal; it is read, and made by no scrape."""

    def __init__(self, city: str, where: JournalAt, errands: Errands) -> None:
        self._city = city
        self._url = where.url
        self._errands = errands

    @property
    def targets(self) -> Collection[str]:
        return (self._city,)

    def close(self) -> None:
        pass

    def probe(self, target: str, deadline: Deadline) -> Answer:
        try:
            rows = self._errands.run(f"journal {target}", self._rows, deadline)
        except LateError:
            return Answer((), LATE)
        except SansoError as error:
            return Answer((), error.what)
        stories = _stories(rows)
        return Answer((*_changes(stories), *_drills(stories)))

    def _rows(self) -> list[Row]:
        place = make_url(self._url)
        if place.drivername == "sqlite" and place.database and not Path(place.database).exists():
            return []
        with Journal(self._url) as book:
            return book.rows()


def _stories(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """The rows of each change, run and drill, oldest first, in the order they were begun."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        if row.change:
            found.setdefault(row.change, []).append(row)
    return found


def _changes(stories: dict[str, list[Row]]) -> Iterator[Metric]:
    ended = [story for story in stories.values() if story[0].step == "begin" and story[-1].step == "end"]
    last = max(ended, key=lambda story: story[-1].seq, default=None)
    rows = [] if last is None else [last[-1]]
    yield gauge(
        "sanso_journal_last_change_timestamp_seconds",
        "When the last change ended.",
        (({}, _moment(row)) for row in rows),
    )
    yield gauge(
        "sanso_journal_last_change_success",
        "Whether the last change brought every device to its new configuration.",
        (({}, row.body.get("side") == "new") for row in rows),
    )


@dataclass(frozen=True, slots=True)
class _Drill:
    name: str
    scenario: str
    title: str
    phase: str
    end: Row | None

    @property
    def kind(self) -> dict[str, str]:
        """The labels that say of what a drill was."""
        return {"scenario": self.scenario, "title": self.title}


def _drills(stories: dict[str, list[Row]]) -> Iterator[Metric]:
    drills = [_drill(name, story) for name, story in stories.items() if story[0].step == "drill-begin"]
    last = {drill.scenario: (drill.kind, drill.end) for drill in drills if drill.end is not None}
    running = [drill for drill in drills if drill.end is None]
    yield gauge(
        "sanso_journal_last_drill_timestamp_seconds",
        "When the last drill of a scenario ended.",
        ((kind, _moment(end)) for kind, end in last.values()),
    )
    yield gauge(
        "sanso_journal_last_drill_success",
        "Whether the last drill of a scenario succeeded.",
        ((kind, bool(end.body.get("success"))) for kind, end in last.values()),
    )
    yield gauge(
        "sanso_drill_running",
        "A drill that was begun and has not ended.",
        (({"drill": drill.name, **drill.kind}, 1) for drill in running),
    )
    yield gauge(
        "sanso_drill_phase_info",
        "The phase a running drill is in.",
        (({"drill": drill.name, "phase": drill.phase}, 1) for drill in running if drill.phase),
    )


def _drill(name: str, story: Sequence[Row]) -> _Drill:
    phases = [str(row.body.get("phase", "")) for row in story if row.step == "drill-phase"]
    ends = [row for row in story if row.step in {"drill-end", "drill-resumed"}]
    end = ends[-1] if ends and ends[-1].step == "drill-end" else None  # it may go on after its end
    scenario = str(story[0].body.get("scenario", ""))
    title = str(story[0].body.get("title") or scenario)  # records of an older sanso have none
    return _Drill(name.removeprefix("drill-"), scenario, title, phases[-1] if phases else "", end)


def _moment(row: Row) -> float:
    return dt.datetime.fromisoformat(row.at).timestamp()
