"""The pen of one drill: every row is on disk before what it tells of goes on, and only one process writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from deploy.journal import Journal
from runbooks.drills.standing import PREFIX, Standing, standing


class Diary:
    """Writes rows of a drill; a row of another writer in between raises deploy.journal.OvertakenError."""

    def __init__(self, book: Journal, drill: str, last: int, now: Callable[[], float]) -> None:
        self.book = book
        self.drill = drill
        self._last = last
        self._now = now

    def write(self, step: str, body: Mapping[str, Any] | None = None) -> None:
        """Write `drill-<step>`; `at` is the drill's own time in seconds since 1970, unless `body` has another."""
        told = {"at": round(self._now(), 3), **(body or {})}
        self._last = self.book.append(PREFIX + self.drill, PREFIX + step, told, after=self._last).seq

    def standing(self) -> Standing:
        """The drill as the journal tells it now."""
        return standing(self.book.rows(PREFIX + self.drill))
