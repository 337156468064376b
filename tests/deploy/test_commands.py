"""The commands' words and exit codes, as far as they go without a device."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from simulation import make_plan

import sanso
from deploy.plan import plan_bytes


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "state"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "plan.json"
    path.write_bytes(plan_bytes(make_plan(("d0",))))
    return path


def told(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    assert sanso.run(["--lang", "en", *words]) == code
    captured = capsys.readouterr()
    return captured.out + captured.err


def test_a_plan_goes_no_further_than_its_approval(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "not approved" in told(capsys, 2, "apply", str(file))
    assert "not approved" in told(capsys, 2, "apply", str(file), "--dry-run")
    assert "somebody else" in told(capsys, 2, "approve", str(file), "--as", "sato")
    assert "approved by suzuki" in told(capsys, 0, "approve", str(file), "--as", "suzuki")
    file.write_bytes(file.read_bytes().replace(b"vrf new", b"vrf bad"))
    assert "was altered" in told(capsys, 2, "apply", str(file))


def test_history_is_exported_and_verified(file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told(capsys, 0, "approve", str(file), "--as", "suzuki")
    assert "approved by suzuki (author sato)" in told(capsys, 0, "history")
    assert sanso.run(["history", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    exported = tmp_path / "history.json"
    exported.write_text(json.dumps(rows), encoding="utf-8")
    assert "is whole: 1 rows" in told(capsys, 0, "history", "--verify", "--file", str(exported))
    assert "cut off" in told(capsys, 2, "history", "--head", "f" * 64)
    rows[0]["body"]["by"] = "tanaka"
    exported.write_text(json.dumps(rows), encoding="utf-8")
    assert "broken at row 1" in told(capsys, 1, "history", "--verify", "--file", str(exported))


def test_nothing_to_recover(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no change is unfinished" in told(capsys, 0, "recover")
    assert sanso.run(["--lang", "ja", "recover"]) == 0
    assert "未完了の変更はありません" in capsys.readouterr().out


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be read" in told(capsys, 2, "apply", str(tmp_path / "none.json"))
    bad = tmp_path / "bad.json"
    bad.write_text("{}")
    assert "is not a plan" in told(capsys, 2, "approve", str(bad), "--as", "suzuki")


def test_a_device_the_city_does_not_have_is_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    mini = str(Path(__file__).parents[1] / "cities" / "mini")
    words = told(capsys, 2, "plan", mini, "-o", str(tmp_path / "p.json"), "--only", "hall-core9")
    assert "no device hall-core9" in words
    assert "hall-core1" in words
    assert not (tmp_path / "p.json").exists()
