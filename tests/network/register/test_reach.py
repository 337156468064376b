"""Who may reach a host, whom it may reach, and why."""

from __future__ import annotations

import dataclasses
import datetime as dt
from itertools import product

import pytest
from registers import DAY, GOLDEN, LANGUAGES, fabric, flow

from network.fabric import Fabric
from network.probe.parties import parties
from network.probe.register import register
from network.register.data import reach_data
from network.register.reach import NoSuchHostError, reach
from network.register.show import reach_lines
from network.register.standing import standing


def keys(town: Fabric, name: str) -> tuple[set[str], set[str]]:
    found = reach(town, standing(town, DAY), name)
    return {grant.row.key for grant in found.inbound}, {grant.row.key for grant in found.outbound}


def test_a_server_is_explained_in_both_languages(mini_fabric: Fabric) -> None:
    found = reach(mini_fabric, standing(mini_fabric, DAY), "hall-lg-gate")
    for tongue in LANGUAGES:
        said = "".join(f"{line.say(tongue)}\n" for line in reach_lines(found, mini_fabric, DAY))
        assert said == (GOLDEN / f"reach.{tongue}.txt").read_text(encoding="utf-8")


def test_an_expired_row_is_told_as_closed(mini_fabric: Fabric) -> None:
    late = DAY.replace(year=2032)
    found = reach(mini_fabric, standing(mini_fabric, late), "hall-lg-gate")
    assert (found.inbound, found.outbound) == ((), ())
    assert [row.key for row in found.closed] == ["f003", "f004"]
    said = [line.say("ja") for line in reach_lines(found, mini_fabric, late)]
    assert "  なし" in said
    assert any(line.startswith("遮断中: f003 ファイル取込 [期限切れ") for line in said)


@pytest.mark.parametrize(
    ("name", "inbound", "outbound"),
    [
        ("hall-lg-pc", set(), {"f001"}),
        ("fd5a:1:2:101::b", {"f003"}, {"f004"}),
        ("10.24.17.77", set(), set()),  # nobody's address among the servers
        ("10.24.16.77", set(), {"f001"}),  # any address of the staff's VLAN
        ("lgwan/asp1", {"f001"}, set()),
        ("203.0.113.9", {"f002"}, set()),
        ("198.51.100.1", set(), set()),
    ],
)
def test_names_and_addresses_are_found(mini_fabric: Fabric, name: str, inbound: set[str], outbound: set[str]) -> None:
    assert keys(mini_fabric, name) == (inbound, outbound)


def test_every_pair_agrees_with_what_the_probes_expect(mini_fabric: Fabric) -> None:
    everybody = parties(mini_fabric)
    expected = register(mini_fabric, everybody, DAY, dt.datetime.combine(DAY, dt.time(), dt.UTC))
    ways = {party.name: keys(mini_fabric, party.name) for party in everybody}
    for one, other in product(everybody, repeat=2):
        permits = {
            permit.row for family in (4, 6) for permit in expected.permits.get((one.name, other.name, family), ())
        }
        assert permits == ways[one.name][1] & ways[other.name][0], (one.name, other.name)


def test_a_family_that_one_end_lacks_is_not_promised() -> None:
    town = fabric(a=flow("lg-clients", "lgwan-asp", "tcp/443"))
    four = dataclasses.replace(town.endpoints["lgwan-asp"], ipv6=())
    town = dataclasses.replace(town, endpoints={**town.endpoints, "lgwan-asp": four})
    (grant,) = reach(town, standing(town, DAY), "hall-lg-pc").outbound
    assert grant.families == (4,)


def test_rows_inside_a_segment_are_not_told() -> None:
    assert keys(fabric(a=flow("lg-clients", "lg-mail", "tcp/25")), "dc-lg-mail") == (set(), set())


def test_programs_get_it_too(mini_fabric: Fabric) -> None:
    told = reach_data(reach(mini_fabric, standing(mini_fabric, DAY), "hall-lg-gate"))
    assert told["vlan"] == "hall/lg-servers"
    assert told["default"] == "deny"
    assert [(row["row"], row["families"], row["document"]) for row in told["inbound"]] == [
        ("f003", [4, 6], "情政第3号")
    ]


@pytest.mark.parametrize(
    ("name", "words"),
    [("hall-lg-gat", "`hall-lg-gate`"), ("hall-fw1", "管理ネットワーク"), ("zzz", "hall-lg-file")],
)
def test_what_is_no_host_is_told(mini_fabric: Fabric, name: str, words: str) -> None:
    with pytest.raises(NoSuchHostError) as caught:
        reach(mini_fabric, standing(mini_fabric, DAY), name)
    assert words in caught.value.say("ja")
