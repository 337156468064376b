"""The parts of a flow's way through a firewall: a place sends to it, and it delivers to a place.

A leg holds or not, whatever is down. To send, one attachment is enough over which the place hears where the other end
is. To deliver to a subnet, every core must be able to that is up and announces the subnet, since the firewall may
choose any; to deliver to a peer, one line is enough.
"""

from __future__ import annotations

from dataclasses import dataclass

from network.prove.paths.down import NOTHING_DOWN, Down
from network.prove.paths.offers import Attachment
from network.prove.paths.reach import Node, Tree


@dataclass(frozen=True, slots=True)
class Option:
    """One way for a leg: an attachment, what its route stands on, and how the place reaches its core."""

    attachment: Attachment
    stands: tuple[Attachment, ...] | None = None
    tree: Tree | None = None
    node: Node | None = None

    def holds(self, down: Down) -> bool:
        if not down.keeps(self.attachment):
            return False
        if self.stands is not None and not any(down.keeps(row) for row in self.stands):
            return False
        return self.tree is None or (self.node is not None and down.connects(self.tree, self.node))

    @property
    def path(self) -> tuple[tuple[Node, str], ...]:
        """From the place's router to the core: each node with the wire it is left by; nothing at a peer."""
        return self.tree.path(self.node) if self.tree is not None and self.node is not None else ()


@dataclass(frozen=True, slots=True, eq=False)
class Leg:
    """All the ways for one part; with `every`, each that is up has to hold."""

    options: tuple[Option, ...]
    every: bool = False

    def holds(self, down: Down = NOTHING_DOWN) -> bool:
        if not self.every:
            return any(option.holds(down) for option in self.options)
        up = [option for option in self.options if down.keeps(option.attachment)]
        return bool(up) and all(option.holds(down) for option in up)

    def chosen(self) -> Option | None:
        """The way that is shown of it: the shortest."""
        return min(self.options, key=lambda option: len(option.path), default=None)
