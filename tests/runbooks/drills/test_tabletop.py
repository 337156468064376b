"""A drill at the table, answered at a terminal: every answer is recorded, and a terminal that goes is told."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.runbooks.drills.person import Person

TOWN = Path(__file__).parents[2] / "cities/town"
ANSWERS = ["", "", "", "", "3 監視画面で気付く", "5", "１０分 課長に電話がつながらない", "20", "2", *[""] * 5]


def sitting_down(folder: Path) -> Person:
    words = ["drill", "run", "circuit-cut", str(TOWN), "--tabletop", "--as", "田中", "--participant", "commander=佐藤"]
    return Person([*words, "-o", str(folder / "record")], {"SANSO_STATE": str(folder / "state")})


def rows(folder: Path) -> list[dict[str, object]]:
    text = (folder / "record/journal.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_answers_decide_and_are_recorded(tmp_path: Path) -> None:
    person = sitting_down(tmp_path)
    for line in ANSWERS:
        person.hear("Enter:")
        person.answer(line)
    person.hear("この訓練で見つかった課題")
    wanted = ["課題:", "改善策:", "担当課:", "期限", "期限", "課題:"]
    lines = ["連絡先が古い", "連絡網を改める", "総務課", "令和9年1月31日", "2027-01-31", ""]
    for mark, line in zip(wanted, lines, strict=True):
        person.hear(f"  {mark}")
        person.answer(line)
    assert "2027-01-31 ですか" in person.said
    person.hear("ハッシュ値")
    assert person.process.wait(60) == 0, person.said
    record = (tmp_path / "record/index.html").read_text(encoding="utf-8")
    for wanted in ("課長に電話がつながらない", "連絡網を改める", "2027-01-31", "総務課", "佐藤", "机上訓練"):
        assert wanted in record
    told = {(row["step"], row["body"].get("id"), row["body"].get("state")): row["body"] for row in rows(tmp_path)}
    assert told["drill-step", "decide", "done"]["who"] == "佐藤"
    assert told["drill-begin", None, None]["title"] == "本庁舎・データセンター間の回線切断"  # what the wall shows
    clocks = json.loads((tmp_path / "record/drill.json").read_text())["clocks"]
    begun = json.loads((tmp_path / "record/drill.json").read_text())["begun"]
    assert [round((clocks[name] - begun) / 60) for name in ("detected", "decided", "executed", "green")] == [
        3,
        18,
        38,
        40,
    ]


def test_no_answers_stops_it(tmp_path: Path) -> None:
    person = sitting_down(tmp_path)
    person.hear("Enter:")
    person.answer("x")
    for _ in range(7):
        person.hear("Enter:")
        person.answer("")
    person.hear("この訓練で見つかった課題")
    person.answer("")
    assert person.process.wait(60) == 1, person.said
    assert json.loads((tmp_path / "record/drill.json").read_text())["deviation"] == "hypothesis"


def test_a_terminal_that_goes_stops_it_and_the_record_says_so(tmp_path: Path) -> None:
    person = sitting_down(tmp_path)
    for line in ANSWERS[:5]:
        person.hear("Enter:")
        person.answer(line)
    person.hear("Enter:")
    os.close(person.ours)
    person.process.wait(60)
    found = json.loads((tmp_path / "record/drill.json").read_text())
    assert found["deviation"] in {"terminal", "interrupt"}
    assert found["verdict"] == "stopped"
