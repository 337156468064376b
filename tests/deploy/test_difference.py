from __future__ import annotations

import dataclasses
import datetime as dt
from dataclasses import replace
from ipaddress import ip_interface

import pytest

from deploy.difference import differences, text_difference
from deploy.expectations import expected
from deploy.space import moved
from inventory.origin import Origin
from network.canonical import canonical
from network.compile import compile_fabric
from network.fabric import Fabric
from network.state import DeviceState, Interface, NftRule, Parsed, UnknownLine, Vrf

DAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def states(mini_fabric: Fabric) -> dict[str, DeviceState]:
    return {name: canonical(state) for name, state in compile_fabric(mini_fabric, DAY).items()}


def lines(old: DeviceState, new: DeviceState, language: str = "en") -> list[str]:
    return [item.text.say(language) for item in differences(Parsed(old), new)]  # type: ignore[arg-type]


def test_the_same_state_has_no_difference(states: dict[str, DeviceState]) -> None:
    for state in states.values():
        assert differences(Parsed(state), state) == ()


def _touched(value: object) -> list[object]:
    """The value with one thing in it changed, once for every thing in it."""
    if isinstance(value, bool):
        return [not value]
    if isinstance(value, int):
        return [value + 1]
    if isinstance(value, tuple):
        fewer = [value[1:]] if value else []
        inner = [
            (*value[:at], other, *value[at + 1 :]) for at, part in enumerate(value[:2]) for other in _touched(part)
        ]
        return fewer + inner
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [
            replace(value, **{field.name: other})
            for field in dataclasses.fields(value)
            if field.name != "origin" and field.compare
            for other in _touched(getattr(value, field.name))
        ]
    return []


@pytest.mark.parametrize("name", ["hall-core1", "hall-fw1", "hall-acc1", "dc-core1"])
def test_whatever_changes_in_a_state_is_told(states: dict[str, DeviceState], name: str) -> None:
    state = states[name]
    others = [other for other in _touched(state) if other != state]
    assert len(others) > 5
    for other in others:
        assert isinstance(other, DeviceState)
        assert differences(Parsed(state), other), other
        assert differences(Parsed(other), state), other


def test_an_added_vrf_and_interface_are_said_in_words_with_their_place() -> None:
    old = DeviceState("r", "frr")
    address = ip_interface("10.0.0.1/31")
    new = replace(
        old,
        vrfs=(Vrf("school", origin=Origin("city.yaml", 7)),),
        interfaces=(Interface("eth1.2007", "school", addresses=(address,), origin=Origin("sites.yaml", 12)),),
    )
    assert lines(old, new) == ["+ VRF school", "+ interface eth1.2007 in school: 10.0.0.1/31"]
    assert lines(old, new, "ja") == ["+ VRF school", "+ インターフェース eth1.2007 (school): 10.0.0.1/31"]
    assert [str(item.origin) for item in differences(Parsed(old), new)] == ["city.yaml:7", "sites.yaml:12"]
    assert lines(new, old)[0].startswith("- ")


def test_a_changed_cost_is_said_with_both_values(states: dict[str, DeviceState]) -> None:
    state = states["hall-core1"]
    at, interface = next((at, item) for at, item in enumerate(state.interfaces) if item.ospf and item.ospf.cost == 10)
    assert interface.ospf is not None
    dearer = replace(interface, ospf=replace(interface.ospf, cost=20))
    other = replace(state, interfaces=(*state.interfaces[:at], dearer, *state.interfaces[at + 1 :]))
    assert lines(state, other) == [f"~ interface {interface.name} in {interface.vrf}: OSPF cost 10 → 20"]
    assert lines(state, other, "ja") == [f"~ インターフェース {interface.name} ({interface.vrf}): OSPF コスト 10 → 20"]


def test_rules_in_another_order_are_told(states: dict[str, DeviceState]) -> None:
    state = states["hall-fw1"]
    table = state.tables[0]
    at, chain = next((at, item) for at, item in enumerate(table.chains) if len(set(item.rules)) > 1)
    turned = replace(chain, rules=(chain.rules[1], chain.rules[0], *chain.rules[2:]))
    chains = (*table.chains[:at], turned, *table.chains[at + 1 :])
    other = replace(state, tables=(replace(table, chains=chains), *state.tables[1:]))
    assert lines(state, other) == [f"~ chain {chain.name} of table {table.name}: order of rules changed"]
    added = replace(chain, rules=(*chain.rules, NftRule("accept", id="f999")))
    other = replace(
        state, tables=(replace(table, chains=(*table.chains[:at], added, *table.chains[at + 1 :])), *state.tables[1:])
    )
    assert lines(state, other) == [f"+ rule in chain {chain.name} of table {table.name}: accept id f999"]


def test_unknown_lines_are_listed_as_lost() -> None:
    state = DeviceState("r", "frr")
    found = differences(Parsed(state, (UnknownLine(Origin("r", 3), "mpls ldp"),)), state)
    assert [item.text.en for item in found] == ["- line that is not understood: mpls ldp"]
    assert text_difference("r", "a\n", "b\n").splitlines() == [
        "--- r (running)",
        "+++ r (candidate)",
        "@@ -1 +1 @@",
        "-a",
        "+b",
    ]


def test_every_neighbour_of_the_city_is_expected(mini_fabric: Fabric, states: dict[str, DeviceState]) -> None:
    blank = {name: DeviceState(name, state.platform) for name, state in states.items()}
    checks = expected(blank, states, asked=list(states), changed=list(states))
    by_kind: dict[str, set[tuple[str, str]]] = {}
    for check in checks:
        by_kind.setdefault(check.kind, set()).add((check.device, check.subject))
    routed = {
        (end.device, end.interface)
        for transit in mini_fabric.transits
        for end in (transit.a, transit.b)
        if all(mini_fabric.devices[side.device].spec.role != "firewall" for side in (transit.a, transit.b))
    }
    assert by_kind["ospf"] == routed
    assert by_kind["ospf6"] == routed
    assert by_kind["bfd"] >= routed
    pinged = {check.subject for check in checks if check.kind == "ping"}
    for transit in mini_fabric.transits:
        assert pinged & {str(transit.a.ipv4.ip), str(transit.b.ipv4.ip)}
        assert pinged & {str(transit.a.ipv6.ip), str(transit.b.ipv6.ip)}
    hubs = {check.device for check in checks if check.kind == "ping"}
    for lan in mini_fabric.lans.values():
        assert lan.gateway in hubs or str(lan.gateway4.ip) in pinged
    firewalls = {name for name, device in mini_fabric.devices.items() if device.spec.role == "firewall"}
    for check in checks:
        if check.kind == "ping":
            owner = next(
                n for n, s in states.items() for i in s.interfaces for a in i.addresses if str(a.ip) == check.subject
            )
            assert owner not in firewalls
    outside = {check.subject for check in checks if check.known}
    assert outside == {str(line.peer_ipv4.ip) for line in mini_fabric.peer_lines.values()} | {
        str(line.peer_ipv6.ip) for line in mini_fabric.peer_lines.values()
    }


def test_what_the_old_configuration_called_for_is_known(states: dict[str, DeviceState]) -> None:
    checks = expected(states, states, asked=list(states), changed=["hall-core1"])
    assert all(check.known for check in checks)
    only = expected(states, states, asked=["north-edge1"], changed=["north-edge1"])
    assert {check.device for check in only} == {"north-edge1"}
    assert all(check.known for check in only)


def test_a_set_of_prefixes_is_the_addresses_it_covers() -> None:
    assert moved({"fd79:a5:4::/47", "fd79:a5:6::/48"}, {"fd79:a5:4::/46"}) == ((), ("fd79:a5:7::/48",))
    assert moved({"10.0.0.0/8", "192.0.2.1/32"}, {"10.0.0.0/9"}) == (("10.128.0.0/9", "192.0.2.1/32"), ())
    assert moved({"10.0.0.0/24"}, {"fd00::/64"}) == (("10.0.0.0/24",), ("fd00::/64",))
