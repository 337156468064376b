"""`sanso prove`: exit codes, both languages, folders of configurations, programs' output."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

import pytest

import sanso
from deploy.planning import Survey
from deploy.prove_command import prove_city
from inventory.model import City
from network.build import build_fabric
from network.compile import compile_fabric
from network.parse import parse
from network.render import render

MINI = str(Path(__file__).parents[1] / "cities" / "mini")
GOLDEN = Path(__file__).parent / "golden"
DAY = "2026-11-20"


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The configurations as `sanso compile` writes them."""
    assert sanso.run(["compile", MINI, "-o", str(tmp_path / "out"), "--on", DAY]) == 0
    capsys.readouterr()
    return tmp_path / "out"


def spoil(folder: Path) -> None:
    """Put a gateway into another VRF, and a line nobody knows on a switch."""
    path = folder / "configurations" / "hall-core1.conf"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet"), encoding="utf-8")
    switch = folder / "configurations" / "hall-acc1.conf"
    switch.write_text(switch.read_text(encoding="utf-8") + "ovs-vsctl add-port br0 patch0\n", encoding="utf-8")


def prove(capsys: pytest.CaptureFixture[str], code: int, *words: str) -> str:
    assert sanso.run(["prove", MINI, "--on", DAY, *words]) == code
    return capsys.readouterr().out


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", ["good", "bad"])
def test_what_is_told(folder: Path, name: str, language: str, capsys: pytest.CaptureFixture[str]) -> None:
    if name == "bad":
        spoil(folder)
    told = prove(capsys, int(name == "bad"), "--configs", str(folder), "--lang", language)
    if os.environ.get("REWRITE"):
        (GOLDEN / f"prove-{name}.{language}.txt").write_text(told, encoding="utf-8")
    assert told == (GOLDEN / f"prove-{name}.{language}.txt").read_text(encoding="utf-8")


def test_the_inventory_alone(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads(prove(capsys, 0, "--json"))
    assert told["proved"]
    assert told["claims"] == {"separation": "proved", "service": "proved", "resilience": "waived"}
    assert {item["waiver"] for item in told["findings"]} == {"single"}
    assert (told["source"], told["day"], told["devices"]) == ("compiled", DAY, 9)


def test_findings_for_programs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    spoil(folder)
    told = json.loads(prove(capsys, 1, "--json", "--configs", str(folder / "configurations")))
    assert not told["proved"]
    first = told["findings"][0]
    assert first["key"] == "crossing:lgwan > internet"
    assert first["packet"]["text"] == "tcp 10.24.16.100:49152 → 10.32.16.100:443"
    assert any(origin.startswith("hall-core1:") for origin in first["origins"])
    assert [item["kind"] for item in told["findings"]].count("unread") == 1


def test_every_missing_configuration_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("hall-acc1", "north-edge1"):
        (folder / "configurations" / f"{name}.conf").unlink()
    (folder / "configurations" / "hall-core1.conf").write_bytes(b"\xff\xfe")
    assert sanso.run(["prove", MINI, "--on", DAY, "--configs", str(folder), "--lang", "en"]) == 2
    told = capsys.readouterr().err
    assert "3 of 9 configurations" in told
    assert all(f"{name}.conf" in told for name in ("hall-acc1", "north-edge1", "hall-core1"))
    assert "Traceback" not in told


def test_a_folder_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sanso.run(["prove", MINI, "--configs", str(tmp_path / "none"), "--lang", "ja"]) == 2
    assert "フォルダではありません" in capsys.readouterr().err


def test_what_the_devices_run(capsys: pytest.CaptureFixture[str]) -> None:
    """The survey that `plan` and `drift` make, of devices of which one was changed by hand."""

    def survey(city: City, day: dt.date) -> Survey:
        fabric = build_fabric(city)
        states = compile_fabric(fabric, day)
        texts = {name: render(state) for name, state in states.items()}
        right = "eth15 vlan_mode=access tag=301"
        texts["hall-acc1"] = texts["hall-acc1"].replace(right, right.replace("301", "101"))
        parsed = {name: parse(fabric.devices[name].spec.platform, name, text) for name, text in texts.items()}
        return Survey(fabric, states, texts, parsed, {}, {})

    day = dt.date.fromisoformat(DAY)
    assert prove_city(MINI, folder=None, survey=survey, day=day, as_json=True) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["source"] == "running"
    crossings = [item["subject"] for item in told["findings"] if item["kind"] == "crossing"]
    assert crossings == ["mynumber > internet", "internet > mynumber"]


def test_a_broken_inventory_could_not_be_proved(tmp_path: Path) -> None:
    (tmp_path / "broken.yaml").write_text("city: {name: broken}\n", encoding="utf-8")
    assert sanso.run(["prove", str(tmp_path)]) == 2


def test_files_and_devices_exclude_each_other(tmp_path: Path) -> None:
    assert sanso.run(["prove", MINI, "--running", "--configs", str(tmp_path)]) == 64
