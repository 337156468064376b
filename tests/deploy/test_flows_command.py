"""`sanso flows`: the register listed, explained, taken out to a sheet and back."""

from __future__ import annotations

import datetime as dt
import json
import shutil
from pathlib import Path

import pytest

import sanso
from inventory.loader import load_city

CITIES = Path(__file__).parents[1] / "cities"
MINI = str(CITIES / "mini")
YASU = Path(__file__).parents[2] / "inventory" / "cities" / "yasu"
FLOWS = ("f001", "f002", "f003", "f004")


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A copy of Yasu, whose register has a file of its own."""
    return Path(shutil.copytree(YASU, tmp_path / "city"))


def told(capsys: pytest.CaptureFixture[str], code: int, *words: str, lang: str = "en") -> str:
    assert sanso.run(["--lang", lang, "flows", *words]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_the_register_is_listed_as_of_a_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, 0, MINI, "--on", "2031-02-01").endswith("4 row(s): 4 expiring\n")
    assert told(capsys, 0, MINI, "--on", "2031-04-01", lang="ja").endswith("登録 4 件: 期限切れ 4\n")
    assert told(capsys, 0, MINI, "--on", "2026-03-31").endswith("4 row(s): 4 not approved yet\n")


def test_a_program_gets_json(capsys: pytest.CaptureFixture[str]) -> None:
    listed = json.loads(told(capsys, 0, MINI, "--json", "--on", "2031-03-31"))
    assert [(row["row"], row["state"], row["days_left"]) for row in listed["rows"]] == [
        (key, "expiring", 0) for key in FLOWS
    ]
    assert listed["rows"][0]["ports"] == ["tcp/443"]
    assert listed["overlaps"] == []
    reached = json.loads(told(capsys, 0, MINI, "--json", "--host", "dc-mn-core"))
    assert [row["row"] for row in reached["inbound"]] == ["f004"]


def test_a_host_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert "May reach it" in told(capsys, 0, MINI, "--host", "dc-mn-core")
    assert "did you mean `dc-mn-core`?" in told(capsys, 2, MINI, "--host", "dc-mn-cora")


def test_overlapping_rows_are_warned_of(city: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = city / "flows.yaml"
    text = file.read_text(encoding="utf-8")
    more = text[text.index("  m03:") :].replace("m03", "m04").replace("総務部情報システム課", "総務部総務課")
    file.write_text(text + "\n" + more, encoding="utf-8")
    said = told(capsys, 0, str(city), "--on", "2026-12-01", lang="ja")
    assert "両方の行がまったく同じ通信を許可しています" in said
    assert "  矛盾: 所管課が 2 つあります: 総務部情報システム課、総務部総務課" in said


@pytest.mark.parametrize(("days", "code"), [(-1, "flow-expired"), (30, "flow-expiring"), (61, "")])
def test_a_plan_warns_of_rows_that_close(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], days: int, code: str
) -> None:
    town = Path(shutil.copytree(MINI, tmp_path / "mini"))
    end = dt.datetime.now().astimezone().date() + dt.timedelta(days=days)
    text = (town / "mini.yaml").read_text(encoding="utf-8")
    (town / "mini.yaml").write_text(text.replace("2031-03-31", end.isoformat(), 1), encoding="utf-8")
    words = ("plan", str(town), "-o", str(tmp_path / "plan.json"), "--only", "no-such-device")
    assert sanso.run(["--lang", "en", *words]) == 2
    told = capsys.readouterr().err
    assert told.count("warning: flow f001") == bool(code)
    assert code in told


def test_options_that_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    assert "exclude each other" in told(capsys, 64, MINI, "--host", "x", "--counters")
    assert "belongs to --import" in told(capsys, 64, MINI, "--replace")
    assert "is no date" in told(capsys, 64, MINI, "--on", "tomorrow")


@pytest.mark.parametrize("name", ["register.csv", "register.xlsx"])
def test_out_to_a_sheet_and_back(city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    sheet, file = tmp_path / name, city / "flows.yaml"
    by_hand = file.read_bytes()
    assert "27 row(s)" in told(capsys, 0, str(city), "--export", str(sheet))
    assert "says what the register says" in told(capsys, 0, str(city), "--import", str(sheet))
    assert file.read_bytes() == by_hand


def test_a_sheet_replaces_the_register_only_when_told(
    city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sheet, file, old = tmp_path / "r.csv", city / "flows.yaml", city / "flows.yaml.old"
    before, by_hand, mode = load_city(city).flows, file.read_bytes(), file.stat().st_mode
    told(capsys, 0, str(city), "--export", str(sheet))
    lines = sheet.read_text(encoding="utf-8").splitlines(keepends=True)
    sheet.write_text("".join(lines[:-1]).replace("野情シ第101号", "野情シ第201号"), encoding="utf-8")

    said = told(capsys, 2, str(city), "--import", str(sheet), lang="ja")
    assert "- m03  音声系サーバの保守" in said
    assert "~ s01  文書番号: 野情シ第101号 → 野情シ第201号" in said
    assert "--replace" in said
    assert file.read_bytes() == by_hand

    told(capsys, 0, str(city), "--import", str(sheet), "--replace")
    after = load_city(city).flows
    assert list(after) == [key for key in before if key != "m03"]
    assert after["s01"].document == "野情シ第201号"
    assert old.read_bytes() == by_hand
    assert file.stat().st_mode == mode
    assert file.read_text(encoding="utf-8").startswith("# yaml-language-server: ")

    # What the program has written itself holds nothing that could be lost.
    old.unlink()
    told(capsys, 0, str(city), "--export", str(sheet))
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("201号", "301号"), encoding="utf-8")
    told(capsys, 0, str(city), "--import", str(sheet))
    assert load_city(city).flows["s01"].document == "野情シ第301号"
    assert not old.exists()


def test_a_bad_sheet_changes_nothing(city: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet, file = tmp_path / "r.csv", city / "flows.yaml"
    by_hand = file.read_bytes()
    told(capsys, 0, str(city), "--export", str(sheet))
    text = sheet.read_text(encoding="utf-8").replace("tcp/8531", "8531").replace("mn-vdi", "mn-vd")
    sheet.write_text(text, encoding="utf-8")
    said = told(capsys, 1, str(city), "--import", str(sheet), "--replace")
    assert "r.csv!E4: error" in said
    assert "r.csv!F7: error" in said
    assert "2 error(s); the register is as it was" in said
    assert file.read_bytes() == by_hand


def test_a_register_among_other_tables_is_not_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = Path(shutil.copytree(MINI, tmp_path / "mini"))
    sheet = tmp_path / "r.csv"
    told(capsys, 0, str(town), "--export", str(sheet))
    sheet.write_text(sheet.read_text(encoding="utf-8").replace("情政第1号", "情政第7号"), encoding="utf-8")
    before = (town / "mini.yaml").read_bytes()
    said = told(capsys, 2, str(town), "--import", str(sheet), "--replace", lang="ja")
    assert "通信登録簿が専用のファイルにありません" in said
    assert (town / "mini.yaml").read_bytes() == before
    assert not (town / "flows.yaml").exists()


def test_a_first_register_gets_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = Path(shutil.copytree(MINI, tmp_path / "mini"))
    sheet = tmp_path / "r.xlsx"
    told(capsys, 0, str(town), "--export", str(sheet))
    text = (town / "mini.yaml").read_text(encoding="utf-8")
    (town / "mini.yaml").write_text(text[: text.index("\nflows:")] + "\n", encoding="utf-8")
    said = told(capsys, 0, str(town), "--import", str(sheet))
    assert "+ f001  LGWAN-ASP利用" in said
    assert tuple(load_city(town).flows) == FLOWS


def test_what_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be written" in told(capsys, 2, MINI, "--export", str(tmp_path / "no" / "r.csv"))
    assert "is no sheet" in told(capsys, 2, MINI, "--export", str(tmp_path / "r.ods"))
