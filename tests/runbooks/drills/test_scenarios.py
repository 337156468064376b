"""Scenarios: those that come with sanso fit Yasu and the town, and a broken one is told with every error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inventory.document import DocumentError
from inventory.loader import load_city
from inventory.text import Language
from runbooks.drills.reading import names, read_scenario
from runbooks.procedures.arguments import split
from runbooks.procedures.catalog import PLACES
from sanso import run

TOWN = Path(__file__).parents[2] / "cities/town"
BAD = Path(__file__).parent / "errors"


@pytest.mark.parametrize("name", names())
@pytest.mark.parametrize("city", ["yasu", str(TOWN)])
def test_they_fit(name: str, city: str) -> None:
    drill = read_scenario(name, {}, load_city(city))
    assert PLACES.findall(repr(drill.scenario)) == []


def golden(name: str, language: Language, error: DocumentError) -> None:
    said = error.say(language) + "\n"
    file = BAD / f"{name}.{language}.log"
    if os.environ.get("REWRITE"):
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("file", sorted(BAD.glob("*.yaml")), ids=lambda file: file.stem)
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_broken_one_is_told_whole(file: Path, language: Language) -> None:
    with pytest.raises(DocumentError) as caught:
        read_scenario(str(file), {}, load_city(TOWN))
    golden(file.stem, language, caught.value)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_bad_arguments_are_told_at_once(language: Language) -> None:
    with pytest.raises(DocumentError) as caught:
        read_scenario("circuit-cut", {"circuit": "dc-aa", "cleint": "x", "workload": "certificate"}, load_city(TOWN))
    golden("arguments", language, caught.value)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_arguments_that_are_none_are_told_at_once(language: Language) -> None:
    with pytest.raises(DocumentError) as caught:
        split(["circuit", "a=1", "a=2", "=x"])
    golden("argument-form", language, caught.value)


def test_a_drill_without_a_terminal_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANSO_STATE", str(tmp_path))
    assert run(["drill", "run", "circuit-cut", str(TOWN), "--tabletop"]) == 2
    assert "--decide-automatically" in capsys.readouterr().err


def test_a_live_drill_needs_the_lab(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SANSO_STATE", str(tmp_path))
    assert run(["drill", "run", "circuit-cut", str(TOWN), "--decide-automatically"]) == 2
    assert "--lab" in capsys.readouterr().err
