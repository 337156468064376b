"""Packets 10 ms apart between two hosts of the lab, both ways: what a fault costs the network, to the packet.

Needs the lab: the sockets stand in the hosts' own network namespaces.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from network.fabric import Fabric
from network.lab import Lab
from network.lab.syscalls import network
from runbooks.drills.meters import Sample, Samples

INTERVAL_S = 0.010
_PORT = 40404
_SETTLED_S = 0.5
"""A packet that has not come after this time is lost."""
_BIN = 10
"""Packets to a sample: a tenth of a second."""
_PACKET = struct.Struct("!Q")


@dataclass
class Stream:
    """One direction. `sent` and `came` are moments in seconds since 1970, by packet number."""

    way: str
    sender: socket.socket
    receiver: socket.socket
    to: tuple[str, int]
    sent: list[float] = field(default_factory=list)
    came: set[int] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Hole:
    """Packets lost in a row: `begin` the last one that came before, `end` the first after (None: none has)."""

    way: str
    begin: float
    end: float | None
    lost: int


class Packets(threading.Thread):
    """Sends and counts until it is stopped."""

    def __init__(self, lab: Lab, fabric: Fabric, ends: tuple[str, str], folder: Path) -> None:
        super().__init__(name="packets", daemon=True)
        self.samples = Samples(folder / "packets.csv")
        self.streams = [_stream(lab, fabric, *way) for way in (ends, ends[::-1])]
        self._ending = threading.Event()
        self._told = 0

    def run(self) -> None:
        start = time.monotonic()
        by_fd = {stream.receiver.fileno(): stream for stream in self.streams}
        tick = 0
        while not self._ending.is_set():
            for stream in self.streams:
                stream.sent.append(time.time())
                try:
                    stream.sender.sendto(_PACKET.pack(tick), stream.to)
                except OSError:
                    continue
            tick += 1
            self._gather(by_fd, start + tick * INTERVAL_S)
            self._tell(tick)

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._ending.set()
        self.join()
        self.samples.close()
        for stream in self.streams:
            stream.sender.close()
            stream.receiver.close()

    def holes(self) -> list[Hole]:
        """Every hole there was, of both directions, in the order of time."""
        found: list[Hole] = []
        for stream in self.streams:
            last, until = -1, len(stream.sent)
            settled = time.time() - _SETTLED_S
            came = set(stream.came)
            for number in range(until):
                if number in came:
                    if last >= 0 and number - last > 1:
                        found.append(Hole(stream.way, stream.sent[last], stream.sent[number], number - last - 1))
                    last = number
            if last >= 0 and until - 1 > last and stream.sent[last + 1] < settled:
                lost = sum(moment < settled for moment in stream.sent[last + 1 : until])
                found.append(Hole(stream.way, stream.sent[last], None, lost))
        return sorted(found, key=lambda hole: hole.begin)

    def _gather(self, by_fd: dict[int, Stream], until: float) -> None:
        while (left := until - time.monotonic()) > 0:
            for fd in select.select(list(by_fd), [], [], left)[0]:
                by_fd[fd].came.add(_PACKET.unpack(by_fd[fd].receiver.recv(64))[0])

    def _tell(self, tick: int) -> None:
        """A sample for each tenth of a second whose packets have come or are lost."""
        while (self._told + 1) * _BIN <= tick - int(_SETTLED_S / INTERVAL_S):
            numbers = range(self._told * _BIN, (self._told + 1) * _BIN)
            lost = sum(number not in stream.came for stream in self.streams for number in numbers)
            note = f"{lost}/{_BIN * len(self.streams)}"
            self.samples.add(Sample(self.streams[0].sent[numbers.start], lost == 0, note))
            self._told += 1


def _stream(lab: Lab, fabric: Fabric, source: str, target: str) -> Stream:
    here, there = (str(fabric.hosts[name].ipv4.ip) for name in (source, target))
    with network(lab.netns(source)):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((here, 0))
    sender.setblocking(False)  # noqa: FBT003 the standard library's own signature
    with network(lab.netns(target)):
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind((there, _PORT))
    return Stream(f"{source} → {target}", sender, receiver, (there, _PORT))
