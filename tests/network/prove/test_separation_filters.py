"""What firewalls let pass beside the register: rules, rows, states of connections, translation, their own addresses."""

from __future__ import annotations

import datetime as dt

import pytest
from mutated import DAY, Configurations, cites, lines, of, subjects, way

from inventory.windows import Window
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.prove.proof import prove
from network.prove.subjects import texts_subject
from network.render import render

FIRST = "\t\tct state invalid drop\n\t\tiifname @zone_lgwan oifname @peer_lgwan"
ANTISPOOF = "\t\tjump antispoof\n"
F004 = 'tcp dport 8443 counter ct mark set 0x7240e5b4 accept comment "f004"'
KNOWN = "iifname @zones oifname @zones ct state established,related ct mark @live accept"
PRE = "\tchain prerouting {\n\t\ttype nat hook prerouting priority dstnat; policy accept;\n\t\tRULE\n\t}\n\n"
POST = "\tchain postrouting {"


@pytest.fixture(scope="module")
def mini(mini_fabric: Fabric) -> Configurations:
    return Configurations(mini_fabric)


def before_rows(rule: str) -> tuple[str, str, str]:
    """A rule put in front of the register's."""
    head, _, tail = FIRST.partition("\n")
    return "hall-fw1", FIRST, f"{head}\n\t\t{rule}\n{tail}"


def row(fabric: Fabric, name: str) -> str:
    return str(fabric.city.flows[name].origin)


def test_a_rule_without_a_row(mini: Configurations) -> None:
    edit = before_rows("iifname @zone_internet oifname @zone_mynumber tcp dport 22 accept")
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing internet > mynumber", "filter hall-fw1 rule without row"]
    found = of(proof, "internet > mynumber")
    line = mini.line("hall-fw1", "iifname @zone_internet oifname @zone_mynumber", edit)
    assert str(found.packet) == "tcp 10.32.16.100:49152 → 10.16.16.100:22"
    assert lines(found) == [line]
    assert "hall-fw1 forward eth1.2003 → eth1.2001" in way(found)
    assert lines(of(proof, "hall-fw1 rule without row", "filter")) == [line]
    assert "登録番号" in found.what.ja


def test_a_rule_wider_than_its_row(mini: Configurations) -> None:
    edit = ("hall-fw1", F004, F004.replace("8443", "8000-9000"))
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing lgwan > mynumber", "filter hall-fw1 f004"]
    found = of(proof, "hall-fw1 f004", "filter")
    assert str(found.packet) == "tcp 10.24.17.11:49152 → 10.16.32.10:8080"
    assert cites(found, [row(mini.fabric, "f004")])


def test_a_set_wider_than_its_group(mini: Configurations) -> None:
    edit = ("hall-fw1", "elements = { 10.16.32.10 }", "elements = { 10.16.32.0/24 }")
    found = of(mini.proof(edit), "lgwan > mynumber")
    assert str(found.packet) == "tcp 10.24.17.11:49152 → 10.16.32.1:8443"
    assert cites(found, [row(mini.fabric, "f004"), mini.line("hall-fw1", "set group_mn-core_4", edit)])


def test_a_row_that_the_register_does_not_have(mini: Configurations) -> None:
    proof = mini.proof(("hall-fw1", F004, F004.replace("f004", "f099")))
    assert "filter hall-fw1 f099" in subjects(proof)
    assert lines(of(proof, "hall-fw1 f004", "filter")) == [row(mini.fabric, "f004")]


def test_a_row_that_has_expired(mini_fabric: Fabric) -> None:
    """The devices still have its rules: they must go."""
    texts = {name: render(state) for name, state in compile_fabric(mini_fabric, DAY).items()}
    flows = mini_fabric.city.flows
    ended = flows["f004"].model_copy(update={"expires_on": DAY - dt.timedelta(days=1)})
    fabric = build_fabric(mini_fabric.city.model_copy(update={"flows": {**flows, "f004": ended}}))
    proof = prove(texts_subject(fabric, DAY, texts, "files"), ("separation",))
    assert set(subjects(proof)) == {"crossing lgwan > mynumber", "filter hall-fw1 f004", "filter dc-fw1 f004"}
    assert "2026-11-20" in of(proof, "hall-fw1 f004", "filter").what.ja


def test_a_row_without_its_rule(mini: Configurations) -> None:
    rule = next(line for line in mini.texts["hall-fw1"].split("\n") if "f004" in line)
    proof = mini.proof(("hall-fw1", f"{rule}\n", ""))
    assert subjects(proof) == ["filter hall-fw1 f004"]
    assert lines(of(proof, "hall-fw1 f004", "filter")) == [row(mini.fabric, "f004")]


def test_a_policy_that_accepts(mini: Configurations) -> None:
    edits = (
        ("hall-fw1", "hook forward priority filter; policy drop", "hook forward priority filter; policy accept"),
        ("hall-fw1", 'comment "f004"\n\t\tcounter drop\n', 'comment "f004"\n'),
    )
    proof = mini.proof(*edits)
    found = of(proof, "internet > mynumber")
    assert lines(found) == [mini.line("hall-fw1", "chain forward", *edits)]
    assert {"crossing lgwan > mynumber", "crossing internet > management"} <= set(subjects(proof))


def test_packets_of_no_connection(mini: Configurations) -> None:
    proof = mini.proof(before_rows("iifname @zone_internet oifname @zone_mynumber ct state untracked accept"))
    assert "not tracked" in of(proof, "internet > mynumber").what.en


def test_answers_pass_only_where_connections_do(mini: Configurations) -> None:
    """A rule for known connections needs no row, wherever it leads."""
    rule = "iifname @zone_internet oifname @zone_mynumber ct state established accept"
    assert mini.proof(before_rows(rule)).proved


def test_sources_that_are_not_held_to_their_zone(mini: Configurations) -> None:
    edit = ("hall-fw1", ANTISPOOF, "")
    found = of(mini.proof(edit), "internet > mynumber")
    assert str(found.packet) == "tcp 10.24.17.11:49152 → 10.16.32.10:8443"
    forward = mini.edited(edit)["hall-fw1"].split("chain forward", 1)[0].count("\n") + 1
    assert lines(found) == [f"hall-fw1:{forward + 2}"]


def test_a_peer_that_claims_the_addresses_of_another(mini: Configurations) -> None:
    """The one that announces everything claims to be the other, in connections of a segment with that other."""
    edit = ("hall-fw1", "10.32.0.0/13,\n\t\t\t     172.20.0.0/16 }", "10.32.0.0/13 }")
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing peer:security-cloud > lgwan"]
    found = of(proof, "peer:security-cloud > lgwan")
    assert str(found.packet) == "tcp 172.20.0.1:443 → 10.24.16.100:443"
    assert lines(found) == [mini.line("hall-fw1", KNOWN, edit)]
    assert way(found) == ["peer:security-cloud eth6", "hall-fw1 forward eth6 → eth1.2002"]


def test_known_connections_let_through_from_the_management_port(mini: Configurations) -> None:
    edit = ("hall-fw1", KNOWN, KNOWN.replace("iifname @zones ", ""))
    proof = mini.proof(edit)
    assert {finding.subject.partition(" > ")[0] for finding in proof.findings} == {"management"}
    found = of(proof, "management > lgwan")
    assert way(found) == ["management eth1", "hall-fw1 forward eth1 → eth1.2002"]


def test_connections_of_one_row_only_are_known(mini: Configurations) -> None:
    """Whichever mark a rule for known connections asks for, it is asked what slips in."""
    edits = (
        ("hall-fw1", ANTISPOOF, ""),
        ("hall-fw1", KNOWN, KNOWN.replace("@live", "0x7240e5b4")),
    )
    found = of(mini.proof(*edits), "internet > mynumber")
    assert str(found.packet) == "tcp 10.24.17.11:49152 → 10.16.32.10:8443"


def test_a_destination_translated_into_a_segment(mini: Configurations) -> None:
    dnat = "iifname @peer_security-cloud tcp dport 8443 dnat ip to 10.24.17.11"
    edits = (
        ("hall-fw1", POST, PRE.replace("RULE", dnat) + POST),
        before_rows("iifname @peer_security-cloud oifname @zone_lgwan ip daddr 10.24.17.11 tcp dport 8443 accept"),
    )
    proof = mini.proof(*edits)
    found = of(proof, "peer:security-cloud > lgwan")
    assert str(found.packet) == "tcp 203.0.113.80:49152 → 172.31.1.0:8443"
    wanted = mini.line("hall-fw1", "iifname @peer_security-cloud tcp dport 8443 dnat", *edits)
    assert cites(found, [wanted])
    assert lines(of(proof, "hall-fw1 dnat", "filter")) == [wanted]


def test_a_destination_translated_to_a_registered_one(mini: Configurations) -> None:
    """Nothing but the row's packets arrives, yet the inventory names no such translation."""
    dnat = "iifname @zone_lgwan tcp dport 9443 dnat ip to 10.16.32.10:8443"
    proof = mini.proof(("hall-fw1", POST, PRE.replace("RULE", dnat) + POST))
    assert subjects(proof) == ["filter hall-fw1 dnat"]


def test_a_source_translated_to_another_address(mini: Configurations) -> None:
    proof = mini.proof(("hall-fw1", "snat ip to 172.31.10.1", "snat ip to 172.31.10.9"))
    assert subjects(proof) == ["filter hall-fw1 snat"]


def test_an_unregistered_source_hidden_by_translation(mini: Configurations) -> None:
    """It leaves with the registered address, and is still seen for what it was."""
    edit = before_rows("iifname @zone_mynumber oifname @peer_lgwan tcp dport 443 accept")
    found = of(mini.proof(edit), "mynumber > peer:lgwan")
    assert str(found.packet) == "tcp 10.16.16.100:49152 → 172.20.10.10:443"


def test_management_services_open_to_segments(mini: Configurations) -> None:
    edit = ("hall-fw1", 'iifname "eth0" tcp dport 22 accept', "tcp dport 22 accept")
    proof = mini.proof(edit)
    found = of(proof, "internet > device hall-fw1")
    assert str(found.packet) == "tcp 10.32.16.100:49152 → 10.39.128.35:22"
    assert lines(found) == [mini.line("hall-fw1", "tcp dport 22 accept", edit)]
    assert "crossing peer:lgwan > device hall-fw1" in subjects(proof)


def test_snmp_from_management_is_needed_only_where_the_city_has_it(mini: Configurations) -> None:
    opened = ("hall-fw1", 'iifname "eth0" udp dport 161 accept', "udp dport 161 accept")
    assert "crossing internet > device hall-fw1" in subjects(mini.proof(opened))
    city = mini.fabric.city
    without = city.model_copy(update={"management": city.management.model_copy(update={"snmp": None})})
    texts = {name: render(state) for name, state in compile_fabric(mini.fabric, DAY).items()}
    proof = prove(texts_subject(build_fabric(without), DAY, texts, "files"), ("separation",))
    assert set(subjects(proof)) == {f"crossing management > device {name}" for name in ("dc-fw1", "hall-fw1")}
    assert ":161" in str(of(proof, "management > device hall-fw1").packet)


def test_a_firewall_that_forwards_from_the_management_port(mini: Configurations) -> None:
    edit = before_rows('iifname "eth0" oifname @zone_lgwan tcp dport 22 accept')
    found = of(mini.proof(edit), "management > lgwan")
    assert "hall-fw1 forward eth0 → eth1.2002" in way(found)


def test_a_firewall_without_rules(mini: Configurations) -> None:
    text = mini.texts["dc-fw1"]
    mark = "# ==> /etc/frr/frr.conf"
    empty = text[: text.index("\n") + 1] + text[text.index(mark) :]
    texts = {**mini.texts, "dc-fw1": empty}
    proof = prove(texts_subject(mini.fabric, DAY, texts, "files"), ("separation",))
    assert {"crossing lgwan > mynumber", "crossing mynumber > internet", "crossing lgwan > device dc-fw1"} <= set(
        subjects(proof)
    )


def at_night(fabric: Fabric) -> Configurations:
    """Row f002 is maintenance, on Sundays from 22:00 to 24:00 (13:00 to 15:00 UTC)."""
    flow = fabric.city.flows["f002"].model_copy(
        update={"kind": "maintenance", "window": (Window.parse("sun 22:00-24:00"),)}
    )
    return Configurations(build_fabric(fabric.city.model_copy(update={"flows": {**fabric.city.flows, "f002": flow}})))


HOURS = ' meta day "Sunday" meta hour "13:00"-"14:59:59"'


def test_a_row_with_a_window_and_rules_that_keep_it(mini_fabric: Fabric) -> None:
    night = at_night(mini_fabric)
    assert HOURS in night.texts["hall-fw1"]
    assert subjects(night.proof()) == []


@pytest.mark.parametrize(
    "hours", ["", ' meta day "Monday" meta hour "13:00"-"14:59:59"', ' meta hour "13:00"-"14:59:59"']
)
def test_a_rule_open_outside_the_window_of_its_row(mini_fabric: Fabric, hours: str) -> None:
    night = at_night(mini_fabric)
    rule = next(line for line in night.texts["hall-fw1"].splitlines() if "tcp dport" in line and '"f002"' in line)
    edit = ("hall-fw1", rule, rule.replace(HOURS, hours))
    proof = night.proof(edit)
    assert subjects(proof) == ["filter hall-fw1 f002"]
    assert "outside the row's window" in of(proof, "hall-fw1 f002", "filter").what.en


def test_known_connections_let_through_outside_the_window_of_their_row(mini_fabric: Fabric) -> None:
    night = at_night(mini_fabric)
    known = next(
        line for line in night.texts["hall-fw1"].splitlines() if "ct state established" in line and HOURS in line
    )
    proof = night.proof(("hall-fw1", known, known.replace(HOURS, "")))
    assert subjects(proof) == ["filter hall-fw1 f002 window"]


def test_a_drop_at_some_hours_drops_nothing_for_certain(mini: Configurations) -> None:
    """Nothing is proved about what it may or may not stop."""
    edit = before_rows("iifname @zone_internet oifname @zone_mynumber tcp dport 22 accept")
    head, _, tail = edit[2].partition("\n")
    timed = (edit[0], edit[1], f'{head}\n\t\tmeta hour "00:00"-"12:00" drop\n{tail}')
    proof = mini.proof(timed)
    assert subjects(proof) == ["filter hall-fw1 rule without row", "unread hall-fw1 filter"]
    assert "at some hours only" in of(proof, "hall-fw1 filter", "unread").what.en
