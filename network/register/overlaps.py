"""Rows of the register that permit the same packets, and what they say differently about them.

The register only ever permits, so no row can forbid what another allows; rows contradict each other when the same
packets have two owners, two terms, two kinds. What then counts is the wider: they pass as long as one row permits them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from inventory.text import Text
from inventory.words import FLOW_KINDS
from network.compile.rules import FAMILIES
from network.fabric import Endpoint
from network.prove.sets.packets import Packet, Packets, packets, union
from network.register.standing import Row
from network.state import Family, Network

Relation = Literal["same", "inside", "around", "partly"]
"""How the packets of the first row lie to those of the second."""

ECHO_REQUEST: dict[Family, int] = {4: 8, 6: 128}


@dataclass(frozen=True)
class Overlap:
    """Two open rows that permit the same packets; `packet` is one of those."""

    first: Row
    second: Row
    relation: Relation
    packet: Packet
    contradictions: tuple[Text, ...]
    """What the rows say differently about these packets, and what comes of it; none: one row is superfluous, or a part
    of it."""


def overlaps(rows: Iterable[Row]) -> tuple[Overlap, ...]:
    """Every pair of open rows with packets in common, in the order of the register."""
    zones: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        if row.open and row.source.zone != row.destination.zone:
            zones.setdefault((row.source.zone, row.destination.zone), []).append(row)
    order = {row.key: place for place, row in enumerate(rows)}
    found = [item for alike in zones.values() for item in _among(alike)]
    return tuple(sorted(found, key=lambda item: (order[item.first.key], order[item.second.key])))


def permitted(row: Row) -> Packets:
    """The packets that open a connection a row permits; answers follow by the firewall's memory of connections."""
    return union(_permitted(row))


def _permitted(row: Row) -> Iterator[Packets]:
    for family in FAMILIES:
        source, destination = _prefixes(row.source, family), _prefixes(row.destination, family)
        for port in row.flow.ports:
            icmp = port.protocol == "icmp"
            echo = ECHO_REQUEST[family]
            yield packets(
                source=source,
                destination=destination,
                family=family,
                protocol=port.protocol,
                destination_ports=() if icmp else ((port.low, port.high),),
                icmp_types=((echo, echo),) if icmp else (),
            )


def _prefixes(end: Endpoint, family: Family) -> Sequence[Network]:
    return end.ipv4 if family == 4 else end.ipv6  # noqa: PLR2004 the IP version


def _among(rows: list[Row]) -> Iterator[Overlap]:
    sets = {row.key: permitted(row) for row in rows}
    for first, second in combinations(rows, 2):
        common = sets[first.key] & sets[second.key]
        packet = common.witness()
        if packet is not None:
            relation = _relation(sets[first.key] <= common, sets[second.key] <= common)
            yield Overlap(first, second, relation, packet, tuple(_contradictions(first, second)))


def _relation(first_inside: bool, second_inside: bool) -> Relation:  # noqa: FBT001 two answers to one question
    if first_inside:
        return "same" if second_inside else "inside"
    return "around" if second_inside else "partly"


def _contradictions(one: Row, other: Row) -> Iterator[Text]:
    first, second = one.flow, other.flow
    if first.kind != second.kind:
        kinds = FLOW_KINDS[first.kind], FLOW_KINDS[second.kind]
        yield Text(
            f"{one.key} calls it {kinds[0].en}, {other.key} calls it {kinds[1].en}",
            f"{one.key} では「{kinds[0].ja}」、{other.key} では「{kinds[1].ja}」として登録されています",
        )
    if (first.gateway, first.sanitised_by) != (second.gateway, second.sanitised_by):
        yield Text(
            "only one of them sanitises, or both do so in different ways: what one demands the other lets by",
            "無害化の有無または方式が異なります。一方の条件を満たさなくても、もう一方の行で通ります",
        )
    if first.window != second.window:
        yield Text(
            "their windows differ: these packets pass whenever one of the two is open",
            "作業時間帯が異なります。この通信は、どちらか一方の時間帯であれば通ります",
        )
    if first.owner != second.owner:
        yield Text(
            f"two departments answer for it: {first.owner} and {second.owner}",
            f"所管課が 2 つあります: {first.owner}、{second.owner}",
        )
    if first.expires_on != second.expires_on:
        early, late = sorted((one, other), key=lambda row: (row.flow.expires_on is None, row.flow.expires_on))
        until = late.flow.expires_on
        yield Text(
            f"when {early.key} expires on {early.flow.expires_on}, {late.key} still permits it"
            + (f" until {until}" if until else ""),
            f"{early.key} の期限 ({early.flow.expires_on}) が切れても、{late.key} により"
            + (f" {until} まで" if until else "")
            + "通信できます",
        )
