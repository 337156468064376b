"""The report as officials read it, word for word, and as programs read it."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from control_cases import PROVED, control, crossing, facts_of, proof

from inventory.text import Language, Text
from network.controls import judge
from network.controls.report import detail_lines, results_json, summary_lines
from network.prove.findings import Finding

GOLDEN = Path(__file__).parent / "golden"


def compare(name: str, text: str) -> None:
    file = GOLDEN / name
    if os.environ.get("REWRITE"):
        file.write_text(text, encoding="utf-8")
    assert text == file.read_text(encoding="utf-8"), "REWRITE=1 writes it anew; read the difference"


def said(lines: object, language: Language) -> str:
    return "".join(f"{line.say(language)}\n" for line in lines)  # type: ignore[attr-defined]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_summary_of_yasu(language: Language) -> None:
    facts = facts_of("yasu")
    compare(f"yasu.{language}.txt", said(summary_lines(facts, judge(facts)), language))


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("name", ["C31", "C56"])
def test_a_control_with_its_evidence(name: str, language: Language) -> None:
    spof = Finding("spof", "circuit north", Text("circuit north cuts off north", "回線 north の障害で北支所が孤立"))
    facts = facts_of("yasu", proof=proof(spof))
    compare(f"yasu-{name}.{language}.txt", said(detail_lines(facts, control(name).judge(facts)), language))


def test_the_basis_is_always_said_and_never_the_ministrys() -> None:
    facts = facts_of("mini")
    text = said(summary_lines(facts, judge(facts)), "ja")
    assert "K と P は国の基準ではありません" in text
    for result in judge(facts):
        assert f"{result.control.id} [{','.join(result.control.bases)}]" in text


def test_a_waived_failure_is_shown_as_one() -> None:
    waiver = {
        "findings": ("spof:*",),
        "reason": "x",
        "owner": "x",
        "approver": "x",
        "approved_on": "2026-04-01",
        "expires_on": "2027-03-31",
    }
    spof = Finding("spof", "circuit north", Text("north", "north"))
    facts = facts_of("mini", {"waivers": {"single": waiver}}, proof=proof(spof, crossing("lgwan > mynumber")))
    text = said(summary_lines(facts, judge(facts)), "ja")
    assert "× C56 [S] 単一障害点: 不適合(是正猶予: single 2027-03-31 まで)" in text
    assert "× C01 [F] MNは他領域と通信不可: 不適合\n" in text


def test_programs_get_every_result_with_its_evidence() -> None:
    facts = replace(facts_of("mini"), proof=PROVED)
    results = judge(facts)
    told = json.loads(json.dumps(results_json(facts, results), ensure_ascii=False))
    assert [row["id"] for row in told["controls"]] == [f"C{number:02}" for number in range(1, 59)]
    assert sum(told["counts"].values()) == 58
    first = told["controls"][0]
    assert first["status"] == "pass"
    assert first["chapter"]["ja"] == "マイナンバー利用事務系"
    assert first["bases"] == ["F"]
    flow = next(item for item in told["controls"][1]["evidence"] if item["side"] == "for")
    assert flow["where"].startswith("mini.yaml:")
    assert {row["status"] for row in told["controls"]} == {"pass", "fail", "not-applicable", "undecidable"}
