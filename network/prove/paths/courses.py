"""The legs of many places at once: what all places have in common that hear, or announce, over the same attachments.

A course is a leg without its node: the attachments, what their routes stand on, and what their trees grow from. An end
is a node with its courses to and from each firewall of its zone. Flows whose places have equal ends share their fate,
so that it is worked out once, as a mask of the firewalls by which an end still sends and is delivered to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
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


Kind = tuple[tuple[Lane, ...], tuple[bool, ...]]
"""Lanes, and which of their trees a node is in: ends of one kind share their fate while no tree loses their nodes."""


class Crowd:
    """All ends of a family, found by what can fail."""

    def __init__(self, ends: Iterable[End], routes: Routes) -> None:
        self._routes = routes
        self._kinds: dict[Kind, list[End]] = {}
        self._kind_of: dict[End, Kind] = {}
        self._at: dict[Node, list[End]] = {}
        self._using: dict[str, dict[Kind, None]] = {}
        """Name of a device or wire → kinds whose attachments it takes away."""
        self._carrying: dict[str, list[Stem]] = {}
        """Name of a device or wire → stems of the trees in which others hang on it."""
        stems_of: dict[tuple[Lane, ...], tuple[Stem, ...]] = {}
        for end in ends:
            if end.lanes not in stems_of:
                stems_of[end.lanes] = tuple(_stems(end.lanes))
            kind = end.lanes, tuple(end.node in routes.tree(stem) for stem in stems_of[end.lanes])
            self._kinds.setdefault(kind, []).append(end)
            self._kind_of[end] = kind
            if end.node is not None:
                self._at.setdefault(end.node, []).append(end)
        for kind in self._kinds:
            for course in (course for lane in kind[0] for course in lane[2:]):
                for thing in (thing for over in course.attachments() for thing in (over.wire, over.far)):
                    self._using.setdefault(thing, {})[kind] = None
        for stem in dict.fromkeys(stem for stems in stems_of.values() for stem in stems):
            for thing in routes.tree(stem).things():
                self._carrying.setdefault(thing, []).append(stem)

    def changed(self, down: Down) -> dict[End, tuple[int, int]]:
        """The ends that stand otherwise while something is down, with their masks then; not those of lost devices."""
        things = (*down.devices, *down.wires)
        lost: dict[Node, tuple[Stem, ...]] = {}
        for stem in dict.fromkeys(stem for thing in things for stem in self._carrying.get(thing, ())):
            for node in down.lost(self._routes.tree(stem)):
                if node[0] not in down.devices:
                    lost[node] = (*lost.get(node, ()), stem)
        found: dict[End, tuple[int, int]] = {}
        for kind in dict.fromkeys(kind for thing in things for kind in self._using.get(thing, ())):
            left = (end for end in self._kinds[kind] if end.node not in lost and not _gone(end, down))
            first = next(left, None)
            masks = first.masks(self._routes, down) if first is not None else (0, 0)
            if first is not None and masks[0] != first.mask:
                found |= dict.fromkeys((first, *left), masks)
        known: dict[tuple[Kind, tuple[Stem, ...]], tuple[int, int]] = {}
        for node, stems in lost.items():
            for end in self._at.get(node, ()):
                key = self._kind_of[end], stems
                if key not in known:
                    known[key] = end.masks(self._routes, down)
                if known[key][0] != end.mask:
                    found[end] = known[key]
        return found


def _stems(lanes: Iterable[Lane]) -> Iterable[Stem]:
    choices = (choice for lane in lanes for course in lane[2:] for choice in course.choices)
    return dict.fromkeys(choice.stem for choice in choices if choice.stem is not None)


def _gone(end: End, down: Down) -> bool:
    return end.node is not None and end.node[0] in down.devices
