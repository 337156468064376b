"""What breaks of the paths of a family when something is down.

An end to which no firewall delivers any more loses all its paths, which are told as one; all others are looked at one
by one. What broke before a change is kept where the same is taken away as then, and no end that it takes away has other
paths than then.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import reduce
from operator import and_, attrgetter
from typing import NamedTuple

from network.prove.paths.courses import Crowd, End, Strike, Strikes
from network.prove.paths.down import Down
from network.prove.paths.ends import Path
from network.prove.paths.places import Place
from network.prove.paths.routes import Routes
from network.prove.paths.standing import Standing

ALL_UP = ~0
"""A mask of all firewalls."""


class Loss(NamedTuple):
    """What breaks of a family: the first path, the rows that take one, and the sites and peers that are cut off."""

    first: Path
    rows: frozenset[str]
    cut: frozenset[str]


class _Seen(NamedTuple):
    """What was found about a failure; `others`: also of paths that it does not strike."""

    strike: Strike
    loss: Loss | None
    others: bool = False


class Losses:
    """Every path of a family that holds now; one that does not is the business of the claim of service."""

    def __init__(
        self, paths: AbstractSet[Path], routes: Routes, bits: Mapping[str, int], before: Losses | None = None
    ) -> None:
        """`before`: of another subject to whose devices the same routes come; policy routes have no say in either."""
        self._standing: Standing = Standing(paths, before._standing if before else None)  # noqa: SLF001 the same class
        self._steered = [path for path in self._standing.ends if path.steered]
        self._crowd = Crowd(self._standing.beside, routes)
        strikes = before._strikes if before is not None and routes.kept else None  # noqa: SLF001 likewise
        same = strikes is not None and strikes.kinds.keys() == self._crowd.kinds.keys()
        self._strikes: Strikes = strikes if strikes and same else Strikes(self._crowd.kinds, routes)
        self._bits = {lane.firewall: bits[lane.firewall] for kind in self._crowd.kinds for lane in kind.lanes}
        self._seen: dict[tuple[frozenset[str], frozenset[str]], _Seen] = {}
        self._before: Mapping[tuple[frozenset[str], frozenset[str]], _Seen] = before._seen if before else {}  # noqa: SLF001 likewise
        stirred = self._standing.stirred
        self._stirred = frozenset(end.node for end in stirred), frozenset(end.kind for end in stirred)
        whole: Mapping[End, Loss] = before._whole if before else {}  # noqa: SLF001 likewise
        self._whole: dict[End, Loss] = {end: loss for end, loss in whole.items() if end not in stirred}
        """Ends → the loss of all their paths, where it was asked for."""

    def of(self, down: Down) -> Loss | None:
        """What does not hold while something is down, though both its ends are left."""
        key = down.devices, down.wires
        if key not in self._seen:
            self._seen[key] = self._look(down)
        return self._seen[key].loss

    def _look(self, down: Down) -> _Seen:
        up = ~sum(bit for firewall, bit in self._bits.items() if firewall in down.devices)
        without = [path for mask, paths in self._standing.by_mask.items() if not mask & up for path in paths]
        strike = self._strikes.of(down)
        if without or self._steered:
            return _Seen(strike, self._loss(down, strike, up, without), others=True)
        seen = self._before.get((down.devices, down.wires))
        if seen is None or seen.others or seen.strike != strike or strike.meets(*self._stirred):
            seen = _Seen(strike, self._loss(down, strike, up))
        return seen

    def _loss(self, down: Down, strike: Strike, up: int, without: Collection[Path] = ()) -> Loss | None:
        """`up` are the firewalls that are left, `without` the paths that stood over none of them."""
        changed = self._crowd.changed(strike, down)
        if not (changed or without or self._steered):
            return None
        dead = {end for end, fate in changed.items() if not fate[1]} if not without else set()
        gone = frozenset(self._crowd.at(down.devices))
        beside = (path for each in gone if dead for path in self._standing.beside[each])
        facing = {end for path in beside for end in self._standing.ends[path]}
        every = (self._all_of(end, gone if end in facing else frozenset()) for end in dead)
        whole = [loss for loss in every if loss is not None]
        broken = [loss.first for loss in whole]
        cut = set[str]().union(*(loss.cut for loss in whole))
        weak = self._weak({end: fate[0] & up for end, fate in changed.items() if end not in dead})
        single = (path for end in weak for path in self._standing.beside[end])
        for path in dict.fromkeys((*single, *without, *self._steered)):
            one, other = self._standing.ends[path]
            here, there = changed.get(one, one.kind.fate), changed.get(other, other.kind.fate)
            left = path.passing & up
            if not (path.arriving(down, here[0] & there[0] & left) or one.gone(down) or other.gone(down)):
                broken.append(path)
                cut |= _cut(path, (here[1] & left, there[1] & left) if left else (1, 1))
        if not broken:
            return None
        rows = {live.row for path in broken[len(whole) :] for live in path.rows}
        return Loss(
            min(broken, key=attrgetter("number")), frozenset(rows.union(*(x.rows for x in whole))), frozenset(cut)
        )

    def _all_of(self, end: End, gone: frozenset[End]) -> Loss | None:
        """The loss of all paths of an end to which nothing is delivered, but those to ends that are gone themselves."""
        if not gone and end in self._whole:
            return self._whole[end]
        paths: Sequence[Path] = self._standing.beside[end]
        if gone:
            paths = [path for path in paths if gone.isdisjoint(self._standing.ends[path])]
        if not paths:
            return None
        places = (
            place
            for path in paths
            for of, place in zip(self._standing.ends[path], path.places, strict=True)
            if of is end
        )
        rows = frozenset([live.row for path in paths for live in path.rows])
        loss = Loss(paths[0], rows, frozenset(map(_name, places)))
        if not gone:
            self._whole[end] = loss
        return loss

    def _weak(self, standing: Mapping[End, int]) -> Iterable[End]:
        """Of ends with the firewalls over which each still stands: those whose paths may be broken.

        Between ends that all still stand over the same firewall of every path none is.
        """
        weak = [end for end, mask in standing.items() if not all(mask & each for each in self._standing.by_mask)]
        common = reduce(and_, (standing[end] for end in standing.keys() - set(weak)), ALL_UP)
        return weak if all(common & each for each in self._standing.by_mask) else standing


def _cut(path: Path, delivered: tuple[int, int]) -> set[str]:
    """The ends of a broken path that no firewall delivers to any more; when none is told apart so, rather peers."""
    cut = [place for place, still in zip(path.places, delivered, strict=True) if not still]
    peers = [place for place in path.places if place.lan is None]
    return set(map(_name, cut or peers or path.places))


def _name(place: Place) -> str:
    return place.lan.site if place.lan else place.name
