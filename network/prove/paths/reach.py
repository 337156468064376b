"""Which nodes of a graph reach a root, and which of them do not when devices or wires are lost.

A tree is grown once, breadth first. What hangs on a lost thing is cut off and tried again from its other neighbours, so
a failure costs no more than the branch it cuts: over all single failures, nodes × depth, never nodes × failures. One
more search, depth first, tells at once what goes with almost every single thing.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import chain
from typing import NamedTuple

Node = tuple[str, str]
"""A device and a VRF of it: one forwarding instance."""

Neighbours = Mapping[Node, Sequence[tuple[Node, str]]]
"""Node → its neighbours, each with the wire between."""


BOTH_ENDS = 2
"""So often an adjacency is met: from either end."""


class Single(NamedTuple):
    """What goes with single devices and wires, as parts of all nodes in an order; with any that is not told: nothing.

    None: so many adjacencies go with it, or so many nodes of its own, that it is not so simple.
    """

    order: Sequence[Node]
    devices: Mapping[str, Sequence[slice] | None]
    wires: Mapping[str, Sequence[slice] | None]

    def of(self, devices: AbstractSet[str], wires: AbstractSet[str]) -> frozenset[Node] | None:
        """What goes with the one that is named."""
        (name,) = devices or wires
        parts = (self.devices if devices else self.wires).get(name, ())
        return None if parts is None else frozenset(chain.from_iterable(self.order[part] for part in parts))


class Tree:
    """The nodes that reach `root` over neighbours, without those that are `shut`."""

    def __init__(
        self, root: Node, neighbours: Neighbours, shut: AbstractSet[Node] = frozenset(), kin: Tree | None = None
    ) -> None:
        """`kin`: of the same nodes, with another root."""
        self.root = root
        self._kin = kin
        self._neighbours = neighbours
        self._parents: dict[Node, tuple[Node, str]] = {}
        self._children: dict[Node, list[Node]] = {root: []}
        self._at: dict[str, list[Node]] = {}
        self._over: dict[str, list[Node]] = {}
        self._known: dict[tuple[AbstractSet[str], AbstractSet[str]], frozenset[Node]] = {}
        queue = deque([root])
        while queue:
            here = queue.popleft()
            self._at.setdefault(here[0], []).append(here)
            for there, wire in neighbours.get(here, ()):
                if there not in self._children and there not in shut:
                    self._children[there] = []
                    self._children[here].append(there)
                    self._parents[there] = (here, wire)
                    self._over.setdefault(wire, []).append(there)
                    queue.append(there)

    def __contains__(self, node: object) -> bool:
        return node in self._children

    def path(self, node: Node) -> tuple[tuple[Node, str], ...]:
        """The way from a node of the tree to the root: each node with the wire it is left by, "" at the root."""
        found: list[tuple[Node, str]] = []
        while node != self.root:
            parent, wire = self._parents[node]
            found.append((node, wire))
            node = parent
        return (*found, (self.root, ""))

    @property
    def nodes(self) -> AbstractSet[Node]:
        """All that reach the root."""
        return self._children.keys()

    @cached_property
    def things(self) -> tuple[str, ...]:
        """The names of the devices and wires on which nodes of other devices hang."""
        carrying = (
            device
            for device, nodes in self._at.items()
            if any(child[0] != device for node in nodes for child in self._children[node])
        )
        return (*carrying, *self._over)

    @cached_property
    def _single(self) -> Single:
        """What goes with single devices and wires.

        Searched depth first, what is below a node or a wire goes with it when nothing there leads back to above.
        """
        order, number, low = [self.root], {self.root: 0}, {self.root: 0}
        parts: dict[Node, list[slice]] = {self.root: []}
        wires: dict[str, list[slice] | None] = {}
        met: list[str] = []
        trail = [(self.root, "", iter(self._neighbours.get(self.root, ())))]
        while trail:
            here, came, rest = trail[-1]
            for there, wire in rest:
                if there not in self._children:
                    continue
                met.append(wire)
                if there not in number:
                    number[there] = low[there] = len(order)
                    parts[there] = [slice(len(order), len(order) + 1)]
                    order.append(there)
                    trail.append((there, wire, iter(self._neighbours.get(there, ()))))
                    break
                if number[there] < low[here] and (wire != came or there != trail[-2][0]):
                    low[here] = number[there]
            else:
                trail.pop()
                if trail:
                    above, below = trail[-1][0], slice(number[here], len(order))
                    low[above] = min(low[above], low[here])
                    if low[here] >= number[above]:
                        parts[above].append(below)
                    if low[here] > number[above]:
                        wires[came] = [below]
        devices = {name: parts[nodes[0]] if len(nodes) == 1 else None for name, nodes in self._at.items()}
        devices[self.root[0]] = None
        return Single(order, devices, wires | {wire: None for wire, count in Counter(met).items() if count > BOTH_ENDS})

    def lost(self, devices: frozenset[str], wires: frozenset[str]) -> frozenset[Node]:
        """The nodes that no longer reach the root when these are lost; among them those of the lost devices."""
        key = devices, wires
        if key not in self._known:
            shared = self._kin.lost(devices, wires) if self._kin else None
            if shared is None or self.root in shared:
                self._known[key] = self._parted(devices & self._at.keys(), wires)
            else:  # both roots are still together, so that they lose the same
                self._known[key] = shared
        return self._known[key]

    def _parted(self, devices: AbstractSet[str], wires: AbstractSet[str]) -> frozenset[Node]:
        single = self._single.of(devices, wires) if len(devices) + len(wires) == 1 else None
        return self._losing(devices, wires) if single is None else single

    def _losing(self, devices: AbstractSet[str], wires: AbstractSet[str]) -> frozenset[Node]:
        if self.root[0] in devices:
            return frozenset(self._children)
        cut = self._hanging(devices, wires)
        queue = deque(node for node in cut if node[0] not in devices and self._held(node, cut, wires))
        cut.difference_update(queue)
        while queue:
            here = queue.popleft()
            for there, wire in self._neighbours.get(here, ()):
                if there in cut and wire not in wires and there[0] not in devices:
                    cut.discard(there)
                    queue.append(there)
        return frozenset(cut)

    def _hanging(self, devices: AbstractSet[str], wires: AbstractSet[str]) -> set[Node]:
        """Everything whose way in the tree leads through what is lost."""
        found: set[Node] = set()
        rest = [node for name in devices for node in self._at.get(name, ())]
        rest += [node for name in wires for node in self._over.get(name, ())]
        while rest:
            node = rest.pop()
            if node not in found:
                found.add(node)
                rest += self._children[node]
        return found

    def _held(self, node: Node, cut: AbstractSet[Node], wires: AbstractSet[str]) -> bool:
        """Whether a neighbour that is not cut off holds this node."""
        return any(
            there in self._children and there not in cut and wire not in wires
            for there, wire in self._neighbours.get(node, ())
        )
