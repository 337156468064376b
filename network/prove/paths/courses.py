"""The legs of many places at once: what all places have in common that hear, or announce, over the same attachments.

A course is a leg without its node: the attachments, what their routes stand on, and what their trees grow from. An end
is a node with its courses to and from each firewall of its zone. Flows whose places have equal ends share their fate,
so that it is worked out once, as a mask of the firewalls by which an end still sends and is delivered to.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from network.prove.paths.down import NOTHING_DOWN, Down
from network.prove.paths.reach import Node
from network.prove.paths.routes import Attachment, Routes, Stem


class Choice(NamedTuple):
    """An attachment, what its route stands on (None: on nothing), and what its tree grows from (None at a peer)."""

    attachment: Attachment
    stands: tuple[Attachment, ...] | None
    stem: Stem | None


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """A leg of any node: one choice has to hold or, with `every`, each that is up. See `legs`."""

    choices: tuple[Choice, ...]
    every: bool

    def holds(self, node: Node | None, routes: Routes, down: Down) -> bool:
        """Whether the leg of a node holds while something is down."""
        up = [choice for choice in self.choices if down.keeps(choice.attachment)]
        if self.every:
            return bool(up) and all(_holds(choice, node, routes, down) for choice in up)
        return any(_holds(choice, node, routes, down) for choice in up)

    def attachments(self) -> Iterator[Attachment]:
        """All that it uses or stands on."""
        for choice in self.choices:
            yield choice.attachment
            yield from choice.stands or ()


def _holds(choice: Choice, node: Node | None, routes: Routes, down: Down) -> bool:
    if choice.stands is not None and not any(down.keeps(row) for row in choice.stands):
        return False
    if choice.stem is None:
        return True
    return node is not None and down.connects(routes.tree(choice.stem), node)


class Lane(NamedTuple):
    """The two courses between an end and one firewall, which is a bit of masks."""

    bit: int
    firewall: str
    sent: Course
    delivered: Course


class End:
    """A node, or a peer, with its lanes; `mask` are the firewalls over which it stands while nothing is down."""

    __slots__ = ("lanes", "mask", "node")

    def __init__(self, node: Node | None, lanes: tuple[Lane, ...], routes: Routes) -> None:
        self.node, self.lanes = node, lanes
        self.mask = self.masks(routes, NOTHING_DOWN)[0]

    def masks(self, routes: Routes, down: Down) -> tuple[int, int]:
        """The firewalls over which it stands, and those that deliver to it."""
        stands = delivered = 0
        for bit, firewall, there, back in self.lanes:
            if firewall not in down.devices and back.holds(self.node, routes, down):
                delivered |= bit
                if there.holds(self.node, routes, down):
                    stands |= bit
        return stands, delivered


class Crowd:
    """All ends of a family, found by what can fail."""

    def __init__(self, ends: Collection[End], routes: Routes) -> None:
        self._routes = routes
        self._of: dict[Course, dict[Node | None, list[End]]] = {}
        self._whole: dict[Course, bool] = {}
        """Course → whether it holds for all its nodes while nothing is down, where it was asked for."""
        self._by_thing: dict[str, dict[Course, None]] = {}
        """Name of a device or wire → courses whose attachments it takes away."""
        self._by_stem: dict[Stem, list[Course]] = {}
        for end in ends:
            for lane in end.lanes:
                for course in lane[2:]:
                    self._of.setdefault(course, {}).setdefault(end.node, []).append(end)
        for course in self._of:
            for over in course.attachments():
                for thing in (over.wire, over.far):
                    self._by_thing.setdefault(thing, {})[course] = None
            for stem in dict.fromkeys(choice.stem for choice in course.choices if choice.stem is not None):
                self._by_stem.setdefault(stem, []).append(course)
        self._trees = [(stem, routes.tree(stem)) for stem in self._by_stem]
        self._routed = {thing for _, tree in self._trees for thing in tree.things()}

    def changed(self, down: Down) -> dict[End, tuple[int, int]]:
        """The ends that stand otherwise while something is down, with their masks then; not those of lost devices."""
        touched: dict[End, None] = {}
        for thing in (*down.devices, *down.wires):
            for course in self._by_thing.get(thing, ()):
                if not self._calm(course, down):
                    touched |= dict.fromkeys(end for ends in self._of[course].values() for end in ends)
        if not self._routed.isdisjoint(down.devices) or not self._routed.isdisjoint(down.wires):
            for stem, tree in self._trees:
                lost = down.lost(tree)
                for course in self._by_stem[stem] if lost else ():
                    there = self._of[course]
                    touched |= dict.fromkeys(end for node in lost & there.keys() for end in there[node])
        found = ((end, end.masks(self._routes, down)) for end in touched if not _gone(end, down))
        return {end: masks for end, masks in found if masks[0] != end.mask}

    def _calm(self, course: Course, down: Down) -> bool:
        """Whether a course that holds for all its nodes still does, as far as can be told at once."""
        nodes = self._of[course].keys()
        if course not in self._whole:
            self._whole[course] = all(course.holds(node, self._routes, NOTHING_DOWN) for node in nodes)
        if not self._whole[course]:
            return False
        up = [choice for choice in course.choices if down.keeps(choice.attachment)]
        steady = (self._steady(choice, nodes, down) for choice in up)
        return bool(up) and (all(steady) if course.every else any(steady))

    def _steady(self, choice: Choice, nodes: Collection[Node | None], down: Down) -> bool:
        if choice.stands is not None and not any(down.keeps(row) for row in choice.stands):
            return False
        if choice.stem is None:
            return True
        tree = self._routes.tree(choice.stem)
        return all(node in tree for node in nodes) and not any(
            node in nodes and node[0] not in down.devices for node in down.lost(tree)
        )


def _gone(end: End, down: Down) -> bool:
    return end.node is not None and end.node[0] in down.devices
