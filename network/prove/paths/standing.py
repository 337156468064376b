"""The paths of a family that hold while nothing is down, found by their ends and by the firewalls they hold over."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from operator import attrgetter
from typing import TypeVar

from network.prove.paths.courses import End
from network.prove.paths.ends import Path

_BY_NUMBER = attrgetter("number")
Key = TypeVar("Key")


class Standing:
    """Those of some paths that stand; with the standing ones of `before`, only what differs is sorted in anew."""

    def __init__(self, paths: AbstractSet[Path], before: Standing | None = None) -> None:
        self._paths = paths
        there: AbstractSet[Path] = before._paths if before else frozenset()  # noqa: SLF001 the same class
        self.ends: dict[Path, tuple[End, End]] = before.ends.copy() if before else {}
        """Path → its ends."""
        self.beside: dict[End, tuple[Path, ...]] = before.beside.copy() if before else {}
        """End → its paths, in their order."""
        self.by_mask: dict[int, tuple[Path, ...]] = before.by_mask.copy() if before else {}
        """The firewalls over which a path stands → paths."""
        gone = {path for path in there - paths if self.ends.pop(path, None)}
        come = sorted((path for path in paths - there if path.stands), key=_BY_NUMBER)
        at: dict[End, list[Path]] = {end: [] for path in gone for end in path.ends or ()}
        over: dict[int, list[Path]] = {path.mask: [] for path in gone}
        for path in come:
            if path.ends:
                self.ends[path] = path.ends
                over.setdefault(path.mask, []).append(path)
                for end in dict.fromkeys(path.ends):
                    at.setdefault(end, []).append(path)
        _patch(self.beside, at, gone)
        _patch(self.by_mask, over, gone)
        self.stirred = at.keys()
        """The ends with other paths than before."""


def _patch(table: dict[Key, tuple[Path, ...]], added: dict[Key, list[Path]], gone: AbstractSet[Path]) -> None:
    """Take paths out of a table, and add others."""
    for key, new in added.items():
        left = [path for path in table.pop(key, ()) if path not in gone]
        if left and new:
            table[key] = tuple(sorted((*left, *new), key=_BY_NUMBER))
        elif left or new:
            table[key] = (*left, *new)
