"""What cannot be read is never proved, and said with its lines and what it would join."""

from __future__ import annotations

import pytest
from mutated import DAY, Configurations, lines, of, subjects

from network.fabric import Fabric
from network.parse.source import BESIDE_SECTION
from network.prove.proof import prove
from network.prove.subjects import texts_subject


@pytest.fixture(scope="module")
def mini(mini_fabric: Fabric) -> Configurations:
    return Configurations(mini_fabric)


@pytest.mark.parametrize(
    ("device", "before", "text", "what"),
    [
        ("hall-core1", "interface eth1\n", "nexthop-group X\n nexthop 10.0.0.1\nexit\n", "policy route"),
        ("hall-core1", "interface eth1\n", "interface gre1 vrf lgwan\n ip address 10.9.9.1/30\nexit\n", "tunnel"),
        ("hall-core1", "interface eth1\n", "interface br0 vrf lgwan\n description bridge\nexit\n", "bridge"),
        ("hall-core1", "interface eth1\n", "ip import-table 100\n", "route leak"),
        ("hall-core1", "interface eth1\n", "no ip forwarding\n", "forwarding"),
        ("hall-core1", "interface eth1\n", "router rip\n network eth1\n", "line"),
        ("hall-acc1", "ovs-vsctl add-port br0 eth5", "ovs-vsctl add-port br0 patch0\n", "bridge"),
        ("hall-acc1", "ovs-vsctl add-port br0 eth5", "ovs-vsctl add-port br0 eth33 tag=5 qos=x\n", "switch port"),
        ("hall-acc1", "ovs-vsctl add-port br0 eth5", "ovs-ofctl add-flow br0 'actions=output:eth5'\n", "bridge"),
        ("hall-acc1", "ovs-vsctl add-port br0 eth5", "ovs-ofctl del-flows br0\n", "bridge"),
        ("hall-fw1", "\t\tjump antispoof\n", "\t\tmeta mark 5 accept\n", "filter"),
        ("hall-fw1", "\t\tjump antispoof\n", '\t\tdup to 10.0.0.1 device "eth5"\n', "filter"),
        ("hall-fw1", "\t\tjump antispoof\n", '\t\tfwd to "eth5"\n', "filter"),
        ("hall-fw1", "\t\tjump antispoof\n", "\t\tflow add @fast\n", "filter"),
        ("hall-fw1", "\t\tjump antispoof\n", "\t\ttproxy to :8080 accept\n", "translation"),
        ("hall-fw1", "\t\tjump antispoof\n", "\t\tqueue to 1\n", "filter"),
    ],
)
def test_a_line_that_is_not_understood(mini: Configurations, device: str, before: str, text: str, what: str) -> None:
    edit = (device, before, text + before)
    proof = mini.proof(edit)
    assert proof.claims == {"separation": "not-proved"}
    assert not proof.proved
    assert subjects(proof) == [f"unread {device} {what}"]
    (found,) = proof.findings
    first = text.split("\n", maxsplit=1)[0].strip()
    assert mini.line(device, first, edit) in lines(found)
    assert "lgwan" in found.what.en
    assert "証明されていません" in found.what.ja


def test_a_block_that_is_not_understood_is_one_finding(mini: Configurations) -> None:
    block = "nexthop-group X\n nexthop 10.0.0.1\n nexthop 10.0.0.2\nexit\n"
    edit = ("hall-core1", "interface eth1\n", f"{block}interface eth1\n")
    assert len(of(mini.proof(edit), "hall-core1 policy route", "unread").origins) == 3


def test_what_passes_for_certain_is_a_finding_all_the_same(mini: Configurations) -> None:
    proof = mini.proof(
        ("hall-core1", "interface eth1\n", "ip import-table 100\ninterface eth1\n"),
        ("hall-core1", "interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet"),
    )
    assert proof.claims == {"separation": "findings"}


def test_a_rule_in_doubt_without_an_unread_line(mini: Configurations) -> None:
    """A set that is not there: nobody knows what the rule matches."""
    edit = ("hall-fw1", "ip daddr @group_mn-core_4 tcp dport 8443", "ip daddr @group_gone_4 tcp dport 8443")
    proof = mini.proof(edit)
    assert not proof.proved
    assert "unread hall-fw1 filter" in subjects(proof)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('iifname "eth0" tcp dport 22 accept', "ip saddr @gone_4 tcp dport 22 accept"),
        ("\t\tjump antispoof\n", "\t\tip saddr @gone_4 ct state established accept\n\t\tjump antispoof\n"),
        ("\tchain postrouting {", "CHAIN\tchain postrouting {"),
    ],
    ids=["own-address", "known-connections", "translation"],
)
def test_a_doubt_anywhere_in_a_firewall_is_told(mini: Configurations, old: str, new: str) -> None:
    chain = (
        "\tchain prerouting {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n"
        "\t\tip saddr @gone_4 dnat ip to 10.16.32.10\n\t}\n\n"
    )
    proof = mini.proof(("hall-fw1", old, new.replace("CHAIN", chain)))
    assert not proof.proved
    assert any(item.kind == "unread" and item.subject.startswith("hall-fw1 ") for item in proof.findings)


def test_a_device_without_a_configuration_lets_everything_pass(mini: Configurations) -> None:
    texts = {name: text for name, text in mini.texts.items() if name != "north-edge1"}
    proof = prove(texts_subject(mini.fabric, DAY, texts, "running"), ("separation",))
    assert proof.claims == {"separation": "findings"}
    assert {"crossing mynumber > lgwan", "unread north-edge1 line"} <= set(subjects(proof))


@pytest.mark.parametrize(
    ("line", "what", "whole"),
    [
        ("ip address 192.0.2.1/24 dev eth1 vrf lgwan", "address", True),
        ("ip address 192.0.2.1/24 dev eth1 and more vrf lgwan", "address", False),
        (
            "ip route 10.9.0.0/16 tos 0x10 via inet6 fe80::9 dev eth1 onlink src 192.0.2.1 metric 5",
            "kernel route",
            True,
        ),
        ("ip route 10.9.0.0/16 via 192.0.2.9 dev eth1 metric 5 and more", "kernel route", False),
        ("ip route 10.9.0.0/16 by several hops", "kernel route", False),
        ("ip route of family 28 and more", "kernel route", False),
        ("ip rule 99 fwmark 0x3/0xff lookup table 77 vrf lgwan", "policy route", True),
        ("ip rule 99 lookup table 77 and more vrf lgwan", "policy route", False),
        ("ip rule 99 action 2", "policy route", False),
        ("ip link a1 type gre local 192.0.2.1 remote 192.0.2.2 over eth1 ikey 5 okey 5 ttl 64", "tunnel", True),
        ("ip link a1 type sit local 192.0.2.1 remote 192.0.2.2 mode any vrf lgwan", "tunnel", True),
        ("ip link a1 type gre local 192.0.2.1 remote 192.0.2.2 and more", "tunnel", False),
        ("ip link a1 type gre remote 192.0.2.2 and more", "tunnel", False),
        ("ip link a1 type gre and more", "tunnel", False),
        ("ip link a1 type gretap local 192.0.2.1 remote 192.0.2.2 master br9", "bridge", False),
        ("ip link a1 type vxlan local 192.0.2.1 remote 192.0.2.2", "tunnel", False),
        ("ip link a1 type wireguard", "tunnel", False),
        ("ip link a1 type netkit", "bridge", False),
        ("ip link eth1.10 type vlan id 20 over eth1", "interface", False),
        ("ip link eth1 tcx ingress", "traffic control", False),
        ("ip link eth1 xdp vrf lgwan", "traffic control", False),
        ("bpf programs cannot be read", "traffic control", False),
        ("bpf netfilter ip forward priority -5", "filter", False),
        ("ip xfrm policy out from 10.0.0.0/8 to 10.1.0.0/16 tunnel 192.0.2.1 192.0.2.2", "ipsec", False),
    ],
)
def test_a_waiver_may_accept_only_what_says_all_there_is_to_say(
    mini: Configurations, line: str, what: str, *, whole: bool
) -> None:
    texts = {**mini.texts, "hall-core1": f"{mini.texts['hall-core1']}{BESIDE_SECTION}\n{line}\n"}
    (found,) = prove(texts_subject(mini.fabric, DAY, texts, "running"), ("separation",)).findings
    assert found.key == f"unread:hall-core1 {what}"
    assert line in found.what.ja
    assert bool(found.pin) == whole
