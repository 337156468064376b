from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from simulation import TARGET, make_plan

from deploy import approval
from deploy.journal import Journal, journal_url
from deploy.plan import Plan, PlanError, load_plan, plan_bytes, read_plan, write_whole
from inventory.errors import SansoError

PLAN = make_plan(("d0", "d1"))
BYTES = plan_bytes(PLAN)


@pytest.fixture
def book(tmp_path: Path) -> Journal:
    return Journal(journal_url(tmp_path))


def test_a_plan_reads_back_as_written() -> None:
    assert read_plan(BYTES, "p") == PLAN
    assert plan_bytes(read_plan(BYTES, "p")) == BYTES


@pytest.mark.parametrize("name", ["sato", "Sato", " sato "])
def test_the_author_cannot_approve(book: Journal, name: str) -> None:
    with pytest.raises(approval.RefusedError, match="somebody else"):
        approval.approve(book, PLAN, BYTES, name)
    assert not book.rows()


def test_an_approved_plan_is_admitted(book: Journal) -> None:
    approval.approve(book, PLAN, BYTES, "suzuki")
    assert approval.admit(book, PLAN, BYTES, TARGET) == "suzuki"


def test_without_approval_it_is_refused(book: Journal) -> None:
    with pytest.raises(approval.RefusedError, match="not approved"):
        approval.admit(book, PLAN, BYTES, TARGET)


def _other_check(plan: Plan) -> Plan:
    return plan.model_copy(update={"checks": ()})


def _other_device(plan: Plan) -> Plan:
    return plan.model_copy(update={"devices": {"d0": plan.devices["d0"]}})


@pytest.mark.parametrize("alter", [_other_check, _other_device])
def test_a_well_formed_alteration_is_refused(book: Journal, alter: Callable[[Plan], Plan]) -> None:
    approval.approve(book, PLAN, BYTES, "suzuki")
    other = alter(PLAN)
    with pytest.raises(PlanError, match="altered"):
        approval.admit(book, other, plan_bytes(other), TARGET)


def test_a_changed_text_or_spelling_is_refused() -> None:
    with pytest.raises(PlanError, match="the texts of d0"):
        read_plan(BYTES.replace(b"vrf new", b"vrf bad", 1), "p")
    with pytest.raises(PlanError, match="its spelling"):
        read_plan(BYTES + b" ", "p")
    with pytest.raises(PlanError, match="not a plan"):
        read_plan(b'{"format": 3}', "p")


def test_another_target_is_refused(book: Journal) -> None:
    approval.approve(book, PLAN, BYTES, "suzuki")
    with pytest.raises(approval.RefusedError, match="not for lab:mini"):
        approval.admit(book, PLAN, BYTES, dataclasses.replace(TARGET, label="lab:mini"))


def test_an_unfinished_change_stands_in_the_way(book: Journal) -> None:
    approval.approve(book, PLAN, BYTES, "suzuki")
    change, _ = approval.begin(book, PLAN, BYTES, "suzuki")
    with pytest.raises(approval.RefusedError) as refused:
        approval.admit(book, PLAN, BYTES, TARGET)
    assert "sanso recover" in refused.value.say("ja")
    book.append(change, "end", {"side": "old"})
    assert approval.admit(book, PLAN, BYTES, TARGET) == "suzuki"
    assert approval.begin(book, PLAN, BYTES, "suzuki")[0] == f"{PLAN.id}-2"


def test_the_journal_keeps_the_plan(book: Journal, tmp_path: Path) -> None:
    change, _ = approval.begin(book, PLAN, BYTES, "suzuki")
    assert book.plan(book.rows(change)[0].body["plan"]) == BYTES
    file = tmp_path / "p.json"
    write_whole(file, BYTES)
    assert load_plan(file) == (PLAN, BYTES)
    assert list(tmp_path.glob(".p.json*")) == []


def test_files_that_cannot_be_read_or_written_are_told(tmp_path: Path) -> None:
    with pytest.raises(SansoError, match="cannot be read"):
        load_plan(tmp_path / "none.json")
    with pytest.raises(SansoError, match="cannot be written"):
        write_whole(tmp_path / "none" / "p.json", b"")
