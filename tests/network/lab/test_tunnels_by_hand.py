"""Tunnels and VLANs by hand, which not every kernel has: what a device tells of them, under a full Debian kernel."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

import pytest
from full_kernel import kernel, run_under

from network.drivers.beside import BESIDE

pytestmark = [pytest.mark.lab, pytest.mark.alone]

ENDS = "local 192.0.2.1 remote 192.0.2"
SAID: tuple[tuple[str, str], ...] = (
    (f"a1 type gre {ENDS}.2", f"ip link a1 type gre {ENDS}.2"),
    (f"a2 type gre {ENDS}.2 key 5 ttl 64 dev d0", f"ip link a2 type gre {ENDS}.2 over d0 ikey 5 okey 5 ttl 64"),
    (f"a3 type gre {ENDS}.3 ikey 6", f"ip link a3 type gre {ENDS}.3 ikey 6"),
    ("a4 type gre external", "ip link a4 type gre and more"),
    (f"a5 type gre {ENDS}.5 fwmark 7", f"ip link a5 type gre {ENDS}.5 and more"),
    (f"a6 type gre {ENDS}.6 icsum seq", f"ip link a6 type gre {ENDS}.6 and more"),
    ("a7 type gre remote 192.0.2.7", "ip link a7 type gre remote 192.0.2.7 and more"),
    ("a8 type gre local 192.0.2.1 key 8", "ip link a8 type gre local 192.0.2.1 ikey 8 okey 8 and more"),
    (f"b1 type gretap {ENDS}.2", f"ip link b1 type gretap {ENDS}.2"),
    (f"b2 type gretap {ENDS}.3 nopmtudisc tos inherit", f"ip link b2 type gretap {ENDS}.3 and more"),
    (f"c1 type ipip {ENDS}.2 ttl 9", f"ip link c1 type ipip {ENDS}.2 mode any ttl 9"),
    (f"c2 type ipip {ENDS}.3 mode ipip", f"ip link c2 type ipip {ENDS}.3"),
    (f"c3 type ipip {ENDS}.4 mode mplsip", f"ip link c3 type ipip {ENDS}.4 and more"),
    (f"c4 type ipip {ENDS}.5 encap fou encap-dport 5555", f"ip link c4 type ipip {ENDS}.5 mode any and more"),
    (f"e1 type sit {ENDS}.2 mode ip6ip", f"ip link e1 type sit {ENDS}.2"),
    ("e2 type sit local 192.0.2.1", "ip link e2 type sit local 192.0.2.1 mode any and more"),
    (f"e3 type sit {ENDS}.4 isatap", f"ip link e3 type sit {ENDS}.4 mode any and more"),
    ("f1 type wireguard", "ip link f1 type wireguard"),
    ("f2 type xfrm dev d0 if_id 3", "ip link f2 type xfrm"),
    ("d0.5 link d0 type vlan id 5", "ip link d0.5 type vlan"),
    ("d0.6 link d0 type vlan id 7", "ip link d0.6 type vlan id 7 over d0"),
    ("d0.8 link d1 type vlan id 8", "ip link d0.8 type vlan id 8 over d1"),
    ("d0.9 link d0 type vlan id 9 protocol 802.1ad", "ip link d0.9 type vlan id 9 over d0 protocol 0x88a8"),
)
"""What is added and set up, and its line."""
ELSEWHERE = (f"ip link g1 type gre {ENDS}.9 and more vrf lgwan", "ip link d0.10 type vlan vrf lgwan")
"""Moved into another namespace, where nothing tells what is below them."""
MORE = """\
ip netns add lgwan
ip link add g1 type gre local 192.0.2.1 remote 192.0.2.9 dev d0
ip link add link d0 name d0.10 type vlan id 10
for name in g1 d0.10; do ip link set $name netns lgwan; ip -n lgwan link set $name up; done
modprobe mpls_router
echo 1000 >/proc/sys/net/mpls/platform_labels
ip -f mpls route add 100 via inet 192.0.2.9 dev d0
"""


def test_a_device_tells_all_of_a_tunnel_or_that_there_is_more(tmp_path: Path) -> None:
    release = kernel()
    if os.geteuid() != 0 or release is None or not Path("/bin/busybox").exists():
        pytest.skip("needs root, linux-image-amd64 and busybox-static")
    added = [f"ip link add {command}\nip link set {command.split()[0]} up" for command, _ in SAID]
    script = tmp_path / "script"
    start = "set -e\nmkdir /run/netns\nip link add d0 up type veth peer name d1\nip link set d1 up\nmodprobe fou"
    script.write_text("\n".join((start, *added, MORE, "echo", BESIDE)), encoding="utf-8")
    console = []
    for line in run_under(release, f"sh {shlex.quote(str(script))}; echo; echo END", tmp_path):
        console.append(line.rstrip())
        if console[-1] == "END":
            break
    assert console[-1:] == ["END"], "\n".join(console[-20:])
    lines = sorted(line for line in console if line.startswith("ip link") and " type veth" not in line)
    assert lines == sorted((*(line for _, line in SAID), *ELSEWHERE))
    assert "ip route of family 28 and more" in console  # labels of MPLS
