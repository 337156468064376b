"""The device script `netdev` on a lab node: VRFs, sub-interfaces, and what FRR knows of them."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from network.drivers.platforms import device_file
from network.lab import Lab

ROOT = Path(__file__).parents[3]
NODE = "hall-core1"
FILE = "/run/test-netdev.conf"
TAGS = range(2101, 2109)

pytestmark = pytest.mark.lab


def shell(lab: Lab, script: str) -> str:
    """What a script prints on the node."""
    done = subprocess.run(
        lab.command(NODE, ["sh", "-es"]), input=script, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def netdev(lab: Lab, verb: str) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(lab.command(NODE, ["sh", "-s", verb, FILE]), stdin=subprocess.PIPE)
    assert process.stdin is not None
    process.stdin.write(device_file("netdev"))
    process.stdin.close()
    return process


@pytest.fixture
def node(mini_lab: Lab) -> Iterator[Lab]:
    running = "vtysh -c 'show running-config' | sed '1,/^Current configuration/d'"
    shell(mini_lab, f"{running} >{FILE}")
    yield mini_lab
    shell(mini_lab, f"{running} >{FILE}")
    assert netdev(mini_lab, "prune").wait(30) == 0


def link_locals(lab: Lab) -> dict[str, list[str]]:
    """Interface → the link-local addresses zebra knows."""
    found: dict[str, list[str]] = {}
    for line in shell(lab, "vtysh -c 'show interface vrf racer'").splitlines():
        if match := re.match(r"Interface (\S+) is", line):
            found[match[1]] = []
        elif match := re.match(r"  inet6 (fe80:\S+)", line):
            list(found.values())[-1].append(match[1])
    return found


def test_zebra_knows_every_new_link_local_address_when_netdev_ends(node: Lab) -> None:
    shell(node, f"printf 'vrf racer\\nexit-vrf\\n' >>{FILE}")
    assert netdev(node, "add").wait(30) == 0
    shell(node, "until vtysh -c 'show interface vrf racer' | grep -q '^Interface lo'; do sleep 0.2; done")
    lines = "".join(f"interface eth1.{tag} vrf racer\nexit\n" for tag in TAGS)
    shell(node, f"cat >>{FILE} <<'END'\n{lines}END")
    shell(node, "kill -STOP $(pidof zebra)")
    try:
        process = netdev(node, "add")
        time.sleep(1.5)
    finally:
        shell(node, "kill -CONT $(pidof zebra)")
    assert process.wait(30) == 0
    known = link_locals(node)
    assert {f"eth1.{tag}" for tag in TAGS} <= known.keys()
    assert all(len(known[f"eth1.{tag}"]) == 1 for tag in TAGS), known


def test_a_router_may_have_more_than_twenty_neighbours_in_a_vrf(node: Lab) -> None:
    shell(node, f"printf 'vrf racer\\nexit-vrf\\n' >>{FILE}")
    assert netdev(node, "add").wait(30) == 0
    allowed = shell(node, "ip netns exec racer cat /proc/sys/net/ipv4/igmp_max_memberships")
    assert int(allowed) >= 1024


FOREIGN = """
mount -t tmpfs none /run
ip link add br9 type bridge
ip link add eth9.5 type veth peer name far
ip link set eth9.5 master br9
printf 'interface eth9.5\\nexit\\n' >/run/wanted
: >/run/none
sh {netdev} add /run/wanted && exit 1
sh {netdev} prune /run/none
ip link show eth9.5 master br9
"""


def test_an_interface_of_somebody_elses_in_the_way_is_left_alone() -> None:
    if os.geteuid() != 0 or Path("/usr/local/lib/sanso-lab/subif").exists():
        pytest.skip("needs root, and a machine that is no lab node")
    script = FOREIGN.format(netdev=ROOT / "network/drivers/device/netdev")
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-ec", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "eth9.5@" in done.stdout
