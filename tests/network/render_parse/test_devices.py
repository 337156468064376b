"""What real devices make of our text: FRR, nftables and Open vSwitch, in namespaces of their own."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from ipaddress import IPv4Address, IPv6Address, ip_interface, ip_network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from network.canonical import canonical
from network.compile import compile_fabric
from network.drivers.platforms import database
from network.drivers.switch import from_database, to_text
from network.fabric import Fabric
from network.parse import parse
from network.render import render
from network.render.nftables import FRR_SECTION, NFT_SECTION
from network.state import (
    BfdProfile,
    Bgp,
    BgpNeighbor,
    Bridge,
    DeviceState,
    Interface,
    NftTable,
    Ospf,
    OspfInterface,
    PolicyMap,
    PolicyRule,
    PrefixList,
    PrefixListEntry,
    Redistribute,
    RibFilter,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
    SwitchPort,
    Tunnel,
    Vrf,
)

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import tables

pytestmark = [
    pytest.mark.lab,
    pytest.mark.skipif(os.geteuid() != 0, reason="namespaces need root"),
]
HERE = Path(__file__).parent
BOX = ("unshare", "--net", "--mount", "--pid", "--ipc", "--uts", "--fork", "--mount-proc", "--kill-child")


def run(*words: str) -> str:
    return subprocess.run(words, check=True, capture_output=True, text=True, timeout=60).stdout


def shown_by_frr(state: DeviceState, text: str, directory: Path) -> str:
    """What FRR prints after it loaded `text`."""
    (directory / "frr.conf").write_text(text, encoding="utf-8")
    wanted = {(interface.name, interface.vrf or "-") for interface in state.interfaces}
    lines = "".join(f"{name} {vrf}\n" for name, vrf in sorted(wanted))
    (directory / "interfaces").write_text(lines, encoding="utf-8")
    return run(*BOX, "sh", str(HERE / "frr_box.sh"), str(directory), state.hostname)


def comparable(text: str) -> list[str]:
    """FRR's text without header and footer, and what FRR never or only prints with network namespaces."""
    _, _, body = text.rpartition("Current configuration:\n!\n")
    skip = {"end", "ip forwarding", "ipv6 forwarding"}
    return [line for line in body.splitlines() if line not in skip and not line.startswith(" netns ")]


WAN = OspfInterface(cost=20, point_to_point=True, bfd="fast")
LAN = OspfInterface(IPv4Address("0.0.0.1"), passive=True)
ROUTER = canonical(
    DeviceState(
        "hall-core1",
        "frr",
        vrfs=(
            Vrf(
                None,
                (RibFilter(4, "bgp", "not-back"), RibFilter(6, "static", "not-back")),
                (
                    StaticRoute(ip_network("10.100.0.0/16"), IPv4Address("192.0.2.9")),
                    StaticRoute(ip_network("10.9.0.0/16"), IPv4Address("192.0.2.9"), distance=20),
                    StaticRoute(ip_network("10.9.1.0/24"), interface="eth1", tag=7),
                    StaticRoute(ip_network("::/0"), IPv6Address("2001:db8::9"), "eth1", distance=250),
                ),
                resolve_via_default=True,
            ),
            Vrf(
                "lgwan",
                (
                    RibFilter(4, "ospf", "not-back"),
                    RibFilter(6, "ospf6", "not-back"),
                    RibFilter(4, "connected", "marks"),
                ),
                (
                    StaticRoute(ip_network("10.7.0.0/16"), IPv4Address("10.31.128.1"), nexthop_vrf="mynumber"),
                    StaticRoute(ip_network("10.6.0.0/16"), interface="blackhole", tag=5, distance=250),
                    StaticRoute(ip_network("10.6.1.0/24"), IPv4Address("10.31.128.9"), "eth1.2002"),
                    StaticRoute(ip_network("10.6.2.0/24"), IPv4Address("10.31.128.10")),
                    StaticRoute(ip_network("10.6.2.0/24"), IPv4Address("10.31.128.9")),
                    StaticRoute(ip_network("10.6.2.0/24"), interface="eth10.201"),
                    StaticRoute(ip_network("fd01::/64"), IPv6Address("fe80::1"), "eth1.2002"),
                ),
                resolve_via_default=True,
            ),
            Vrf("mynumber"),
        ),
        interfaces=(
            Interface("eth1", None, "渡り　1 (北)", (ip_interface("192.0.2.1/24"), ip_interface("2001:db8::1/64"))),
            Interface("eth10", None, "spare", shutdown=True),
            Interface("eth2", None, "spare", shutdown=True),
            Interface(
                "eth1.2002",
                "lgwan",
                'wan "a" ! # ?',
                (ip_interface("10.31.128.0/31"), ip_interface("fd5a:1:2:ff00::/127")),
                WAN,
                WAN,
            ),
            Interface(
                "eth10.201",
                "lgwan",
                addresses=tuple(map(ip_interface, ("10.24.10.1/24", "10.24.9.1/24", "fd5a:1:2::1/64"))),
                ospf=LAN,
                ospf6=LAN,
            ),
            Interface("eth2.201", "lgwan", addresses=(ip_interface("10.24.2.1/24"),), policy="away"),
            Interface("eth1.2001", "mynumber", addresses=(ip_interface("10.23.128.0/31"),), ospf=OspfInterface()),
        ),
        bfd_profiles=(BfdProfile("fast", 200, 250, 4), BfdProfile("plain")),
        ospf=(
            Ospf(
                4,
                "lgwan",
                IPv4Address("10.0.0.1"),
                (Redistribute("bgp", 20, 1, "marks"), Redistribute("connected"), Redistribute("static", 5)),
                default_originate=True,
            ),
            Ospf(6, "lgwan", IPv4Address("10.0.0.1"), (Redistribute("bgp", 20, 1, "marks"),), default_originate=True),
            Ospf(4, "mynumber", IPv4Address("10.0.0.1")),
            Ospf(6, None, IPv4Address("10.0.0.1"), (Redistribute("static"),)),
        ),
        bgp=(
            Bgp(None, 64512, IPv4Address("10.0.0.1"), (BgpNeighbor(IPv4Address("192.0.2.7"), 64700),)),
            Bgp(
                "lgwan",
                64512,
                IPv4Address("10.0.0.1"),
                (
                    BgpNeighbor(IPv4Address("10.31.128.1"), 64520, "fw 1", "fast", "ours4", "ours4", "marks", "marks"),
                    BgpNeighbor(IPv4Address("9.31.128.1"), 4200000000, prefixes_out="ours4"),
                    BgpNeighbor(IPv6Address("fd5a:1:2:ff00::1"), 64520, bfd="plain", prefixes_in="ours6"),
                ),
                tuple(map(ip_network, ("10.24.0.0/13", "10.24.0.0/14", "9.0.0.0/8", "fd5a:1:2::/48", "2001:db8::/32"))),
                (Redistribute("ospf", 5, None, "marks"), Redistribute("connected", 0)),
                (Redistribute("ospf6"), Redistribute("static")),
                (200, 201, 202),
                ("mynumber",),
            ),
            Bgp("mynumber", 64512, IPv4Address("10.0.0.1"), distance=(200, 200, 200)),
        ),
        prefix_lists=(
            PrefixList(
                4,
                "ours4",
                (
                    PrefixListEntry(5, permit=True, prefix=ip_network("10.0.0.0/8"), le=24),
                    PrefixListEntry(10, permit=False, prefix=ip_network("10.1.0.0/16"), ge=20, le=24),
                    PrefixListEntry(15, permit=True, prefix=ip_network("0.0.0.0/0")),
                    PrefixListEntry(20, permit=False, prefix=ip_network("0.0.0.0/0"), le=32),
                ),
            ),
            PrefixList(6, "ours6", (PrefixListEntry(5, permit=True, prefix=ip_network("fd00::/8"), ge=40),)),
        ),
        route_maps=(
            RouteMap(
                "marks",
                (
                    RouteMapEntry(10, True, "ours4", "ours6", 77, 88, 50, 200, (64512, 64512)),  # noqa: FBT003 as it stands in state
                    RouteMapEntry(20, permit=False),
                ),
            ),
            RouteMap("not-back", (RouteMapEntry(10, permit=False, match_tag=200), RouteMapEntry(20, permit=True))),
        ),
        policy_maps=(
            PolicyMap(
                "away",
                (
                    PolicyRule(5, ip_network("10.24.2.0/24"), via=IPv4Address("10.23.0.1"), nexthop_vrf="mynumber"),
                    PolicyRule(10, dst=ip_network("fd00::/8"), via=IPv6Address("fe80::1"), interface="eth1"),
                    PolicyRule(15, ip_network("10.24.2.0/24"), ip_network("10.0.0.0/8"), 5, 443, "tcp", vrf="mynumber"),
                    PolicyRule(20, dst=ip_network("10.24.0.0/13"), protocol="udp", vrf="unchanged"),
                    PolicyRule(700, dst=ip_network("10.0.0.0/8"), interface="eth1.2001", nexthop_vrf="mynumber"),
                ),
            ),
            PolicyMap("unused", (PolicyRule(1),)),
        ),
    )
)


def test_frr_prints_a_router_of_every_kind_of_line_as_we_write_it(tmp_path: Path) -> None:
    text = render(ROUTER)
    shown = shown_by_frr(ROUTER, text, tmp_path)
    parsed = parse("frr", "hall-core1", shown)
    assert parsed.unknown == ()
    assert parsed.state == ROUTER
    assert comparable(shown) == comparable(text)


SWITCH = canonical(
    DeviceState(
        "north-acc1",
        "openvswitch",
        bridges=(
            Bridge(
                "br0",
                (
                    SwitchPort("eth1", "trunk", None, (101, 201, 4094)),
                    SwitchPort("eth2", "trunk", 5, (101, 201), "untagged", "上位　(予備), a=b:c #1"),
                    SwitchPort("eth3", "trunk", 101, (101,), "tagged"),
                    SwitchPort("eth4", "access", 101, description="it's 窓口 $HOME `1` *"),
                    SwitchPort("eth5", "access", 201),
                    SwitchPort("patch6", "trunk", peer="patch7"),
                    SwitchPort("vx8", "access", 101, tunnel=Tunnel("vxlan", IPv4Address("192.0.2.1"), 77)),
                ),
            ),
            Bridge(
                "br1",
                (
                    SwitchPort("eth6", "access", 1),
                    SwitchPort("patch7", "trunk", 101, (), "untagged", peer="patch6"),
                    SwitchPort("gre8", "trunk", None, (5,), tunnel=Tunnel("gre", IPv6Address("2001:db8::1"))),
                    SwitchPort("gnv9", "trunk", tunnel=Tunnel("geneve", IPv4Address("192.0.2.1"))),
                ),
                userspace=True,
            ),
        ),
    )
)


def shown_by_open_vswitch(commands: str, directory: Path) -> str:
    """What the driver gathers from a switch that was given `commands`."""
    (directory / "commands").write_text(commands, encoding="utf-8")
    (directory / "dump").write_text(database().dump, encoding="utf-8")
    shown = run(*BOX, "sh", str(HERE / "ovs_box.sh"), str(directory / "commands"), str(directory / "dump"))
    return to_text(from_database(shown, database().columns), "north-acc1")


def test_open_vswitch_says_back_what_it_was_told(tmp_path: Path) -> None:
    text = render(SWITCH)
    shown = shown_by_open_vswitch(text, tmp_path)
    assert shown == text
    assert parse("openvswitch", "north-acc1", shown).state == SWITCH


def test_what_open_vswitch_was_told_besides_is_not_lost(tmp_path: Path) -> None:
    others = (
        "ovs-vsctl set bridge br0 stp_enable=true fail_mode=secure",
        "ovs-vsctl set port eth5 external_ids:owner=me",
        "ovs-vsctl set port br0 tag=7",
        "ovs-vsctl add-port br1 tunnel -- set interface tunnel type=vxlan options:remote_ip=flow",
        "ovs-vsctl add-port br1 tap0 -- set interface tap0 type=internal",
        "ovs-ofctl add-flow br1 'cookie=0x7,tcp,tp_dst=80,in_port=eth6,actions=strip_vlan,output:patch7'",
    )
    shown = shown_by_open_vswitch(render(SWITCH) + "\n".join(others), tmp_path)
    parsed = parse("openvswitch", "north-acc1", shown)
    assert sorted(line.text for line in parsed.unknown) == [
        "ovs-ofctl add-flow br1 'cookie=0x7, tcp,in_port=eth6,tp_dst=80 actions=pop_vlan,output:patch7'",
        "ovs-ofctl del-flows br0",  # what a switch does that shall fail secure
        "ovs-vsctl set bridge br0 fail_mode=secure",
        "ovs-vsctl set bridge br0 stp_enable=true",
        "ovs-vsctl set interface tap0 type=internal",
        "ovs-vsctl set interface tunnel 'options:remote_ip=\"flow\"'",
        "ovs-vsctl set interface tunnel type=vxlan",
        "ovs-vsctl set port br0 tag=7",
        "ovs-vsctl set port eth5 'external_ids:owner=\"me\"'",
    ]
    first, second = SWITCH.bridges
    fresh = SwitchPort("tap0", "trunk"), SwitchPort("tunnel", "trunk")
    assert parsed.state == canonical(replace(SWITCH, bridges=(first, replace(second, ports=(*second.ports, *fresh)))))


@pytest.mark.parametrize("device", ["hall-core1", "dc-core1", "hall-fw1"])
def test_frr_prints_what_a_city_is_compiled_to(mini_fabric: Fabric, device: str, tmp_path: Path) -> None:
    state = compile_fabric(mini_fabric, on=dt.date(2026, 11, 20))[device]
    text = render(state).partition(f"{FRR_SECTION}\n")[2] or render(state)
    shown = shown_by_frr(state, text, tmp_path)
    assert comparable(shown) == comparable(text)
    parsed = parse("frr", device, shown)
    assert parsed.unknown == ()
    assert parsed.state == replace(state, platform="frr", tables=())


@settings(max_examples=25, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(tables())
def test_nft_prints_a_table_as_we_write_it(table: NftTable) -> None:
    state = canonical(DeviceState("hall-fw1", "nftables", tables=(table,)))
    rules = render(state).removeprefix(f"{NFT_SECTION}\n").partition(FRR_SECTION)[0]
    command = "nft -f - && nft --stateless list ruleset && echo ==== && nft -a list ruleset"
    done = subprocess.run(
        ["env", "TZ=UTC", "unshare", "--net", "sh", "-c", command],
        input=rules, check=False, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.stderr == ""
    plain, _, full = done.stdout.partition("====\n")
    assert plain == rules
    for shown in (plain, full):
        parsed = parse("nftables", "hall-fw1", f"{NFT_SECTION}\n{shown}{FRR_SECTION}\n")
        assert parsed.unknown == ()
        assert parsed.state == state
