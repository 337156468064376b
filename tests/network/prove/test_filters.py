"""What a device's filters let through, by which rule, and what is said of lines that are not understood."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from random import Random
from typing import Literal

import pytest
from random_tables import IIF, OIF, firewall
from small_universe import UNIVERSE, members

from network.compile import compile_fabric
from network.fabric import Fabric
from network.parse import parse
from network.prove.filtering.filters import Connection, DeviceFilter, Hook, Passing
from network.prove.sets.packets import ALL_PACKETS, NO_PACKETS, Packet, packets, union
from network.render import render
from network.state import DeviceState, Network, NftChain, NftRule, NftSet, NftTable, Parsed

HOOKS: tuple[Hook, ...] = ("forward", "input", "output")
DAY = dt.date(2026, 11, 20)
"""The day the small city is compiled for."""
STATES: tuple[Connection, ...] = ("new", "established", "related", "invalid", "untracked")
ONE, TWO = IPv4Network("10.1.0.0/16"), IPv4Network("10.2.0.0/16")
WEB = packets(protocol="tcp", destination_ports=[(443, 443)])


def of(*chains: NftChain, sets: tuple[NftSet, ...] = ()) -> DeviceFilter:
    return DeviceFilter(DeviceState("fw", "nftables", tables=(NftTable("t", sets, chains),)))


def forward(*rules: NftRule, policy: Literal["accept", "drop"] = "drop") -> NftChain:
    return NftChain("forward", rules, "filter", "forward", 0, policy)


def read(text: str) -> Parsed:
    return parse("nftables", "fw", f"# ==> /etc/nftables.conf\n{text}\n# ==> /etc/frr/frr.conf\n!\nhostname fw\n")


@pytest.mark.parametrize("seed", range(12))
def test_sets_and_single_packets_are_judged_alike(seed: int) -> None:
    """Random tables, in every connection state: the set that passes, and the way of each packet."""
    random = Random(seed)  # noqa: S311 the same tables every time
    found = DeviceFilter(firewall(random))
    for state in STATES:
        passing = found.passing("forward", IIF, OIF, state)
        open_ = members(passing.packets) - members(passing.certain)
        for packet in random.sample(UNIVERSE, 60):
            decision = found.explain(packet, "forward", IIF, OIF, state)
            if packet not in open_:
                assert (decision.verdict == "accept") == (packet in passing.packets)
            assert decision.hits


def test_the_small_city_lets_through_the_register_and_names_its_rows(mini_fabric: Fabric) -> None:
    states = compile_fabric(mini_fabric, on=DAY)
    found = DeviceFilter(states["hall-fw1"])
    passing = found.passing("forward", "eth1.2002", "eth1.2001")
    assert passing.packets is passing.certain
    witness = passing.packets.witness()
    assert str(witness) == "tcp 10.24.17.11:49152 → 10.16.32.10:8443"
    assert witness is not None
    decision = found.explain(witness, "forward", "eth1.2002", "eth1.2001")
    assert [(hit.chain, hit.rule.id if hit.rule else "") for hit in decision.hits] == [("forward", "f004")]
    assert decision.hits[0].origin.file == "mini.yaml"
    assert not found.passing("forward", "eth1.2001", "eth1.2002").packets
    back = found.passing("forward", "eth1.2001", "eth1.2002", "established").packets
    assert back == packets(source=_from(states["hall-fw1"], "from_zone_mynumber_4")) | packets(
        source=_from(states["hall-fw1"], "from_zone_mynumber_6")
    )


def _from(state: DeviceState, name: str) -> list[Network]:
    elements = next(item.elements for item in state.tables[0].sets if item.name == name)
    return [element for element in elements if not isinstance(element, str)]


def test_the_read_back_city_passes_the_same_and_cites_its_configuration(mini_fabric: Fabric) -> None:
    state = compile_fabric(mini_fabric, on=DAY)["hall-fw1"]
    text = render(state)
    parsed = parse("nftables", "hall-fw1", text)
    ours, theirs = DeviceFilter(state), DeviceFilter(parsed.state, parsed.unknown)
    for iif in (item.name for item in state.interfaces):
        for oif in (item.name for item in state.interfaces):
            mine, read_back = ours.passing("forward", iif, oif), theirs.passing("forward", iif, oif)
            assert mine.packets == read_back.packets
            assert read_back.packets is read_back.certain
    witness = theirs.passing("forward", "eth1.2002", "eth1.2001").packets.witness()
    assert witness is not None
    hit = theirs.explain(witness, "forward", "eth1.2002", "eth1.2001").hits[-1]
    assert 'comment "f004"' in text.splitlines()[hit.origin.line - 1]


def test_without_chains_at_a_hook_everything_passes() -> None:
    found = DeviceFilter(DeviceState("rt", "frr"))
    assert found.passing("forward", "eth1", "eth2") == Passing(ALL_PACKETS, ALL_PACKETS)
    assert of(forward(policy="accept")).passing("input", "eth1", "").packets is ALL_PACKETS
    assert of(forward()).passing("forward", "eth1", "eth2").packets == NO_PACKETS


def test_a_packet_passes_when_every_chain_and_table_lets_it() -> None:
    first = NftTable("a", (), (forward(NftRule("accept", src=(ONE,))),))
    second = NftTable("b", (), (NftChain("f", (NftRule("drop", dst=(TWO,)),), "filter", "forward", -5, "accept"),))
    found = DeviceFilter(DeviceState("fw", "nftables", tables=(first, second)))
    passing = found.passing("forward", "x", "y").packets
    assert passing == packets(source=[ONE]) - packets(destination=[TWO])
    witness = Packet(IPv4Address("10.1.0.1"), IPv4Address("10.2.0.1"), 47)
    decision = found.explain(witness, "forward", "x", "y")
    assert (decision.verdict, decision.hits[0].table) == ("drop", "b")
    assert [hit.table for hit in found.explain(passing.witness() or witness, "forward", "x", "y").hits] == ["b", "a"]


def test_return_and_goto_at_the_end_of_a_chain_leave_it_to_the_policy() -> None:
    sub = NftChain("sub", (NftRule("return", src=(ONE,)), NftRule("drop", protocol="udp")))
    found = of(sub, forward(NftRule("goto", target="sub"), NftRule("drop"), policy="accept"))
    assert found.passing("forward", "x", "y").packets == ALL_PACKETS - (packets(protocol="udp") - packets(source=[ONE]))
    packet = Packet(IPv4Address("10.9.0.1"), IPv4Address("10.2.0.1"), 47)
    assert found.explain(packet, "forward", "x", "y").verdict == "accept"
    jumping = of(sub, forward(NftRule("jump", target="sub"), NftRule("drop"), policy="accept"))
    assert not jumping.passing("forward", "x", "y").packets
    assert jumping.explain(packet, "forward", "x", "y").verdict == "drop"


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        (NftRule("accept", src="@gone", protocol="tcp", dports=((443, 443),)), "the set @gone is not known in full"),
        (NftRule("accept", iif="@gone", protocol="tcp", dports=((443, 443),)), "the set @gone is not known in full"),
        (NftRule("jump", protocol="tcp", dports=((443, 443),), target="gone"), "chain gone, which is not known"),
        (NftRule("jump", protocol="tcp", dports=((443, 443),), target="forward"), "chain forward, which is not known"),
        (NftRule("accept", ct_states=("odd",), protocol="tcp", dports=((443, 443),)), "not known: odd"),
        (NftRule("snat", protocol="tcp", dports=((443, 443),), to=IPv4Address(1)), "outside a nat chain"),
    ],
)  # fmt: skip
def test_what_is_not_known_neither_passes_nor_stays(rule: NftRule, reason: str) -> None:
    passing = of(forward(rule, NftRule("accept", src=(ONE,)))).passing("forward", "x", "y")
    assert passing.packets == WEB | packets(source=[ONE])
    known = packets(source=[ONE])
    assert passing.certain == (known - WEB if rule.verdict in {"jump", "snat"} else known)
    assert [reason in doubt.reason.en for doubt in passing.doubts] == [True]
    assert passing.doubts[0].rule is rule
    open_ = (passing.packets - passing.certain).witness()
    assert open_ is not None
    decision = of(forward(rule, NftRule("accept", src=(ONE,)))).explain(open_, "forward", "x", "y")
    assert decision.verdict == "accept"
    assert decision.hits[-1].doubt == passing.doubts[0].reason


def test_a_drop_that_is_not_known_exactly_stops_nothing_for_certain() -> None:
    passing = of(forward(NftRule("drop", src="@gone", protocol="tcp"), NftRule("accept"))).passing("forward", "x", "y")
    assert passing.packets == ALL_PACKETS
    assert passing.certain == ALL_PACKETS - packets(protocol="tcp")


def test_icmp_of_the_other_version_is_in_doubt_where_the_spelling_decides() -> None:
    passing = of(forward(NftRule("drop", family=4, protocol="icmp"), policy="accept")).passing("forward", "x", "y")
    odd = packets(family=6, protocol=1)
    assert passing.packets == ALL_PACKETS - packets(family=4, protocol=1)
    assert passing.packets - passing.certain == odd


UNREAD = """table inet t {
	set hosts {
		type ipv4_addr
		flags interval
		elements = { 10.1.0.0/16 }
	}
	chain forward {
		type filter hook forward priority filter; policy drop;
		ip saddr 10.1.0.0/16 ip daddr 10.1.0.0/16 drop
		ip saddr 10.9.0.0/16 tcp flags syn accept
		ip saddr @hosts accept
	}
	chain input {
		type filter hook input priority filter; policy drop;
		tcp dport 22 accept
	}
}"""


def test_a_line_that_is_not_understood_may_do_anything_where_it_stands() -> None:
    parsed = read(UNREAD)
    found = DeviceFilter(parsed.state, parsed.unknown)
    passing = found.passing("forward", "x", "y")
    assert passing.packets == ALL_PACKETS - packets(source=[ONE], destination=[ONE])
    assert not passing.certain
    assert [(doubt.chain, str(doubt.origin)) for doubt in passing.doubts] == [("forward", "fw:11")]
    assert "tcp flags syn" in passing.doubts[0].reason.ja
    ssh = packets(protocol="tcp", destination_ports=[(22, 22)])
    assert found.passing("input", "x", "") == Passing(ssh, ssh)


@pytest.mark.parametrize(
    "line", ["add rule inet t forward accept", "table ip legacy {\n\tchain x {\n\t\taccept\n\t}\n}", 'include "more"']
)
def test_a_line_outside_the_tables_casts_doubt_on_every_chain(line: str) -> None:
    parsed = read(UNREAD.replace("		ip saddr 10.9.0.0/16 tcp flags syn accept\n", "") + f"\n{line}")
    assert parsed.unknown
    for hook in HOOKS:
        passing = DeviceFilter(parsed.state, parsed.unknown).passing(hook, "x", "y")
        assert passing.packets == ALL_PACKETS
        assert not passing.certain
        assert passing.doubts


def test_a_set_not_read_in_full_is_any_set() -> None:
    text = UNREAD.replace("{ 10.1.0.0/16 }", "{ 10.1.0.0/16, 10.3.0.7 timeout 1h }").replace(" tcp flags syn", "")
    parsed = read(text)
    assert parsed.unknown
    passing = DeviceFilter(parsed.state, parsed.unknown).passing("forward", "x", "y")
    assert packets(source=[TWO]) <= passing.packets
    assert passing.doubts


def test_unread_lines_of_the_routing_part_are_no_filters() -> None:
    table = UNREAD.replace("		ip saddr 10.9.0.0/16 tcp flags syn accept\n", "")
    routing = "interface eth1\n ip address 10.0.0.1/31\nexit\n!\nrouter isis 1\n"
    parsed = parse("nftables", "fw", f"# ==> /etc/nftables.conf\n{table}\n# ==> /etc/frr/frr.conf\n!\n{routing}")
    assert [line.text for line in parsed.unknown] == ["router isis 1"]
    found = DeviceFilter(parsed.state, parsed.unknown)
    for hook in HOOKS:
        passing = found.passing(hook, "x", "y")
        assert passing.packets is passing.certain


def test_unread_lines_of_a_router_are_no_filters() -> None:
    parsed = parse("frr", "rt", "hostname rt\nrouter isis 1\n")
    assert parsed.unknown
    assert DeviceFilter(parsed.state, parsed.unknown).passing("forward", "x", "y").certain is ALL_PACKETS


def test_translation_is_told_rule_by_rule() -> None:
    nat = NftChain(
        "post",
        (
            NftRule("accept", dst=(TWO,)),
            NftRule("snat", src=(ONE,), oif=("eth5",), to=IPv4Address("192.0.2.1")),
            NftRule("masquerade", oif=("eth5",), family=6),
            NftRule("snat", src=(ONE,), to=IPv4Address("192.0.2.9")),
        ),
        "nat",
        "postrouting",
        100,
        "accept",
    )
    found = of(nat).translations("postrouting", "eth1", "eth5")
    assert [item.kind for item in found] == ["source", "masquerade"]
    assert found[0].packets == packets(source=[ONE]) - packets(destination=[TWO])
    out = found[0].apply(packets(source=[ONE], destination=[IPv4Network("203.0.113.0/24")], protocol=47))
    assert out == packets(
        source=[IPv4Network("192.0.2.1/32")], destination=[IPv4Network("203.0.113.0/24")], protocol=47
    )
    one_port = packets(source=[ONE], protocol="tcp", source_ports=[(50000, 50000)], destination_ports=[(443, 443)])
    assert found[0].apply(one_port) == (WEB & packets(source=[IPv4Network("192.0.2.1/32")])) - packets(
        destination=[TWO]
    )
    own = [IPv6Network("2001:db8::1/128")]
    assert found[1].apply(ALL_PACKETS, own) == packets(source=own)
    assert [item.to for item in of(nat).translations("postrouting", "eth1", "eth6")] == [IPv4Address("192.0.2.9")]


def test_destination_translation_changes_address_and_port() -> None:
    sub = NftChain(
        "web", (NftRule("dnat", protocol="tcp", dports=((443, 443),), to=IPv4Address("10.2.0.5"), to_port=8443),)
    )
    pre = NftChain("pre", (NftRule("jump", dst=(ONE,), target="web"),), "nat", "prerouting", -100, "accept")
    (found,) = of(sub, pre).translations("prerouting", "eth5", "")
    assert found.packets == WEB & packets(destination=[ONE])
    assert found.apply(ALL_PACKETS) == packets(
        destination=[IPv4Network("10.2.0.5/32")], protocol="tcp", destination_ports=[(8443, 8443)]
    )


def test_thousands_of_rules_in_many_zones() -> None:
    """Not timed: every pair of zones against every rule would take minutes."""
    zones = range(10)
    sets = tuple(NftSet(f"zone{zone}", "ifname", (f"eth1.{zone}", f"eth2.{zone}")) for zone in zones)
    base = int(IPv4Address("10.0.0.0"))
    rules = [
        NftRule(
            "accept",
            iif=f"@zone{number % 10}",
            oif=f"@zone{number // 10 % 10}",
            src=(IPv4Network((base + number * 16, 30)),),
            dst=(IPv4Network((base + (1 << 23) + number, 32)),),
            protocol="tcp",
            dports=((number, number),),
        )
        for number in range(1, 6000)
    ]
    found = of(forward(*rules, NftRule("drop")), sets=sets)
    parts = [found.passing("forward", f"eth1.{a}", f"eth2.{b}").packets for a in zones for b in zones]
    assert union(parts) == union(
        packets(source=rule.src, destination=rule.dst, protocol="tcp", destination_ports=rule.dports)  # type: ignore[arg-type] # literal
        for rule in rules
    )
    assert found.passing("forward", "eth2.1", "eth1.3").packets is parts[13]


def test_addresses_of_both_versions_are_kept_apart() -> None:
    six = packets(source=[IPv6Network("::/0")])
    passing = of(forward(NftRule("accept", family=6))).passing("forward", "x", "y").packets
    assert passing == six
    assert Packet(IPv6Address("::1"), IPv6Address("fd00::1"), 47) in passing
    assert Packet(IPv4Address("0.0.0.1"), IPv4Address("10.0.0.1"), 47) not in passing
