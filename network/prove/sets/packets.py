"""Exact sets of packets: values that can be joined, met, subtracted, compared, and shown by an example.

What is modelled: the IP family, source and destination address, the IP protocol, source and destination port of TCP and
UDP, type and code of ICMP (in IPv4) and ICMPv6 (in IPv6). Every other protocol, and ICMP in the wrong family, is told
by its number alone. For IPv6 the protocol is that of the last header, as a filter's `meta l4proto` sees it.

What is not modelled: the state of a connection (callers ask once for each state), fragments (only whole packets and
first fragments have ports), IPv6 extension headers, TTL and hop limit, DSCP, TCP flags and options, lengths, packet
marks, link-layer addresses and VLAN tags, interfaces (callers ask once for each pair of interfaces), and the time.

Inside, a set is a list of boxes over four dimensions (see `boxes`): sources and destinations, IPv4 and IPv6 in one line
of numbers; services, protocol × 65536 + destination port or ICMP type; extras, source port or ICMP code. A field
smaller than 16 bits, or absent, is widened: its greatest value stands for all numbers above it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from network.prove.sets.boxes import FEW, Box, Index, absorbed, box_covers, box_meet, cut, merged, with_side
from network.prove.sets.fields import (
    ALL_ADDRESSES,
    ALL_EXTRAS,
    ALL_OF,
    ALL_SERVICES,
    FAMILIES,
    ICMP,
    PORTED,
    Packet,
    Span,
    address_ranges,
    boxes_of,
    point,
    services_of,
    widened,
)
from network.prove.sets.intervals import Ranges, has, join, meet, minus, ranges, touch
from network.prove.sets.witness import example
from network.state import Family, PortRangePair


class Packets:
    """An immutable set of packets. Sets are equal, and hash alike, when they hold the same packets.

    `|`, `&`, `-`, `<=` and truth work as with Python's sets, `packet in packets` too.
    """

    __slots__ = ("__dict__", "_boxes")

    _boxes: tuple[Box, ...]

    def __init__(self, boxes: Iterable[Box] = ()) -> None:
        """`boxes` of one family each, as `boxes_of` makes them; most callers want `packets`."""
        self._boxes = tuple(boxes)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """The boxes whose union this is; they may overlap."""
        return self._boxes

    @cached_property
    def _index(self) -> Index:
        return Index(self._boxes)

    @cached_property
    def _known(self) -> frozenset[Box]:
        return frozenset(self._boxes)

    @cached_property
    def _shadow(self) -> tuple[Ranges, ...]:
        """The set seen along each dimension: equal for equal sets."""
        return tuple(join({box[side] for box in self._boxes}) for side in range(4))

    def __bool__(self) -> bool:
        return bool(self._boxes)

    def __or__(self, other: Packets) -> Packets:
        if not other or self is other:
            return self
        return union((self, other)) if self else other

    def __and__(self, other: Packets) -> Packets:
        few, many = sorted((self, other), key=lambda item: len(item.boxes))
        if few is many or not few:
            return few
        if len(few.boxes) <= FEW and all(any(box_covers(one, box) for one in few.boxes) for box in many.boxes):
            return many
        found = [
            met
            for box in few.boxes
            for place in many._index.near(box)  # noqa: SLF001 the same class
            if (met := box_meet(box, many.boxes[place])) is not None
        ]
        found = merged(found)
        return Packets(found if len(few.boxes) == 1 else absorbed(found))

    def __sub__(self, other: Packets) -> Packets:
        if not self or not other:
            return self
        left = list(self._outside(other))
        return self if left == list(self._boxes) else Packets(merged(left))

    def _outside(self, other: Packets) -> Iterator[Box]:
        index, boxes, known = other._index, other.boxes, other._known
        for box in self._boxes:
            if box in known:
                continue
            yield from cut(box, [boxes[place] for place in index.touching(box)])

    def __le__(self, other: Packets) -> bool:
        return self is other or next(self._outside(other), None) is None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Packets):
            return NotImplemented
        if self is other or self._boxes == other._boxes:
            return True
        return self._shadow == other._shadow and self <= other <= self

    def __hash__(self) -> int:
        return hash(self._shadow)

    def __repr__(self) -> str:
        return f"<Packets: {len(self._boxes)} boxes, e.g. {self.witness()}>"

    def __contains__(self, packet: Packet) -> bool:
        return self.contains(packet)

    def contains(self, packet: Packet) -> bool:
        """Whether `packet` is in the set."""
        wanted = point(packet)
        box: Box = ((wanted[0],) * 2, (wanted[1],) * 2, (wanted[2],) * 2, (wanted[3],) * 2)
        return any(all(map(has, self._boxes[place], wanted)) for place in self._index.near(box))

    def meets(self, other: Packets) -> bool:
        """Whether a packet is in both; cheaper than the intersection."""
        few, many = sorted((self, other), key=lambda item: len(item.boxes))
        return any(many._index.touching(box) for box in few.boxes)  # noqa: SLF001 the same class

    def witness(self) -> Packet | None:
        """The most ordinary packet of the set, the same for equal lists of boxes; None when the set is empty.

        TCP before UDP before ICMP before the rest; addresses a host can have before others, IPv4 before IPv6, then the
        lowest; a destination port people know, then the lowest; a source port from 49152 on.
        """
        return example(self._boxes)

    def translated(
        self,
        *,
        source: Iterable[Span] | None = None,
        destination: Iterable[Span] | None = None,
        destination_port: int | None = None,
        any_source_port: bool = False,
    ) -> Packets:
        """What address translation makes of these packets: each of the given fields takes any of the given values.

        `destination_port` is set where there are ports, `any_source_port` frees the source port there; packets of the
        other family than a given address vanish.
        """
        boxes = list(self._boxes)
        for side, spans in ((0, source), (1, destination)):
            if spans is not None:
                boxes = list(_moved(boxes, side, address_ranges(spans)))
        ports = None if destination_port is None else (destination_port, destination_port)
        if ports or any_source_port:
            boxes = [part for box in boxes for part in _reported(box, ports, free_source=any_source_port)]
        return Packets(merged(boxes))


def packets(  # noqa: PLR0913 the fields of a packet, by keyword
    *,
    source: Iterable[Span] | None = None,
    destination: Iterable[Span] | None = None,
    family: Family | None = None,
    protocol: int | str | None = None,
    source_ports: Sequence[PortRangePair] = (),
    destination_ports: Sequence[PortRangePair] = (),
    icmp_types: Sequence[PortRangePair] = (),
    icmp_codes: Sequence[PortRangePair] = (),
) -> Packets:
    """All packets whose fields are among the given; a field not given is free.

    Args:
        source: prefixes, or (first, last) addresses; of both families if wished. No element: no packet.
        destination: likewise.
        family: 4 or 6.
        protocol: a number, or "tcp", "udp", "icmp" (ICMP in IPv4 and ICMPv6 in IPv6).
        source_ports: (low, high), for TCP and UDP only; none is all.
        destination_ports: likewise.
        icmp_types: (low, high), for "icmp" only; none is all.
        icmp_codes: likewise.

    Raises:
        ValueError: ports without TCP or UDP, types or codes without ICMP, an unknown name of a protocol.
    """
    extras = ranges(source_ports or widened(icmp_codes)) or ALL_EXTRAS
    values = tuple(destination_ports or widened(icmp_types))
    ends = [ALL_ADDRESSES if spans is None else address_ranges(spans) for spans in (source, destination)]
    found: list[Box] = []
    for version in FAMILIES if family is None else (family,):
        number = _number(protocol, version)
        if (source_ports or destination_ports) and number not in PORTED.values():
            raise ValueError(protocol)
        if (icmp_types or icmp_codes) and number != ICMP[version]:
            raise ValueError(protocol)
        services = ALL_SERVICES if number is None else services_of(number, values)
        found += boxes_of(ends[0], ends[1], services, extras, version)
    return Packets(found)


def _number(protocol: int | str | None, version: Family) -> int | None:
    if not isinstance(protocol, str):
        return protocol
    number = ICMP[version] if protocol == "icmp" else PORTED.get(protocol)
    if number is None:
        raise ValueError(protocol)
    return number


def union(sets: Iterable[Packets]) -> Packets:
    """Every packet of every set: much faster at once than one by one."""
    return Packets(absorbed(merged(box for item in sets for box in item.boxes)))


NO_PACKETS = Packets()
ALL_PACKETS = packets()


def _moved(boxes: Iterable[Box], side: int, to: Ranges) -> Iterator[Box]:
    """Boxes with another set of addresses on one side, as far as they are of the other side's family."""
    for family in FAMILIES:
        target = meet(to, ALL_OF[family])
        if target:
            yield from (with_side(box, side, target) for box in boxes if touch(box[side], ALL_OF[family]))


def _reported(box: Box, ports: PortRangePair | None, *, free_source: bool) -> Iterator[Box]:
    """A box with other ports in TCP and UDP, the rest of it as it is."""
    rest = box[2]
    for number in PORTED.values():
        whole = services_of(number)
        mine = meet(rest, whole)
        if mine:
            rest = minus(rest, whole)
            services = services_of(number, [ports]) if ports else mine
            yield box[0], box[1], services, ALL_EXTRAS if free_source else box[3]
    if rest:
        yield with_side(box, 2, rest)


__all__ = ["ALL_PACKETS", "NO_PACKETS", "Packet", "Packets", "Span", "packets", "union"]
