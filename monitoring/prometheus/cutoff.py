"""What hangs behind which circuits: the smallest sets of circuits whose loss cuts a site off from the city hall.

A site holds together; only circuits fail here (a lost device takes its circuits along). Sets of more than `MOST`
circuits are not looked for: nobody waits for so many to fail at once.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence

from network.fabric import Fabric

MOST = 4

Cut = tuple[str, ...]
"""Circuits, sorted."""

Cuts = Mapping[str, tuple[Cut, ...]]
"""Site → its smallest cuts."""

Streets = Mapping[str, Sequence[tuple[str, str]]]
"""Site → (neighbour, circuit)."""


def root(fabric: Fabric) -> str:
    """The site from where the city is watched: the city hall."""
    sites = fabric.city.sites
    return next((name for name, site in sites.items() if site.kind == "city-hall"), next(iter(sites)))


def cuts(fabric: Fabric, segment: str | None = None) -> Cuts:
    """Site → the smallest sets of circuits that cut it off, in the inventory's order; only sites that can be.

    Args:
        fabric: the city.
        segment: only what carries this segment counts; None: any segment will do.
    """
    streets = _streets(fabric, segment)
    home = root(fabric)
    found = {site: _cuts(streets, site, home) for site in fabric.city.sites if site != home}
    return {site: sets for site, sets in found.items() if sets}


def _streets(fabric: Fabric, segment: str | None) -> Streets:
    found: dict[str, list[tuple[str, str]]] = {}
    for name, wire in fabric.wires.items():
        if wire.circuit is not None and (segment is None or segment in wire.segments):
            one, other = (fabric.devices[end.device].site for end in (wire.a, wire.b))
            found.setdefault(one, []).append((other, name))
            found.setdefault(other, []).append((one, name))
    return found


def _cuts(streets: Streets, site: str, home: str) -> tuple[Cut, ...]:
    """Every cut has a circuit of every path: so branch over one path's circuits, without them over the next's."""
    found: set[frozenset[str]] = set()
    waiting: list[frozenset[str]] = [frozenset()]
    seen = set(waiting)
    while waiting:
        lost = waiting.pop()
        path = _path(streets, site, home, lost)
        if path is None:
            found.add(lost)
        elif len(lost) < MOST:
            more = {lost | {circuit} for circuit in path} - seen
            seen |= more
            waiting += more
    smallest = (cut for cut in found if not any(other < cut for other in found))
    return tuple(sorted((tuple(sorted(cut)) for cut in smallest if cut), key=lambda cut: (len(cut), cut)))


def _path(streets: Streets, start: str, goal: str, lost: frozenset[str]) -> tuple[str, ...] | None:
    """The circuits of a shortest way, None when there is none."""
    ways: dict[str, tuple[str, ...]] = {start: ()}
    queue = deque([start])
    while queue:
        here = queue.popleft()
        if here == goal:
            return ways[here]
        for there, circuit in streets.get(here, ()):
            if there not in ways and circuit not in lost:
                ways[there] = (*ways[here], circuit)
                queue.append(there)
    return None
