"""The lab's cables: how two ports of nodes are joined, cut, healed, and split by VLAN. Standard library only.

Each cable is a veth pair in the lab's own network namespace; a node's port is a macvtap on one end of it. So a port
keeps its name and address while its cable is cut, loses carrier when the lab takes the veth down, and the node cannot
undo that (a macvlan would do, but zebra 8.4 dies when one comes up whose parent it cannot see). A switch's port sees
every frame (passthru), any other only those for its own address (private).

Where the kernel has no 802.1Q, every VLAN of a cable between two routers is a pair of its own; towards a switch, which
must see real tags, a bridge of the lab's Open vSwitch splits the cable: one access port a VLAN on the router's side,
one trunk on the switch's.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from network.lab.blueprint import TAGGING, Blueprint, Cable, End, Node

Fault = Literal["", "cut", "silent"]
UNTAGGED = 0


@dataclass
class Wire:
    """A cable as it is built. `number` names its links: w<number>a and w<number>b, w<number>a.<tag> for VLANs."""

    number: int
    cable: Cable
    router: Literal["a", "b", ""]
    """The end whose VLANs a bridge of the lab's Open vSwitch puts on the trunk of a switch; "" where none does."""
    fault: Fault = ""
    tags: dict[int, set[str]] = field(default_factory=dict)
    """Tag → the ends, "a" and "b", that have a sub-interface for it."""

    @property
    def bridge(self) -> bool:
        """Whether a bridge of the lab's Open vSwitch stands in the middle."""
        return bool(self.router)

    def side(self, end: End) -> Literal["a", "b"]:
        return "a" if end == self.cable.a else "b"

    def lower(self, side: str, tag: int = UNTAGGED) -> str:
        """The link in the lab's namespace that a port or sub-interface stands on."""
        return f"w{self.number}{side}.{tag}" if tag else f"w{self.number}{side}"

    def other(self, side: str, tag: int = UNTAGGED) -> str:
        """The veth peer of `lower`."""
        if self.bridge:
            return self.lower(side, tag).replace("w", "s", 1)
        return self.lower("b" if side == "a" else "a", tag)


Namespace = Callable[[str, str], str]
"""(node, VRF or "") → path of its network namespace."""


class Wires:
    """Every wire of a lab, and the batches of commands that build and change them. Pure: it runs nothing."""

    def __init__(self, blueprint: Blueprint) -> None:
        self._splits = blueprint.backend == "netns"
        self._kinds: dict[str, str] = {}
        self.numbers: dict[str, int] = {}
        self.by_name: dict[str, Wire] = {}
        self.at: dict[End, Wire] = {}
        self.of_node: dict[str, list[tuple[Wire, str, str]]] = {}
        self.switched: set[End] = set()
        self.extend(blueprint.nodes, blueprint.cables)

    def extend(self, nodes: Iterable[Node], cables: Iterable[Cable]) -> None:
        """Know of more nodes and cables."""
        for node in nodes:
            self._kinds[node.name] = node.kind
            self.numbers[node.name] = len(self.numbers)
            self.of_node[node.name] = []
        for cable in cables:
            ends = (self._kinds[cable.a.node], self._kinds[cable.b.node])
            trunk = self._splits and "switch" in ends and not TAGGING.isdisjoint(ends)
            wire = Wire(len(self.by_name), cable, ("b" if ends[0] == "switch" else "a") if trunk else "")
            self.by_name[cable.name] = wire
            for side, end in (("a", cable.a), ("b", cable.b)):
                self.at[end] = wire
                self.of_node[end.node].append((wire, side, end.port))
                if self._kinds[end.node] == "switch":
                    self.switched.add(end)

    def mac(self, end: End) -> str:
        """The hardware address of a port and its sub-interfaces."""
        node, port = self.numbers[end.node], int(end.port.removeprefix("eth"))
        return f"02:5a:{node >> 8:02x}:{node & 255:02x}:00:{port:02x}"

    def lay(self, wire: Wire) -> Iterator[str]:
        """Lines of `ip -batch` that make the wire's untagged links."""
        if not wire.bridge:
            yield from self._pair(wire, "a", UNTAGGED)
            return
        for side in ("a", "b"):
            yield from self._pair(wire, side, UNTAGGED)

    def lay_tag(self, wire: Wire, side: str, tag: int) -> Iterator[str]:
        """Lines that make the links of one VLAN, as seen from `side`; none where the other end has made them."""
        if tag not in wire.tags:
            yield from self._pair(wire, side, tag)
        wire.tags.setdefault(tag, set()).add(side)

    def lift_tag(self, wire: Wire, side: str, tag: int) -> list[str]:
        """Take one end's part of a VLAN away; the links that go with it, one of each pair: those of the last end."""
        sides = wire.tags.get(tag, set())
        sides.discard(side)
        return [] if sides or wire.tags.pop(tag, None) is None else [wire.lower(side, tag)]

    def plug(self, end: End, namespace: str, tag: int = UNTAGGED) -> Iterator[str]:
        """Lines that give a node its port, or a sub-interface of it."""
        wire = self.at[end]
        name = f"{end.port}.{tag}" if tag else end.port
        lower = wire.lower(wire.side(end), tag)
        # promiscuous or not, a passthru port hears a multicast (a neighbour solicitation) only when it takes them all
        own = " allmulticast on" if end in self.switched else f" address {self.mac(end)}"
        mode = "passthru nopromisc" if end in self.switched else "private"
        yield f"link add link {lower} name {name}{own} netns {namespace} up type macvtap mode {mode}"

    def _pair(self, wire: Wire, side: str, tag: int) -> Iterator[str]:
        near, far = wire.lower(side, tag), wire.other(side, tag)
        yield f"link add name {near} type veth peer name {far}"
        yield f"link set {near} up"
        yield f"link set {far} up"

    def lowers(self, wire: Wire) -> list[str]:
        """Every link of the wire that a node's port stands on."""
        found = [wire.lower("a"), wire.lower("b")]
        for tag, sides in wire.tags.items():
            both = {"a", "b"} if not wire.bridge else sides
            found += [wire.lower(side, tag) for side in sorted(both)]
        return found

    def untrusted_checksums(self, wire: Wire) -> bool:
        """Whether frames pass Open vSwitch in user space, which needs them whole when they arrive."""
        return wire.bridge or bool(self.switched & {wire.cable.a, wire.cable.b})


def bridge_commands(wire: Wire) -> list[str]:
    """`ovs-vsctl` arguments that make the bridge of a wire to a switch."""
    name, trunk, native = f"x{wire.number}", wire.other("b" if wire.router == "a" else "a"), wire.other(wire.router)
    words = ["--", "add-br", name, "--", "set", "bridge", name, "datapath_type=netdev"]
    words += ["other_config:forward-bpdu=true", "--", "add-port", name, trunk, "--", "add-port", name, native]
    words += ["trunks=0"]
    for tag in sorted(wire.tags):
        words += tag_commands(wire, wire.router, tag)
    return words


def tag_commands(wire: Wire, side: str, tag: int) -> list[str]:
    """`ovs-vsctl` arguments that join one VLAN to the bridge of a wire."""
    return ["--", "add-port", f"x{wire.number}", wire.other(side, tag), f"tag={tag}"]


def admin_lines(names: Iterable[str], *, up: bool) -> list[str]:
    """Lines of `ip -batch`."""
    return [f"link set {name} {'up' if up else 'down'}" for name in names]


def blackhole_lines(names: Iterable[str], *, on: bool) -> list[str]:
    """Lines of `tc -batch`: a link that swallows whatever is sent into it."""
    return [f"qdisc {'replace' if on else 'del'} dev {name} root{' blackhole' if on else ''}" for name in names]
