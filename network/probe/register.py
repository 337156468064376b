"""The flow register seen from the parties: which pairs may talk, and on which ports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from inventory.values import ProtocolPort
from network.compile.flows import live_flows
from network.fabric import Endpoint, Fabric
from network.probe.parties import Party

NO_ROW = "no row"
INSIDE = "inside"
"""Two parties in one segment: everything passes."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Row `row` lets these ports pass, in one address family."""

    row: str
    ports: tuple[ProtocolPort, ...]

    def covers(self, protocol: str, port: int) -> bool:
        return any(p.protocol == protocol and p.low <= port <= p.high for p in self.ports)


@dataclass(frozen=True)
class Register:
    """Permits by (source, destination, family); a pair without an entry has no row."""

    permits: dict[tuple[str, str, int], tuple[Permit, ...]]
    ports: tuple[ProtocolPort, ...]
    """Every protocol and port range named by a live row, sorted, each once."""
    between: dict[frozenset[str], frozenset[ProtocolPort]]
    """Likewise, of the rows between two zones, whichever way they go."""

    def row(self, source: Party, destination: Party, family: int, protocol: str, port: int) -> str:
        """The row that lets a packet pass, `INSIDE` within a segment, else `NO_ROW`."""
        if source.zone == destination.zone:
            return INSIDE
        for permit in self.permits.get((source.name, destination.name, family), ()):
            if permit.covers(protocol, port):
                return permit.row
        return NO_ROW


def register(fabric: Fabric, everybody: Iterable[Party], on: dt.date) -> Register:
    """Resolve every live row to the pairs of parties it covers."""
    people = tuple(everybody)
    permits: dict[tuple[str, str, int], list[Permit]] = {}
    between: dict[frozenset[str], frozenset[ProtocolPort]] = {}
    for live in live_flows(fabric, on):
        source, destination = live.source, live.destination
        zones = frozenset((source.zone, destination.zone))
        between[zones] = between.get(zones, frozenset()) | set(live.flow.ports)
        permit = Permit(live.row, live.flow.ports)
        for family in (4, 6):
            senders = [party for party in people if stands_in(party, source, family)]
            receivers = [party for party in people if stands_in(party, destination, family)]
            for sender in senders:
                for receiver in receivers:
                    permits.setdefault((sender.name, receiver.name, family), []).append(permit)
    ports = tuple(sorted(frozenset().union(*between.values())))
    return Register({pair: tuple(rows) for pair, rows in permits.items()}, ports, between)


def stands_in(party: Party, endpoint: Endpoint, family: int) -> bool:
    """The party belongs to the host group: right zone, and an address in one of its prefixes."""
    if party.zone != endpoint.zone:
        return False
    if family == 4:  # noqa: PLR2004 IP's versions
        return any(party.ipv4 in prefix for prefix in endpoint.ipv4)
    return any(party.ipv6 in prefix for prefix in endpoint.ipv6)
