"""The journal's extract: who approved what, which changes were made to the city, and how they ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from deploy import chain
from deploy.chain import BrokenChainError, Row
from deploy.record import SIDES, progress
from deploy.report import proof_words, standing_words, step_words
from inventory.text import Text


@dataclass(frozen=True, slots=True)
class Approval:
    """A yes to a plan's exact bytes."""

    at: str
    plan: str
    author: str
    by: str
    sha256: str


@dataclass(frozen=True, slots=True)
class ChangeStory:
    """A change from its beginning to its end. `left` holds device → digest of the configuration it was left on."""

    name: str
    target: str
    author: str
    by: str
    begun: str
    ended: str | None
    devices: int
    result: str
    proof: tuple[str, ...]
    """What was proved before it, and by which waivers it was let through."""
    steps: tuple[tuple[str, str], ...]
    """When, and what."""
    left: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class History:
    """What the journal tells of a city; only the part before a break of its chain is told."""

    there: bool
    rows: int
    head: str | None
    fault: Text | None
    approvals: tuple[Approval, ...]
    changes: tuple[ChangeStory, ...]


def history(rows: Sequence[Row] | None, city: str) -> History:
    """The extract of a journal for a city; None is no journal."""
    if rows is None:
        return History(there=False, rows=0, head=None, fault=None, approvals=(), changes=())
    fault, head, sound = None, None, rows
    try:
        head = chain.verify(rows)
    except BrokenChainError as error:
        fault, sound = error.what, rows[: error.row - 1]
    stories: dict[str, list[Row]] = {}
    for row in sound:
        if row.change:
            stories.setdefault(row.change, []).append(row)
    begun = [story for story in stories.values() if story[0].step == "begin"]
    foreign = {story[0].body["id"] for story in begun if story[0].body["city"] != city}
    return History(
        there=True,
        rows=len(rows),
        head=head,
        fault=fault,
        approvals=tuple(_approvals(sound, foreign)),
        changes=tuple(_change(story) for story in begun if story[0].body["city"] == city),
    )


def _approvals(rows: Iterable[Row], foreign: set[str]) -> Iterable[Approval]:
    for row in rows:
        if row.step == "approve" and row.body["plan"] not in foreign:
            body = row.body
            yield Approval(row.at, body["plan"], body["author"], body["by"], body["sha256"])


def _change(story: list[Row]) -> ChangeStory:
    first = story[0]
    told = progress(story)
    left = {} if told.final is None else {name: both[told.final] for name, both in first.body["devices"].items()}
    return ChangeStory(
        name=first.change,
        target=first.body["target"],
        author=first.body["author"],
        by=first.body["approved_by"],
        begun=first.at,
        ended=next((row.at for row in story if row.step == "end"), None),
        devices=len(first.body["devices"]),
        result=SIDES[told.final].ja + "で完了" if told.ended and told.final else standing_words(told).ja,
        proof=tuple(line.ja for _, line in proof_words(first.body)),
        steps=tuple((row.at, step_words(row).ja) for row in story),
        left=left,
    )
