"""Make a measurement: send every probe of a plan, see what arrives and what is answered. One process, one thread, root.

What must pass is sent first, and again where nothing came back, for as long as routing may still be settling after a
change: that also resolves every neighbour and shows that each party's ear hears. What must not pass is sent once,
mixed with known-good probes (canaries). Their answers clock the sending, so that no queue in the lab runs over
however slow the machine is; their loss would tell that a packet which did arrive could have gone unseen: then the
round is made again, at half the rate.
"""

from __future__ import annotations

import itertools
import random
import secrets
import select
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from inventory.text import Text
from network.endpoints import peer_zone
from network.fabric import Fabric
from network.lab.errors import LabError
from network.probe import packets
from network.probe.parties import Party
from network.probe.plan import Plan, Probe
from network.probe.stations import Listeners, Station, hardware_address, stations

NOTHING, ARRIVED, REFUSED, ANSWERED = 0, 1, 2, 4
"""Bits of what was seen of a probe."""

_BURST = 32
_CANARY_EVERY = 40
_TOLERATED_LOSS = 0.01
_LOWEST_SOURCE_PORT = 32768
_SOURCE_PORTS = 28000
_ROUNDS = 3
_IN_FLIGHT = 24
"""Canaries on the way at a time: with what stands between them, fewer packets than a queue holds."""
_LOWEST_RATE = 500.0
_RECEIVE_BYTES = 2048
_PER_WAKE = 64


@dataclass(frozen=True, slots=True)
class Settings:
    """How to measure.

    `rate` in packets a second; `patience` in seconds: how long after the last packet something may still come. What
    must pass is tried `tries` times, and on for `settle` seconds in all.
    """

    rate: float = 12000.0
    patience: float = 1.5
    tries: int = 4
    settle: float = 30.0


@dataclass(frozen=True)
class Measurement:
    """What was seen: bits for each probe of `probes`; for the broadcast of each party, the nodes that heard it."""

    probes: tuple[Probe, ...]
    seen: bytes
    heard: dict[str, frozenset[str]]
    sent: int
    canaries: int
    canaries_lost: int
    rate: float
    seconds: float


@dataclass(frozen=True, slots=True)
class _Line:
    """A way from a peer's node straight into one of our firewalls, past the peer's own routes."""

    node: str
    port: str
    hardware: bytes


def measure(fabric: Fabric, plan: Plan, netns: Callable[[str], Path], settings: Settings | None = None) -> Measurement:
    """Try everything in `plan`. Raises LabError when packets are lost so often that nothing can be concluded."""
    settings = settings or Settings()
    lines = _lines(fabric, netns)
    with stations(plan.parties, netns) as ground, Listeners(plan.parties, plan.listeners, netns) as listeners:
        return _Run(plan, ground, listeners, lines, settings).make()


def _lines(fabric: Fabric, netns: Callable[[str], Path]) -> dict[str, tuple[_Line, ...]]:
    """Zone of a peer → its lines."""
    found: dict[str, list[_Line]] = {}
    for line in fabric.peer_lines.values():
        far = fabric.wires[line.name].b
        hardware = hardware_address(netns(line.device), line.interface)
        found.setdefault(peer_zone(fabric.city, line.peer), []).append(_Line(far.device, far.port, hardware))
    return {zone: tuple(lines) for zone, lines in found.items()}


class _Run:
    def __init__(
        self,
        plan: Plan,
        ground: dict[str, Station],
        listeners: Listeners,
        lines: dict[str, tuple[_Line, ...]],
        settings: Settings,
    ) -> None:
        self._plan = plan
        self._probes = (*plan.wanted, *plan.unwanted)
        self._seen = bytearray(len(self._probes))
        self._heard: dict[str, set[str]] = {party.name: set() for party in plan.parties}
        self._ground = ground
        self._lines = lines
        self._settings = settings
        self._nonce = secrets.randbelow(1 << packets.NONCE_BITS)
        self._first_port = secrets.randbelow(_SOURCE_PORTS)
        self._sent = 0
        self._rate = settings.rate
        self._due = 0.0
        self._flying: dict[int, float] = {}
        """Canaries on the way: index → when they are given up."""
        self._poll = select.epoll()
        self._ears = {station.ear.fileno(): station for station in ground.values()}
        self._doors = {door.fileno(): door for door in listeners.doors}
        for descriptor in (*self._ears, *self._doors):
            self._poll.register(descriptor, select.EPOLLIN)

    def make(self) -> Measurement:
        start = time.monotonic()
        self._broadcast()
        self._send_wanted()
        lost, canaries = self._send_unwanted()
        return Measurement(
            probes=self._probes,
            seen=bytes(self._seen),
            heard={name: frozenset(nodes) for name, nodes in self._heard.items()},
            sent=self._sent,
            canaries=canaries,
            canaries_lost=lost,
            rate=self._rate,
            seconds=time.monotonic() - start,
        )

    def _broadcast(self) -> None:
        """Everyone in a segment calls to all who share a VLAN with it, as often as a probe may be tried."""
        for _ in range(self._settings.tries):
            for index, party in enumerate(self._plan.parties):
                if party.inside:
                    frame = packets.token(packets.Mark(self._nonce, index))
                    self._push(partial(self._ground[party.node].send_frame, frame, packets.ETHERTYPE_PROBE))

    def _send_wanted(self) -> None:
        end, tries = time.monotonic() + self._settings.settle, 0
        missing = list(range(len(self._plan.wanted)))
        while missing and (tries < self._settings.tries or time.monotonic() < end):
            self._send(missing)
            self._wait(missing)
            tries += 1
            missing = [index for index in missing if not self._good(index)]

    def _good(self, index: int) -> bool:
        return bool(self._seen[index] & ANSWERED)

    def _send_unwanted(self) -> tuple[int, int]:
        """Canaries lost and sent, in the round that counted."""
        first = len(self._plan.wanted)
        unwanted = list(range(first, len(self._probes)))
        random.Random(0).shuffle(unwanted)  # noqa: S311 spreads the load over the nodes; no secret
        good = [index for index in range(first) if self._good(index) and self._probes[index].kind != "gateway"]
        if not good:
            return 0, 0
        for _ in range(_ROUNDS):
            canaries = list(itertools.islice(itertools.cycle(good), len(unwanted) // _CANARY_EVERY + 1))
            before = bytes(self._seen)
            for index in canaries:
                self._seen[index] = NOTHING
            self._send(_mixed(unwanted, canaries), clocked=True)
            self._wait()
            tried = dict.fromkeys(canaries)
            lost = sum(not self._good(index) for index in tried)
            deaf = sum(station.lost() for station in self._ground.values())
            for index in tried:
                self._seen[index] |= before[index]
            if lost <= _TOLERATED_LOSS * len(tried) and not deaf:
                return lost, len(tried)
            self._rate = max(_LOWEST_RATE, self._rate / 2)
        raise LabError(
            Text(
                f"The measurement is worth nothing: of {len(tried)} packets known to pass, {lost} were lost.",
                f"測定を信頼できません: 通るはずのパケット {len(tried)} 個のうち {lost} 個が失われました。",
            ),
            Text(
                "The machine is too busy for the lab; try again with --rate 1000.",
                "機械の負荷が高すぎます。--rate 1000 を付けてもう一度試してください。",
            ),
        )

    def _send(self, indexes: Iterable[int], *, clocked: bool = False) -> None:
        for index in indexes:
            probe = self._probes[index]
            if clocked and probe.must_pass:
                self._await_canaries()
                self._flying[index] = time.monotonic() + self._settings.patience
            destination = probe.target.address(probe.family)
            mark = packets.Mark(self._nonce, index)
            ports = self._source_port(index), probe.port
            packet = packets.write(probe.sender, destination, probe.protocol, ports, mark)
            station = self._ground[probe.source.node]
            self._push(partial(station.send, packet, destination))
            if not probe.must_pass and not probe.source.inside:
                self._inject(probe, packet)

    def _source_port(self, index: int) -> int:
        """Not the one of the last measurement: a firewall may still hold its connections open."""
        return _LOWEST_SOURCE_PORT + (self._first_port + index) % _SOURCE_PORTS

    def _inject(self, probe: Probe, packet: bytes) -> None:
        ethertype = packets.ETHERTYPE_IPV4 if probe.family == 4 else packets.ETHERTYPE_IPV6  # noqa: PLR2004 IP's versions
        for line in self._lines.get(probe.source.zone, ()):
            station = self._ground.get(line.node)
            if station is not None:
                self._push(partial(station.send_frame, packet, ethertype, line.port, line.hardware))

    def _await_canaries(self) -> None:
        """Let canaries come home until another may fly."""
        while len(self._flying) >= _IN_FLIGHT:
            now = time.monotonic()
            self._listen(max(0.0, min(self._flying.values()) - now), until=lambda: len(self._flying) < _IN_FLIGHT)
            now = time.monotonic()
            for index in [index for index, end in self._flying.items() if end <= now]:
                del self._flying[index]

    def _push(self, send: Callable[[], bool]) -> None:
        """Send at the bounded rate, reading what comes meanwhile."""
        if self._sent % _BURST == 0:
            now = time.monotonic()
            self._due = max(self._due, now - _BURST / self._rate) + _BURST / self._rate
            self._listen(max(0.0, self._due - now))
        while not send():
            self._listen(0.001)
        self._sent += 1

    def _wait(self, answers: Sequence[int] = ()) -> None:
        """Read until all `answers` (when given) are there, or nothing has come for the time of patience."""
        missing = [index for index in answers if not self._good(index)]
        deadline = time.monotonic() + self._settings.patience
        while (missing or not answers) and (left := deadline - time.monotonic()) > 0:
            if self._listen(left, until=lambda: True):
                deadline = time.monotonic() + self._settings.patience
            while missing and self._good(missing[-1]):
                missing.pop()

    def _listen(self, patience: float, until: Callable[[], bool] = lambda: False) -> int:
        """Read what comes, `patience` seconds long or until `until()`; how many probes and answers it was."""
        end, count = time.monotonic() + patience, 0
        while True:
            events = self._poll.poll(max(0.0, end - time.monotonic()))
            for descriptor, _ in events:
                if descriptor in self._ears:
                    count += self._hear(self._ears[descriptor])
                else:
                    Listeners.serve(self._doors[descriptor])
            if not events or until() or time.monotonic() >= end:
                return count

    def _hear(self, station: Station) -> int:
        count = 0
        for _ in range(_PER_WAKE):
            try:
                data = station.ear.recv(_RECEIVE_BYTES)
            except BlockingIOError:
                break
            except OSError:
                continue  # a port went down meanwhile
            count += self._note(station.node, data)
        return count

    def _note(self, node: str, data: bytes) -> bool:
        call = packets.read_broadcast(data)
        seen = call or packets.read(data)
        known: Sequence[object] = self._plan.parties if call else self._probes
        if seen is None or seen.mark.nonce != self._nonce or seen.mark.index >= len(known):
            return False
        index = seen.mark.index
        if call:
            self._heard[self._plan.parties[index].name].add(node)
        elif not seen.answer and node == self._probes[index].target.node:
            self._seen[index] |= ARRIVED
        elif seen.answer and node == self._probes[index].source.node:
            self._seen[index] |= ANSWERED if seen.answer == "accept" else REFUSED
            self._flying.pop(index, None)
        else:
            return False
        return True


def _mixed(many: Sequence[int], few: Sequence[int]) -> Iterable[int]:
    """`few` spread evenly among `many`."""
    rest = iter(few)
    for position, index in enumerate(many):
        if position % _CANARY_EVERY == 0:
            yield from itertools.islice(rest, 1)
        yield index
    yield from rest


__all__ = ["ANSWERED", "ARRIVED", "NOTHING", "REFUSED", "Measurement", "Party", "Settings", "measure"]
