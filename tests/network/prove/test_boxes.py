"""Ranges and boxes against a look at each number and point of a small world."""

from __future__ import annotations

from itertools import product
from random import Random

import pytest

from network.prove.sets.boxes import Box, box_covers, box_meet, box_touch, cut, merged
from network.prove.sets.intervals import Ranges, covers, has, join, meet, minus, pairs, ranges, touch

WORLD = range(6)
POINTS = list(product(WORLD, repeat=4))


def side(random: Random, most: int = 2) -> Ranges:
    """Some numbers of the world, at least one."""
    starts = [random.choice(WORLD) for _ in range(random.randint(1, most))]
    return ranges((start, min(WORLD[-1], start + random.choice((0, 0, 1, 2, 5)))) for start in starts)


def box(random: Random) -> Box:
    return side(random), side(random), side(random), side(random)


def numbers(one: Ranges) -> set[int]:
    return {number for number in WORLD if has(one, number)}


def points(boxes: list[Box]) -> set[tuple[int, ...]]:
    return {point for point in POINTS if any(all(map(has, one, point)) for one in boxes)}


@pytest.mark.parametrize("seed", range(10))
def test_ranges_are_sets_of_numbers(seed: int) -> None:
    random = Random(seed)  # noqa: S311 the same ranges every time
    for _ in range(40):
        one, other = side(random, 4), side(random, 4)
        assert numbers(one) == {number for low, high in pairs(one) for number in range(low, high + 1)}
        assert numbers(join([one, other])) == numbers(one) | numbers(other)
        assert numbers(meet(one, other)) == numbers(one) & numbers(other)
        assert numbers(minus(one, other)) == numbers(one) - numbers(other)
        assert touch(one, other) == bool(numbers(one) & numbers(other))
        assert covers(one, other) == (numbers(one) >= numbers(other))
        for found in (join([one, other]), meet(one, other), minus(one, other)):
            assert found == ranges((number, number) for number in numbers(found))


@pytest.mark.parametrize("seed", range(10))
def test_boxes_are_sets_of_points(seed: int) -> None:
    random = Random(seed)  # noqa: S311 the same boxes every time
    one, other = box(random), box(random)
    met = box_meet(one, other)
    assert points([met] if met else []) == points([one]) & points([other])
    assert box_touch(one, other) == (met is not None)
    assert box_covers(one, other) == (points([one]) >= points([other]))


@pytest.mark.parametrize("seed", range(25))
def test_cutting_leaves_the_points_of_no_other(seed: int) -> None:
    random = Random(seed)  # noqa: S311 the same boxes every time
    whole: Box = (WORLD[0], WORLD[-1]), side(random), (WORLD[0], WORLD[-1]), side(random)
    others = [other for other in (box(random) for _ in range(random.randint(0, 12))) if box_touch(whole, other)]
    left = list(cut(whole, others))
    assert points(left) == points([whole]) - points(others)
    assert points(merged(left)) == points(left)
    assert len(merged(left)) <= len(left)
