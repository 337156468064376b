"""`sanso controls`: the facts it gathers, its words and its exit codes."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import pytest
from simulation import InMemoryJournal, World, make_plan, make_world, run_apply

import sanso
from deploy.approval import approve, begin
from deploy.controls_command import change_log, compiled_facts, running_facts
from deploy.journal import Journal
from deploy.plan import plan_bytes
from deploy.planning import Survey
from deploy.record import Record
from inventory.loader import load_city
from network.canonical import canonical
from network.compile import compile_fabric
from network.controls import CONTROLS, Facts
from network.fabric import Fabric
from network.parse import parse
from network.render import render

MINI = Path(__file__).parents[1] / "cities" / "mini"
DAY = dt.date(2026, 11, 20)
TODAY = ("--on", DAY.isoformat())


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))
    monkeypatch.delenv("SANSO_JOURNAL", raising=False)
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "state"


def told(capsys: pytest.CaptureFixture[str], code: int, *words: str, language: str = "en") -> str:
    assert sanso.run(["--lang", language, "controls", *words]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def status(facts: Facts, name: str) -> str:
    return next(item for item in CONTROLS if item.id == name).judge(facts).status


def read(fabric: Fabric, texts: dict[str, str]) -> Survey:
    intended = {name: canonical(item) for name, item in compile_fabric(fabric, DAY).items()}
    running = {name: render(item) for name, item in intended.items()} | texts
    parsed = {name: parse(fabric.devices[name].spec.platform, name, text) for name, text in running.items()}
    return Survey(fabric, intended, running, parsed, {}, {})


def test_all_controls_are_told_and_a_failure_is_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    words = told(capsys, 1, str(MINI), *TODAY, language="ja")
    assert words.startswith(
        "試験市: αモデル、ガイドライン 2025-03 版、2026-11-20 時点、インベントリから生成した設定で判定"
    )
    assert "○ C06 [P] MNに既定経路なし: 適合" in words
    assert "× C17 [P] ASP宛先限定: 不適合" in words
    assert "全 58 項目:" in words


def test_one_control_is_told_with_its_evidence(capsys: pytest.CaptureFixture[str]) -> None:
    words = told(capsys, 0, str(MINI), "--control", "c06", *TODAY)
    assert "rule: no table of My Number holds 0.0.0.0/0 or ::/0" in words
    assert "hall-core1: no default route  (mini.yaml:" in words
    assert "C05" not in words
    assert told(capsys, 1, str(MINI), "--control", "C17", *TODAY)


def test_an_unknown_control_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert "did you mean" in told(capsys, 64, str(MINI), "--control", "C6")
    assert "is no date" in told(capsys, 64, str(MINI), "--on", "yesterday")


def test_programs_get_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert sanso.run(["controls", str(MINI), "--json", "--control", "C05", *TODAY]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["city"], data["day"], data["source"]) == ("mini", "2026-11-20", "compiled")
    assert [item["status"] for item in data["controls"]] == ["not-applicable"]


def test_the_day_decides() -> None:
    city = load_city(MINI, DAY)
    assert status(compiled_facts(city, DAY, None), "C02") == "pass"
    assert status(compiled_facts(city, dt.date(2031, 4, 1), None), "C02") == "not-applicable"


def test_a_change_of_the_journal_decides(state: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "waits for the journal" in told(capsys, 0, str(MINI), "--control", "C54", *TODAY)
    state.mkdir()
    url = f"sqlite:///{state / 'journal.db'}"
    plan = make_plan(("d0",))
    content = plan_bytes(plan)
    with Journal(url) as book:
        approve(book, plan, content, "suzuki")
        change, last = begin(book, plan, content, "suzuki")
        assert "lacks an end, a result" in told(capsys, 1, str(MINI), "--control", "C54", *TODAY)
        record = Record(book, change, last)
        for step in ("decide", "settled", "end"):
            record.write(step, {"side": "new"})
    words = told(capsys, 0, str(MINI), "--control", "C54", *TODAY)
    assert f"{change} approved by suzuki" in words
    assert "(journal:2)" in words
    assert "holds no change of this city" in told(capsys, 0, "yasu", "--control", "C54", "--journal", url, *TODAY)


def test_a_change_that_ran_is_on_record() -> None:
    world: World = make_world()
    run_apply(world)
    rows = InMemoryJournal(world).rows()
    (change,) = change_log("mini", rows).changes
    assert (change.author, change.approver, change.result) == ("sato", "suzuki", "new")
    assert change.devices == change.restorable == 3
    assert change.ended_at
    assert change_log("yasu", rows).changes == ()


def test_a_journal_that_was_altered_fails() -> None:
    world: World = make_world()
    run_apply(world)
    rows = InMemoryJournal(world).rows()
    assert change_log("mini", rows).fault is None
    for body in ({**rows[0].body, "forged": True}, "no JSON any more"):
        forged = change_log("mini", [replace(rows[0], body=body), *rows[1:]])  # type: ignore[arg-type]
        assert forged.fault is not None
        assert "broken at row 1" in forged.fault.en
        assert forged.changes == ()


def test_running_devices_are_judged_by_what_they_run(mini_fabric: Fabric) -> None:
    facts = running_facts(read(mini_fabric, {}), DAY, None)
    assert facts.source == "running"
    assert [status(facts, name) for name in ("C02", "C06", "C18", "C53")] == ["pass"] * 4
    text = (
        read(mini_fabric, {})
        .running["hall-core1"]
        .replace("vrf mynumber\n", "vrf mynumber\n ip route 0.0.0.0/0 10.16.16.9\n", 1)
    )
    facts = running_facts(read(mini_fabric, {"hall-core1": text}), DAY, None)
    assert [status(facts, name) for name in ("C02", "C06", "C53")] == ["pass", "fail", "fail"]
    assert facts.drift is not None
    assert [item.device for item in facts.drift] == ["hall-core1"]
    found = next(item for item in CONTROLS if item.id == "C06").judge(facts).of("against")
    assert found[0].where.file == "hall-core1"
    assert found[0].where.line > 0


def test_a_line_nobody_understands_leaves_open_what_it_may_touch(mini_fabric: Fabric) -> None:
    text = read(mini_fabric, {}).running["hall-core1"] + "ip import-table 10\n"
    facts = running_facts(read(mini_fabric, {"hall-core1": text}), DAY, None)
    assert [status(facts, name) for name in ("C06", "C14", "C53")] == ["undecidable", "undecidable", "fail"]
