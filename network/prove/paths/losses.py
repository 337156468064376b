"""What breaks of the paths of a family when something is down.

An end to which no firewall delivers any more loses all its paths, which are told as one; all others are looked at one
by one. What broke before a change is kept where the same ends have the same fate as then, and the same paths.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce
from operator import and_
from typing import NamedTuple

from network.prove.paths.courses import Crowd, End, Strike
from network.prove.paths.down import Down
from network.prove.paths.ends import Path, Rows
from network.prove.paths.places import Place
from network.prove.paths.routes import Routes

ALL_UP = ~0
"""A mask of all firewalls."""


class Loss(NamedTuple):
    """What breaks of a family: the first path, the rows that take one, and the sites and peers that are cut off."""

    first: Path
    rows: frozenset[str]
    cut: frozenset[str]


@dataclass(frozen=True, eq=False)
class _Beside:
    """The paths of an end, in their order."""

    end: End
    paths: tuple[Path, ...]

    @cached_property
    def loss(self) -> Loss:
        """All of them."""
        pairs = [(path, *place) for path in self.paths for place in _places(path)]
        cut = frozenset(_name(place) for _, end, place in pairs if end is self.end)
        return Loss(self.paths[0], frozenset(live.row for path in self.paths for live in path.rows), cut)


class _Seen(NamedTuple):
    """What was found about a failure."""

    strike: Strike
    loss: Loss | None


class Losses:
    """Every path of a family that holds now; one that does not is the business of the claim of service."""

    def __init__(self, rows: Rows, routes: Routes, bits: Mapping[str, int], before: Losses | None = None) -> None:
        """`before`: of another subject in which every row passes the same firewalls, with the same addresses."""
        standing = [path for path in dict.fromkeys(path for _, mine in rows for path in mine) if path.stands]
        beside: dict[End, list[Path]] = {}
        for path in standing:
            for end in dict.fromkeys(path.ends or ()):
                beside.setdefault(end, []).append(path)
        self._beside = {end: _Beside(end, tuple(paths)) for end, paths in beside.items()}
        self._by_mask: dict[int, list[Path]] = {}
        """The firewalls over which a path stands → paths."""
        for path in standing:
            self._by_mask.setdefault(path.mask, []).append(path)
        self._steered = [path for path in standing if path.steered]
        self._crowd = Crowd(self._beside, routes)
        self._bits = {lane.firewall: bits[lane.firewall] for end in self._beside for lane in end.kind.lanes}
        self._seen: dict[tuple[frozenset[str], frozenset[str]], _Seen] = {}
        self._before: Mapping[tuple[frozenset[str], frozenset[str]], _Seen] = before._seen if before else {}  # noqa: SLF001 the same class
        stirred = self._compared(before._beside) if before else set()  # noqa: SLF001 likewise
        self._stirred = frozenset(end.node for end in stirred), frozenset(end.kind for end in stirred)

    def _compared(self, before: Mapping[End, _Beside]) -> set[End]:
        """The ends that have other paths than before; what is known of all others is taken from there."""
        same = {end for end, there in before.items() if end in self._beside and self._beside[end].paths == there.paths}
        self._beside |= {end: before[end] for end in same}
        return (self._beside.keys() | before.keys()) - same

    def of(self, down: Down) -> Loss | None:
        """What does not hold while something is down, though both its ends are left."""
        up = ~sum(bit for firewall, bit in self._bits.items() if firewall in down.devices)
        without = [path for mask, paths in self._by_mask.items() if not mask & up for path in paths]
        strike = self._crowd.strike(down)
        if without or self._steered:
            return self._loss(down, strike, up, (*without, *self._steered))
        key = down.devices, down.wires
        seen = self._before.get(key)
        if seen is None or seen.strike != strike or strike.meets(*self._stirred):
            seen = _Seen(strike, self._loss(down, strike, up))
        self._seen[key] = seen
        return seen.loss

    def _loss(self, down: Down, strike: Strike, up: int, more: Iterable[Path] = ()) -> Loss | None:
        """Of the paths at ends that it changes, and of some more; `up` are the firewalls that are left."""
        changed = self._crowd.changed(strike, down)
        dead = {end for end, fate in changed.items() if not fate[1]} - self._facing(down) if up == ALL_UP else set()
        found = [self._beside[end].loss for end in dead]
        weak = self._weak({end: fate[0] & up for end, fate in changed.items() if end not in dead})
        for path in dict.fromkeys((*(path for end in weak for path in self._beside[end].paths), *more)):
            ends = path.ends or ()
            one, other = (changed.get(end, end.kind.fate) for end in ends)
            left = path.passing & up
            if not path.arriving(down, one[0] & other[0] & left) and not any(end.gone(down) for end in ends):
                cut = _cut(path, (one[1] & left, other[1] & left) if left else (1, 1))
                found.append(Loss(path, frozenset(live.row for live in path.rows), cut))
        if not found:
            return None
        first = min((loss.first for loss in found), key=lambda path: path.number)
        rows = frozenset[str]().union(*(loss.rows for loss in found))
        return Loss(first, rows, frozenset[str]().union(*(loss.cut for loss in found)))

    def _weak(self, standing: Mapping[End, int]) -> Iterable[End]:
        """Of ends with the firewalls over which each still stands: those whose paths may be broken.

        Between ends that all still stand over the same firewall of every path none is.
        """
        weak = [end for end, mask in standing.items() if not all(mask & each for each in self._by_mask)]
        common = reduce(and_, (standing[end] for end in standing.keys() - set(weak)), ALL_UP)
        return weak if all(common & each for each in self._by_mask) else standing

    def _facing(self, down: Down) -> set[End]:
        """The ends with a path to one that is lost itself: such a path is no loss."""
        gone = self._crowd.at(down.devices)
        return {end for lost in gone for path in self._beside[lost].paths for end in path.ends or ()}


def _cut(path: Path, delivered: tuple[int, int]) -> frozenset[str]:
    """The ends of a broken path that no firewall delivers to any more; when none is told apart so, rather peers."""
    places = [place for _, place in _places(path)]
    cut = [place for place, still in zip(places, delivered, strict=True) if not still]
    peers = [place for place in places if place.lan is None]
    return frozenset(map(_name, cut or peers or places))


def _places(path: Path) -> tuple[tuple[End, Place], ...]:
    """The ends of a path, each with its place."""
    return tuple(zip(path.ends or (), (path.pair.source, path.pair.destination), strict=False))


def _name(place: Place) -> str:
    return place.lan.site if place.lan else place.name
