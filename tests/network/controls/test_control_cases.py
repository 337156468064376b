"""Each control on cities where it holds, where it does not, where it does not apply, and where it cannot be decided."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from control_cases import DAY, Case, city_of, control, facts_of, proof
from control_patches import hall, row
from operation_cases import OPERATION_CASES
from segment_cases import SEGMENT_CASES

from inventory.text import Text
from network.build import build_fabric
from network.controls import CONTROLS, Facts
from network.controls.control import Awaited
from network.prove.findings import Finding

CASES = (*SEGMENT_CASES, *OPERATION_CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.control}-{case.status}-{case.says}")
def test_the_verdict_and_its_evidence(case: Case) -> None:
    result = case.judge()
    told = [result.reason.en if result.reason else "", *(f"{item.side}: {item.what.en}" for item in result.evidence)]
    assert result.status == case.status, told
    side = {"pass": "for", "fail": "against", "undecidable": "open"}.get(case.status)
    deciding = [item.what.en for item in result.evidence if item.side == side] if side else told
    assert any(case.says in text for text in deciding), told


def test_each_control_is_tried_in_each_way_it_can_end() -> None:
    """A pass and a failure for whatever is judged for real; an open end for what only waits."""
    tried = {name: {case.status for case in CASES if case.control == name} for name in (item.id for item in CONTROLS)}
    never_whole = {"C32", "C33"}
    for item in CONTROLS:
        if not isinstance(item, Awaited):
            assert "fail" in tried[item.id], item.id
            assert "pass" in tried[item.id] or item.id in never_whole, item.id


@pytest.mark.parametrize("item", [item for item in CONTROLS if isinstance(item, Awaited)], ids=lambda item: item.id)
@pytest.mark.parametrize("city", ["mini", "yasu"])
def test_what_only_waits_is_never_decided(item: Awaited, city: str) -> None:
    result = item.judge(facts_of(city))
    assert result.status in {"undecidable", "not-applicable"}
    assert result.reason is not None
    if result.status == "undecidable":
        assert item.awaits.ja in result.reason.ja


def test_a_waiver_stands_beside_the_failure_and_ends_with_its_day() -> None:
    waiver = {
        "findings": ("spof:circuit *",),
        "reason": "星形構成",
        "owner": "情報政策課",
        "approver": "CISO",
        "approved_on": "2026-04-01",
        "expires_on": "2026-11-20",
    }
    spof = Finding("spof", "circuit north", Text("north is cut", "北が切断"))
    facts = facts_of("mini", {"waivers": {"single": waiver}}, proof=proof(spof))
    result = control("C56").judge(facts)
    assert (result.status, result.waived, result.waivers) == ("fail", True, ("single",))
    later = control("C56").judge(replace(facts, day=dt.date(2026, 11, 21)))
    assert (later.status, later.waived, later.waivers) == ("fail", False, ())
    other = Finding("spof", "node hall-core1", Text("core1", "core1"))
    partly = control("C56").judge(replace(facts, proof=proof(spof, other)))
    assert (partly.waived, partly.waivers) == (False, ("single",))


def test_the_internet_at_large_is_no_time_source() -> None:
    result = control("C43").judge(facts_of("mini", {"flows": {"t1": row("net-clients", "the-internet", ("udp/123",))}}))
    assert any("internet has no way" in item.what.en for item in result.of("against"))


def test_a_segment_may_follow_the_citys_own_time_source_by_its_own_servers() -> None:
    clock = {"title": "時刻", "vlan": "lg-servers", "number": 20, "management": 80, "switch": "acc1", "port": "eth30"}
    served = hall(servers={"lg-ntp": {**clock, "services": ("ntp",)}})
    result = control("C43").judge(facts_of("mini", {"management": {"time": "10.255.0.123"}, **served}))
    assert "lgwan: hall-lg-ntp → 10.255.0.123" in [item.what.en for item in result.of("for")]
    without = control("C43").judge(facts_of("mini", served))
    assert "lgwan has no way to an approved time source" in [item.what.en for item in without.of("against")]


def test_maintenance_with_a_window_waits_for_what_is_not_declared() -> None:
    city = city_of("mini", {"flows": {"f100": row("lg-clients", "net-clients", ("tcp/22",), kind="maintenance")}})
    flow = city.flows["f100"].model_copy(update={"window": ("sat 22:00-05:00",)})
    fabric = build_fabric(city.model_copy(update={"flows": {**city.flows, "f100": flow}}))
    result = control("C37").judge(Facts(fabric, DAY, {}))
    assert result.status == "undecidable"
    assert "f100 has window sat 22:00-05:00" in [item.what.en for item in result.of("for")]


def test_a_row_that_has_expired_permits_nothing() -> None:
    facts = facts_of("mini")
    late = replace(facts, day=dt.date(2031, 4, 1))
    result = control("C02").judge(late)
    assert result.status == "fail"
    assert any("row: f004" in item.what.en for item in result.of("against"))


def test_no_state_at_all_passes_nothing_that_reads_states() -> None:
    empty = replace(facts_of("mini"), states={})
    for name in ("C02", "C03", "C04", "C06", "C11", "C14", "C15", "C16", "C18", "C21", "C35", "C55"):
        assert control(name).judge(empty).status in {"undecidable", "fail"}, name
