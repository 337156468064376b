"""Filters against the kernel: random rule sets, real packets, and its verdict must be ours."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest
from random_tables import IIF, OIF, firewall, first_seen, not_answering, ruleset
from small_universe import UNIVERSE

from network.parse import parse
from network.probe.packets import checksum
from network.prove.filtering.filters import Connection, DeviceFilter
from network.prove.sets.packets import Packet
from network.render import render
from network.state import DeviceState

RULE_SETS, PACKETS = 40, 60
BOX = Path(__file__).with_name("kernel_box.py")
SYN = 2


def on_the_wire(packet: Packet, mark: int) -> bytes:
    """The packet as bytes, with a mark that makes it like no other."""
    ends = packet.source.packed + packet.destination.packed
    body = struct.pack("!II", mark, 0)
    if packet.protocol == 6:
        ports = packet.source_port, packet.destination_port
        body = struct.pack("!HHIIBBHHH", *ports, mark, 0, 5 << 4, SYN, 8192, 0, 0)
    elif packet.protocol == 17:
        body = struct.pack("!HHHH", packet.source_port, packet.destination_port, 16, 0) + body
    elif packet.icmp_type is not None:
        body = struct.pack("!BBHHH", packet.icmp_type, packet.icmp_code, 0, mark & 0xFFFF, 0) + body
    pseudo = ends + struct.pack("!II", len(body), packet.protocol) if packet.protocol != 1 else b""
    place = {6: 16, 17: 6}.get(packet.protocol, 2)
    if packet.protocol in {6, 17} or packet.icmp_type is not None:
        body = body[:place] + struct.pack("!H", checksum(pseudo + body)) + body[place + 2 :]
    if packet.source.version == 6:
        return struct.pack("!IHBB", 6 << 28, len(body), packet.protocol, 64) + ends + body
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + len(body), mark & 0xFFFF, 0, 64, packet.protocol)
    return start + struct.pack("!H", checksum(start + b"\0\0" + ends)) + ends + body


def kernel(cases: list[dict[str, Any]]) -> list[list[bool]]:
    """What the kernel forwards, asked in a network namespace that ends with the process."""
    done = subprocess.run(
        ["unshare", "-n", "--", sys.executable, str(BOX)],
        input=json.dumps(cases),
        text=True,
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    verdicts: list[list[bool]] = json.loads(done.stdout)
    return verdicts


def agree(state: DeviceState, packets: list[Packet], verdicts: list[bool], connection: Connection | None) -> int:
    """Check our verdicts against the kernel's, each packet new to conntrack unless said; how many were forwarded."""
    parsed = parse("nftables", "fw", render(state))
    assert not parsed.unknown
    found = DeviceFilter(parsed.state)
    for packet, forwarded in zip(packets, verdicts, strict=True):
        of = connection or first_seen(packet)
        passing = found.passing("forward", IIF, OIF, of)
        assert (packet in passing.packets) >= forwarded, (str(packet), ruleset(state))
        assert (packet in passing.certain) <= forwarded, (str(packet), ruleset(state))
        decision = found.explain(packet, "forward", IIF, OIF, of)
        if packet not in passing.packets or packet in passing.certain:
            assert (decision.verdict == "accept") == forwarded, (str(packet), decision, ruleset(state))
    return sum(verdicts)


def case(state: DeviceState, packets: list[Packet], *, answered: bool) -> dict[str, Any]:
    """A question to the kernel."""
    there = [on_the_wire(packet, mark).hex() for mark, packet in enumerate(packets, 1)]
    back = [on_the_wire(answer(packet), mark).hex() for mark, packet in enumerate(packets, 1) if answered]
    return {"ruleset": ruleset(state), "packets": there, "answers": back}


def answer(packet: Packet) -> Packet:
    return Packet(packet.destination, packet.source, packet.protocol, packet.destination_port, packet.source_port)


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root")
def test_the_kernel_forwards_what_the_filter_lets_through() -> None:
    random = Random(20261120)  # noqa: S311 the same rule sets every time
    asked = [(firewall(random), not_answering(random, UNIVERSE, PACKETS)) for _ in range(RULE_SETS)]
    verdicts = kernel([case(state, packets, answered=False) for state, packets in asked])
    let = sum(agree(*question, found, None) for question, found in zip(asked, verdicts, strict=True))
    assert 500 < let < RULE_SETS * PACKETS - 500


@pytest.mark.lab
@pytest.mark.skipif(os.geteuid() != 0, reason="a network namespace needs root")
def test_the_kernel_forwards_what_belongs_to_known_connections_as_the_filter_says() -> None:
    random = Random(20261121)  # noqa: S311 the same rule sets every time
    datagrams = [packet for packet in UNIVERSE if packet.protocol == 17]
    asked = [(firewall(random), not_answering(random, datagrams, PACKETS)) for _ in range(RULE_SETS // 2)]
    verdicts = kernel([case(state, packets, answered=True) for state, packets in asked])
    let = sum(agree(*question, found, "established") for question, found in zip(asked, verdicts, strict=True))
    assert 200 < let < RULE_SETS // 2 * PACKETS - 200
