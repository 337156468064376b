"""The claim of separation: between any two zones exactly the flow register passes, in every routing state.

Zones are the segments, the external peers and the management network. Routing is taken to be able to send anything
anywhere within a forwarding instance (`plant`), filters are exact (`firewall`). Modelled are cables, VLANs and trunks,
VRFs, leaks and policy routes between them, patch ports and tunnels of switches, dual-homed hosts, packet filters and
address translation, the states of connections, and firewalls as the target of packets. A tunnel of a router is followed
to interfaces that share its prefix, and never called proved. Not modelled are what hosts and peers do with packets that
were permitted to reach them (a server that forwards between its segment and its management port), connection-tracking
helpers, IPv6 extension headers, what a firewall itself sends, and cables that the inventory does not know. What an
OpenFlow entry of a switch does, and what a running kernel was given past FRR and nftables (`ip rule`, `ip route`, `tc`,
BPF, IPsec, `iptables-legacy`), is not worked out: it is told as unread.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import replace

from inventory.text import Text
from network.fabric import Fabric
from network.prove.crossing.causes import Intended
from network.prove.crossing.crossings import Crossings
from network.prove.crossing.devices import Devices
from network.prove.crossing.firewall import Firewall
from network.prove.crossing.intruders import Intruders
from network.prove.crossing.merges import merges
from network.prove.crossing.own_addresses import OwnAddresses
from network.prove.crossing.plant import Ground, Part, Plant, plant_of
from network.prove.crossing.rows import RowsAtFirewall
from network.prove.crossing.unread import unread
from network.prove.crossing.ways import Ways
from network.prove.filtering.kept import Filters
from network.prove.findings import Finding, Verdict
from network.prove.register import Register
from network.prove.subject import Subject
from network.state import DeviceState


class Separation:
    """Proves the claim; asked again it works out anew only the devices whose state is another object."""

    def __init__(self, filters: Filters) -> None:
        self._filters = filters
        self._devices: Devices | None = None
        self._plant: Plant | None = None
        self._register: tuple[Fabric, dt.date, Register] | None = None
        self._at: dict[str, tuple[Firewall, Register, DeviceState | None, tuple[Finding, ...]]] = {}

    def devices(self, fabric: Fabric) -> Devices:
        """The devices of a city, with what is known about them."""
        if self._devices is None or self._devices.ground.fabric is not fabric:
            self._devices = Devices(fabric, self._filters)
        return self._devices

    def plant(self, subject: Subject) -> Plant:
        """The plant of a subject, as the claim sees it."""
        devices, before = self.devices(subject.fabric), self._plant
        parts = {name: known.part for name, known in devices.of(subject).items()}
        same = before is not None and before.ground is devices.ground
        areas = before.areas if before and same and _join_alike(parts, before.parts) else None
        self._plant = plant_of(devices.ground, parts, areas=areas)
        return self._plant

    def __call__(self, subject: Subject) -> tuple[Verdict, tuple[Finding, ...]]:
        """The verdict and everything that speaks against it, in an order that is the same in every run."""
        plant = self.plant(subject)
        register, intended, ways = self.register(subject), Intended(subject.intended), Ways(plant)
        firewalls = [known.firewall for known in self.devices(subject.fabric).of(subject).values() if known.firewall]
        crossings = Crossings(plant, firewalls, ways, register, intended)
        found = [*merges(plant, ways, register, intended), *crossings.findings()]
        doubts = crossings.doubts
        own = OwnAddresses(plant, register, intended, doubts)
        intruders = Intruders(plant, register, intended, doubts)
        for firewall in firewalls:
            found += intruders.findings(firewall, crossings.groups[firewall])
            found += own.findings(firewall, crossings.groups[firewall])
            found += self._rows_at(subject, plant.ground, register, intended, firewall)
        found += unread(subject, plant, doubts)
        told = _together(found)
        return _verdict(told), told

    def _rows_at(
        self, subject: Subject, ground: Ground, register: Register, intended: Intended, firewall: Firewall
    ) -> tuple[Finding, ...]:
        """The findings about a firewall's rules, kept while it, the register and what is intended are the same."""
        meant = subject.intended.get(firewall.name)
        known = self._at.get(firewall.name)
        if known is None or known[0] is not firewall or known[1] is not register or known[2] is not meant:
            found = tuple(RowsAtFirewall(subject, ground, register, intended, firewall).findings())
            known = firewall, register, meant, found
            self._at[firewall.name] = known
        return known[3]

    def register(self, subject: Subject) -> Register:
        """The register as of the subject's day."""
        known = self._register
        if known is None or known[0] is not subject.fabric or known[1] != subject.day:
            known = subject.fabric, subject.day, Register(subject.fabric, subject.day)
            self._register = known
        return known[2]


def _join_alike(some: Mapping[str, Part], others: Mapping[str, Part]) -> bool:
    """Whether the same places hang together; both are of all devices of a city."""
    return all(part.joins_as(others[name]) for name, part in some.items())


def _together(found: Iterable[Finding]) -> tuple[Finding, ...]:
    """Findings that say the same of the same, such as of both families' rules for a row, as one."""
    same: dict[tuple[str, Text], Finding] = {}
    for item in found:
        key = item.key, item.what
        first = same.get(key)
        same[key] = (
            item if first is None else replace(first, origins=tuple(dict.fromkeys((*first.origins, *item.origins))))
        )
    return tuple(same.values())


def _verdict(found: Iterable[Finding]) -> Verdict:
    kinds = {finding.kind for finding in found}
    if kinds - {"unread"}:
        return "findings"
    return "not-proved" if kinds else "proved"
