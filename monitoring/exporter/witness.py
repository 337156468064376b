"""What arrives from the exporters of other segments, although it is forbidden: the far end of their attempts.

An attempt that gets through and whose answer is lost looks blocked from where it was made. So each exporter also looks
at what comes to its own host from those of other segments: what begins a conversation there on a port that is forbidden
has come through. It is seen by a packet socket, before any filter of the host itself; the kernel hands over only what
comes from their addresses.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from inventory.errors import SansoError
from inventory.text import Text
from monitoring.exporter.model import Destination
from monitoring.exporter.packetfilter import only_from
from monitoring.exporter.paths import paths_of
from network.probe.packets import Transport
from network.state import Address

RECENT_S = 30.0
"""How long an arrival counts as an open path: longer than an exporter's round."""
_ALL = 3
_SOL_PACKET = 263
_PACKET_IGNORE_OUTGOING = 23
_LARGEST = 256
_PROTOCOLS: dict[int, Transport] = {6: "tcp", 17: "udp", 1: "icmp", 58: "icmp"}
_ECHO_REQUESTS = (8, 128)
_SYN, _ACK = 0x02, 0x10
_IPV4_HEADER, _IPV6_HEADER = 20, 40


@dataclass(frozen=True, slots=True)
class Arrival:
    """The first packet of a conversation, as it came in; `port` is 0 with ICMP."""

    source: Address
    protocol: Transport
    port: int


class Witness:
    """The packet socket, and what it has seen since it was opened."""

    def __init__(self, strangers: Mapping[str, Destination]) -> None:
        self.names: dict[Address, str] = {
            there.address(family): name for name, there in strangers.items() for family in (4, 6)
        }
        self.arrivals = {Arrival(path.address, path.protocol, path.port): 0 for path in paths_of(strangers)}
        """What must not come → how often it did."""
        self._last: dict[Arrival, float] = {}
        try:
            self.ear = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL))
        except PermissionError:
            raise SansoError(
                Text(
                    "The module separation needs the right to open raw sockets.",
                    "モジュール separation には raw ソケットを開く権限が必要です。",
                ),
                Text("Run it as root, or give it CAP_NET_RAW.", "root で実行するか CAP_NET_RAW を付与してください。"),
            ) from None
        self.ear.setblocking(False)  # noqa: FBT003 the standard library's own signature
        self.ear.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        only_from(self.ear, self.names)

    def listen(self) -> int:
        """Take what has come; how much of it is forbidden."""
        count = 0
        while True:
            try:
                seen = read(self.ear.recv(_LARGEST))
            except OSError:  # nothing more, or a port went down meanwhile
                return count
            if seen in self.arrivals:
                self.arrivals[seen] += 1
                self._last[seen] = time.monotonic()
                count += 1

    def recent(self) -> list[Arrival]:
        """What has come lately."""
        now = time.monotonic()
        return [arrival for arrival, at in list(self._last.items()) if now - at < RECENT_S]

    def close(self) -> None:
        self.ear.close()


def read(data: bytes) -> Arrival | None:
    """What an IP packet (from its first byte) begins; None when it begins nothing. Never raises, whatever the bytes."""
    version = data[0] >> 4 if data else 0
    source: Address
    if version == 4 and len(data) >= _IPV4_HEADER:  # noqa: PLR2004 IP's versions
        start, number, source = (data[0] & 0x0F) * 4, data[9], IPv4Address(data[12:16])
    elif version == 6 and len(data) >= _IPV6_HEADER:  # noqa: PLR2004 likewise
        start, number, source = _IPV6_HEADER, data[6], IPv6Address(data[8:24])
    else:
        return None
    protocol, body = _PROTOCOLS.get(number), data[start : start + 20]
    if protocol == "icmp" and body[:1] and body[0] in _ECHO_REQUESTS:
        return Arrival(source, protocol, 0)
    if protocol == "udp" and len(body) >= 4:  # noqa: PLR2004 both ports
        return Arrival(source, protocol, struct.unpack_from("!H", body, 2)[0])
    if protocol == "tcp" and len(body) > 13 and body[13] & (_SYN | _ACK) == _SYN:  # noqa: PLR2004 the flags
        return Arrival(source, protocol, struct.unpack_from("!H", body, 2)[0])
    return None
