"""A segment added by configuration only: what docs/how-to/new-segment.md promises."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile

import pytest

from inventory.loader import load_city
from network.build import build_fabric
from network.fabric import Fabric, Host
from network.lab import Lab
from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/new-segment.md"
ANSWER = re.compile(r"icmp_seq=(\d+) ttl")
CHANGE = re.compile(r"^ {2}(\S .*)$", re.MULTILINE)
ONLY_ADDS = re.compile(r"\+ |~ [^:]*: \w+( \+\S+)+(  \(\S+\))?$")
"""A new element, or more members of one that is there."""


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    try:
        yield reader
    finally:
        reader.type("sanso lab down")


def far_pairs(fabric: Fabric) -> dict[str, tuple[Host, Host]]:
    """In each segment two hosts of different sites, as far apart as the inventory's order puts them."""
    by_segment: dict[str, list[Host]] = {}
    for host in fabric.hosts.values():
        by_segment.setdefault(host.segment, []).append(host)
    ends = {segment: (hosts[0], hosts[-1]) for segment, hosts in by_segment.items()}
    return {segment: pair for segment, pair in ends.items() if pair[0].site != pair[1].site}


@contextmanager
def watched(lab: Lab, fabric: Fabric, lost: dict[str, int]) -> Iterator[None]:
    """While the block runs, a packet goes every 20 ms between two sites in every segment; `lost` counts the lost.

    A packet is lost when a later one was answered and it was not.
    """
    ends = [
        (f"{segment} IPv{address.version}", one.name, str(address))
        for segment, (one, other) in far_pairs(fabric).items()
        for address in (other.ipv4.ip, other.ipv6.ip)
    ]
    with ExitStack() as files:
        said = {name: files.enter_context(TemporaryFile("w+", encoding="utf-8")) for name, _, _ in ends}
        pings = [
            subprocess.Popen(
                lab.command(node, ["ping", "-n", "-i", "0.02", address]), stdout=said[name], start_new_session=True
            )
            for name, node, address in ends
        ]
        try:
            yield
        finally:
            for process in pings:
                os.killpg(process.pid, signal.SIGINT)
            for process in pings:
                process.wait(timeout=20)
            for name, file in said.items():
                file.seek(0)
                seen = {int(number) for number in ANSWER.findall(file.read())}
                assert seen, name
                lost[name] = max(seen) - len(seen)


@pytest.mark.lab
@pytest.mark.alone
@pytest.mark.long
def test_a_segment_is_added_by_configuration_only(reader: Reader) -> None:
    lost: dict[str, int] = {}
    said: dict[str, str] = {}
    for command in commands(HOW_TO):
        if command.startswith("sanso apply"):
            lab = Lab.get(Path(reader.environment["SANSO_STATE"]))
            with watched(lab, build_fabric(load_city("yasu")), lost):
                said[command] = reader.type(command)
        else:
            said[command] = reader.type(command)

    plan = next(text for command, text in said.items() if command.startswith("sanso plan"))
    changes = CHANGE.findall(plan)
    assert len(changes) > 100
    assert [change for change in changes if not ONLY_ADDS.match(change)] == []
    devices = json.loads((reader.folder / "school.json").read_text(encoding="utf-8"))["devices"]
    assert sum(bool(device["changes"]) for device in devices.values()) == 26
    assert lost
    assert set(lost.values()) == {0}, lost
