from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.loader import load_city
from network.build import build_fabric
from network.fabric import Fabric
from network.probe import judge, told
from network.probe.engine import ANSWERED, ARRIVED, NOTHING, REFUSED, Measurement
from network.probe.plan import Plan, plan_of
from network.probe.verdict import Report

HERE = Path(__file__).parent
MINI = HERE.parents[1] / "cities" / "mini"


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build_fabric(load_city(MINI))


@pytest.fixture(scope="module")
def plan(fabric: Fabric) -> Plan:
    return plan_of(fabric, dt.date(2026, 11, 20))


@pytest.fixture
def perfect(plan: Plan) -> Measurement:
    probes = (*plan.wanted, *plan.unwanted)
    lans = {party.name: party.lan for party in plan.parties if party.inside}
    return Measurement(
        probes=probes,
        seen=bytes(ARRIVED | ANSWERED if probe.must_pass else NOTHING for probe in probes),
        heard={
            name: frozenset(other for other in lans if lans[other] == lan and other != name)
            for name, lan in lans.items()
        },
        sent=3000,
        canaries=100,
        canaries_lost=0,
        rate=12000.0,
        seconds=1.5,
    )


def verdict(plan: Plan, measured: Measurement) -> Report:
    return judge("mini", "2026-11-20", plan, measured)


def with_seen(plan: Plan, measured: Measurement, changes: dict[tuple[str, str, int, str, int], int]) -> Measurement:
    """Other bits for probes named by source, target, family, protocol and port."""
    left = dict(changes)
    seen = bytearray(measured.seen)
    for index, probe in enumerate((*plan.wanted, *plan.unwanted)):
        key = (probe.source.name, probe.target.name, probe.family, probe.protocol, probe.port)
        if probe.spoofed is None and key in left:
            seen[index] = left.pop(key)
    assert not left
    return replace(measured, seen=bytes(seen))


def test_a_perfect_lab_is_good(plan: Plan, perfect: Measurement) -> None:
    report = verdict(plan, perfect)
    assert report.good
    assert not report.violations
    assert not report.blind


def test_an_arrival_without_an_answer_is_a_leak(plan: Plan, perfect: Measurement) -> None:
    leak = with_seen(plan, perfect, {("hall-mn-pc", "internet/web", 6, "udp", 443): ARRIVED})
    (violation,) = verdict(plan, leak).violations
    assert violation.leak
    assert (violation.source, violation.destination) == ("hall-mn-pc", "internet/web")
    assert (violation.family, violation.protocol, violation.port) == (6, "udp", 443)
    assert (violation.expected, violation.seen, violation.row) == ("not-arrived", "arrived", "no row")


@pytest.mark.parametrize(("seen", "word"), [(NOTHING, "nothing"), (ARRIVED, "arrived"), (ARRIVED | REFUSED, "arrived")])
def test_a_registered_flow_without_an_answer_is_a_failure(
    plan: Plan, perfect: Measurement, seen: int, word: str
) -> None:
    report = verdict(plan, with_seen(plan, perfect, {("north-lg-pc", "lgwan/asp1", 4, "tcp", 443): seen}))
    (violation,) = report.violations
    assert not violation.leak
    assert (violation.expected, violation.seen, violation.row) == ("answered", word, "f001")


@pytest.mark.parametrize("seen", [ANSWERED, REFUSED])
def test_a_device_that_answers_another_segment_is_a_leak(plan: Plan, perfect: Measurement, seen: int) -> None:
    report = verdict(plan, with_seen(plan, perfect, {("north-mn-pc", "north-edge1(lgwan)", 4, "tcp", 22): seen}))
    (violation,) = report.violations
    assert violation.leak
    assert violation.expected == "not-answered"


def test_a_reset_by_a_filter_is_no_leak(plan: Plan, perfect: Measurement) -> None:
    assert verdict(plan, with_seen(plan, perfect, {("hall-mn-pc", "internet/web", 4, "tcp", 443): REFUSED})).good


def test_a_broadcast_heard_in_another_vlan_is_a_leak(plan: Plan, perfect: Measurement) -> None:
    heard = perfect.heard | {"hall-lg-pc": perfect.heard["hall-lg-pc"] | {"hall-mn-pc"}}
    (violation,) = verdict(plan, replace(perfect, heard=heard)).violations
    assert violation.leak
    assert (violation.source, violation.destination, violation.protocol) == ("hall-lg-pc", "hall-mn-pc", "ethernet")


def test_a_broadcast_not_heard_in_its_own_vlan_is_a_failure(plan: Plan, perfect: Measurement) -> None:
    (violation,) = verdict(plan, replace(perfect, heard=perfect.heard | {"hall-lg-file": frozenset()})).violations
    assert not violation.leak
    assert (violation.source, violation.destination) == ("hall-lg-file", "hall-lg-gate")


def test_a_party_at_which_nothing_was_seen_makes_the_result_bad(plan: Plan, perfect: Measurement) -> None:
    seen = bytes(
        NOTHING if "internet/web" in {probe.source.name, probe.target.name} else bits
        for probe, bits in zip(perfect.probes, perfect.seen, strict=True)
    )
    report = verdict(plan, replace(perfect, seen=seen))
    assert report.blind == ("internet/web",)
    assert not report.good


def test_the_matrix_counts_every_probe_once(plan: Plan, perfect: Measurement) -> None:
    matrix = verdict(plan, perfect).matrix()
    inside = [party for party in plan.parties if party.inside]
    broadcasts = len(inside) * (len(inside) - 1)
    assert sum(cell.passing + cell.stopping for cell in matrix.values()) == len(perfect.probes) + broadcasts
    assert matrix["mynumber", "internet"].passing == 0
    assert matrix["mynumber", "internet"].stopping == matrix["mynumber", "internet"].stopped > 0


def test_json_is_plain_data(plan: Plan, perfect: Measurement) -> None:
    leak = with_seen(plan, perfect, {("hall-mn-pc", "internet/web", 6, "udp", 443): ARRIVED})
    data = json.loads(json.dumps(verdict(plan, leak).to_json()))
    assert data["good"] is False
    assert data["violations"][0]["destination"] == "internet/web"
    assert {"from", "to", "passing", "passed", "stopping", "stopped"} <= data["matrix"][0].keys()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", ["good", "bad"])
def test_what_a_person_reads(plan: Plan, perfect: Measurement, fabric: Fabric, case: str, language: str) -> None:
    measured = perfect
    if case == "bad":
        measured = with_seen(
            plan,
            perfect,
            {
                ("hall-mn-pc", "internet/web", 4, "tcp", 443): ARRIVED,
                ("hall-mn-pc", "internet/web", 6, "tcp", 443): ARRIVED,
                ("north-lg-pc", "lgwan/asp1", 4, "tcp", 443): NOTHING,
                ("north-mn-pc", "north-edge1(lgwan)", 4, "icmp", 0): ANSWERED,
            },
        )
        measured = replace(measured, heard=measured.heard | {"hall-lg-pc": frozenset({"hall-mn-pc"})})
    detail = ("mynumber", "lgwan") if case == "bad" else None
    text = told(verdict(plan, measured), fabric.city, "ja" if language == "ja" else "en", detail) + "\n"
    assert text == (HERE / "golden" / f"{case}.{language}.txt").read_text(encoding="utf-8")
