"""What a waiver covers: by name or pattern, in its time; what could not be read only as exactly what it is."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from inventory.loader import load_city
from inventory.model import Waiver
from inventory.text import Text
from network.prove.findings import Claim, Finding, Verdict
from network.prove.waivers import waiver_of, with_waivers

DAY = dt.date(2026, 11, 20)
CITY = load_city(Path(__file__).parents[2] / "cities" / "tiny", DAY)
CUT = Finding("spof", "circuit a", Text("x", "x"))
OPEN = Finding("crossing", "guest > mynumber", Text("y", "y"))
UNREAD = Finding("unread", "core1", Text("z", "z"))
PINNED = Finding("unread", "core1 filter", Text("z", "z"), pin="3fa9c1d20b77")


def waiver(*findings: str, approved: dt.date = DAY, expires: dt.date = DAY) -> Waiver:
    return Waiver(findings=findings, reason="r", owner="o", approver="a", approved_on=approved, expires_on=expires)


@pytest.mark.parametrize(
    ("given", "covered"),
    [
        (waiver("spof:circuit a"), True),
        (waiver("spof:*"), True),
        (waiver("filter:*", "spof:circuit ?"), True),
        (waiver("spof:circuit"), False),
        (waiver("spof:*", expires=DAY - dt.timedelta(1), approved=DAY - dt.timedelta(9)), False),
        (waiver("spof:*", approved=DAY + dt.timedelta(1), expires=DAY + dt.timedelta(9)), False),
    ],
)
def test_a_waiver_covers_what_it_names_in_its_time(given: Waiver, *, covered: bool) -> None:
    city = CITY.model_copy(update={"waivers": {"w1": given}})
    assert waiver_of(city, CUT, DAY) == ("w1" if covered else None)
    proof = with_waivers(city, DAY, {"separation": "proved", "resilience": "findings"}, [CUT])
    assert proof.claims["resilience"] == ("waived" if covered else "findings")
    assert proof.proved is covered
    assert proof.open == (() if covered else (CUT,))


def test_one_finding_left_keeps_its_claim_open() -> None:
    city = CITY.model_copy(update={"waivers": {"w1": waiver("spof:*")}})
    proof = with_waivers(city, DAY, {"separation": "findings", "resilience": "findings"}, [CUT, OPEN])
    assert proof.claims == {"separation": "findings", "resilience": "waived"}
    assert proof.open == (OPEN,)
    assert not proof.proved


@pytest.mark.parametrize("finding", [UNREAD, PINNED])
@pytest.mark.parametrize(
    "pattern", ["*", "unread:*", "unread:core1 *", "unread:core1*@*", "unread:core1 filter@3fa9c1d20b7?"]
)
def test_no_pattern_covers_what_could_not_be_read(finding: Finding, pattern: str) -> None:
    city = CITY.model_copy(update={"waivers": {"w1": waiver(pattern, finding.key, f"{finding.key}@")}})
    proof = with_waivers(city, DAY, {"separation": "not-proved"}, [finding])
    assert proof.claims == {"separation": "not-proved"}
    assert proof.open == (finding,)
    assert not proof.proved


def test_what_could_not_be_read_is_waived_as_exactly_what_it_is() -> None:
    city = CITY.model_copy(update={"waivers": {"w1": waiver("unread:core1 filter@3fa9c1d20b77")}})
    claims: dict[Claim, Verdict] = {"separation": "not-proved", "service": "not-proved", "resilience": "proved"}
    proof = with_waivers(city, DAY, claims, [PINNED])
    assert proof.claims == {"separation": "waived", "service": "waived", "resilience": "proved"}
    assert proof.open == ()
    assert proof.proved
    other = replace(PINNED, pin="3fa9c1d20b78")
    assert with_waivers(city, DAY, claims, [other]).open == (other,)
    both = with_waivers(city, DAY, claims, [PINNED, UNREAD])
    assert both.claims == claims
    assert both.open == (UNREAD,)
    crossing = with_waivers(city, DAY, {"separation": "findings", "service": "not-proved"}, [PINNED, OPEN])
    assert crossing.claims == {"separation": "findings", "service": "waived"}
