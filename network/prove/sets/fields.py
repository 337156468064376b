"""The fields of a packet as numbers, and the boxes they make.

Addresses of both families stand in one line of numbers, IPv6 after IPv4 with a gap between. A service is protocol ×
65536 + destination port or ICMP type, an extra the source port or ICMP code. Protocols without such fields always take
all of them; the greatest ICMP type or code, 255, stands for 255–65535.

Sources: RFC 791, 792, 768, 9293, 8200 and 4443; protocol numbers of IANA.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from network.nft_names import ICMP_TYPES
from network.prove.sets.boxes import Box
from network.prove.sets.intervals import Ranges, meet, ranges
from network.state import Address, Family, Network, PortRangePair

TCP, UDP = 6, 17
ICMP: dict[int, int] = {4: 1, 6: 58}
"""Family → the number of its ICMP."""
PORTED: dict[str, int] = {"tcp": TCP, "udp": UDP}
HIGHEST_PORT = 65535
HIGHEST_TYPE = 255
HIGHEST_PROTOCOL = 255
PROTOCOL_BITS = 16

V6_START = 1 << 40
ALL_OF: dict[Family, Ranges] = {4: (0, 2**32 - 1), 6: (V6_START, V6_START + 2**128 - 1)}
"""Family → all its addresses."""
ALL_ADDRESSES: Ranges = ALL_OF[4] + ALL_OF[6]
ALL_SERVICES: Ranges = (0, (HIGHEST_PROTOCOL + 1 << PROTOCOL_BITS) - 1)
ALL_EXTRAS: Ranges = (0, HIGHEST_PORT)

FAMILIES: tuple[Family, Family] = (4, 6)
Span = Network | tuple[Address, Address]
"""A prefix, or first and last address of one family, both included."""


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. TCP (6) and UDP (17) have both ports, ICMP (1 in IPv4, 58 in IPv6) has type and code, others nothing.

    Raises:
        ValueError: the addresses are of two families, or a field is missing or too many.
    """

    source: Address
    destination: Address
    protocol: int
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    def __post_init__(self) -> None:
        ports, icmp = self.protocol in {TCP, UDP}, self.protocol == ICMP[self.source.version]
        given = (self.source_port, self.destination_port, self.icmp_type, self.icmp_code)
        if self.source.version != self.destination.version or [item is not None for item in given] != [
            ports,
            ports,
            icmp,
            icmp,
        ]:
            raise ValueError(given)

    def __str__(self) -> str:
        if self.destination_port is not None:
            name = "tcp" if self.protocol == TCP else "udp"
            ends = [
                f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"  # noqa: PLR2004 the IP version
                for address, port in ((self.source, self.source_port), (self.destination, self.destination_port))
            ]
            return f"{name} {ends[0]} → {ends[1]}"
        return f"{self._what()} {self.source} → {self.destination}"

    def _what(self) -> str:
        if self.icmp_type is None:
            return f"protocol {self.protocol}"
        names = {number: name for name, number in ICMP_TYPES[self.source.version].items()}
        name = "icmp" if self.source.version == 4 else "icmpv6"  # noqa: PLR2004 the IP version
        code = f" code {self.icmp_code}" if self.icmp_code else ""
        return f"{name} {names.get(self.icmp_type, f'type {self.icmp_type}')}{code}"


def address_number(address: Address) -> int:
    """Where an address stands in the line of both families."""
    return int(address) if isinstance(address, IPv4Address) else V6_START + int(address)


def address_at(number: int) -> Address:
    """The address that stands there."""
    return IPv4Address(number) if number < V6_START else IPv6Address(number - V6_START)


def address_ranges(spans: Iterable[Span]) -> Ranges:
    """The numbers of all addresses of `spans`."""
    return ranges(_ends(span) for span in spans)


def _ends(span: Span) -> tuple[int, int]:
    if not isinstance(span, tuple):
        low = address_number(span.network_address)
        return low, low + (1 << span.max_prefixlen - span.prefixlen) - 1
    first, last = span
    if first.version != last.version:
        raise ValueError(span)
    return address_number(first), address_number(last)


def services_of(protocol: int, values: Iterable[PortRangePair] = ()) -> Ranges:
    """The services of a protocol with destination ports, or ICMP types, in `values`; none given is all."""
    base = protocol << PROTOCOL_BITS
    wanted = list(values) or [(0, HIGHEST_PORT)]
    return ranges((base + low, base + high) for low, high in wanted)


def widened(values: Iterable[PortRangePair]) -> tuple[PortRangePair, ...]:
    """Ranges of ICMP types or codes, the greatest standing for all above."""
    return tuple((low, HIGHEST_PORT if high == HIGHEST_TYPE else high) for low, high in values)


def boxes_of(
    source: Ranges, destination: Ranges, services: Ranges, extras: Ranges = ALL_EXTRAS, family: Family | None = None
) -> Iterator[Box]:
    """The boxes of these sets: one for each family in which there are packets."""
    for version in FAMILIES if family is None else (family,):
        mine = meet(source, ALL_OF[version]), meet(destination, ALL_OF[version])
        if all((*mine, services, extras)):
            yield (*mine, services, extras)


def point(packet: Packet) -> tuple[int, int, int, int]:
    """The point of the four dimensions where a packet stands."""
    service = packet.destination_port if packet.icmp_type is None else packet.icmp_type
    extra = packet.source_port if packet.icmp_code is None else packet.icmp_code
    return (
        address_number(packet.source),
        address_number(packet.destination),
        (packet.protocol << PROTOCOL_BITS) + (service or 0),
        extra or 0,
    )


def packet_at(source: int, destination: int, service: int, extra: int) -> Packet:
    """The packet at a point."""
    ends = address_at(source), address_at(destination)
    protocol, value = service >> PROTOCOL_BITS, service & HIGHEST_PORT
    if protocol in {TCP, UDP}:
        return Packet(*ends, protocol, source_port=extra, destination_port=value)
    if protocol == ICMP[ends[0].version]:
        return Packet(*ends, protocol, icmp_type=min(value, HIGHEST_TYPE), icmp_code=min(extra, HIGHEST_TYPE))
    return Packet(*ends, protocol)
