"""Boxes: products of four sets of numbers, and how lists of them are cut, merged and searched.

A list of boxes stands for its union; boxes of a list may overlap. Nothing here compares every box with every other: an
index finds those that can meet, and a box is cut by thousands of others in one sweep along the dimension that tells
them apart best.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from network.prove.sets.intervals import Ranges, covers, join, meet, minus, pairs, touch

Box = tuple[Ranges, Ranges, Ranges, Ranges]
"""Sources, destinations, services, extras; none of them empty."""

_DIMENSIONS = (0, 1, 2, 3)
_SEARCHED = (1, 0, 2)
"""Dimensions worth an index, the most telling first."""

FEW = 8
"""Up to so many boxes are looked through one by one, and so many candidates are good enough."""
_LONG = 32
"""A longer tuple of ranges is searched by its ends only."""
_LARGEST = 64
"""Merging makes no set of more ranges than this, lest every later operation copies long tuples."""


def with_side(box: Box, dimension: int, side: Ranges) -> Box:
    """`box` with another set in one dimension."""
    return (*box[:dimension], side, *box[dimension + 1 :])  # type: ignore[return-value] # four again


def box_covers(one: Box, other: Box) -> bool:
    """Whether `other` lies within `one`."""
    return all(map(covers, one, other))


def box_touch(one: Box, other: Box) -> bool:
    """Whether a point is in both."""
    return touch(one[1], other[1]) and touch(one[0], other[0]) and touch(one[2], other[2]) and touch(one[3], other[3])


def box_meet(one: Box, other: Box) -> Box | None:
    """The points in both; None when there are none."""
    destination = meet(one[1], other[1])
    if not destination:
        return None
    source = meet(one[0], other[0])
    if not source:
        return None
    service = meet(one[2], other[2])
    if not service:
        return None
    extra = meet(one[3], other[3])
    return (source, destination, service, extra) if extra else None


def cut(box: Box, others: Sequence[Box]) -> Iterator[Box]:
    """What is left of `box` outside all of `others`, as boxes; each of `others` touches `box`."""
    if not others:
        yield box
        return
    open_sides = [[d for d in _DIMENSIONS if not covers(other[d], box[d])] for other in others]
    if not all(open_sides):
        return
    sides = set(chain.from_iterable(open_sides))
    if len(sides) == 1:
        (side,) = sides
        left = minus(box[side], join(other[side] for other in others))
        if left:
            yield with_side(box, side, left)
    elif len(others) == 1:
        yield from _peel(box, others[0], open_sides[0])
    else:
        yield from _sweep(box, others, _telling(box, others, sides))


def _peel(box: Box, other: Box, sides: Iterable[int]) -> Iterator[Box]:
    """`box` without `other`: a piece for each dimension in which `other` is narrower."""
    for side in sides:
        left = minus(box[side], other[side])
        if left:
            yield with_side(box, side, left)
        box = with_side(box, side, meet(box[side], other[side]))


def _telling(box: Box, others: Sequence[Box], sides: Iterable[int]) -> int:
    """The dimension in whose segments the fewest of `others` lie."""

    def cost(side: int) -> tuple[int, int]:
        spans = [pair for other in others for pair in pairs(meet(box[side], other[side]))]
        place = {edge: i for i, edge in enumerate(sorted({edge for low, high in spans for edge in (low, high + 1)}))}
        return sum(place[high + 1] - place[low] for low, high in spans), side

    return min(map(cost, sides))[1]


def _sweep(box: Box, others: Sequence[Box], side: int) -> Iterator[Box]:
    """Cut along one dimension: segments with the same others in them are cut as one."""
    events: dict[int, list[int]] = {box[side][0]: []}
    for number, other in enumerate(others):
        for low, high in pairs(meet(box[side], other[side])):
            events.setdefault(low, []).append(number)
            events.setdefault(high + 1, []).append(~number)
    edges = sorted(events)
    active: set[int] = set()
    segments: dict[frozenset[int], list[int]] = {}
    for low, following in zip(edges, [*edges[1:], box[side][-1] + 1], strict=True):
        for number in events[low]:
            if number < 0:
                active.discard(~number)
        active.update(number for number in events[low] if number >= 0)
        if low < following:
            segments.setdefault(frozenset(active), []).extend((low, following - 1))
    for present, spans in segments.items():
        part = meet(box[side], join([tuple(spans)]))
        if part:
            yield from cut(with_side(box, side, part), [others[number] for number in sorted(present)])


def merged(boxes: Iterable[Box]) -> list[Box]:
    """The same points in fewer boxes: those that agree in all but one dimension become one."""
    found = list(boxes)
    for side in (2, 0, 1, 3):
        if len(found) > 1:
            found = list(_merged_along(found, side))
    return found


def _merged_along(boxes: Iterable[Box], side: int) -> Iterator[Box]:
    groups: dict[tuple[Ranges, ...], list[Box]] = {}
    for box in boxes:
        groups.setdefault(box[:side] + box[side + 1 :], []).append(box)
    for group in groups.values():
        if len(group) == 1:
            yield group[0]
            continue
        whole = join({box[side] for box in group})
        for start in range(0, len(whole), 2 * _LARGEST):
            yield with_side(group[0], side, whole[start : start + 2 * _LARGEST])


def absorbed(boxes: Sequence[Box]) -> list[Box]:
    """`boxes`, no two of them equal, without those that lie within another."""
    if len(boxes) < 2:  # noqa: PLR2004 a box alone lies in no other
        return list(boxes)
    index = Index(boxes)
    return [
        box
        for box in boxes
        if not any(
            other is not box and box_covers(other, box) for other in map(boxes.__getitem__, index.near(_low(box)))
        )
    ]


def _low(box: Box) -> Box:
    """The lowest corner of a box: what covers the box covers this, and it is found faster."""
    source, destination, service, extra = box
    return source[:1] * 2, destination[:1] * 2, service[:1] * 2, extra[:1] * 2


class Index:
    """Finds the boxes of a list that can meet a given one.

    Ranges are kept by their size (to the next power of two) and start, so that one wide range among many narrow ones
    costs nothing; of the dimensions that one is used which leaves the fewest candidates.
    """

    def __init__(self, boxes: Sequence[Box]) -> None:
        self._boxes = boxes
        self._sides: dict[int, list[tuple[int, list[int], list[int]]]] = {}

    def touching(self, box: Box) -> list[int]:
        """The places of the boxes that share a point with `box`, ascending."""
        boxes = self._boxes
        return [place for place in self.near(box) if box_touch(boxes[place], box)]

    def near(self, box: Box) -> Sequence[int]:
        """The places of the boxes that may touch `box`, ascending, and of some that do not."""
        if len(self._boxes) <= FEW:
            return range(len(self._boxes))
        best: list[tuple[list[int], int, int]] = []
        fewest = -1
        for side in _SEARCHED:
            hits = self._hits(side, box[side])
            count = sum(end - start for _, start, end in hits)
            if fewest < 0 or count < fewest:
                best, fewest = hits, count
            if fewest <= FEW:
                break
        return sorted({place for places, start, end in best for place in places[start:end]})

    def _hits(self, side: int, wanted: Ranges) -> list[tuple[list[int], int, int]]:
        spans = list(pairs(wanted)) if len(wanted) <= _LONG else [(wanted[0], wanted[-1])]
        found: list[tuple[list[int], int, int]] = []
        for size, starts, places in self._levels(side):
            for low, high in spans:
                start, end = bisect_left(starts, low - size), bisect_right(starts, high)
                if start < end:
                    found.append((places, start, end))
        return found

    def _levels(self, side: int) -> list[tuple[int, list[int], list[int]]]:
        levels = self._sides.get(side)
        if levels is None:
            by_size: dict[int, list[tuple[int, int]]] = {}
            for place, box in enumerate(self._boxes):
                for low, high in pairs(box[side]):
                    by_size.setdefault((high - low).bit_length(), []).append((low, place))
            levels = []
            for bits, items in by_size.items():
                items.sort()
                levels.append(((1 << bits) - 1, [low for low, _ in items], [place for _, place in items]))
            self._sides[side] = levels
        return levels
