"""One change's story in the journal: written with a fence, read back as how far it got."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from deploy.chain import Row
from deploy.journal import Journal, JournalError
from inventory.text import Text

Side = Literal["old", "new"]
"""The configuration before a change, and the one it brings."""

SIDES: Mapping[Side, Text] = {
    "old": Text("the old configuration", "変更前の設定"),
    "new": Text("the new configuration", "変更後の設定"),
}


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a change got. `decided` is where it was to go, `settled` where every device was seen to be."""

    change: str
    plan: str
    begun: str
    last: int
    committed: bool = False
    decided: Side | None = None
    settled: Side | None = None
    ended: bool = False

    @property
    def final(self) -> Side | None:
        """The side that can no longer change: the settled one, or the old one once it was decided."""
        return self.settled or ("old" if self.decided == "old" else None)


class Record:
    """The pen of one change. Only one holds it: a row of another writer in between raises OvertakenError."""

    def __init__(self, journal: Journal, change: str, last: int) -> None:
        self.journal = journal
        self.change = change
        self._last = last

    def write(self, step: str, body: Mapping[str, Any] | None = None) -> None:
        """Write a row; it is on disk when this returns."""
        self._last = self.journal.append(self.change, step, body or {}, after=self._last).seq

    def progress(self) -> Progress:
        """The change as the journal tells it now."""
        return progress(self.journal.rows(self.change))


def progress(rows: Iterable[Row]) -> Progress:
    """Read a change's rows, oldest first; the first is its `begin`."""
    story = list(rows)
    found = {row.step: row for row in story}
    if not story or story[0].step != "begin":
        raise JournalError(Text("The journal holds no such change.", "変更記録にその変更はありません。"))
    return Progress(
        change=story[0].change,
        plan=str(story[0].body["plan"]),
        begun=story[0].at,
        last=story[-1].seq,
        committed="commit" in found,
        decided=found["decide"].body["side"] if "decide" in found else None,
        settled=found["settled"].body["side"] if "settled" in found else None,
        ended="end" in found,
    )


def unfinished(journal: Journal) -> Progress | None:
    """The change that was begun and not ended, if there is one; there is never more than one."""
    stories: dict[str, list[Row]] = {}
    for row in journal.rows():
        if row.change:
            stories.setdefault(row.change, []).append(row)
    for story in stories.values():
        if story[0].step != "begin":  # a run or a drill, which runbooks keep
            continue
        found = progress(story)
        if not found.ended:
            return found
    return None
