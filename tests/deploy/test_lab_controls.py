"""Controls and evidence of what devices run: the real `sanso` beside the running small city."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.inspection import communities, listening
from network.lab import Lab

ROOT = Path(__file__).parents[2]
MINI = ROOT / "tests" / "cities" / "mini"
SAID = """udp   UNCONN 0      0            0.0.0.0:3784       0.0.0.0:*
tcp   LISTEN 0      128          0.0.0.0:22         0.0.0.0:*
tcp   LISTEN 0      3          127.0.0.1:2601       0.0.0.0:*
udp   UNCONN 0      0     10.255.2.1%eth0:161        0.0.0.0:*
tcp   LISTEN 0      128             [::]:179           [::]:*
tcp   LISTEN 0      3              [::1]:2605          [::]:*
"""


def sanso(lab: Lab, *words: str, code: int = 0) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "sanso", "--lang", "en", "--lab", *words],
        cwd=ROOT,
        env={**os.environ, "SANSO_STATE": str(lab.folder.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stderr or done.stdout
    return done.stdout


def test_what_listens_for_others() -> None:
    assert listening(SAID) == {("udp", 3784), ("tcp", 22), ("udp", 161), ("tcp", 179)}


@pytest.mark.parametrize(("said", "takes"), [("", None), ("read\n", False), ("read\nrocommunity\nCom2Sec6\n", True)])
def test_whether_an_agent_takes_communities(said: str, takes: bool | None) -> None:  # noqa: FBT001 a table
    assert communities(said) is takes


@pytest.mark.lab
def test_controls_of_the_running_city(mini_lab_configured: Lab) -> None:
    told = json.loads(sanso(mini_lab_configured, "controls", str(MINI), "--running", "--json", code=1))
    assert told["source"] == "running"
    results = {item["id"]: item for item in told["controls"]}
    assert results["C01"]["status"] == "pass"
    assert results["C53"]["status"] == "pass"
    clocks = [item["what"]["en"] for item in results["C43"]["evidence"] if "clock" in item["what"]["en"]]
    assert len(clocks) == 9
    services = [item["what"]["en"] for item in results["C55"]["evidence"] if "telnet" in item["what"]["en"]]
    assert len(services) == 9
    assert all("offers no telnet or http" in text for text in services)
    agents = [item["what"]["en"] for item in results["C55"]["evidence"] if "SNMPv3 only" in item["what"]["en"]]
    assert len(agents) == 9
    assert not [item for item in results["C55"]["evidence"] if "SNMP version" in item["what"]["en"]]


@pytest.mark.lab
def test_a_device_that_runs_something_else_fails_its_control(mini_lab_configured: Lab) -> None:
    lab = mini_lab_configured
    python = "import socket,time; s=socket.socket(); s.bind(('0.0.0.0',23)); s.listen(); time.sleep(600)"
    started = lab.run("hall-core1", ["sh", "-c", f'python3 -c "{python}" >/dev/null 2>&1 & echo $!'])
    pid = started.stdout.strip()
    added = ["vtysh", "-c", "configure terminal", "-c", "vrf lgwan", "-c", "ip route 10.99.0.0/16 blackhole"]
    taken = [*added[:-1], "no ip route 10.99.0.0/16 blackhole"]
    community = ["sh", "-c", "echo ' rocommunity public' >>/etc/snmp/snmpd.conf"]
    try:
        assert lab.run("hall-core1", community).returncode == lab.run("hall-core1", added).returncode == 0
        told = json.loads(sanso(lab, "controls", str(MINI), "--running", "--json", code=1))
    finally:
        lab.run("hall-core1", taken)
        lab.run("hall-core1", ["kill", pid])
        lab.run("hall-core1", ["sed", "-i", "/rocommunity/d", "/etc/snmp/snmpd.conf"])
    results = {item["id"]: item for item in told["controls"]}
    drifted = [item["what"]["en"] for item in results["C53"]["evidence"] if item["side"] == "against"]
    assert any("10.99.0.0/16" in text for text in drifted)
    offered = [item["what"]["en"] for item in results["C55"]["evidence"] if item["side"] == "against"]
    assert "hall-core1 offers telnet" in offered
    assert "hall-core1 offers SNMPv1/v2c" in offered


@pytest.mark.lab
def test_evidence_of_the_running_city(mini_lab_configured: Lab, tmp_path: Path) -> None:
    pack = tmp_path / "pack"
    told = sanso(mini_lab_configured, "evidence", str(MINI), "--running", "-o", str(pack))
    assert str(pack) in told
    assert (pack / "index.html").exists()
    sanso(mini_lab_configured, "evidence", "verify", str(pack))
