"""Which nodes of a graph reach a root, and which of them do not when devices or wires are lost.

A tree is grown once, breadth first. What hangs on a lost thing is cut off and tried again from its other neighbours, so
a failure costs no more than the branch it cuts: over all single failures, nodes × depth, never nodes × failures.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property

Node = tuple[str, str]
"""A device and a VRF of it: one forwarding instance."""

Neighbours = Mapping[Node, Sequence[tuple[Node, str]]]
"""Node → its neighbours, each with the wire between."""


class Tree:
    """The nodes that reach `root` over neighbours, without those that are `shut`."""

    def __init__(self, root: Node, neighbours: Neighbours, shut: AbstractSet[Node] = frozenset()) -> None:
        self.root = root
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

    def lost(self, devices: frozenset[str], wires: frozenset[str]) -> frozenset[Node]:
        """The nodes that no longer reach the root when these are lost; among them those of the lost devices."""
        key = devices, wires
        if key not in self._known:
            self._known[key] = self._losing(devices, wires)
        return self._known[key]

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
