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
from network.fabric import Endpoint
from network.prove.filtering.filters import Connection, DeviceFilter
from network.prove.sets.packets import NO_PACKETS, Packets, packets, union
from network.prove.subject import Subject
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


class Gates:
    """The firewalls of a subject, as the rows of the register meet them in one family."""

    def __init__(self, subject: Subject, family: Family) -> None:
        self._family = family
        self._filters = {
            name: DeviceFilter(state, subject.unknown.get(name, ()))
            for name, state in subject.states.items()
            if state.platform == "nftables"
        }
        self._city = subject.fabric.city
        self._passing: dict[tuple[str, str, str, Connection, int | None], Packets] = {}
        self._flows: dict[str, tuple[Packets, Packets]] = {}
        self._returned: dict[tuple[str, str, str, str], Network | None] = {}

    def filter(self, firewall: str) -> DeviceFilter:
        """The filters of a firewall."""
        return self._filters[firewall]

    def packets(self, live: LiveFlow) -> tuple[Packets, Packets]:
        """What a row lets pass: first packets, and answers."""
        if live.row not in self._flows:
            forth, back = _flow(live, self._family)
            if live.destination.zone.startswith("peer:"):
                others = foreign(self._city, live.destination.zone, self._family)
                forth, back = forth - packets(destination=others), back - packets(source=others)
            if live.source.zone.startswith("peer:"):
                others = foreign(self._city, live.source.zone, self._family)
                forth, back = forth - packets(source=others), back - packets(destination=others)
            self._flows[live.row] = forth, back
        return self._flows[live.row]

    def stops(self, firewall: str, live: LiveFlow, comes: Iterable[str], goes: Sequence[str]) -> tuple[Stop, ...]:
        """What of a row does not pass between the interfaces it comes by and those it goes by."""
        forth, back = self.packets(live)
        found: list[Stop] = []
        for iif in comes:
            for oif in goes:
                found += self._stop(firewall, forth, (iif, oif), "new")
                for mark in self._filters[firewall].marks_given(iif, oif, forth) or (0,):
                    found += self._stop(firewall, back, (oif, iif), "established", mark)
        return tuple(found)

    def returned(self, firewall: str, live: LiveFlow, iif: str, oif: str) -> Network | None:
        """The address that the row's sources are translated to between two interfaces; None: they keep their own."""
        key = firewall, live.row, iif, oif
        if key not in self._returned:
            self._returned[key] = self._translated(firewall, live, iif, oif)
        return self._returned[key]

    def _translated(self, firewall: str, live: LiveFlow, iif: str, oif: str) -> Network | None:
        forth, _ = self.packets(live)
        for row in self._filters[firewall].translations("postrouting", iif, oif):
            if row.to is not None and row.kind == "source" and forth.meets(row.packets):
                return ip_network(row.to)
        return None

    def _stop(
        self,
        firewall: str,
        wanted: Packets,
        interfaces: tuple[str, str],
        connection: Connection,
        mark: int | None = None,
    ) -> Iterator[Stop]:
        key = firewall, *interfaces, connection, mark
        if key not in self._passing:
            passing = self._filters[firewall].passing("forward", *interfaces, connection, mark=mark)
            self._passing[key] = passing.certain
        if not wanted <= self._passing[key]:
            yield Stop(firewall, *interfaces, connection, wanted - self._passing[key], mark)


def between(source: Network, destination: Network, family: Family) -> Packets:
    """All packets from one prefix to another."""
    return packets(source=[source], destination=[destination], family=family)


def _flow(live: LiveFlow, family: Family) -> tuple[Packets, Packets]:
    sources, destinations = (_prefixes(end, family) for end in (live.source, live.destination))
    if not sources or not destinations:
        return NO_PACKETS, NO_PACKETS
    forth, back = [], []
    for protocol, ports in _services(live.flow.ports):
        if protocol == "icmp":
            asked, answered = ECHO[family]
            forth.append(_icmp(sources, destinations, family, asked))
            back.append(_icmp(destinations, sources, family, answered))
        else:
            forth.append(
                packets(
                    source=sources,
                    destination=destinations,
                    family=family,
                    protocol=protocol,
                    destination_ports=ports,
                )
            )
            back.append(
                packets(source=destinations, destination=sources, family=family, protocol=protocol, source_ports=ports)
            )
    return union(forth), union(back)


def _icmp(source: Sequence[Network], destination: Sequence[Network], family: Family, kind: int) -> Packets:
    return packets(source=source, destination=destination, family=family, protocol="icmp", icmp_types=[(kind, kind)])


def _prefixes(end: Endpoint, family: Family) -> tuple[Network, ...]:
    return end.ipv4 if family == 4 else end.ipv6  # noqa: PLR2004 the IP version


def _services(ports: Iterable[ProtocolPort]) -> Iterator[tuple[str, list[PortRangePair]]]:
    """Each protocol with its ports."""
    found: dict[str, list[PortRangePair]] = {}
    for port in ports:
        found.setdefault(port.protocol, []).append((port.low, port.high))
    yield from found.items()
