"""Sockets of one process in the network namespaces of many nodes: what a measurement sends and sees with. Needs root.

A socket belongs for life to the namespace in which it was opened, so the process enters a node's namespace, opens, and
leaves. Arrivals are seen by a packet socket, before any filter of the node itself: also a packet that nobody answers.
"""

from __future__ import annotations

import errno
import fcntl
import resource
import socket
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from inventory.values import ProtocolPort
from network.lab.syscalls import network
from network.probe import packets
from network.probe.parties import Party
from network.state import Address

_SOL_PACKET = 263
_PACKET_STATISTICS = 6
_PACKET_IGNORE_OUTGOING = 23
_SO_RCVBUFFORCE = 33
_IP_FREEBIND = 15
_SIOCGIFHWADDR = 0x8927
_RECEIVE_BYTES = 8 << 20
_BACKLOG = 64
_DESCRIPTORS = 65536
_ALL = 3
_BROADCAST = b"\xff" * 6
_FULL = frozenset({errno.ENOBUFS, errno.EAGAIN})
PORT = "eth1"
"""The port by which a host hangs on its switch."""


class Station:
    """A node's sockets: one that sees, and those that send."""

    def __init__(self, node: str, path: Path, stack: ExitStack) -> None:
        self.node = node
        with network(path):
            self.ear = stack.enter_context(socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_ALL)))
            self._mouths = {
                family: stack.enter_context(socket.socket(kind, socket.SOCK_RAW, socket.IPPROTO_RAW))
                for family, kind in ((4, socket.AF_INET), (6, socket.AF_INET6))
            }
        self.ear.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _RECEIVE_BYTES)
        self.ear.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
        self.ear.settimeout(0)

    def send(self, packet: bytes, destination: Address) -> bool:
        """Send by the node's own routes. False: the queue was full, try again. What has no route counts as dropped."""
        try:
            self._mouths[destination.version].sendto(packet, (str(destination), 0))
        except OSError as error:
            return error.errno not in _FULL
        return True

    def send_frame(self, packet: bytes, ethertype: int, port: str = PORT, to: bytes = _BROADCAST) -> bool:
        """Send on a port to a hardware address, whatever the routes say."""
        try:
            self.ear.sendto(packet, (port, ethertype, 0, 0, to))
        except OSError as error:
            return error.errno not in _FULL
        return True

    def lost(self) -> int:
        """Packets that came faster than they were read, since the last call."""
        data = self.ear.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        return int(struct.unpack("II", data)[1])


@contextmanager
def stations(parties: Iterable[Party], netns: Callable[[str], Path]) -> Iterator[dict[str, Station]]:
    """A station in every node where a party lives, by node; all sockets are closed at the end."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard) if hard < _DESCRIPTORS else (_DESCRIPTORS, hard))
    with ExitStack() as stack:
        nodes = dict.fromkeys(party.node for party in parties)
        yield {node: Station(node, netns(node), stack) for node in nodes}


def hardware_address(path: Path, port: str) -> bytes:
    """The MAC address of a port in the namespace at `path`."""
    with network(path), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        answer = fcntl.ioctl(probe, _SIOCGIFHWADDR, struct.pack("256s", port.encode()))
    return answer[18:24]


class Listeners:
    """Real services in the parties' namespaces: TCP accepts, UDP answers a probe with its echo."""

    def __init__(
        self, parties: Iterable[Party], ports: Mapping[str, Iterable[ProtocolPort]], netns: Callable[[str], Path]
    ) -> None:
        self._stack = ExitStack()
        self._doors: list[socket.socket] = []
        try:
            for party in parties:
                with network(netns(party.node)):
                    for port in ports[party.name]:
                        for address in (party.ipv4, party.ipv6):
                            self._open(address, port)
        except BaseException:
            self._stack.close()
            raise

    def _open(self, address: Address, port: ProtocolPort) -> None:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 IP's versions
        kind = socket.SOCK_STREAM if port.protocol == "tcp" else socket.SOCK_DGRAM
        door = self._stack.enter_context(socket.socket(family, kind))
        door.settimeout(0)
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.setsockopt(socket.IPPROTO_IP, _IP_FREEBIND, 1)  # a host that lost its address is a finding, no failure
        try:
            door.bind((str(address), port.low))
            if kind == socket.SOCK_STREAM:
                door.listen(_BACKLOG)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or kind != socket.SOCK_STREAM:
                raise
            return  # the node's own service answers there already
        self._doors.append(door)

    @property
    def doors(self) -> tuple[socket.socket, ...]:
        return tuple(self._doors)

    @staticmethod
    def serve(door: socket.socket) -> None:
        """Answer everything that waits at a door."""
        with suppress(OSError):
            while True:
                if door.type == socket.SOCK_STREAM:
                    door.accept()[0].close()
                    continue
                datagram, sender = door.recvfrom(2048)
                reply = packets.echo(datagram)
                if reply is not None:
                    door.sendto(reply, sender)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()
