"""What a tree loses, beside a plain search without the lost things."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from network.prove.paths.reach import Node, Tree

NODES = st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["v", "w"]))
WIRES = st.one_of(st.integers(0, 8), st.integers(0, 99)).map("wire{}".format)
EDGES = st.lists(st.tuples(NODES, NODES, WIRES), max_size=24)


@given(EDGES, st.sets(st.sampled_from("abcdefgh"), max_size=3), st.sets(st.sampled_from(["wire0", "wire1", "wire2"])))
def test_lost_is_what_a_new_search_does_not_find(
    edges: list[tuple[Node, Node, str]], devices: set[str], wires: set[str]
) -> None:
    neighbours: dict[Node, list[tuple[Node, str]]] = {}
    for a, b, wire in edges:
        neighbours.setdefault(a, []).append((b, wire))
        neighbours.setdefault(b, []).append((a, wire))
    root: Node = ("a", "v")
    tree = Tree(root, neighbours, frozenset({("h", "w")}))
    before = search(root, neighbours, set(), set())
    assert {node for node in before if node not in tree} == set()
    after = search(root, neighbours, devices, wires)
    assert tree.lost(frozenset(devices), frozenset(wires)) == before - after
    for device in "abcdefgh":
        assert tree.lost(frozenset({device}), frozenset()) == before - search(root, neighbours, {device}, set())
    for wire in {wire for _, _, wire in edges}:
        assert tree.lost(frozenset(), frozenset({wire})) == before - search(root, neighbours, set(), {wire})
    kin = Tree(("b", "v"), neighbours, frozenset({("h", "w")}), tree if ("b", "v") in tree else None)
    before_kin = search(("b", "v"), neighbours, set(), set())
    for some, others in ((devices, wires), *(({device}, set()) for device in "abcdefgh")):
        assert kin.lost(frozenset(some), frozenset(others)) == before_kin - search(("b", "v"), neighbours, some, others)
    for node in before:
        assert [step for step, _ in tree.path(node)][-1] == root


def search(root: Node, neighbours: dict[Node, list[tuple[Node, str]]], devices: set[str], wires: set[str]) -> set[Node]:
    seen = set() if root[0] in devices else {root}
    queue = deque(seen)
    while queue:
        for there, wire in neighbours.get(queue.popleft(), ()):
            if there not in seen and there[0] not in devices and wire not in wires and there != ("h", "w"):
                seen.add(there)
                queue.append(there)
    return seen
