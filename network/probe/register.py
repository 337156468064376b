"""The flow register seen from the parties: which pairs may talk, and on which ports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from inventory.model import Flow
from inventory.values import ProtocolPort
from network.compile.flows import live_flows
from network.fabric import Endpoint, Fabric
from network.probe.parties import Party

LONGEST = 10
"""Minutes that a measurement takes at most."""
NO_ROW = "no row"
INSIDE = "inside"
"""Two parties in one segment: everything passes."""


@dataclass(frozen=True, slots=True)
class Permit:
    """Row `row` lets these ports pass, in one address family."""

    row: str
    ports: tuple[ProtocolPort, ...]
    turning: bool = False
    """The row's window opens or closes about now: what comes of it cannot be said."""

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


def register(fabric: Fabric, everybody: Iterable[Party], on: dt.date, at: dt.datetime) -> Register:
    """Resolve every live row to the pairs of parties it covers; one with a window is open or shut as it is `at`."""
    people = tuple(everybody)
    permits: dict[tuple[str, str, int], list[Permit]] = {}
    between: dict[frozenset[str], frozenset[ProtocolPort]] = {}
    for live in live_flows(fabric, on):
        source, destination = live.source, live.destination
        zones = frozenset((source.zone, destination.zone))
        between[zones] = between.get(zones, frozenset()) | set(live.flow.ports)
        standing = _standing(live.flow, at)
        if standing == "shut":
            continue
        permit = Permit(live.row, live.flow.ports, standing == "turning")
        for family in (4, 6):
            senders = [party for party in people if stands_in(party, source, family)]
            receivers = [party for party in people if stands_in(party, destination, family)]
            for sender in senders:
                for receiver in receivers:
                    permits.setdefault((sender.name, receiver.name, family), []).append(permit)
    ports = tuple(sorted(frozenset().union(*between.values())))
    return Register({pair: tuple(rows) for pair, rows in permits.items()}, ports, between)


def _standing(flow: Flow, at: dt.datetime) -> Literal["open", "shut", "turning"]:
    """How a row stands from a moment on, for as long as a measurement may take."""
    if not flow.window:
        return "open"
    moments = (at + dt.timedelta(minutes=minute) for minute in range(LONGEST + 1))
    open_ = {any(window.holds(moment) for window in flow.window) for moment in moments}
    if len(open_) > 1:
        return "turning"
    return "open" if open_.pop() else "shut"


def stands_in(party: Party, endpoint: Endpoint, family: int) -> bool:
    """The party belongs to the host group: right zone, and an address in one of its prefixes."""
    if party.zone != endpoint.zone:
        return False
    if family == 4:  # noqa: PLR2004 IP's versions
        return any(party.ipv4 in prefix for prefix in endpoint.ipv4)
    return any(party.ipv6 in prefix for prefix in endpoint.ipv6)
