"""Probe packets: how they are written, and how one is recognised where it arrives. Pure.

Every packet carries a mark, the measurement's nonce and its probe's index: UDP and ICMP echo in their payload, TCP in
the sequence number (a SYN has no payload, and neither filters nor source NAT change the number). So an arrival is told
from any other packet, and from those of another measurement, whatever address it comes from.

Sources: RFC 791, 792, 768, 9293, 8200 and 4443; the checksum RFC 1071.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address
from typing import Literal

from network.state import Address

Transport = Literal["tcp", "udp", "icmp"]
Answer = Literal["", "accept", "refuse"]
"""What an answer says: "" is no answer but the probe itself, "refuse" is a TCP reset."""

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
ETHERTYPE_PROBE = 0x88B5
"""IEEE 802 local experimental EtherType 1: the broadcast that shows who shares a VLAN."""

NONCE_BITS = 8
INDEX_BITS = 24
_MAGIC = b"snso"
_ECHOED = b"osns"
_TOKEN = struct.Struct("!4sII")
_TCP, _UDP, _ICMP, _ICMP6 = 6, 17, 1, 58
_SYN, _RST, _ACK = 0x02, 0x04, 0x10
_HOPS = 64
_IPV4_HEADER, _IPV6_HEADER = 20, 40
_TCP_HEADER, _UDP_HEADER, _ICMP_HEADER = 20, 8, 8
_WORD = 0xFFFF
_SIZES = {"tcp": _TCP_HEADER, "udp": _UDP_HEADER + _TOKEN.size, "icmp": _ICMP_HEADER + _TOKEN.size}
_NUMBERS = {"tcp": _TCP, "udp": _UDP, "icmp": _ICMP}


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells a probe from every other packet: `nonce` the measurement (8 bits), `index` the probe (24 bits)."""

    nonce: int
    index: int


@dataclass(frozen=True, slots=True)
class Sighting:
    """A probe packet seen somewhere: whose it is, and whether it is the probe itself or an answer to it."""

    mark: Mark
    answer: Answer


def checksum(data: bytes) -> int:
    """The Internet checksum of `data` (RFC 1071); an odd last byte counts as if a zero followed."""
    if len(data) % 2:
        data += b"\0"
    return _WORD - int.from_bytes(data, "big") % _WORD


def token(mark: Mark) -> bytes:
    """What UDP, ICMP and broadcast probes carry."""
    return _TOKEN.pack(_MAGIC, mark.nonce, mark.index)


def echo(datagram: bytes) -> bytes | None:
    """What a listener answers to a UDP probe; None when `datagram` is none."""
    return _ECHOED + datagram[len(_MAGIC) :] if datagram.startswith(_MAGIC) else None


def write(source: Address, destination: Address, protocol: Transport, ports: tuple[int, int], mark: Mark) -> bytes:
    """An IP packet, whole: a TCP SYN, a UDP datagram or an ICMP echo request.

    Both addresses are of one family; `ports` are source and destination port (ICMP: identifier, and nothing).
    """
    header, rest, echo_type = _header(source, destination, protocol)
    if protocol == "icmp":
        start, check_at, body = (
            struct.pack("!BBHHH", echo_type, 0, 0, ports[0], mark.index & _WORD),
            2,
            token(mark),
        )
    elif protocol == "udp":
        body = token(mark)
        start, check_at = struct.pack("!HHHH", *ports, _UDP_HEADER + len(body), 0), 6
    else:
        sequence = mark.nonce << INDEX_BITS | mark.index
        start = struct.pack("!HHIIBBHHH", *ports, sequence, 0, 5 << 4, _SYN, 8192, 0, 0)
        check_at, body = 16, b""
    check = _WORD - (rest + int.from_bytes(start + body, "big")) % _WORD
    return header + start[:check_at] + check.to_bytes(2, "big") + start[check_at + 2 :] + body


@lru_cache(maxsize=4096)
def _header(source: Address, destination: Address, protocol: Transport) -> tuple[bytes, int, int]:
    """What all probes between two addresses share: the IP header, the pseudo header as a number, the echo's type."""
    size, addresses = _SIZES[protocol], source.packed + destination.packed
    if isinstance(source, IPv4Address):
        number = _NUMBERS[protocol]
        start = struct.pack("!BBHHHBB", 4 << 4 | 5, 0, _IPV4_HEADER + size, 0, 0, _HOPS, number)
        header = start + checksum(start + b"\0\0" + addresses).to_bytes(2, "big") + addresses
        return header, 0 if number == _ICMP else int.from_bytes(addresses, "big") + number + size, 8
    number = _ICMP6 if protocol == "icmp" else _NUMBERS[protocol]
    header = struct.pack("!IHBB", 6 << 28, size, number, _HOPS) + addresses
    return header, int.from_bytes(addresses, "big") + number + size, 128


def read(data: bytes) -> Sighting | None:
    """The probe in an IP packet (from its first byte), or None when it is none. Never raises, whatever the bytes."""
    if len(data) < _IPV4_HEADER:
        return None
    if data[0] >> 4 == 4:  # noqa: PLR2004 IP's versions
        start, number = (data[0] & 0xF) * 4, data[9]
    elif data[0] >> 4 == 6:  # noqa: PLR2004 IP's versions
        start, number = _IPV6_HEADER, data[6]
    else:
        return None
    reader = _READERS.get(number)
    return reader(data, start) if reader else None


def _read_tcp(data: bytes, start: int) -> Sighting | None:
    if len(data) < start + _TCP_HEADER:
        return None
    sequence, acknowledged = struct.unpack_from("!II", data, start + 4)
    flags = data[start + 13]
    if flags & _ACK:
        answer: Answer = "refuse" if flags & _RST else "accept"
        if answer == "accept" and not flags & _SYN:
            return None
        number = (acknowledged - 1) & 0xFFFFFFFF
    elif flags & _SYN:
        answer, number = "", sequence
    else:
        return None
    return Sighting(Mark(number >> INDEX_BITS, number & ((1 << INDEX_BITS) - 1)), answer)


def _read_token(data: bytes, start: int, answer: Answer) -> Sighting | None:
    if len(data) < start + _TOKEN.size or data[start : start + len(_MAGIC)] not in {_MAGIC, _ECHOED}:
        return None
    _, nonce, index = _TOKEN.unpack_from(data, start)
    return Sighting(Mark(nonce, index), answer)


def _read_udp(data: bytes, start: int) -> Sighting | None:
    body = start + _UDP_HEADER
    return _read_token(data, body, "accept" if data[body : body + len(_ECHOED)] == _ECHOED else "")


def _read_echo(data: bytes, start: int) -> Sighting | None:
    if len(data) < start + _ICMP_HEADER or data[start] not in _ECHOES:
        return None
    return _read_token(data, start + _ICMP_HEADER, _ECHOES[data[start]])


_ECHOES: dict[int, Answer] = {8: "", 0: "accept", 128: "", 129: "accept"}
_READERS: dict[int, Callable[[bytes, int], Sighting | None]] = {
    _TCP: _read_tcp,
    _UDP: _read_udp,
    _ICMP: _read_echo,
    _ICMP6: _read_echo,
}


def read_broadcast(data: bytes) -> Sighting | None:
    """The probe in the payload of a broadcast frame (which no IP version begins like)."""
    return _read_token(data, 0, "")


__all__ = [
    "ETHERTYPE_IPV4", "ETHERTYPE_IPV6", "ETHERTYPE_PROBE", "INDEX_BITS", "NONCE_BITS", "Answer", "Mark",
    "Sighting", "Transport", "checksum", "echo", "read", "read_broadcast", "token", "write",
]  # fmt: skip
