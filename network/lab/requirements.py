"""What a lab needs of the machine, checked before anything is started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from inventory.text import Text
from network.lab.blueprint import Backend
from network.lab.errors import LabError

PACKAGES = {
    "/usr/lib/frr/zebra": "frr",
    "/usr/sbin/ovs-vswitchd": "openvswitch-switch",
    "/usr/sbin/nft": "nftables",
    "/usr/sbin/sshd": "openssh-server",
    "/usr/bin/ssh": "openssh-client",
    "/usr/sbin/snmpd": "snmpd",
    "/usr/bin/tini": "tini",
    "/usr/bin/ping": "iputils-ping",
    "/usr/bin/tcpdump": "tcpdump",
    "/usr/sbin/ip": "iproute2",
    "/usr/bin/unshare": "util-linux",
    "/usr/bin/python3": "python3",
}
"""Program → the Debian package that has it."""


def check_machine() -> None:
    """Raise LabError in one sentence when the machine cannot hold a lab."""
    if os.geteuid() != 0:
        raise LabError(
            Text("The lab needs root.", "ラボの起動には root 権限が必要です。"),
            Text("Run it again with sudo.", "sudo を付けて実行してください。"),
        )
    missing = sorted({package for program, package in PACKAGES.items() if not Path(program).exists()})
    if missing:
        names = " ".join(missing)
        raise LabError(
            Text(
                f"The lab needs Debian packages that are not installed: {names}.",
                f"ラボに必要な Debian パッケージがありません: {names}",
            ),
            Text(f"apt-get install {names}", f"apt-get install {names}"),
        )
    if not Path("/dev/net/tun").exists():
        raise LabError(
            Text(
                "The kernel has no TUN devices (/dev/net/tun).", "カーネルに TUN デバイスがありません (/dev/net/tun)。"
            )
        )


def kernel_backend() -> Backend:
    """Whether the kernel makes VRF and 802.1Q devices ("kernel") or not ("netns"): tried in a network namespace."""
    tries = (
        "ip link add vrf0 type vrf table 1001 && ip link add d0 type veth peer name d1"
        " && ip link add link d0 name d0.2 type vlan id 2"
    )
    done = subprocess.run(["/usr/bin/unshare", "--net", "sh", "-c", tries], capture_output=True, check=False)  # noqa: S603 fixed words
    return "kernel" if done.returncode == 0 else "netns"
