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
from network.prove.paths.offers import Attachment, Stem
from network.prove.paths.reach import Node
from network.prove.paths.routes import Routes


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


Fate = tuple[int, int]
"""Two masks: the firewalls over which an end stands, and those that deliver to it."""


@dataclass(frozen=True, slots=True, eq=False)
class Kind:
    """Lanes, and the trees that a node is in: ends of one kind share their fate while no tree loses their nodes."""

    lanes: tuple[Lane, ...]
    fate: Fate
    """While nothing is down."""


@dataclass(frozen=True, slots=True, eq=False)
class End:
    """A node, or a peer, with its lanes."""

    node: Node | None
    kind: Kind

    def at(self, down: Down, routes: Routes) -> Fate:
        """Its fate while something is down."""
        return fate_of(self.node, self.kind.lanes, down, routes)

    def gone(self, down: Down) -> bool:
        """Whether it is lost itself."""
        return self.node is not None and self.node[0] in down.devices


def fate_of(node: Node | None, lanes: Iterable[Lane], down: Down, routes: Routes) -> Fate:
    """What becomes of a node with these lanes while something is down."""
    stands = delivered = 0
    for bit, firewall, there, back in lanes:
        if firewall not in down.devices and back.holds(node, routes, down):
            delivered |= bit
            if there.holds(node, routes, down):
                stands |= bit
    return stands, delivered


class Kinds:
    """Finds the ends of nodes; equal ones are the same object, for as long as the same routes come from the devices."""

    def __init__(self) -> None:
        self._stems: dict[tuple[Lane, ...], tuple[Stem, ...]] = {}
        self._kinds: dict[tuple[tuple[Lane, ...], tuple[bool, ...]], Kind] = {}
        self._ends: dict[tuple[Node | None, Kind], End] = {}

    def end(self, node: Node | None, lanes: tuple[Lane, ...], routes: Routes) -> End:
        """The end of a node, or of a peer, with these lanes."""
        if lanes not in self._stems:
            self._stems[lanes] = tuple(stems_of(lanes))
        key = lanes, tuple(node in routes.tree(stem) for stem in self._stems[lanes])
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = Kind(lanes, fate_of(node, lanes, NOTHING_DOWN, routes))
        end = self._ends.get((node, kind))
        if end is None:
            end = self._ends[node, kind] = End(node, kind)
        return end


class Strike(NamedTuple):
    """What goes with something that is down: nodes of trees, and attachments of kinds of ends."""

    lost: tuple[tuple[Stem, frozenset[Node]], ...]
    kinds: tuple[Kind, ...]

    def meets(self, nodes: frozenset[Node | None], kinds: frozenset[Kind]) -> bool:
        """Whether any of these nodes or kinds is among them."""
        return not (kinds.isdisjoint(self.kinds) and all(nodes.isdisjoint(lost) for _, lost in self.lost))


class Strikes:
    """What goes with anything that can fail."""

    def __init__(self, kinds: Iterable[Kind], routes: Routes) -> None:
        self.kinds = dict.fromkeys(kinds)
        self._routes = routes
        self._using: dict[str, dict[Kind, None]] = {}
        """Name of a device or wire → kinds whose attachments it takes away."""
        self._carrying: dict[str, list[Stem]] = {}
        """Name of a device or wire → stems of the trees in which others hang on it."""
        self._known: dict[tuple[frozenset[str], frozenset[str]], Strike] = {}
        for kind in self.kinds:
            for course in (course for lane in kind.lanes for course in lane[2:]):
                for thing in (thing for over in course.attachments() for thing in (over.wire, over.far)):
                    self._using.setdefault(thing, {})[kind] = None
        for stem in dict.fromkeys(stem for kind in self.kinds for stem in stems_of(kind.lanes)):
            for thing in routes.tree(stem).things:
                self._carrying.setdefault(thing, []).append(stem)

    def of(self, down: Down) -> Strike:
        """What goes with these devices and wires."""
        key = down.devices, down.wires
        if key not in self._known:
            things = (*down.devices, *down.wires)
            stems = dict.fromkeys(stem for thing in things for stem in self._carrying.get(thing, ()))
            kinds = dict.fromkeys(kind for thing in things for kind in self._using.get(thing, ()))
            left = (stem for stem in stems if stem.root[0] not in down.devices)  # else its attachment is down, too
            lost = tuple((stem, down.lost(self._routes.tree(stem))) for stem in left)
            self._known[key] = Strike(lost, tuple(kinds))
        return self._known[key]


class Crowd:
    """Many ends of a family, found by what can fail."""

    def __init__(self, ends: Iterable[End], routes: Routes) -> None:
        self._routes = routes
        self.kinds: dict[Kind, list[End]] = {}
        self._fates: dict[tuple[Kind, tuple[Stem, ...]], Fate] = {}
        """What becomes of ends when trees lose their nodes and nothing else is down that they use."""
        self._at: dict[Node, list[End]] = {}
        self._homes: dict[str, list[End]] = {}
        for end in ends:
            self.kinds.setdefault(end.kind, []).append(end)
            if end.node is not None:
                self._at.setdefault(end.node, []).append(end)
                self._homes.setdefault(end.node[0], []).append(end)
        self._firewalls = {lane.firewall for kind in self.kinds for lane in kind.lanes}

    def at(self, devices: Iterable[str]) -> Iterator[End]:
        """The ends at some devices."""
        return (end for device in devices for end in self._homes.get(device, ()))

    def changed(self, strike: Strike, down: Down) -> dict[End, Fate]:
        """The ends with another fate while something is down, and strikes; not those of lost devices."""
        lost: dict[Node, tuple[Stem, ...]] = {}
        alike: dict[frozenset[Node], tuple[Stem, ...]] = {}
        for stem, nodes in strike.lost:
            alike[nodes] = (*alike.get(nodes, ()), stem)
        for nodes, stems in alike.items():
            again = nodes & lost.keys()
            lost |= dict.fromkeys(nodes - again, stems)
            lost |= {node: (*lost[node], *stems) for node in again}
        found: dict[End, Fate] = {}
        for kind in strike.kinds:
            left = (end for end in self.kinds[kind] if end.node not in lost and not end.gone(down))
            first = next(left, None)
            if first is not None and (fate := first.at(down, self._routes)) != kind.fate:
                found |= dict.fromkeys((first, *left), fate)
        known = {} if strike.kinds or not self._firewalls.isdisjoint(down.devices) else self._fates
        for node, stems in lost.items():
            for end in self._at.get(node, ()) if node[0] not in down.devices else ():
                key = end.kind, stems
                if key not in known:
                    known[key] = end.at(down, self._routes)
                if known[key] != end.kind.fate:
                    found[end] = known[key]
        return found


def stems_of(lanes: Iterable[Lane]) -> Iterable[Stem]:
    """What the trees of lanes grow from, each once."""
    choices = (choice for lane in lanes for course in lane[2:] for choice in course.choices)
    return dict.fromkeys(choice.stem for choice in choices if choice.stem is not None)
