"""`sanso controls`: gather the facts that the journal and the devices hold, judge a city by them, tell the results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy import chain
from deploy.chain import BrokenChainError, Row
from deploy.drift import drift
from deploy.journal import Journal, journal_url
from deploy.planning import Survey
from deploy.record import Progress, progress
from inventory.errors import EXIT_USAGE, SansoError
from inventory.model import City
from inventory.origin import Origin
from inventory.text import Text
from inventory.words import did_you_mean, nearest
from network.build import build_fabric
from network.controls import CONTROLS, ChangeLog, ChangeRecord, Control, Deviation, Facts, Inspection
from network.prove import compiled_subject, parsed_subject, prove

JOURNAL_FILE = "journal.db"
JOURNAL = "journal"
"""The file that evidence from the journal cites; the line is the row's number."""


class UnknownControlError(SansoError):
    """A control's name that does not exist."""

    exit_code = EXIT_USAGE

    def __init__(self, name: str) -> None:
        ids = [control.id for control in CONTROLS]
        super().__init__(
            Text(f"There is no control {name}.", f"管理策 {name} はありません。"),
            did_you_mean(nearest(name, ids)) or Text(f"{ids[0]} to {ids[-1]}", f"{ids[0]} から {ids[-1]} までです"),
        )


def control_named(name: str) -> Control:
    """The control of an id, in any case of letters."""
    for control in CONTROLS:
        if control.id.casefold() == name.casefold():
            return control
    raise UnknownControlError(name)


def recorded(state: Path, url: str | None) -> list[Row] | None:
    """The rows of the journal at a URL, or of the state directory's own; None when there is no such journal yet."""
    if url is None and not (state / JOURNAL_FILE).exists():
        return None
    with Journal(journal_url(state, url)) as book:
        return book.rows()


def compiled_facts(city: City, day: dt.date, rows: Iterable[Row] | None) -> Facts:
    """The facts of a city as it is intended."""
    fabric = build_fabric(city)
    subject = compiled_subject(fabric, day)
    return Facts(fabric, day, subject.intended, proof=prove(subject), changes=_changes(city, rows))


def running_facts(
    found: Survey, day: dt.date, rows: Iterable[Row] | None, inspections: Mapping[str, Inspection] | None = None
) -> Facts:
    """The facts of a city as its devices run it: what they were read to be, and what else they told."""
    states = {name: parsed.state for name, parsed in found.parsed.items()}
    unknown = {name: parsed.unknown for name, parsed in found.parsed.items()}
    subject = parsed_subject(found.fabric, day, found.parsed, "running", found.intended)
    deviations = tuple(
        Deviation(device, item.text, item.origin) for device, items in drift(found).items() for item in items
    )
    changes = _changes(found.fabric.city, rows)
    return Facts(found.fabric, day, states, unknown, "running", prove(subject), changes, deviations, inspections)


def _changes(city: City, rows: Iterable[Row] | None) -> ChangeLog | None:
    return None if rows is None else change_log(city.name, list(rows))


def change_log(city: str, rows: list[Row]) -> ChangeLog:
    """The changes of a city in a journal's rows; of a broken chain only what stands before the break."""
    fault: Text | None = None
    try:
        chain.verify(rows)
    except BrokenChainError as error:
        fault = error.what
        rows = rows[: error.row - 1]
    stories: dict[str, list[Row]] = {}
    for row in rows:
        if row.change:
            stories.setdefault(row.change, []).append(row)
    told = (_change(story) for story in stories.values() if story[0].step == "begin" and story[0].body["city"] == city)
    return ChangeLog(tuple(told), fault)


def _change(story: list[Row]) -> ChangeRecord:
    first = story[0]
    devices = first.body["devices"]
    told: Progress = progress(story)
    ended = next((row.at for row in story if row.step == "end"), "")
    return ChangeRecord(
        name=first.change,
        author=str(first.body["author"]),
        approver=str(first.body["approved_by"]),
        begun_at=first.at,
        ended_at=ended,
        result=told.final or "",
        devices=len(devices),
        restorable=sum(bool(device.get("old")) for device in devices.values()),
        origin=Origin(JOURNAL, first.seq),
    )
