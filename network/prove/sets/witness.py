"""The most ordinary packet of a set: one that an engineer can send, and an official can picture.

Each dimension of a box is chosen on its own, so that only the boxes have to be compared, never their packets.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network

from network.prove.sets.boxes import Box
from network.prove.sets.fields import (
    HIGHEST_PORT,
    ICMP,
    PROTOCOL_BITS,
    TCP,
    UDP,
    V6_START,
    Packet,
    address_ranges,
    packet_at,
    services_of,
)
from network.prove.sets.intervals import Ranges, has, meet, minus, pairs

EPHEMERAL = 49152
"""The first of IANA's dynamic ports."""

_KNOWN = (443, 80, 22, 53, 25, 445, 3389, 123, 161, 514, 389, 636, 143, 993, 110, 995, 21, 23, 3306, 5432, 1433, 8080)
_WELL_KNOWN: Ranges = (1, 1023)
_DYNAMIC: Ranges = (EPHEMERAL, HIGHEST_PORT)
_ECHO_REQUEST = {4: 8, 6: 128}

_NETWORKS4 = ("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/3")
_ORDINARY = minus(
    address_ranges((IPv4Network("0.0.0.0/0"), IPv6Network("2000::/3"), IPv6Network("fc00::/7"))),
    address_ranges(map(IPv4Network, _NETWORKS4)),
)
"""Addresses of this net, loopback, link-local and multicast addresses are no host's that a firewall would see."""
_LAST_OCTETS = range(1, 255)
"""Those that hosts have; in IPv6 only zero is unusual, in the last 16 bits."""


def example(boxes: Iterable[Box]) -> Packet | None:
    """The most ordinary packet of all boxes, or None where there is no box."""
    best = min(map(_best, boxes), default=None)
    if best is None:
        return None
    _, _, _, destination, source, _, service, _, extra = best
    return packet_at(source, destination, service, extra)


def _best(box: Box) -> tuple[int, ...]:
    """The best point of a box, in an order in which the most ordinary is the least."""
    version = 4 if box[0][0] < V6_START else 6
    protocol_rank, value_rank, service = _service(box[2], version)
    unusual_source, source = _address(box[0])
    unusual_destination, destination = _address(box[1])
    extra_rank, extra = _extra(box[3], service >> PROTOCOL_BITS)
    unusual = unusual_source + unusual_destination
    return protocol_rank, unusual, version, destination, source, value_rank, service, extra_rank, extra


@lru_cache(maxsize=65536)
def _address(side: Ranges) -> tuple[int, int]:
    """0 and the lowest address that hosts have, else 1 and the lowest."""
    for low, high in pairs(meet(side, _ORDINARY)):
        found = _host(low)
        if found <= high:
            return 0, found
    return 1, side[0]


def _host(address: int) -> int:
    """The first address from `address` on that does not end like that of a net or a broadcast."""
    if address >= V6_START:
        return address if (address - V6_START) & 0xFFFF else address + 1
    last = address & 0xFF
    return address if last in _LAST_OCTETS else address - last + (1 if last == 0 else 0x101)


@lru_cache(maxsize=65536)
def _service(services: Ranges, version: int) -> tuple[int, int, int]:
    """How unusual the protocol, how unusual the port or type, and the service."""
    for rank, protocol in enumerate((TCP, UDP)):
        mine = meet(services, services_of(protocol))
        if mine:
            return rank, *_port(mine, protocol << PROTOCOL_BITS)
    echo = (ICMP[version] << PROTOCOL_BITS) + _ECHO_REQUEST[version]
    if has(services, echo):
        return 2, 0, echo
    mine = meet(services, services_of(ICMP[version]))
    return (2, 1, mine[0]) if mine else (3, 0, services[0])


def _port(services: Ranges, base: int) -> tuple[int, int]:
    for rank, port in enumerate(_KNOWN):
        if has(services, base + port):
            return rank, base + port
    known = meet(services, (base + _WELL_KNOWN[0], base + _WELL_KNOWN[1]))
    if known:
        return len(_KNOWN), known[0]
    left = minus(services, (base, base))
    return (len(_KNOWN) + 1, left[0]) if left else (len(_KNOWN) + 2, base)


def _extra(extras: Ranges, protocol: int) -> tuple[int, int]:
    """A source port from the dynamic ones, else the greatest; of others the lowest."""
    if protocol not in {TCP, UDP}:
        return 0, extras[0]
    dynamic = meet(extras, _DYNAMIC)
    return (0, dynamic[0]) if dynamic else (1, extras[-1])
