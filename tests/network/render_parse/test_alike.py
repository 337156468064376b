"""Devices that say the same are read alike, and yet each by itself: no device's text decides how another's is read."""

from __future__ import annotations

import pytest

from inventory.model import Platform
from inventory.origin import Origin
from network.parse import parse
from network.state import DeviceState

FIREWALL = """\
# ==> /etc/nftables.conf
table inet sanso {{
	set offices {{
		type {kind}
		flags interval
	}}
	chain forward {{
		ip saddr @offices counter accept
	}}
}}
"""
ROUTER = """\
interface eth1
 ip ospf area 0.0.0.0
 ip ospf bfd
exit
ip prefix-list own seq 10 permit 10.0.0.0/8
"""
SWITCH = """\
ovs-vsctl add-br br0
ovs-vsctl add-port br0 eth1 vlan_mode=access tag=10
"""


def _lines(state: DeviceState) -> list[Origin]:
    rows = (
        *state.interfaces,
        *(entry for item in state.prefix_lists for entry in item.entries),
        *(rule for table in state.tables for chain in table.chains for rule in chain.rules),
        *(port for bridge in state.bridges for port in bridge.ports),
    )
    return [row.origin for row in rows]


@pytest.mark.parametrize(
    ("platform", "text", "read", "unknown"),
    [
        ("frr", ROUTER, [1, 5], [3]),
        ("nftables", FIREWALL.format(kind="ipv4_addr"), [8], []),
        ("openvswitch", SWITCH, [2], []),
    ],
)
def test_every_device_cites_its_own_lines(platform: Platform, text: str, read: list[int], unknown: list[int]) -> None:
    for name, above in (("hall1", 0), ("hall2", 2)):
        parsed = parse(platform, name, "\n" * above + text)
        assert _lines(parsed.state) == [Origin(name, above + line) for line in read]
        assert [line.origin for line in parsed.unknown] == [Origin(name, above + line) for line in unknown]


def test_a_rule_is_read_by_the_sets_of_its_own_table() -> None:
    for kind, understood in (("ipv4_addr", True), ("ipv6_addr", False), ("ipv4_addr", True)):
        parsed = parse("nftables", "hall-fw1", FIREWALL.format(kind=kind))
        assert len(parsed.state.tables[0].chains[0].rules) == understood
        assert [line.origin.line for line in parsed.unknown] == ([] if understood else [8])


def test_a_line_is_read_by_the_block_it_stands_in() -> None:
    text = "interface eth1\n ip ospf cost 7\n ip ospf area 0.0.0.0\nexit\nvrf lgwan\n ip ospf cost 7\nexit-vrf\n"
    parsed = parse("frr", "hall-core1", text)
    assert [interface.name for interface in parsed.state.interfaces] == ["eth1"]
    assert [line.origin.line for line in parsed.unknown] == [6]


def test_sets_that_say_the_same_are_doubted_each_in_its_own_lines() -> None:
    said = "type ipv4_addr\nflags interval\ntimeout 1h\nelements = { 10.0.0.0/8 }\n}\n"
    text = f"# ==> /etc/nftables.conf\ntable inet sanso {{\nset a {{\n{said}set b {{\n{said}}}\n"
    parsed = parse("nftables", "hall-fw1", text)
    assert [(item.name, list(map(str, item.elements)), item.origin.line) for item in parsed.state.tables[0].sets] == [
        ("a", ["10.0.0.0/8"], 3),
        ("b", ["10.0.0.0/8"], 9),
    ]
    assert [line.origin.line for line in parsed.unknown] == [6, 12]


def test_an_interface_may_have_the_name_of_a_command() -> None:
    parsed = parse("frr", "hall-core1", "interface prefix-list\n ip address 10.0.0.1/24\nexit\n")
    assert [interface.name for interface in parsed.state.interfaces] == ["prefix-list"]
    assert not parsed.unknown


@pytest.mark.parametrize(
    "layout",
    [
        "set a {{\n{}\n{}\n{}\n}}\n",
        "set a {{ {}; {}; {} }}\n",
        "set a {{\n{}; {}; {}\n}}\n",
        "set a {{ {}\n{}\n{}; }}\n",
    ],
)
def test_statements_may_share_a_line(layout: str) -> None:
    said = layout.format("type ipv4_addr", "flags interval", "elements = { 10.0.0.0/8, 172.16.0.0/12 }")
    parsed = parse("nftables", "hall-fw1", f"# ==> /etc/nftables.conf\ntable inet sanso {{\n{said}}}\n")
    assert [list(map(str, item.elements)) for item in parsed.state.tables[0].sets] == [["10.0.0.0/8", "172.16.0.0/12"]]
    assert not parsed.unknown


@pytest.mark.parametrize("wrong", ["sek 10 permit", "seq 10 allow", "seq ten permit", "seq 10"])
def test_an_entry_that_is_none_is_doubted(wrong: str) -> None:
    text = f"ip prefix-list own seq 5 permit 10.0.0.0/8\nip prefix-list own {wrong} 10.0.0.0/8\n"
    parsed = parse("frr", "hall-core1", text)
    assert [entry.seq for item in parsed.state.prefix_lists for entry in item.entries] == [5]
    assert [line.origin.line for line in parsed.unknown] == [2]
