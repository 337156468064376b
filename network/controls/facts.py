"""The facts that controls are judged by. What was not asked is None, which is never taken for good."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from inventory.model import City, Flow, Peer, Platform, SegmentKind
from inventory.origin import Origin
from inventory.text import Text
from network.compile.flows import is_live
from network.controls.permits import Permit, permits_of
from network.fabric import Endpoint, Fabric
from network.prove.findings import Finding, Proof
from network.prove.subject import Source
from network.prove.waivers import waiver_of
from network.state import DeviceState, Network, UnknownLine

Need = Literal["proof", "changes", "drift", "inspections"]
"""An optional fact that a control cannot do without."""


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change as the journal tells it. `restorable` counts the devices whose configuration before it is on record."""

    name: str
    author: str
    approver: str
    begun_at: str
    ended_at: str
    result: Literal["new", "old", ""]
    devices: int
    restorable: int
    origin: Origin
    """The journal and the number of the change's first row."""


@dataclass(frozen=True, slots=True)
class ChangeLog:
    """The changes of a journal. `fault` says why its hash chain does not hold, None when it does."""

    changes: tuple[ChangeRecord, ...]
    fault: Text | None = None


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing that a device runs otherwise than intended."""

    device: str
    what: Text
    origin: Origin


@dataclass(frozen=True, slots=True)
class Inspection:
    """What a running device told beside its configuration.

    `offset` is how far its clock is ahead of the asking machine's, in seconds, give or take `unsure`; `listening` are
    the protocols (tcp, udp) and ports on which it hears others; `communities` tells whether its SNMP agent takes any,
    as v1 and v2c have them (None: not known).
    """

    offset: float
    unsure: float
    listening: frozenset[tuple[str, int]] = frozenset()
    communities: bool | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the flow register with its ends resolved; `live` on the day of the judgement."""

    name: str
    flow: Flow
    source: Endpoint
    destination: Endpoint
    live: bool

    @property
    def zones(self) -> tuple[str, str]:
        return self.source.zone, self.destination.zone


def prefixes_of(end: Endpoint) -> tuple[Network, ...]:
    """The prefixes of a group of hosts, of both families."""
    return (*end.ipv4, *end.ipv6)


def announced_by(peer: Peer) -> tuple[Network, ...]:
    """The prefixes an external network announces to us, of both families."""
    return (*peer.prefixes4, *peer.prefixes6)


def covers(outer: Network, inner: Network) -> bool:
    """Whether one prefix holds all of another; never across families."""
    return outer.version == inner.version and outer.prefixlen <= inner.prefixlen and inner[0] in outer


def _covered(prefixes: tuple[Network, ...], end: Endpoint) -> bool:
    own = prefixes_of(end)
    known = frozenset(own)
    return all(inner in known or any(covers(outer, inner) for outer in own) for inner in prefixes)


@dataclass(frozen=True)
class Facts:
    """All that is known about a city on a day.

    `states` are what devices shall run (compiled) or do run (running); `unknown` are the lines of their configurations
    that no state tells of, because they could not be read.
    """

    fabric: Fabric
    day: dt.date
    states: Mapping[str, DeviceState]
    unknown: Mapping[str, tuple[UnknownLine, ...]] = field(default_factory=dict)
    source: Source = "compiled"
    proof: Proof | None = None
    changes: ChangeLog | None = None
    drift: tuple[Deviation, ...] | None = None
    inspections: Mapping[str, Inspection] | None = None

    @property
    def city(self) -> City:
        return self.fabric.city

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """The whole register, in its order."""
        ends = self.fabric.endpoints
        return tuple(
            Row(name, flow, ends[flow.source], ends[flow.destination], is_live(flow, self.day))
            for name, flow in self.city.flows.items()
        )

    @cached_property
    def permits(self) -> tuple[Permit, ...]:
        """What the firewalls' filters permit between zones."""
        return tuple(permits_of(self.fabric, self.states))

    def across(self, inside: frozenset[str]) -> Iterator[Permit]:
        """The permissions between some segments and anything else, in either direction."""
        others = frozenset([*self.city.segments, *(f"peer:{name}" for name in self.city.peers)]) - inside
        return (item for item in self.permits if item.joins(inside, others) or item.joins(others, inside))

    def row_of(self, permit: Permit) -> Row | None:
        """The row in force whose zones and addresses cover a permission that names it; None when there is none."""
        row = next((row for row in self.rows if row.live and row.name == permit.rule.id), None)
        if row is None or permit.src is None or permit.dst is None:
            return None
        zones = permit.sources <= {row.source.zone} and permit.destinations <= {row.destination.zone}
        inside = _covered(permit.src, row.source) and _covered(permit.dst, row.destination)
        return row if zones and inside else None

    @property
    def firewalls(self) -> dict[str, DeviceState]:
        """The firewalls that were read."""
        return {name: state for name, state in self.states.items() if state.platform == "nftables"}

    @cached_property
    def segments_by_tag(self) -> dict[tuple[str, int], frozenset[str]]:
        """Site and VLAN ID → the segments of the VLANs with it."""
        found: dict[tuple[str, int], set[str]] = {}
        for lan in self.fabric.lans.values():
            found.setdefault((lan.site, lan.tag), set()).add(lan.segment)
        return {key: frozenset(names) for key, names in found.items()}

    def segments(self, *kinds: SegmentKind) -> frozenset[str]:
        """The names of the segments of these kinds."""
        return frozenset(name for name, segment in self.city.segments.items() if segment.kind in kinds)

    def peers(self, *kinds: str) -> dict[str, Peer]:
        """The external networks of these kinds."""
        return {name: peer for name, peer in self.city.peers.items() if peer.kind in kinds}

    def peer_of(self, zone: str) -> Peer | None:
        """The peer a zone is of; None for a segment."""
        return self.city.peers.get(zone.removeprefix("peer:")) if zone.startswith("peer:") else None

    def outside(self, zone: str) -> bool:
        """Whether a zone leads to the internet."""
        peer = self.peer_of(zone)
        return peer is not None and peer.kind in {"internet", "security-cloud"}

    def rows_between(self, sources: frozenset[str], destinations: frozenset[str]) -> Iterator[Row]:
        """Rows from one set of zones to another."""
        return (row for row in self.rows if row.source.zone in sources and row.destination.zone in destinations)

    def waiver_of(self, finding: Finding) -> str:
        """The waiver in force that covers a finding of the proof; "" when none does."""
        return waiver_of(self.city, finding, self.day) or ""

    def of_platform(self, platform: Platform) -> tuple[str, ...]:
        """The city's devices of a platform."""
        return tuple(name for name, device in self.fabric.devices.items() if device.spec.platform == platform)
