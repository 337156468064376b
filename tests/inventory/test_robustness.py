"""Whatever is written, the loader answers with findings; and what passes the checks can be built and compiled."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inventory.errors import SansoError
from inventory.loader import load_city
from inventory.yamltree import read_yaml
from network.build import build_fabric
from network.compile import compile_fabric
from tests.inventory.mutation import MINI, TODAY, judged, mutants, neighbours

TEXT = MINI.read_text(encoding="utf-8")
CALM = settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
"""A shared machine is slow at times; what counts is what is found, not how fast."""
HARD = settings(CALM, max_examples=4000)

YAML_SIGNS = st.text(st.sampled_from("abc01:-{}[]\"'#&*!|>%@`, \n\t：　é本\u2028\ufeff\x07\x85~?"), max_size=60)
KEYS = st.sampled_from(
    ["city", "sites", "templates", "segments", "flows", "peers", "hall", "devices", "core1", "origin", "a", ""]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.dates(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


def never_a_traceback(directory: Path, data: bytes) -> None:
    (directory / "city.yaml").write_bytes(data)
    try:
        load_city(directory, TODAY)
    except SansoError as error:
        told = error
    else:
        return
    assert told.say("en")
    assert told.say("ja")


@CALM
@given(data=st.binary(max_size=200))
def test_random_bytes(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    never_a_traceback(tmp_path_factory.mktemp("city"), data)


@CALM
@given(text=YAML_SIGNS)
def test_random_signs(text: str) -> None:
    reading = read_yaml(text, "city.yaml")
    for finding in reading.findings:
        assert 1 <= finding.origin.line <= text.count("\n") + text.count("\x85") + text.count("\u2028") + 1


@CALM
@given(data=VALUES)
def test_random_yaml(tmp_path_factory: pytest.TempPathFactory, data: object) -> None:
    import yaml  # noqa: PLC0415 only this test writes YAML

    never_a_traceback(tmp_path_factory.mktemp("city"), yaml.dump(data, allow_unicode=True).encode("utf-8", "replace"))


@CALM
@given(at=st.integers(0, len(TEXT)), length=st.integers(0, 12), text=YAML_SIGNS)
def test_spoilt_text(tmp_path_factory: pytest.TempPathFactory, at: int, length: int, text: str) -> None:
    spoilt = TEXT[:at] + text + TEXT[at + length :]
    never_a_traceback(tmp_path_factory.mktemp("city"), spoilt.encode())


@CALM
@given(at=st.integers(0, len(TEXT.splitlines()) - 1), other=st.integers(0, len(TEXT.splitlines()) - 1))
def test_lines_moved(tmp_path_factory: pytest.TempPathFactory, at: int, other: int) -> None:
    lines = TEXT.splitlines()
    lines.insert(other, lines.pop(at))
    never_a_traceback(tmp_path_factory.mktemp("city"), "\n".join(lines).encode())


def builds_if_sound(data: dict[str, Any]) -> None:
    loaded = judged(data)
    assert (loaded.city is None) == any(finding.severity == "error" for finding in loaded.findings)
    if loaded.city is not None:
        fabric = build_fabric(loaded.city)
        compile_fabric(fabric, TODAY)


@CALM
@given(data=mutants())
def test_spoilt_trees(data: dict[str, Any]) -> None:
    builds_if_sound(data)


@CALM
@given(data=neighbours())
def test_what_passes_the_checks_can_be_built(data: dict[str, Any]) -> None:
    builds_if_sound(data)


@pytest.mark.long
@HARD
@given(data=neighbours(most=5))
def test_what_passes_the_checks_can_be_built_however_often_one_tries(data: dict[str, Any]) -> None:
    builds_if_sound(data)
