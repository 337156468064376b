"""Registered flows with and without a path: what is broken is named, with its lines and a packet."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from asking import asked

from inventory.generate import generate_city
from inventory.loader import load_city
from network.compiled import Compiled, compile_city
from network.parse import parse
from network.prove.findings import Finding
from network.prove.paths.asked import Asked, Pair
from network.prove.paths.places import Place
from network.prove.resilience import resilience
from network.prove.service import service
from network.prove.subject import Subject
from network.state import PrefixList, PrefixListEntry, RouteMap, RouteMapEntry

CITIES = Path(__file__).parents[2] / "cities"
DAY = dt.date(2026, 11, 20)
F001 = 'counter ct mark set 0x2b442106 accept comment "f001"'
KNOWN = "ct mark @live accept"


@pytest.fixture(scope="module")
def mini() -> Compiled:
    return compile_city(load_city(CITIES / "mini", DAY), DAY)


def subject_of(compiled: Compiled, *changes: tuple[str, str, str]) -> Subject:
    """The city as its configuration texts say, with (device, text, other text) exchanged everywhere in a device's."""
    texts = dict(compiled.texts)
    for device, old, new in changes:
        assert old in texts[device]
        texts[device] = texts[device].replace(old, new)
    read = {name: parse(compiled.fabric.devices[name].spec.platform, name, text) for name, text in texts.items()}
    unread = [line.text for parsed in read.values() for line in parsed.unknown]
    assert unread == []
    return Subject(
        compiled.fabric, DAY, {name: parsed.state for name, parsed in read.items()}, compiled.states, source="files"
    )


def unserved(compiled: Compiled, *changes: tuple[str, str, str]) -> dict[str, Finding]:
    verdict, found = asked(service, subject_of(compiled, *changes))
    assert verdict == ("findings" if found else "proved")
    return {finding.subject: finding for finding in found}


@pytest.mark.parametrize("city", ["yasu", "yasu-mesh", CITIES / "mini", CITIES / "tiny"], ids=str)
def test_a_correct_city_serves_every_row(city: str | Path) -> None:
    compiled = compile_city(load_city(city, DAY), DAY)
    assert unserved(compiled) == {}


BREAKS = [
    pytest.param(
        [("north-edge1", " ip ospf area 0.0.0.0\n", " ip ospf area 0.0.0.5\n")],
        {"f001": "no OSPF adjacency in lgwan over north between hall-core1 and north-edge1"},
        id="ospf-area",
    ),
    pytest.param(
        [("north-edge1", " ip ospf network point-to-point\n", "")],
        {"f001": "no OSPF adjacency in lgwan over north between hall-core1 and north-edge1"},
        id="ospf-network-type",
    ),
    pytest.param(
        [("hall-core1", "interface eth11\n", "interface eth11\n shutdown\n")],
        {"f001": "no OSPF adjacency in lgwan over north between hall-core1 and north-edge1"},
        id="port-shut-down",
    ),
    pytest.param(
        [("north-edge1", " ip address 10.31.255.251/31\n", " ip address 10.31.255.249/31\n")],
        {"f001": "no OSPF adjacency in lgwan over north between hall-core1 and north-edge1"},
        id="subnet",
    ),
    pytest.param(
        [("north-edge1", " ip address 10.24.160.1/24\n", " ip address 10.24.160.2/24\n")],
        {"f001": "the gateway address 10.24.160.1/24 of VLAN north/lg-office is on no working interface of north-"},
        id="gateway-address",
    ),
    pytest.param(
        [("north-edge1", "description lgwan gateway of north/lg-office\n", "shutdown\n")],
        {"f001": "is on no working interface of north-edge1 (eth2.210 is meant)"},
        id="gateway-shut-down",
    ),
    pytest.param(
        [("north-edge1", " ip ospf area 0.0.0.0\n ip ospf passive\n", "")],
        {"f001": "OSPF does not know the subnet of VLAN north/lg-office: eth2.210 of north-edge1 is not in it"},
        id="subnet-not-in-ospf",
    ),
    pytest.param(
        [("north-acc1", "eth9 vlan_mode=access tag=210", "eth9 vlan_mode=access tag=211")],
        {"f001": "VLAN 210 does not lead from north-lg-pc (north-acc1 eth9) to its gateway"},
        id="access-port",
    ),
    pytest.param(
        [("north-acc1", "trunks=110,210", "trunks=110")],
        {"f001": "VLAN 210 does not lead from north-lg-pc (north-acc1 eth9) to its gateway"},
        id="trunk",
    ),
    pytest.param(
        [("hall-fw1", f"tcp dport 443 {F001}", f"tcp dport 444 {F001}"),
         ("dc-fw1", f"tcp dport 443 {F001}", f"tcp dport 444 {F001}")],
        {"f001": "the filter of hall-fw1 does not let the flow's packets through from eth1.2002 to eth5"},
        id="filter",
    ),
    pytest.param(
        [("hall-fw1", f"ct state established,related {KNOWN}", f"ct state related {KNOWN}"),
         ("dc-fw1", f"ct state established,related {KNOWN}", f"ct state related {KNOWN}")],
        dict.fromkeys(["f001", "f002", "f003", "f004"], "does not let the answers through"),
        id="answers",
    ),
    pytest.param(
        [("hall-fw1", "elements = { 0x14b08de5, 0x2b442106,", "elements = { 0x14b08de5,"),
         ("dc-fw1", "elements = { 0x2b442106, ", "elements = { ")],
        {"f001": "does not let the answers through"},
        id="mark-of-a-row-not-live",
    ),
    pytest.param(
        [("hall-fw1", "remote-as 64700", "remote-as 64701")],
        {"f002": "no BGP session between hall-fw1 and peer security-cloud"},
        id="line-to-peer",
    ),
    pytest.param(
        [("hall-fw1", "ip prefix-list into-internet seq", "ip prefix-list into-elsewhere seq"),
         ("hall-fw1", "ipv6 prefix-list into-internet seq", "ipv6 prefix-list into-elsewhere seq")],
        {"f002": "hall-core1 takes no route to 203.0.113.0/24 from hall-fw1"},
        id="prefix-list",
    ),
    pytest.param(
        [("hall-fw1", "ip prefix-list to-peer-security-cloud seq", "ip prefix-list to-nobody seq")],
        {"f002": "peer security-cloud takes no route to 10.32.16.0/24 from hall-fw1"},
        id="not-announced-to-peer",
    ),
    pytest.param(
        [("hall-core1", " redistribute bgp metric 10 metric-type 1\n", "")],
        {},
        id="one-core-of-two-does-not-carry",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), BREAKS)
def test_what_is_broken_is_named(mini: Compiled, changes: list[tuple[str, str, str]], expected: dict[str, str]) -> None:
    found = unserved(mini, *changes)
    for row, cause in expected.items():
        assert cause in found[row].what.en
    if expected:
        assert set(found) <= {"f001", "f002", "f003", "f004"}
        assert next(iter(expected)) in found
    else:
        assert found == {}
    for finding in found.values():
        assert finding.packet is not None
        assert finding.what.ja
        assert {origin.file for origin in finding.origins} & {"mini.yaml"}


def test_a_finding_in_full(mini: Compiled) -> None:
    change = ("north-edge1", " ip ospf area 0.0.0.0\n", " ip ospf area 0.0.0.5\n")
    found = unserved(mini, change)["f001"]
    assert found.key == "unserved:f001"
    assert found.what.en == (
        "Row f001 (LGWAN-ASP利用) has no path for 1 of 4 pairs of places (IPv4), such as from VLAN north/lg-office to "
        "peer lgwan: no OSPF adjacency in lgwan over north between hall-core1 and north-edge1, so that VLAN "
        "north/lg-office does not reach hall-fw1"
    )
    assert found.what.ja == (
        "登録通信 f001(LGWAN-ASP利用)は 4 組中 1 組(IPv4)で経路がありません。"
        "例: 北支所の VLAN north/lg-office から外部接続先「LGWAN」。"
        "原因: hall-core1 と north-edge1 の間(north、lgwan)の OSPF 隣接が成立せず、"
        "北支所の VLAN north/lg-office から hall-fw1 に届きません"
    )
    assert str(found.packet) == "tcp 10.24.160.100:49152 → 172.20.10.10:443"
    assert [hop.node for hop in found.hops] == ["north-lg-pc", "north-acc1"]
    places = [str(origin) for origin in found.origins]
    assert "mini.yaml:110" in places
    assert "mini.yaml:156" in places
    assert {origin.file for origin in found.origins} == {"mini.yaml", "north-edge1", "hall-core1"}


def test_one_family_alone_is_told(mini: Compiled) -> None:
    found = unserved(mini, ("north-edge1", " ipv6 ospf6 area 0.0.0.0\n", " ipv6 ospf6 area 0.0.0.5\n"))["f001"]
    assert "(IPv6)" in found.what.en
    assert found.packet is not None
    assert found.packet.source.version == 6


def test_a_lost_spare_is_no_matter_of_service_but_of_resilience(mini: Compiled) -> None:
    change = ("dc-fw1", "remote-as 64600", "remote-as 64601")
    assert unserved(mini, change) == {}
    _, found = asked(resilience, subject_of(mini, change))
    assert "line lgwan/main" in {finding.subject for finding in found}


def test_a_device_without_a_state_serves_nothing(mini: Compiled) -> None:
    states = {name: state for name, state in mini.states.items() if name != "north-edge1"}
    _, found = asked(service, Subject(mini.fabric, DAY, states, mini.states))
    assert [finding.subject for finding in found] == ["f001"]


def test_of_all_prefixes_only_the_one_is_heard_that_cores_carry_on() -> None:
    city = compile_city(generate_city(30, 6), DAY)
    fabric, first = city.fabric, subject_of(city)
    rows = Asked(fabric, DAY, 4).rows
    peers = (place.prefix for _, pairs in rows for pair in pairs for place in ends(pair) if place.lan is None)
    wanted = next(prefix for prefix in peers if prefix.prefixlen)
    only = PrefixList(4, "one", (PrefixListEntry(5, permit=True, prefix=wanted),))
    alone = RouteMap("alone", (RouteMapEntry(10, permit=True, match_prefixes4="one"),))
    states = {
        name: replace(
            state,
            prefix_lists=(*state.prefix_lists, only),
            route_maps=(*state.route_maps, alone),
            ospf=tuple(
                replace(row, redistribute=tuple(replace(other, route_map="alone") for other in row.redistribute))
                for row in state.ospf
            ),
        )
        for name, state in first.states.items()
        if state.bgp and not state.tables
    }
    verdict, found = asked(service, replace(first, states={**first.states, **states}))
    lost = {
        live.row
        for live, pairs in rows
        for pair in pairs
        if any(place.lan and other.prefix != wanted for place, other in (ends(pair), ends(pair)[::-1]))
    }
    assert verdict == "findings"
    assert {finding.subject for finding in found if "IPv4" in finding.what.en} == lost
    assert 0 < len(lost) < len(rows)


def ends(pair: Pair) -> tuple[Place, Place]:
    return pair.source, pair.destination
