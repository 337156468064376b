"""What is asked of the network in one family: the register's rows in force, between every two of their places."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from network.compile.flows import LiveFlow, live_flows
from network.fabric import Fabric
from network.prove.paths.failures import Failure, failures
from network.prove.paths.gates import FlowPackets, between
from network.prove.paths.places import Place, Places
from network.prove.sets.packets import Packet, packets
from network.state import Family, Network


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
        self._packets: dict[tuple[str, Place, Place], Packet | None] = {}
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
        self.numbers = {live.row: number for number, (live, _) in enumerate(self.rows)}

    @cached_property
    def failures(self) -> tuple[Failure, ...]:
        """All that can fail alone."""
        return tuple(failures(self.fabric))

    def packet(self, demand: Demand) -> Packet | None:
        """A first packet of the row from the source to the destination, between hosts that the inventory names."""
        key = demand.live.row, demand.source, demand.destination
        if key not in self._packets:
            forth, _ = self.packets(demand.live)
            ends = [self._address(place) for place in (demand.source, demand.destination)]
            named = forth & packets(source=[ends[0]], destination=[ends[1]], family=self.family)
            whole = forth & between(demand.source.prefix, demand.destination.prefix, self.family)
            self._packets[key] = (named or whole).witness()
        return self._packets[key]

    def _address(self, place: Place) -> Network:
        """One host's address where the inventory names hosts, else all of the place."""
        if place.lan is not None:
            first = next((host.ipv4 if self.family == 4 else host.ipv6 for host in place.hosts), None)  # noqa: PLR2004 the IP version
            return place.prefix if first is None else type(place.prefix)(first.ip)
        hosts = self.fabric.city.peers[place.name.removeprefix("peer:")].hosts.values()
        addresses = (host.ipv4 if self.family == 4 else host.ipv6 for host in hosts)  # noqa: PLR2004 the IP version
        return next((type(place.prefix)(address) for address in addresses if address in place.prefix), place.prefix)

    def fits(self, fabric: Fabric, day: dt.date) -> bool:
        """Whether the same is asked of a city on a day."""
        return self.fabric is fabric and self.day == day
