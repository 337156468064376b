"""Sets of whole numbers as sorted ranges that neither overlap nor touch, so that equal sets are equal values.

A set is a flat tuple `(low, high, low, high, …)`, both ends included; `()` is the empty set. One range, by far the most
frequent case, takes the short way everywhere; a short set meets a long one by bisection.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

Ranges = tuple[int, ...]
"""Sorted, disjoint, not touching: `(low, high, low, high, …)`."""

NOTHING: Ranges = ()
_ONE = 2
"""Length of a single range."""


def ranges(pairs: Iterable[tuple[int, int]]) -> Ranges:
    """The set of all numbers of `pairs` (low, high); a pair with low > high is empty."""
    found: list[int] = []
    for low, high in sorted(pairs):
        if low > high:
            continue
        if found and low <= found[-1] + 1:
            found[-1] = max(found[-1], high)
        else:
            found += (low, high)
    return tuple(found)


def pairs(one: Ranges) -> Iterator[tuple[int, int]]:
    """The ranges of a set as (low, high)."""
    return zip(one[::2], one[1::2], strict=True)


def join(sets: Iterable[Ranges]) -> Ranges:
    """The union of `sets`."""
    return ranges(pair for one in sets for pair in pairs(one))


def meet(one: Ranges, other: Ranges) -> Ranges:
    """The numbers in both."""
    if len(one) == _ONE and len(other) == _ONE:
        low = max(one[0], other[0])
        high = min(one[1], other[1])
        return (low, high) if low <= high else NOTHING
    if one is other or one == other:
        return one
    if len(one) > len(other):
        one, other = other, one
    found: list[int] = []
    for low, high in pairs(one):
        _clip(other, low, high, found)
    return tuple(found)


def _clip(one: Ranges, low: int, high: int, found: list[int]) -> None:
    """Append the part of `one` between `low` and `high`."""
    place = bisect_left(one, low) & ~1
    end = bisect_left(one, high + 1)
    if place >= end:
        return
    start = len(found)
    found += one[place : end + (end & 1)]
    found[start] = max(found[start], low)
    found[-1] = min(found[-1], high)


def minus(one: Ranges, other: Ranges) -> Ranges:
    """The numbers of `one` that are not in `other`."""
    if not one or not other or one[-1] < other[0] or other[-1] < one[0]:
        return one
    return meet(one, _gaps(other, one[0], one[-1]))


def _gaps(one: Ranges, low: int, high: int) -> Ranges:
    """What lies between `low` and `high` and not in `one`."""
    edges = [low - 1]
    _clip(one, low, high, edges)
    edges.append(high + 1)
    found: list[int] = []
    for end, start in zip(edges[::2], edges[1::2], strict=True):
        if end + 1 <= start - 1:
            found += (end + 1, start - 1)
    return tuple(found)


def touch(one: Ranges, other: Ranges) -> bool:
    """Whether a number is in both."""
    if not one or not other or one[-1] < other[0] or other[-1] < one[0]:
        return False
    if len(one) == _ONE and len(other) == _ONE:
        return True
    if len(one) > len(other):
        one, other = other, one
    for low, high in pairs(one):
        place = bisect_left(other, low)
        if place & 1 or (place < len(other) and other[place] <= high):
            return True
    return False


def covers(one: Ranges, other: Ranges) -> bool:
    """Whether every number of `other` is in `one`."""
    if not other:
        return True
    if not one or other[0] < one[0] or one[-1] < other[-1]:
        return False
    return len(one) == _ONE or one is other or meet(one, other) == other


def has(one: Ranges, number: int) -> bool:
    """Whether `number` is in the set."""
    place = bisect_left(one, number)
    return bool(place & 1) or (place < len(one) and one[place] == number)
