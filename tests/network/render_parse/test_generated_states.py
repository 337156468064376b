from __future__ import annotations

import dataclasses
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import network.state
from network.parse import parse
from network.render import render
from network.state import DeviceState

sys.path.insert(0, str(Path(__file__).parents[1]))
from strategies import firewalls, routers, states, switches

calm = settings(
    max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
PLATFORMS = ("frr", "nftables", "openvswitch")


def comes_back(state: DeviceState) -> None:
    text = render(state)
    parsed = parse(state.platform, state.hostname, text)
    assert parsed.unknown == ()
    assert parsed.state == state
    assert render(parsed.state) == text


@calm
@given(routers)
def test_a_router_comes_back_as_it_was(state: DeviceState) -> None:
    comes_back(state)


@calm
@given(firewalls)
def test_a_firewall_comes_back_as_it_was(state: DeviceState) -> None:
    comes_back(state)


@calm
@given(switches())
def test_a_switch_comes_back_as_it_was(state: DeviceState) -> None:
    comes_back(state)


@calm
@given(st.sampled_from(PLATFORMS), st.text())
def test_no_text_makes_the_parser_raise(platform: str, text: str) -> None:
    parse(platform, "hall-core1", text)


_vocabulary = """
    table inet x chain set { } , ; = " # ip ip6 saddr daddr tcp dport 1-2 meta l4proto icmp type ct state elements
    counter packets bytes drop jump to snat [::1]:80 1.1.1.1:80 ::1-::2 10.0.0.0/8 @x != log prefix comment % -1
    router bgp ospf vrf X interface eth1 route-map permit 10 neighbor address-family ipv4 unicast exit exit-vrf bfd
    profile prefix-list seq any ge le route blackhole tag nexthop-vrf redistribute metric fe80::1%eth0 999999999999 ٣
    ovs-vsctl add-br add-port vlan_mode=access tag=1 trunks=1, external_ids:description=1
    priority filter hook type flags interval 10.0.0.0/99
"""
_words = st.sampled_from(_vocabulary.split())
_lines = st.lists(st.lists(_words | st.just(" "), max_size=9).map(" ".join), max_size=12).map("\n".join)
_sections = st.sampled_from(["", "# ==> /etc/nftables.conf\n", "# ==> /etc/frr/frr.conf\n"])


@calm
@given(st.sampled_from(PLATFORMS), _sections, _lines)
def test_words_in_any_order_are_read_or_handed_back(platform: str, section: str, text: str) -> None:
    parsed = parse(platform, "hall-core1", section + text)
    again = parse(platform, "hall-core1", render(parsed.state))
    assert again.state == parsed.state
    assert again.unknown == ()


@calm
@given(states, st.data())
def test_a_changed_text_is_noticed_or_read(state: DeviceState, data: st.DataObject) -> None:
    """One line replaced by another text: the parser still reads the rest, and what it read can be written."""
    lines = render(state).splitlines()
    place = data.draw(st.integers(0, len(lines) - 1))
    change = data.draw(st.sampled_from(["drop", "double", "cut", "swap", "word"]))
    line = lines[place]
    lines[place : place + 1] = {
        "drop": [],
        "double": [line, line],
        "cut": [line[: len(line) // 2]],
        "swap": [line[::-1]],
        "word": [line + " " + data.draw(_words)],
    }[change]
    parsed = parse(state.platform, state.hostname, "\n".join(lines))
    again = parse(state.platform, state.hostname, render(parsed.state))
    assert again.state == parsed.state
    assert again.unknown == ()


@pytest.mark.parametrize("platform", PLATFORMS)
def test_deep_braces_and_blocks_do_not_exhaust_the_parser(platform: str) -> None:
    for text in ("table inet x {\n" * 5000, "{" * 20000, "vrf a\n interface b\n" * 5000):
        parse(platform, "hall-core1", f"# ==> /etc/nftables.conf\n{text}")


def _fields(value: object) -> set[str]:
    """Every field that is set to something other than its default, in a state and all its parts."""
    if isinstance(value, tuple):
        return set().union(*map(_fields, value))
    if not dataclasses.is_dataclass(value):
        return set()
    found: set[str] = set()
    for item in dataclasses.fields(value):
        inner = getattr(value, item.name)
        if item.name != "origin" and inner != item.default:
            found.add(f"{type(value).__name__}.{item.name}")
        found |= _fields(inner)
    return found


_NOT_OF_A_DEVICE = {"Origin", "Parsed", "UnknownLine"}


def test_the_strategies_reach_every_field_of_a_state() -> None:
    reached: set[str] = set()

    @settings(max_examples=100, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.tuples(routers, firewalls, switches()))
    def look(found: tuple[DeviceState, ...]) -> None:
        reached.update(_fields(found))

    look()
    every = {
        f"{kind.__name__}.{item.name}"
        for kind in vars(network.state).values()
        if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__name__ not in _NOT_OF_A_DEVICE
        for item in dataclasses.fields(kind)
        if item.name != "origin"
    }
    assert every - reached == set()
