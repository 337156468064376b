"""The paths of a subject in both families, worked out once for all claims that ask for them."""

from __future__ import annotations

from functools import cached_property

from network.prove.filtering.kept import Filters
from network.prove.paths.ends import Ends, Rows
from network.prove.paths.losses import Losses
from network.prove.paths.passages import Ways
from network.prove.subject import Subject
from network.state import Family

FAMILIES: tuple[Family, Family] = (4, 6)


class Paths:
    """Every row of the register with its paths, in one family."""

    def __init__(self, ways: Ways, before: Paths | None) -> None:
        """`before`: the paths of another subject of the same city and day."""
        self.ways = ways
        self._ends: Ends = Ends(ways, before._ends if before else None)  # noqa: SLF001 the same class
        self.rows: Rows = self._ends.rows
        self._before = before.losses if before and ways.steady and "losses" in vars(before) else None
        self._same = before is not None and ways.routes.kept and self.rows is before.rows

    @cached_property
    def losses(self) -> Losses:
        """What breaks of them when something is down; the same object while none of them changes."""
        if self._before is not None and self._same:
            return self._before
        return Losses(self._ends.paths, self.ways.routes, self._ends.bits, self._before)


class Families:
    """Finds the paths of subjects.

    Asked about another subject of the same city and day, it keeps what hangs on no device whose state is
    another object.
    """

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._paths: tuple[Paths, ...] = ()

    def __call__(self, subject: Subject) -> tuple[Paths, ...]:
        """The paths in IPv4, and in IPv6."""
        if self._paths and self._paths[0].ways.subject is subject:
            return self._paths
        fits = bool(self._paths) and self._paths[0].ways.asked.fits(subject.fabric, subject.day)
        before = self._paths if fits else (None,) * len(FAMILIES)
        self._paths = tuple(self._one(subject, *row) for row in zip(FAMILIES, before, strict=True))
        return self._paths

    def _one(self, subject: Subject, family: Family, before: Paths | None) -> Paths:
        return Paths(Ways(subject, family, before.ways if before else None, self._filters), before)
