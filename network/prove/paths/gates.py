"""Whether a firewall lets a registered flow and its answers through, and with which addresses it goes on.

Every packet of the row has to pass for certain, between every pair of interfaces by which it may come and go: routing
may choose any of them. The first packets are those of a new connection; the answers come with the ends exchanged, and
with every mark that the rules may have given the connection.
A peer that stands for everything never has an address of the city's own, nor one that another peer announces by name.
Source translation is followed, so that the answer's destination is known; destination translation is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_network

from inventory.values import ProtocolPort
from network.claims import foreign
from network.compile.flows import LiveFlow
from network.fabric import Endpoint, Fabric
from network.prove.filtering.filters import Connection, DeviceFilter, Openings
from network.prove.filtering.translations import Translation
from network.prove.sets.fields import ICMP, PORTED, address_ranges, boxes_of, services_of
from network.prove.sets.intervals import Ranges, ranges
from network.prove.sets.packets import Packets, packets, union
from network.state import Family, Network, PortRangePair

ECHO: Mapping[Family, tuple[int, int]] = {4: (8, 0), 6: (128, 129)}
"""ICMP types of an echo request and its reply."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Packets of a row that a firewall does not let through for certain, between two of its interfaces.

    `mark` is that of their connection, once it is open.
    """

    firewall: str
    iif: str
    oif: str
    connection: Connection
    packets: Packets
    mark: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class _Lane:
    """What a firewall lets through from one interface to another: first packets, answers by mark, and the marks."""

    forth: Packets
    openings: Openings
    back: Mapping[int, Packets]

    def clear(self, forth: Packets, back: Packets, kinds: Iterable[int]) -> bool:
        """Whether all of a row and of its answers passes; `kinds`: the marks its connections may have."""
        return forth <= self.forth and all(back <= self.back[kind] for kind in kinds)


class Gate:
    """A firewall as the rows of the register meet it in one family; what is worked out about a row is kept."""

    def __init__(self, filter_: DeviceFilter, name: str, rows: FlowPackets) -> None:
        self.filter = filter_
        self._name, self._rows = name, rows
        self._lanes: dict[tuple[str, str], _Lane] = {}
        self._between: dict[tuple[Sequence[str], Sequence[str]], tuple[_Lane, ...]] = {}
        self._stops: dict[tuple[str, Sequence[str], Sequence[str]], tuple[Stop, ...]] = {}
        self._sources: dict[tuple[str, str], tuple[Translation, ...]] = {}
        self._returned: dict[tuple[str, str, str], Network | None] = {}

    def stops(self, live: LiveFlow, comes: tuple[str, ...], goes: tuple[str, ...]) -> tuple[Stop, ...]:
        """What of a row does not pass between the interfaces it comes by and those it goes by."""
        key = live.row, comes, goes
        if key not in self._stops:
            self._stops[key] = () if self._clear(live, comes, goes) else tuple(self._found(live, comes, goes))
        return self._stops[key]

    def lets_as(self, other: Gate, comes: tuple[str, ...], goes: tuple[str, ...]) -> bool:
        """Whether rows pass it as they pass another gate: between these interfaces, and out by those they leave by."""
        if self._through(comes, goes) != other._through(comes, goes):
            return False
        doors = [(iif, oif) for iif in comes[:1] or ("",) for oif in goes]
        return all(self._translating(*each) == other._translating(*each) for each in doors)

    def translates(self, iif: str, oif: str) -> bool:
        """Whether the sources of some packets are translated between two interfaces."""
        return bool(self._translating(iif, oif))

    def returned(self, live: LiveFlow, iif: str, oif: str) -> Network | None:
        """The address that the row's sources are translated to between two interfaces; None: they keep their own."""
        if not self._translating(iif, oif):
            return None
        key = live.row, iif, oif
        if key not in self._returned:
            forth, _ = self._rows(live)
            met = (row.to for row in self._translating(iif, oif) if row.to is not None and forth.meets(row.packets))
            self._returned[key] = next((ip_network(address) for address in met), None)
        return self._returned[key]

    def _translating(self, iif: str, oif: str) -> tuple[Translation, ...]:
        key = iif, oif
        if key not in self._sources:
            rows = self.filter.translations("postrouting", iif, oif)
            self._sources[key] = tuple(row for row in rows if row.to is not None and row.kind == "source")
        return self._sources[key]

    def _clear(self, live: LiveFlow, comes: tuple[str, ...], goes: tuple[str, ...]) -> bool:
        forth, back = self._rows(live)
        return all(self._lets(lane, forth, back) for lane in self._through(comes, goes))

    def _through(self, comes: tuple[str, ...], goes: tuple[str, ...]) -> tuple[_Lane, ...]:
        """The different lanes between interfaces."""
        key = comes, goes
        if key not in self._between:
            self._between[key] = tuple(dict.fromkeys(self._lane(iif, oif) for iif in comes for oif in goes))
        return self._between[key]

    def _lets(self, lane: _Lane, forth: Packets, back: Packets) -> bool:
        return self.filter.memo.of(
            "clear", (lane, forth, back), lambda: lane.clear(forth, back, self._kinds(lane, forth))
        )

    def _kinds(self, lane: _Lane, forth: Packets) -> set[int]:
        """The marks that stand for those of a row's connections."""
        return {self.filter.like("established", mark) for mark in lane.openings.marks(forth) or (0,)}

    def _lane(self, iif: str, oif: str) -> _Lane:
        """Interfaces that filters treat alike have the same, here and at other firewalls."""
        if (iif, oif) not in self._lanes:
            kinds = {mark or 0: mark for mark in self.filter.marks("established")}
            forth = self.filter.passing("forward", iif, oif, "new").certain
            back = {
                kind: self.filter.passing("forward", oif, iif, "established", mark=mark).certain
                for kind, mark in kinds.items()
            }
            openings = self.filter.openings(iif, oif)
            question = "lane", self.filter.asked("established")
            self._lanes[iif, oif] = self.filter.memo.of(
                question, (forth, openings, *back.values()), lambda: _Lane(forth, openings, back)
            )
        return self._lanes[iif, oif]

    def _found(self, live: LiveFlow, comes: Iterable[str], goes: Sequence[str]) -> Iterator[Stop]:
        forth, back = self._rows(live)
        for iif in comes:
            for oif in goes:
                lane = self._lane(iif, oif)
                if not forth <= lane.forth:
                    yield Stop(self._name, iif, oif, "new", forth - lane.forth)
                for mark in lane.openings.marks(forth) or (0,):
                    passing = lane.back[self.filter.like("established", mark)]
                    if not back <= passing:
                        yield Stop(self._name, oif, iif, "established", back - passing, mark)


class FlowPackets:
    """What rows of the register let pass, in one family: first packets, and answers."""

    def __init__(self, fabric: Fabric, family: Family) -> None:
        self._city, self._family = fabric.city, family
        self._known: dict[str, tuple[Packets, Packets]] = {}
        self._addresses: dict[str, Ranges] = {}
        """Group → its addresses in the family."""

    def __call__(self, live: LiveFlow) -> tuple[Packets, Packets]:
        """Of one row."""
        if live.row not in self._known:
            forth, back = self._flow(live)
            if live.destination.zone.startswith("peer:"):
                others = foreign(self._city, live.destination.zone, self._family)
                forth, back = forth - packets(destination=others), back - packets(source=others)
            if live.source.zone.startswith("peer:"):
                others = foreign(self._city, live.source.zone, self._family)
                forth, back = forth - packets(source=others), back - packets(destination=others)
            self._known[live.row] = forth, back
        return self._known[live.row]

    def _flow(self, live: LiveFlow) -> tuple[Packets, Packets]:
        ends = self._of(live.source), self._of(live.destination)
        forth, back = [], []
        for protocol, ports in _services(live.flow.ports):
            if protocol == "icmp":
                asked, answered = (services_of(ICMP[self._family], [(kind, kind)]) for kind in ECHO[self._family])
                forth.append(Packets(boxes_of(*ends, asked)))
                back.append(Packets(boxes_of(*ends[::-1], answered)))
            else:
                number = PORTED[protocol]
                forth.append(Packets(boxes_of(*ends, services_of(number, ports))))
                back.append(Packets(boxes_of(*ends[::-1], services_of(number), ranges(ports))))
        return _all(forth), _all(back)

    def _of(self, end: Endpoint) -> Ranges:
        if end.group not in self._addresses:
            self._addresses[end.group] = address_ranges(end.ipv4 if self._family == 4 else end.ipv6)  # noqa: PLR2004 the IP version
        return self._addresses[end.group]


def _all(parts: Sequence[Packets]) -> Packets:
    return parts[0] if len(parts) == 1 else union(parts)


def between(source: Network, destination: Network, family: Family) -> Packets:
    """All packets from one prefix to another."""
    return packets(source=[source], destination=[destination], family=family)


def _services(ports: Iterable[ProtocolPort]) -> Iterator[tuple[str, list[PortRangePair]]]:
    """Each protocol with its ports."""
    found: dict[str, list[PortRangePair]] = {}
    for port in ports:
        found.setdefault(port.protocol, []).append((port.low, port.high))
    yield from found.items()
