"""The SNMP agents of a lab's nodes: who has one, what it hears, and who may know its user's passwords."""

from __future__ import annotations

import socket
import stat
from pathlib import Path

import pytest
import yaml

from network.fabric import Fabric
from network.lab import Lab
from network.lab.blueprint import OPERATOR
from network.lab.syscalls import network

pytestmark = pytest.mark.lab
WHICH_ENGINE = bytes.fromhex(
    "303a020103300f02025a01020300ffe30401040201030410300e0400020100020100040004000400301204000400a00c02025a010201000201003000"
)
"""The first question of SNMPv3, which an agent answers to a stranger."""


def asked_by_community(version: int) -> bytes:
    """A GET of sysDescr.0 by SNMPv1 (0) or v2c (1), community `public`."""
    wanted = bytes.fromhex("06082b060102010101000500")
    row = b"\x30" + bytes([len(wanted)]) + wanted
    rows = b"\x30" + bytes([len(row)]) + row
    request = bytes.fromhex("020101020100020100") + rows
    whole = bytes([2, 1, version]) + b"\x04\x06public\xa0" + bytes([len(request)]) + request
    return b"\x30" + bytes([len(whole)]) + whole


@pytest.mark.parametrize("node", ["hall-core1", "hall-acc1", "hall-fw1", "dc-lg-mail"])
def test_an_agent_answers_version_3_and_no_community(mini_lab_configured: Lab, node: str) -> None:
    """It answers in the order it is asked: were a community good for anything, that answer would come first."""
    with network(mini_lab_configured.netns(OPERATOR)), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as station:
        station.settimeout(30)
        station.connect((mini_lab_configured.address(node), 161))
        for message in (asked_by_community(0), asked_by_community(1), WHICH_ENGINE):
            station.send(message)
        reply = station.recv(2000)
    assert reply[2:5] == b"\x02\x01\x03"


def test_agents_are_heard_on_devices_and_servers_at_their_management_address_only(
    mini_lab_configured: Lab, mini_fabric: Fabric
) -> None:
    lab = mini_lab_configured
    servers = [name for name, host in mini_fabric.hosts.items() if host.kind == "server"]
    for node in lab.nodes:
        rows = lab.run(node, ["ss", "-Hlun", "sport = :161"]).stdout.splitlines()
        places = [f"{lab.address(node)}:161"] if node in {*mini_fabric.devices, *servers} else []
        assert [row.split()[3] for row in rows] == places, node


def test_the_passwords_stand_in_one_file_of_its_owner_alone(mini_lab_configured: Lab) -> None:
    lab = mini_lab_configured
    file = lab.agent_credential()
    assert file is not None
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    told = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert (told["authentication"]["protocol"], told["privacy"]["protocol"]) == ("sha256", "aes128")
    words = [told[part]["password"] for part in ("authentication", "privacy")]
    others = [one for one in file.parent.iterdir() if one != file]
    texts = [one.read_text(encoding="utf-8", errors="replace") for one in others]
    kept = ["/etc/snmp", "/var/lib/snmp", "/var/log"]
    for node in lab.nodes:
        texts += [" ".join(line) for line in lab.processes(node).values()]
        texts.append(lab.run(node, ["grep", "-rhs", "", *kept]).stdout)
    texts += [words.decode(errors="replace") for words in _of_the_machine()]
    assert not [text for text in texts if any(word in text for word in words)]
    assert lab.run("hall-core1", ["stat", "-c", "%a %U", "/var/lib/snmp/snmpd.conf"]).stdout == "600 Debian-snmp\n"
    assert "usmUser" in lab.run("hall-core1", ["cat", "/var/lib/snmp/snmpd.conf"]).stdout


def _of_the_machine() -> list[bytes]:
    """The command line of every process there is."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                found.append((entry / "cmdline").read_bytes())
            except OSError:
                continue
    return found


def test_another_lab_has_other_passwords(mini_lab: Lab, mini_lab_configured: Lab) -> None:
    one, other = mini_lab.agent_credential(), mini_lab_configured.agent_credential()
    assert one is not None
    assert other is not None
    assert one.read_text(encoding="utf-8") != other.read_text(encoding="utf-8")
