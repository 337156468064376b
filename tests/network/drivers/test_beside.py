"""What a device tells of its kernel beside its configuration: a script on the device, and what a driver makes of it."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from network.drivers.beside import BESIDE, SECTION, configuration, with_beside
from network.parse import beside_section
from network.parse.source import BESIDE_SECTION

FRR = """\
hostname r1
!
vrf lgwan
exit-vrf
!
interface eth1
exit
!
interface eth1.10 vrf lgwan
 ip address 10.1.0.1/24
 ipv6 address 2001:db8:1::1/64
exit
"""
BY_HAND = """
mount -t tmpfs none /run
mkdir /run/netns
ip link set lo up
ip link add vx0 up type vxlan id 5 local 192.0.2.1 remote 192.0.2.2 dev lo dstport 4789
ip link add br9 up type bridge
ip link add asleep type vxlan id 6 dev lo dstport 4789
ip link add veth8 type veth peer name veth9
ip link set veth8 master br9 up
ip link set veth9 up
ip address add 10.1.1.1/24 dev veth9
ip link add eth0 type veth peer name far0
ip link set eth0 up
ip link set far0 up
ip address add 10.2.2.2/24 dev eth0
ip route add default via 10.2.2.1 dev eth0
ip route add 10.8.0.0/16 dev veth9 proto 196
ip route add 10.9.0.0/16 via 10.1.1.9
ip route add blackhole 10.7.0.0/16 table 77
ip -6 route add 2001:db8:9::/48 dev veth9
ip rule add from 10.0.0.0/8 iif veth9 lookup 77 pref 99
ip rule add from 10.3.0.0/16 lookup 78 pref 300 protocol 11
ip rule add not from 10.3.0.0/16 lookup 77 pref 100
ip rule add from 10.3.0.0/16 ipproto tcp dport 80 lookup 77 pref 101
ip rule add from 10.3.0.0/16 lookup 77 suppress_prefixlength 0 pref 102
ip address add 10.5.5.5 peer 10.5.5.6/32 dev veth9
ip -6 address add 2001:db8:5::5/64 dev veth9
ip xfrm policy add src 10.0.0.0/8 dst 10.1.0.0/16 dir out tmpl src 192.0.2.1 dst 192.0.2.2 proto esp mode tunnel
ip xfrm policy add src 2001:db8::/32 dst 2001:db8:1::/48 dir in tmpl proto esp mode transport
ip xfrm policy add src 10.0.0.0/8 dst 10.2.0.0/16 proto tcp dport 5 dir fwd action block
ip xfrm policy add src 10.0.0.0/8 dst 10.3.0.0/16 dir in action allow
ip -6 rule add to 2001:db8::/32 fwmark 3 lookup main pref 98
tc qdisc add dev veth9 ingress
tc filter add dev veth9 ingress protocol all u32 match u32 0 0 action mirred egress redirect dev veth8
tc qdisc add dev veth8 root handle 1: htb
tc filter add dev veth8 parent 1: protocol all u32 match u32 0 0 flowid 1:1
nft add table inet sanso
nft add table ip home
nft add set ip home of '{ type ipv4_addr; elements = { 10.0.0.1 } }'
ip netns add lgwan
ip link add inside up type veth peer name eth1.10 netns lgwan
ip -n lgwan link set eth1.10 up
ip link add eth5 type veth peer name eth6 netns lgwan
ip netns exec lgwan nft add table inet guest
ip -n lgwan rule add to 10.4.0.0/16 lookup main pref 97
touch /run/netns/gone
"""
TOLD = """\
ip address 10.1.1.1/24 dev veth9
ip address 10.5.5.5/32 peer 10.5.5.6 dev veth9
ip link br9 type bridge
ip link eth0 type veth
ip link far0 type veth
ip link inside type veth
ip link veth8 type veth master br9
ip link veth9 tcx egress
ip link veth9 tcx ingress
ip link veth9 type veth
ip link veth9 xdp
ip link vx0 type vxlan local 192.0.2.1 remote 192.0.2.2
ip route 10.7.0.0/16 blackhole table 77
ip route 10.9.0.0/16 via 10.1.1.9 dev veth9
ip rule 100 from 10.3.0.0/16 lookup table 77 and more
ip rule 101 from 10.3.0.0/16 lookup table 77 and more
ip rule 102 from 10.3.0.0/16 lookup table 77 and more
ip rule 99 from 10.0.0.0/8 iif veth9 lookup table 77
ip xfrm policy fwd from 10.0.0.0/8 to 10.2.0.0/16 block and more
ip xfrm policy in from 2001:db8::/32 to 2001:db8:1::/48 mode 0
ip xfrm policy out from 10.0.0.0/8 to 10.1.0.0/16 tunnel 192.0.2.1 192.0.2.2
ipv6 address 2001:db8:5::5/64 dev veth9
ipv6 route 2001:db8:9::/48 dev veth9
ipv6 rule 98 to 2001:db8::/32 fwmark 0x3 lookup table main
nft table inet sanso
nft table ip home sha256 HOME
tc filter dev veth9 ingress u32 action mirred
netns gone cannot be entered
ip link eth1.10 type veth vrf lgwan
ip rule 97 to 10.4.0.0/16 lookup table main vrf lgwan
nft table inet guest sha256 GUEST vrf lgwan
"""


SAID: tuple[tuple[str, str], ...] = (
    ("ip route add 10.10.0.0/16 via inet6 fe80::9 dev veth9", "ip route 10.10.0.0/16 via inet6 fe80::9 dev veth9"),
    ("ip route add 10.11.0.0/16 via 10.1.1.9 metric 5", "ip route 10.11.0.0/16 via 10.1.1.9 dev veth9 metric 5"),
    ("ip route add tos 0x10 10.12.0.0/16 dev veth9", "ip route 10.12.0.0/16 tos 0x10 dev veth9"),
    (
        "ip route add 10.13.0.0/16 via 10.99.0.1 dev veth9 onlink src 10.1.1.1",
        "ip route 10.13.0.0/16 via 10.99.0.1 dev veth9 onlink src 10.1.1.1",
    ),
    ("ip route add 10.14.0.0/16 dev veth9 mtu lock 1400", "ip route 10.14.0.0/16 dev veth9 and more"),
    ("ip route add 10.15.0.0/16 dev veth9 realm 3", "ip route 10.15.0.0/16 dev veth9 and more"),
    ("ip route add 10.16.0.0/16 dev veth9 scope global", "ip route 10.16.0.0/16 dev veth9 and more"),
    ("ip link add deaf up type veth peer name idle", "ip link deaf type veth"),
    ("ip route add 10.20.0.0/16 dev deaf", "ip route 10.20.0.0/16 dev deaf"),  # its other end is down: a state
    ("ip nexthop add id 7 via 10.1.1.9 dev veth9", ""),
    ("ip route add 10.17.0.0/16 nhid 7", "ip route 10.17.0.0/16 via 10.1.1.9 dev veth9 and more"),
    (
        "ip route add 10.18.0.0/16 nexthop via 10.1.1.9 nexthop via 10.1.1.8",
        "ip route 10.18.0.0/16 by several hops",
    ),
    ("ip -6 route add 2001:db8:a::/48 dev veth9 metric 9", "ipv6 route 2001:db8:a::/48 dev veth9 metric 9"),
    (
        "ip -6 route add 2001:db8:d::/48 from 2001:db8:e::/64 dev veth9",
        "ipv6 route 2001:db8:d::/48 from 2001:db8:e::/64 dev veth9",
    ),
    ("ip -6 route add 2001:db8:b::/48 dev veth9 pref high", "ipv6 route 2001:db8:b::/48 dev veth9 and more"),
    ("ip -6 route add 2001:db8:c::/48 dev veth9 expires 900", "ipv6 route 2001:db8:c::/48 dev veth9 and more"),
    ("ip rule add fwmark 3/0xff lookup 77 pref 103", "ip rule 103 fwmark 0x3/0xff lookup table 77"),
    ("ip rule add fwmark 0/0xff lookup 77 pref 104", "ip rule 104 fwmark 0x0/0xff lookup table 77"),
    ("ip rule add tun_id 5 lookup 77 pref 105", "ip rule 105 lookup table 77 and more"),
    ("ip rule add uidrange 0-9 lookup 77 pref 106", "ip rule 106 lookup table 77 and more"),
    ("ip rule add iif gone lookup 77 pref 107", "ip rule 107 iif gone lookup table 77"),
    ("ip address add 10.6.0.1/24 broadcast 10.6.0.255 dev veth9", "ip address 10.6.0.1/24 dev veth9"),
    ("ip address add 10.6.5.0/31 broadcast 255.255.255.255 dev veth9", "ip address 10.6.5.0/31 dev veth9"),
    ("ip address add 10.6.1.1/24 broadcast 10.6.1.9 dev veth9", "ip address 10.6.1.1/24 dev veth9 and more"),
    ("ip address add 10.6.2.1/24 scope link dev veth9", "ip address 10.6.2.1/24 dev veth9 and more"),
    ("ip address add 10.6.3.1/24 noprefixroute dev veth9", "ip address 10.6.3.1/24 dev veth9 and more"),
    ("ip address add 10.6.4.1/24 metric 9 dev veth9", "ip address 10.6.4.1/24 dev veth9 and more"),
    ("ip -6 address add 2001:db8:6::1/64 home dev veth9", "ipv6 address 2001:db8:6::1/64 dev veth9 and more"),
)
"""A command, and what its line says: all there is to say, or that there is more."""
PASSING = ("xdp:veth9", "ingress:veth9", "egress:veth9")

as_root = pytest.mark.skipif(
    os.geteuid() != 0 or not all(map(shutil.which, ("ip", "tc", "nft", "unshare", "setpriv", "perl"))),
    reason="needs root, ip, tc, nft, unshare and setpriv",
)


def told(commands: str, *programs: str, beside: str = BESIDE) -> list[str]:
    """What is told of a machine after these commands, with programs of BPF that let everything pass."""
    if programs:
        beside = shlex.join([sys.executable, str(Path(__file__).with_name("bpf.py")), *programs, "sh", "-c", beside])
    done = subprocess.run(
        ["unshare", "--net", "--mount", "sh", "-e"],
        input=f"{commands}\n{beside}\n", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@as_root
@pytest.mark.lab
def test_a_device_tells_what_its_kernel_has_beside_its_configuration() -> None:
    lines = told(BY_HAND, *PASSING)
    digests = dict(re.findall(r"^nft table ip?\w* (\w+) sha256 ([0-9a-f]{64})", "\n".join(lines), re.MULTILINE))
    assert digests.keys() == {"home", "guest"}
    wanted = TOLD.replace("HOME", digests["home"]).replace("GUEST", digests["guest"])
    assert lines == wanted.splitlines()
    more = told(f"{BY_HAND}\nnft add element ip home of '{{ 10.0.0.2 }}'\nnft add counter ip home hits\n", *PASSING)
    (changed,) = {line for line in more if line not in lines}
    assert re.fullmatch(r"nft table ip home sha256 [0-9a-f]{64}", changed)


@as_root
@pytest.mark.lab
def test_a_line_says_all_there_is_to_say_or_that_there_is_more() -> None:
    before = told(BY_HAND)
    after = told("\n".join([BY_HAND, *(command for command, _ in SAID)]))
    assert sorted(line for line in after if line not in before and " sha256 " not in line) == sorted(
        line for _, line in SAID if line
    )


@as_root
@pytest.mark.lab
def test_a_program_hooked_into_netfilter_is_told_once() -> None:
    """By whatever device looks then: the kernel does not tell the namespace."""
    lines = told("mount -t tmpfs none /run\nip netns add lgwan", "netfilter:-5")
    assert lines == ["bpf netfilter ip forward priority -5"]


@as_root
@pytest.mark.lab
@pytest.mark.parametrize(
    ("machine", "release", "lines"),
    [
        ("m68k-linux-gnu", "6.18.1", ["bpf programs cannot be read"]),
        ("m68k-linux-gnu", "6.4.0-1-amd64", ["bpf programs cannot be read"]),
        ("m68k-linux-gnu", "6.3.9", []),
        ("m68k-linux-gnu", "5.10.0", []),
        ("m68k-linux-gnu", "7.0.0", ["bpf programs cannot be read"]),
        ("", "6.18.1", ["ip link lo tcx ingress"]),
    ],
)
def test_programs_that_cannot_be_read_are_told_where_a_kernel_may_have_any(
    tmp_path: Path, machine: str, release: str, lines: list[str]
) -> None:
    (tmp_path / "release").write_text(f"{release}\n", encoding="ascii")
    beside = BESIDE.replace("/proc/sys/kernel/osrelease", f"{tmp_path}/release")
    if machine:  # of which the call's number is not known
        beside = beside.replace("$CALL{ $Config{archname} =~", f"$CALL{{ {machine!r} =~".replace("'", "'\"'\"'"))
        assert "m68k" in beside
    assert told("mount -t tmpfs none /run", "ingress:lo", beside=beside) == lines


@as_root
@pytest.mark.lab
@pytest.mark.parametrize("unknown", ["ingress => 9946", "ingress => 46"])
def test_a_kernel_that_does_not_know_a_way_has_no_program_there(unknown: str) -> None:
    """As one before 6.6 does not know tcx."""
    beside = BESIDE.replace("ingress => 46", unknown)
    assert told("mount -t tmpfs none /run", "ingress:lo", beside=beside) == (
        [] if "99" in unknown else ["ip link lo tcx ingress"]
    )


@as_root
@pytest.mark.lab
def test_who_may_not_ask_says_so() -> None:
    beside = shlex.join(["setpriv", "--bounding-set=-net_admin,-sys_admin,-bpf", "sh", "-c", BESIDE])
    assert told("mount -t tmpfs none /run", beside=beside) == ["bpf programs cannot be read"]


def test_what_the_configuration_names_itself_is_left_out() -> None:
    named = (
        "ip link eth1.10 type vlan vrf lgwan\nip link eth1\nip link eth0 type veth\nip link eth9\n"
        "ip address 10.1.0.1/24 dev eth1.10 vrf lgwan\nipv6 address 2001:db8:1::1/64 dev eth1.10 vrf lgwan\n"
    )
    assert with_beside(FRR, named) == FRR
    rules = "# ==> /etc/nftables.conf\ntable inet sanso {\n}\n"
    assert with_beside(rules, "nft table inet sanso\n") == rules
    assert with_beside(rules, f"nft table inet sanso sha256 {'0' * 64}\n") == rules
    switch = "# hostname sw1\novs-vsctl add-br br0\novs-vsctl add-port br0 eth5 tag=101\n"
    assert (
        with_beside(switch, "ip link br0 type tun\nip link eth5 type macvtap\nip link ovs-netdev type tun\n") == switch
    )


@pytest.mark.parametrize(
    "line",
    [
        "ip link eth1.99 type vlan vrf lgwan",  # its name stands nowhere
        "ip link eth1.10 type vxlan remote 192.0.2.2 vrf lgwan",  # named, but it leads elsewhere
        "ip link eth1.10 type veth master br9",
        "ip link eth1.10 type vlan vrf internet",  # moved into another VRF
        "ip link eth1.10 type vlan",
        "ip link eth1 vrf lgwan",
        "ip link eth1.10",
        "ip link eth1 xdp",
        "ip link eth1 tcx ingress",
        "ip link eth1.10 type vlan id 20 over eth1 vrf lgwan",
        "ip address 10.1.0.1/24 dev eth1.10 and more vrf lgwan",
        "bpf netfilter ip forward priority 0",
        "ip address 10.1.0.2/24 dev eth1.10 vrf lgwan",
        "ip address 10.1.0.1/16 dev eth1.10 vrf lgwan",
        "ip address 10.1.0.1/24 dev eth1.10 vrf internet",
        "ip address 10.1.0.1/24 dev eth1",
        "ip address 10.1.0.1/32 peer 10.1.0.2 dev eth1.10 vrf lgwan",
        "ip xfrm policy out from 10.0.0.0/8 to 10.1.0.0/16 tunnel 192.0.2.1 192.0.2.2",
        "nft table inet sanso vrf lgwan",
        "ip rule 99 from 10.0.0.0/8 lookup table 77",
    ],
)
def test_what_stands_beside_the_configuration_has_a_section(line: str) -> None:
    running = with_beside(FRR, f"ip link eth1.10 type veth vrf lgwan\n{line}\n")
    assert running == f"{FRR}{SECTION}\n{line}\n"
    assert configuration(running) == FRR
    assert beside_section(running) == f"{SECTION}\n{line}\n"
    assert configuration(FRR) == FRR


def test_drivers_and_the_parser_agree_on_the_section() -> None:
    assert SECTION == BESIDE_SECTION
