"""A state that a platform's language cannot express is refused in one sentence; nothing is left out or smuggled in."""

from __future__ import annotations

from ipaddress import ip_address, ip_network
from typing import Any

import pytest

from network.render import RenderError, render
from network.state import (
    Bgp,
    BgpNeighbor,
    Bridge,
    DeviceState,
    Interface,
    NftChain,
    NftRule,
    NftSet,
    NftTable,
    Ospf,
    PolicyMap,
    PolicyRule,
    PrefixList,
    PrefixListEntry,
    Redistribute,
    RibFilter,
    StaticRoute,
    SwitchPort,
    Tunnel,
    Vrf,
)


def router(**parts: Any) -> DeviceState:  # noqa: ANN401 any part of a state
    return DeviceState("hall-core1", "frr", **parts)


def rule(*rules: NftRule, sets: tuple[NftSet, ...] = ()) -> DeviceState:
    return DeviceState("hall-fw1", "nftables", tables=(NftTable("t", sets, (NftChain("c", rules),)),))


def port(item: SwitchPort) -> DeviceState:
    return DeviceState("acc1", "openvswitch", bridges=(Bridge("br0", (item,)),))


ROUTER_ID = ip_address("10.0.0.1")
NET4, NET6 = ip_network("10.0.0.0/8"), ip_network("fd00::/8")
REFUSED = {
    "a line break in a description": router(interfaces=(Interface("eth1", description="x\n shutdown"),)),
    "a pipe in a description": router(interfaces=(Interface("eth1", description="a | b"),)),
    "two blanks in a description": router(interfaces=(Interface("eth1", description="a  b"),)),
    "an interface name too long for Linux": router(interfaces=(Interface("eth1234567890.20", description="x"),)),
    "a host name of two words": DeviceState("hall core1", "frr"),
    "a VRF called default": router(vrfs=(Vrf("default"),)),
    "a VRF name that would be another command": router(vrfs=(Vrf("x\nrouter bgp 1"),)),
    "a static route to nowhere": router(vrfs=(Vrf(None, static_routes=(StaticRoute(NET4),)),)),
    "a next hop of the other family": router(
        vrfs=(Vrf(None, static_routes=(StaticRoute(NET4, ip_address("fd00::1")),)),)
    ),
    "a filter of OSPFv3 for IPv4": router(vrfs=(Vrf("a", (RibFilter(4, "ospf6", "x"),)),)),
    "OSPF into OSPF": router(ospf=(Ospf(4, None, ROUTER_ID, (Redistribute("ospf"),)),)),
    "a rule of a policy map for both families": router(policy_maps=(PolicyMap("x", (PolicyRule(5, NET4, NET6),)),)),
    "a rule of a policy map to two places": router(
        policy_maps=(PolicyMap("x", (PolicyRule(5, interface="eth1", vrf="lgwan"),)),)
    ),
    "a metric type in BGP": router(bgp=(Bgp(None, 1, ROUTER_ID, redistribute4=(Redistribute("static", None, 1),)),)),
    "a prefix of the other family in a list": router(
        prefix_lists=(PrefixList(4, "x", (PrefixListEntry(5, permit=True, prefix=NET6),)),)
    ),
    "a policy name of two words": router(
        bgp=(Bgp(None, 1, ROUTER_ID, (BgpNeighbor(ip_address("10.0.0.2"), 2, prefixes_in="a b"),)),)
    ),
    "a bridge on a router": router(bridges=(Bridge("br0"),)),
    "a table on a router": router(tables=(NftTable("t"),)),
    "an interface on a switch": DeviceState("acc1", "openvswitch", interfaces=(Interface("eth1", description="x"),)),
    "a bridge on a firewall": DeviceState("hall-fw1", "nftables", bridges=(Bridge("br0"),)),
    "an access port without a VLAN": port(SwitchPort("eth1", "access")),
    "a patch port that is a tunnel": port(
        SwitchPort("eth1", "trunk", peer="eth2", tunnel=Tunnel("gre", ip_address("192.0.2.1")))
    ),
    "a trunk with a tag that is not native": port(SwitchPort("eth1", "trunk", 5, (5,))),
    "a VLAN that does not exist": port(SwitchPort("eth1", "access", 5000)),
    "a quote in a comment": rule(NftRule("accept", id='f001" accept')),
    "a comment too long for nft": rule(NftRule("accept", id="あ" * 43)),
    "a variable in a log prefix": rule(NftRule("drop", log="$x")),
    "both families in one rule": rule(NftRule("accept", src=(NET4,), dst=(NET6,))),
    "a set that is not there": rule(NftRule("accept", src="@nowhere")),
    "an interface pattern": rule(NftRule("accept", iif=("eth*",))),
    "ports without a protocol": rule(NftRule("accept", dports=((1, 2),))),
    "ports beyond the last": rule(NftRule("accept", protocol="tcp", dports=((1, 70000),))),
    "ICMP types without a family": rule(NftRule("accept", protocol="icmp", icmp_types=("echo-request",))),
    "an ICMP type of the other family": rule(
        NftRule("accept", family=4, protocol="icmp", icmp_types=("packet-too-big",))
    ),
    "an unknown connection state": rule(NftRule("accept", ct_states=("old",))),
    "a jump to nowhere": rule(NftRule("jump")),
    "a translation to nothing": rule(NftRule("snat")),
    "a translation to the other family": rule(NftRule("snat", family=6, to=ROUTER_ID)),
    "a port translated without a protocol": rule(NftRule("dnat", to=ROUTER_ID, to_port=80)),
    "a negated nothing": rule(NftRule("accept", negate_src=True)),
    "overlapping prefixes in a set": rule(sets=(NftSet("s", "ipv4", (NET4, ip_network("10.1.0.0/16"))),)),
    "prefixes of the other family in a set": rule(sets=(NftSet("s", "ipv4", (NET6,)),)),
    "a table name that nft does not take": DeviceState("hall-fw1", "nftables", tables=(NftTable("peer:lgwan"),)),
    "a priority without a hook": DeviceState(
        "hall-fw1", "nftables", tables=(NftTable("t", chains=(NftChain("c", priority=5),)),)
    ),
}


@pytest.mark.parametrize("state", REFUSED.values(), ids=REFUSED.keys())
def test_refused(state: DeviceState) -> None:
    with pytest.raises(RenderError) as refusal:
        render(state)
    for language in ("en", "ja"):
        assert refusal.value.say(language).count("\n") == 0


def test_the_sentence_names_what_and_the_value() -> None:
    with pytest.raises(RenderError) as refusal:
        render(REFUSED["a pipe in a description"])
    assert refusal.value.say("en") == "Cannot write a description: 'a | b'"
    assert refusal.value.say("ja") == "説明を設定に書けません: 'a | b'"
