"""What is down at one time, and what is left of the network then."""

from __future__ import annotations

from collections.abc import Iterable

from network.prove.paths.adjacency import Line, Session
from network.prove.paths.reach import Node, Tree


class Down:
    """Devices and wires that are down together."""

    def __init__(self, devices: Iterable[str] = (), wires: Iterable[str] = ()) -> None:
        self.devices, self.wires = frozenset(devices), frozenset(wires)

    def keeps(self, attachment: Session | Line) -> bool:
        """Whether an attachment of a firewall stays up."""
        return (
            attachment.wire not in self.wires
            and attachment.firewall not in self.devices
            and attachment.far not in self.devices
        )

    def connects(self, tree: Tree, node: Node) -> bool:
        """Whether a node still reaches the tree's root."""
        if node not in tree:
            return False
        return node not in self.lost(tree)

    def lost(self, tree: Tree) -> frozenset[Node]:
        """The nodes that no longer reach the tree's root."""
        return tree.lost(self.devices, self.wires)


NOTHING_DOWN = Down()
