"""What is to be tried, and what must come of it: every probe of a measurement, derived from the fabric alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from itertools import permutations
from typing import Literal, NamedTuple

from inventory.values import ProtocolPort
from network.fabric import Fabric
from network.probe.packets import Transport
from network.probe.parties import (
    PEER,
    OwnAddress,
    Party,
    own_addresses,
    parties,
    representatives,
)
from network.probe.register import INSIDE, NO_ROW, Register, register
from network.state import Address

Kind = Literal["gateway", "inside", "flow", "forbidden", "spoofed", "device"]
FAMILIES: tuple[Literal[4, 6], ...] = (4, 6)
ECHO_PORT = 7
"""Where every party listens, whatever the register says: what arrives there is answered."""
LISTENED = (ProtocolPort("tcp", ECHO_PORT, ECHO_PORT), ProtocolPort("udp", ECHO_PORT, ECHO_PORT), ProtocolPort("icmp"))
UNREGISTERED = (*LISTENED, ProtocolPort("tcp", 3389, 3389), ProtocolPort("udp", 40000, 40000))
ON_DEVICES = (ProtocolPort("icmp"), ProtocolPort("tcp", 22, 22), ProtocolPort("tcp", 179, 179))
_HIGHEST = 65535


class Probe(NamedTuple):
    """One packet and what must come of it.

    `flow`, `inside` and `gateway` must be answered; `forbidden` and `spoofed` must not arrive; `device` (to a router's
    or firewall's own address) must not be answered.
    """

    kind: Kind
    source: Party
    target: Party | OwnAddress
    family: Literal[4, 6]
    protocol: Transport
    port: int
    row: str = NO_ROW
    spoofed: IPv4Address | IPv6Address | None = None
    """Another party's address, written as the source."""

    @property
    def must_pass(self) -> bool:
        return self.kind in MUST_PASS

    @property
    def sender(self) -> Address:
        return self.spoofed or self.source.address(self.family)


MUST_PASS = frozenset({"gateway", "inside", "flow"})


@dataclass(frozen=True)
class Plan:
    """A measurement before it is made. Probes that must pass come first."""

    parties: tuple[Party, ...]
    wanted: tuple[Probe, ...]
    unwanted: tuple[Probe, ...]
    listeners: dict[str, tuple[ProtocolPort, ...]]
    """Party → single ports on which it must answer during the measurement."""


def plan_of(fabric: Fabric, on: dt.date, at: dt.datetime | None = None) -> Plan:
    """Everything that is tried in the lab of `fabric`, with the register as it is on the day `on`.

    Windows are judged by the time the packets are sent `at` (default: now), whatever the day asked about: the firewalls
    look at their clocks.
    """
    everybody = parties(fabric)
    chosen = representatives(everybody, fabric)
    rules = register(fabric, everybody, on, at or dt.datetime.now(dt.UTC))
    wanted = (*_gateways(fabric, everybody), *_inside(everybody, chosen), *_flows(everybody, rules))
    unwanted = (
        *_forbidden(everybody, chosen, rules),
        *_spoofed(everybody, chosen, rules),
        *_devices(fabric, chosen),
    )
    listeners = {party.name: set(LISTENED[:2]) for party in everybody}
    for probe in wanted:
        if probe.kind == "flow" and probe.protocol != "icmp":
            listeners[probe.target.name].add(ProtocolPort(probe.protocol, probe.port, probe.port))
    return Plan(everybody, wanted, unwanted, {name: tuple(sorted(ports)) for name, ports in listeners.items()})


def ends(ports: Iterable[ProtocolPort]) -> tuple[ProtocolPort, ...]:
    """The first and last port of every range, each once."""
    single = {ProtocolPort(p.protocol, port, port) for p in ports for port in {p.low, p.high}}
    return tuple(sorted(single))


def _gateways(fabric: Fabric, everybody: Iterable[Party]) -> Iterator[Probe]:
    for party in everybody:
        if party.inside:
            lan = fabric.lans[party.lan]
            target = OwnAddress(
                lan.gateway, lan.gateway, lan.segment, lan.site, lan.gateway4.ip, lan.gateway6.ip, firewall=False
            )
            for family in FAMILIES:
                yield Probe("gateway", party, target, family, "icmp", 0, INSIDE)


def _inside(everybody: tuple[Party, ...], chosen: tuple[Party, ...]) -> Iterator[Probe]:
    deputies = {(party.zone, party.site): party for party in chosen if party.inside}
    pairs = [(a, b) for a in chosen for b in chosen if a.inside and a != b and a.zone == b.zone]
    for party in everybody:
        deputy = deputies.get((party.zone, party.site))
        if deputy is not None and deputy != party:
            pairs += [(party, deputy), (deputy, party)]
    pairs += [(a, b) for a, b in permutations(everybody, 2) if a.inside and a.lan == b.lan]
    for source, target in dict.fromkeys(pairs):
        for family in FAMILIES:
            for port in LISTENED:
                yield Probe("inside", source, target, family, port.protocol, port.low, INSIDE)


def _flows(everybody: tuple[Party, ...], rules: Register) -> Iterator[Probe]:
    by_name = {party.name: party for party in everybody}
    for (source, target, family), permits in rules.permits.items():
        seen: set[ProtocolPort] = set()
        for permit in permits:
            for port in () if permit.turning else ends(permit.ports):
                if port not in seen:
                    seen.add(port)
                    yield Probe(
                        "flow", by_name[source], by_name[target], 4 if family == 4 else 6,  # noqa: PLR2004 IP's versions
                        port.protocol, port.low, permit.row,
                    )  # fmt: skip


def _crossing(everybody: tuple[Party, ...], chosen: tuple[Party, ...]) -> Iterator[tuple[Party, Party, bool]]:
    """Ordered pairs in different zones: all representatives, and every other party with each zone's first one.

    The third tells whether the pair stands for its zones: both are the first of theirs, or one is no representative.
    """
    first: dict[str, Party] = {}
    for party in chosen:
        first.setdefault(party.zone, party)
    leaders = set(first.values())
    for a in chosen:
        for b in chosen:
            if a.zone != b.zone:
                yield a, b, {a, b} <= leaders
    deputies = set(chosen)
    for other in everybody:
        if other not in deputies:
            for deputy in first.values():
                if deputy.zone != other.zone:
                    yield other, deputy, True
                    yield deputy, other, True


def _forbidden(everybody: tuple[Party, ...], chosen: tuple[Party, ...], rules: Register) -> Iterator[Probe]:
    """Between any two places: the ports of every row between their zones, whichever way it goes, and unregistered ones.

    Pairs that stand for their zones try every port of the whole register.
    """
    known = {*ends(rules.ports), *UNREGISTERED}
    between = {zones: {*ends(ports), *UNREGISTERED} for zones, ports in rules.between.items()}
    for source, target, full in _crossing(everybody, chosen):
        usual = known if full else between.get(frozenset((source.zone, target.zone)), UNREGISTERED)
        for family in FAMILIES:
            permits = rules.permits.get((source.name, target.name, family), ())
            ports = {*usual, *_beside(port for permit in permits for port in permit.ports)}
            for port in sorted(ports):
                if not any(permit.covers(port.protocol, port.low) for permit in permits):
                    yield Probe("forbidden", source, target, family, port.protocol, port.low)


def _beside(ports: Iterable[ProtocolPort]) -> Iterator[ProtocolPort]:
    """The ports next to a permitted range."""
    for span in ports:
        for port in (span.low - 1, span.high + 1):
            if span.protocol != "icmp" and 1 <= port <= _HIGHEST:
                yield ProtocolPort(span.protocol, port, port)


def _spoofed(everybody: tuple[Party, ...], chosen: tuple[Party, ...], rules: Register) -> Iterator[Probe]:
    """For every row: others, of every other zone, that write a permitted source's address on their packets."""
    by_name = {party.name: party for party in everybody}
    pairs: dict[str, list[tuple[Party, Party]]] = {}
    ports: dict[str, tuple[ProtocolPort, ...]] = {}
    for (sender, receiver, _), permits in rules.permits.items():
        for permit in permits:
            pairs.setdefault(permit.row, []).append((by_name[sender], by_name[receiver]))
            ports[permit.row] = ends(permit.ports)
    for row, members in pairs.items():
        for owner, target in dict.fromkeys((members[0], members[-1])):
            for liar in _liars(chosen, {owner.zone, target.zone}):
                for family in FAMILIES:
                    lie = owner.address(family)
                    for port in ports[row]:
                        yield Probe("spoofed", liar, target, family, port.protocol, port.low, spoofed=lie)


def _liars(chosen: tuple[Party, ...], honest: set[str]) -> Iterator[Party]:
    """The first and the last representative of every zone but the honest ones."""
    deputies: dict[str, list[Party]] = {}
    for party in chosen:
        deputies.setdefault(party.zone, []).append(party)
    for zone, there in deputies.items():
        if zone not in honest:
            yield from dict.fromkeys((there[0], there[-1]))


def _devices(fabric: Fabric, chosen: tuple[Party, ...]) -> Iterator[Probe]:
    """From every representative to its own site's devices and to all firewalls and cores, in every other segment."""
    targets = own_addresses(fabric)
    for source in chosen:
        for target in targets:
            near = target.site == source.site or fabric.devices[target.device].spec.role != "edge"
            if near and (target.firewall or target.zone != source.zone):
                for family in FAMILIES:
                    for port in ON_DEVICES:
                        yield Probe("device", source, target, family, port.protocol, port.low)


__all__ = ["FAMILIES", "INSIDE", "NO_ROW", "PEER", "Kind", "Plan", "Probe", "ends", "plan_of"]
