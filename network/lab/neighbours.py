"""Tell nodes who stands at the other end of their cables, before they ask.

All network namespaces of a machine share one neighbour table of each family with room for 1,024 entries (gc_thresh3 of
net/ipv4/neigh and net/ipv6/neigh); a city needs more, and the machine's limits are not the lab's to raise. Entries
marked as learned elsewhere do not count, and are probed and refreshed like any other. Standard library only.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address

from network.lab import syscalls

_RTM_NEWNEIGH = 28
_CREATE_OR_REPLACE = 0x501
_NUD_STALE = 0x04
_NTF_EXT_LEARNED = 0x10
_NDA_DST, _NDA_LLADDR = 1, 2


def link_local(mac: str) -> str:
    """The address an interface gives itself."""
    octets = bytes.fromhex(mac.replace(":", ""))
    host = bytes([octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]])
    return str(IPv6Address(b"\xfe\x80".ljust(8, b"\0") + host))


def introduce(place: str, rows: Iterable[tuple[str, str, str]]) -> None:
    """Add (interface, address, hardware address) to the tables of the network namespace at `place`.

    Rows of interfaces that do not exist are passed over.
    """
    with syscalls.network(place), socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as kernel:
        for interface, address, mac in rows:
            with contextlib.suppress(OSError):
                kernel.send(_message(socket.if_nametoindex(interface), address, mac))


def _message(index: int, address: str, mac: str) -> bytes:
    ip = ip_address(address)
    family = socket.AF_INET if ip.version == 4 else socket.AF_INET6  # noqa: PLR2004 the IP version
    body = struct.pack("BxxxiHBB", family, index, _NUD_STALE, _NTF_EXT_LEARNED, 0)
    for kind, value in ((_NDA_DST, ip.packed), (_NDA_LLADDR, bytes.fromhex(mac.replace(":", "")))):
        body += struct.pack("HH", 4 + len(value), kind) + value.ljust((len(value) + 3) & ~3, b"\0")
    return struct.pack("IHHII", 16 + len(body), _RTM_NEWNEIGH, _CREATE_OR_REPLACE, 0, 0) + body
