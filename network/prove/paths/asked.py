"""What is asked of the network in one family: the register's rows in force, between every two of their places."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from network.compile.flows import LiveFlow, live_flows
from network.fabric import Fabric
from network.prove.paths.gates import FlowPackets
from network.prove.paths.places import Place, Places
from network.state import Family


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Two places between which rows stand."""

    source: Place
    destination: Place


@dataclass(frozen=True, slots=True)
class Demand:
    """A row of the register between two of its places."""

    live: LiveFlow
    source: Place
    destination: Place


class Asked:
    """All demands of a city on a day; nothing here hangs on what devices say."""

    def __init__(self, fabric: Fabric, day: dt.date, family: Family) -> None:
        self.fabric, self.day, self.family = fabric, day, family
        self.packets = FlowPackets(fabric, family)
        places = Places(fabric, family)
        self.places: dict[Place, None] = {}
        pairs: dict[tuple[Place, Place], Pair] = {}
        self.rows: list[tuple[LiveFlow, tuple[Pair, ...]]] = []
        """Each row with its pairs of places."""
        for live in live_flows(fabric, day):
            ends = places.of(live.source), places.of(live.destination)
            self.places |= dict.fromkeys((*ends[0], *ends[1]))
            mine = tuple(pairs.setdefault((a, b), Pair(a, b)) for a in ends[0] for b in ends[1])
            self.rows.append((live, mine))

    def fits(self, fabric: Fabric, day: dt.date) -> bool:
        """Whether the same is asked of a city on a day."""
        return self.fabric is fabric and self.day == day
