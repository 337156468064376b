"""What running firewalls count for each row of the register: real packets, read by the real `sanso`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from network.lab import Lab

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
MINI = ROOT / "tests" / "cities" / "mini"
KNOCK = "import socket,sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)"


def knock(lab: Lab, node: str, address: str, port: int) -> None:
    """Try to open a connection; whether anybody answers does not matter."""
    command = lab.command(node, ["/usr/bin/python3", "-c", KNOCK, address, str(port)])
    subprocess.run(command, capture_output=True, check=False, timeout=20)


def flows(lab: Lab, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sanso", "--lang", "en", "--lab", "flows", str(MINI), "--counters", *words],
        cwd=ROOT,
        env={**os.environ, "SANSO_STATE": str(lab.folder.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def counted(lab: Lab) -> dict[str, int]:
    """Row → packets, over all firewalls; every row must run on some firewall."""
    rows = json.loads(flows(lab, "--json"))["rows"]
    assert all(row["running"] for row in rows)
    return {row["row"]: sum(count["packets"] for count in row["counters"].values()) for row in rows}


def test_the_row_that_lets_packets_pass_counts_them(mini_lab_configured: Lab) -> None:
    lab = mini_lab_configured
    before = counted(lab)
    knock(lab, "hall-lg-pc", "172.20.10.10", 443)
    knock(lab, "hall-lg-pc", "fd00:20::10", 443)
    knock(lab, "hall-lg-pc", "172.20.10.10", 80)
    knock(lab, "hall-net-pc", "10.24.17.11", 22)
    after = counted(lab)
    assert after["f001"] >= before["f001"] + 2
    assert {**after, "f001": 0} == {**before, "f001": 0}
    assert f"{after['f001']} packet(s)" in flows(lab)
