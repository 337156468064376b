"""The flow register as sets of packets: what may pass from which zone to which, read from the inventory alone.

A zone is a segment, `peer:<name>` (with the peers behind it) or `management`. A peer that announces everything owns all
addresses but those of our segments and those that other peers announce by name: as a source it may not claim them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inventory.model import Flow
from inventory.values import ProtocolPort
from network.claims import foreign
from network.compile.flows import LiveFlow, live_flows
from network.fabric import Endpoint, Fabric
from network.prove.sets.boxes import Box
from network.prove.sets.fields import FAMILIES, ICMP, PORTED, address_ranges, boxes_of, services_of
from network.prove.sets.packets import NO_PACKETS, Packets, packets, union
from network.state import Family, Network

MANAGEMENT = "management"
"""The zone of the out-of-band network."""

PEER = "peer:"
_ECHO_REQUEST: dict[Family, int] = {4: 8, 6: 128}


@dataclass(frozen=True, slots=True)
class Row:
    """A live row: from zone to zone, and the packets that open its connections."""

    name: str
    flow: Flow
    source: str
    destination: str
    packets: Packets


class Register:
    """What the rows in force on `day` permit between zones."""

    def __init__(self, fabric: Fabric, day: dt.date) -> None:
        self._fabric = fabric
        self._ranges = {name: address_ranges((*end.ipv4, *end.ipv6)) for name, end in fabric.endpoints.items()}
        self.rows: Mapping[str, Row] = {live.row: self._row(live) for live in live_flows(fabric, day)}
        self._pairs: dict[tuple[str, str], list[Packets]] = {}
        for row in self.rows.values():
            self._pairs.setdefault((row.source, row.destination), []).append(row.packets)
        self._between: dict[tuple[str, str], Packets] = {}
        self._across: dict[tuple[tuple[str, ...], tuple[str, ...]], Packets] = {}
        self._own: dict[str, Packets] = {}
        self._addresses: dict[str, tuple[Network, ...]] = {}

    def between(self, source: str, destination: str) -> Packets:
        """All that opens a registered connection from one zone to another."""
        key = source, destination
        if key not in self._between:
            self._between[key] = union(self._pairs[key]) if key in self._pairs else NO_PACKETS
        return self._between[key]

    def across(self, sources: Iterable[str], destinations: Iterable[str]) -> Packets:
        """All that opens a registered connection from one of some zones to one of others."""
        key = tuple(sources), tuple(destinations)
        if key not in self._across:
            found = [self.between(a, b) for a in key[0] for b in key[1]]
            self._across[key] = found[0] if len(found) == 1 else union(found)
        return self._across[key]

    def addresses(self, zone: str) -> tuple[Network, ...]:
        """The prefixes of a zone."""
        if zone not in self._addresses:
            self._addresses[zone] = self._prefixes(zone)
        return self._addresses[zone]

    def own(self, zone: str) -> Packets:
        """Packets whose source a zone owns: a peer's lines are its own, too."""
        if zone not in self._own:
            lines = (line for line in self._fabric.peer_lines.values() if f"{PEER}{line.peer}" == zone)
            ends = (network for line in lines for network in (line.ipv4.network, line.ipv6.network))
            claimed = packets(source=(*self.addresses(zone), *ends))
            others = self.foreign(zone) if zone.startswith(PEER) else ()
            self._own[zone] = claimed - packets(source=others) if others else claimed
        return self._own[zone]

    def foreign(self, zone: str) -> tuple[Network, ...]:
        """What a peer may not claim, though it announces everything."""
        city = self._fabric.city
        return (*foreign(city, zone, 4), *foreign(city, zone, 6))

    def literal(self, row: str) -> Packets:
        """A row as it is written: a peer that announces everything may claim any address, ours too."""
        flow = self.rows[row].flow
        source, destination = (self._fabric.endpoints[name] for name in (flow.source, flow.destination))
        return union(self._of(source, destination, port) for port in flow.ports)

    def _prefixes(self, zone: str) -> tuple[Network, ...]:
        city = self._fabric.city
        if zone.startswith(PEER):
            name = zone.removeprefix(PEER)
            members = [peer for key, peer in city.peers.items() if name in {key, peer.behind}]
            found: list[Network] = []
            for peer in members:
                found += [*peer.prefixes4, *peer.prefixes6]
            return tuple(found)
        if zone in city.segments:
            four, six = city.segments[zone].ipv4, city.segments[zone].ipv6
            return (four.supernet, six.supernet, four.transit, six.transit)
        return (city.management.ipv4,)

    def _row(self, live: LiveFlow) -> Row:
        parts = [self._of(live.source, live.destination, port) for port in live.flow.ports]
        found = union(parts) if len(parts) > 1 else parts[0]
        if live.source.zone.startswith(PEER):
            found -= packets(source=self.foreign(live.source.zone))  # dropped before any row is asked
        return Row(live.row, live.flow, live.source.zone, live.destination.zone, found)

    def _of(self, source: Endpoint, destination: Endpoint, port: ProtocolPort) -> Packets:
        found: list[Box] = []
        for family in FAMILIES:
            echo = _ECHO_REQUEST[family]
            number, low, high = (
                (ICMP[family], echo, echo) if port.protocol == "icmp" else (PORTED[port.protocol], port.low, port.high)
            )
            ends = self._ranges[source.group], self._ranges[destination.group]
            found += boxes_of(*ends, services_of(number, [(low, high)]), family=family)
        return Packets(found)
