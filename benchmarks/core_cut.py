"""Cut a core circuit without a trace at either end, and count what each VRF loses, beside BFD's own detection time.

    sudo .venv/bin/python benchmarks/core_cut.py [CITY] [CIRCUIT]

A packet leaves every 10 ms in each VRF, in both directions, from one end router of the circuit to an address of the
other that does not belong to the circuit. The cut is silent (no carrier is lost), so only BFD can notice. Loss is the
time between the last packet before and the first packet after the hole. BFD's detection time is read from the routers.
"""

from __future__ import annotations

import json
import select
import socket
import statistics
import struct
import sys
import time
from dataclasses import dataclass, field
from itertools import pairwise

from city_lab import city_lab

from network.fabric import Fabric, Transit
from network.lab import Lab
from network.lab.syscalls import network

INTERVAL_S = 0.010
BEFORE_S = 2.0
AFTER_S = 8.0
PORT = 40000
_PACKET = struct.Struct("!Q")


@dataclass
class Stream:
    """One direction in one VRF."""

    segment: str
    way: str
    sender: socket.socket
    receiver: socket.socket
    to: tuple[str, int]
    sent: dict[int, float] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)

    def outage_s(self) -> float:
        """The longest hole: from the last packet that came before it to the first after it."""
        arrived = sorted(self.seen)
        if not arrived:
            return float("inf")
        return max((self.sent[b] - self.sent[a] for a, b in pairwise(arrived)), default=0.0)


def far_address(fabric: Fabric, router: str, segment: str, circuit: str) -> str | None:
    """An address of `router` in `segment` on another wire than the circuit."""
    for transit, own, _ in fabric.transits_of[router]:
        if transit.segment == segment and transit.wire != circuit:
            return str(own.ipv4.ip)
    return None


def open_stream(lab: Lab, transit: Transit, fabric: Fabric, circuit: str, *, forward: bool) -> Stream | None:
    """Sockets for one direction, each inside its router's VRF."""
    source, target = (transit.a, transit.b) if forward else (transit.b, transit.a)
    here = far_address(fabric, source.device, transit.segment, circuit)
    there = far_address(fabric, target.device, transit.segment, circuit)
    if here is None or there is None:
        return None
    vrf = fabric.city.segments[transit.segment].vrf
    with network(lab.netns(source.device, vrf)):
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.bind((here, 0))
    sender.setblocking(False)  # noqa: FBT003 the standard library's own signature
    with network(lab.netns(target.device, vrf)):
        receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.bind((there, PORT))
    receiver.setblocking(False)  # noqa: FBT003 the standard library's own signature
    return Stream(transit.segment, f"{source.device} → {target.device}", sender, receiver, (there, PORT))


def run(streams: list[Stream], lab: Lab, circuit: str) -> None:
    """Send in all streams, cut on the way, gather arrivals."""
    start = time.monotonic()
    ticks = int((BEFORE_S + AFTER_S) / INTERVAL_S)
    cut_at = int(BEFORE_S / INTERVAL_S)
    by_fd = {stream.receiver.fileno(): stream for stream in streams}
    for tick in range(ticks):
        if tick == cut_at:
            lab.cut(circuit, silent=True)
        now = time.monotonic()
        for stream in streams:
            stream.sent[tick] = now
            try:
                stream.sender.sendto(_PACKET.pack(tick), stream.to)
            except OSError:
                continue
        gather(by_fd, start + (tick + 1) * INTERVAL_S)
    gather(by_fd, time.monotonic() + 1.0)


def gather(by_fd: dict[int, Stream], until: float) -> None:
    """Take arrivals until the given moment."""
    while (left := until - time.monotonic()) > 0:
        readable, _, _ = select.select(list(by_fd), [], [], left)
        for fd in readable:
            stream = by_fd[fd]
            stream.seen.add(_PACKET.unpack(stream.receiver.recv(64))[0])


def detection_s(lab: Lab, transit: Transit) -> float:
    """BFD's negotiated detection time between the ends of a transit, in seconds."""
    said = json.loads(lab.run(transit.a.device, ["vtysh", "-c", "show bfd peers json"]).stdout)
    for peer in said:
        if peer.get("interface") == transit.a.interface:
            return float(
                peer["remote-detect-multiplier"]
                * max(peer["receive-interval"], peer["remote-transmit-interval"])
                / 1000
            )
    return float("nan")


def main(city: str = "yasu", circuit: str = "dc-a") -> None:
    """Boot, measure, print a row a stream."""
    with city_lab(city) as (fabric, lab):
        transits = [transit for transit in fabric.transits if transit.wire == circuit]
        streams = [
            stream
            for transit in transits
            for forward in (True, False)
            if (stream := open_stream(lab, transit, fabric, circuit, forward=forward)) is not None
        ]
        detection = detection_s(lab, transits[0])
        run(streams, lab, circuit)
    print(
        f"{city}: circuit {circuit} cut silently; a packet every {INTERVAL_S * 1000:.0f} ms in each VRF and direction"
    )
    print(f"BFD detection time (negotiated): {detection * 1000:.0f} ms\n")
    print(f"{'VRF':<10} {'direction':<28} {'lost':>6} {'outage ms':>10} {'x BFD':>7}")
    for stream in streams:
        lost, outage = len(stream.sent) - len(stream.seen), stream.outage_s()
        print(f"{stream.segment:<10} {stream.way:<28} {lost:>6} {outage * 1000:>10.0f} {outage / detection:>7.2f}")
    median = statistics.median(stream.outage_s() for stream in streams)
    print(f"\nmedian outage {median * 1000:.0f} ms = {median / detection:.2f} x BFD's detection time")


if __name__ == "__main__":
    main(*sys.argv[1:])
