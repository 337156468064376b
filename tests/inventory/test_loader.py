"""Reading a city: files, templates, lines, and what is told when there is none."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from inventory.checks import check_city
from inventory.errors import EXIT_CANNOT_RUN, EXIT_FINDINGS, InventoryError
from inventory.generate import generate_city
from inventory.loader import load_city, read_city
from inventory.model import City
from inventory.source import CityNotFoundError
from tests.inventory.mutation import MINI, PLAIN, TODAY, judged


@pytest.fixture(scope="module")
def mini() -> City:
    return load_city(MINI.parent, TODAY)


def test_every_element_knows_its_line(mini: City) -> None:
    lines = MINI.read_text(encoding="utf-8").splitlines()
    site = mini.sites["hall"]
    elements = {
        "lgwan:": mini.segments["lgwan"],
        "hall:": site,
        "core2:": site.devices["core2"],
        "fw-b:": site.links["fw-b"],
        "dc-b:": mini.circuits["dc-b"],
        "backup:": mini.peers["lgwan"].attachments["backup"],
        "f003:": mini.flows["f003"],
    }
    for key, element in elements.items():
        assert element.origin.file == "mini.yaml"
        assert lines[element.origin.line - 1].strip().startswith(key)


def test_a_site_of_a_template_has_what_the_template_says(mini: City) -> None:
    north = mini.sites["north"]
    assert north.kind == "branch"
    assert list(north.devices) == ["edge1", "acc1"]
    assert north.devices["edge1"].origin.line < north.origin.line


def test_a_site_overrides_and_removes(tmp_path: Path) -> None:
    text = MINI.read_text(encoding="utf-8")
    more = "    template: branch\n    devices: {edge1: {ports: 16}}\n    terminals: {lg-pc: null}\n"
    (tmp_path / "city.yaml").write_text(text.replace("    template: branch\n", more), encoding="utf-8")
    north = load_city(tmp_path, TODAY).sites["north"]
    assert north.devices["edge1"].ports == 16
    assert north.devices["edge1"].role == "edge"
    assert list(north.terminals) == ["mn-pc"]


def test_tables_may_stand_in_several_files(tmp_path: Path) -> None:
    head, sites, tail = MINI.read_text(encoding="utf-8").partition("sites:\n")
    hall, north, rest = tail.partition("  north:\n")
    (tmp_path / "a.yaml").write_text(head + sites + hall, encoding="utf-8")
    (tmp_path / "b.yml").write_text(sites + north + rest, encoding="utf-8")
    city = load_city(tmp_path, TODAY)
    assert list(city.sites) == ["hall", "dc", "north"]
    assert city.sites["north"].origin.file == "b.yml"
    assert city.sites["north"].origin.line == 2


def test_plain_words_stay_what_they_look_like(tmp_path: Path) -> None:
    """No YAML 1.1 surprises: an edition is no date, a title may be a number, a byte order mark does no harm."""
    text = MINI.read_text(encoding="utf-8").replace('edition: "2025-03"', "edition: 2025-03")
    text = text.replace("title: 北支所\n", "title: 0123\n")
    (tmp_path / "city.yaml").write_text("\ufeff" + text, encoding="utf-8")
    city = load_city(tmp_path, TODAY)
    assert city.edition == "2025-03"
    assert city.sites["north"].title == "0123"


def test_errors_are_raised_all_at_once(tmp_path: Path) -> None:
    text = MINI.read_text(encoding="utf-8").replace("role: core", "role: cor").replace("to: mn-core", "to: mn-cores")
    (tmp_path / "city.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        load_city(tmp_path, TODAY)
    assert [finding.code for finding in caught.value.findings] == ["value-bad"] * 3 + ["reference-unknown"]
    assert caught.value.exit_code == EXIT_FINDINGS
    assert "4 error(s)" in caught.value.say("en")


def test_warnings_do_not_stop_a_city() -> None:
    loaded = read_city(MINI.parent, dt.date(2031, 2, 15))
    assert loaded.city is not None
    assert {finding.code for finding in loaded.findings} == {"flow-expiring"}


def test_the_day_decides() -> None:
    loaded = read_city(MINI.parent, dt.date(2031, 4, 1))
    assert {finding.code for finding in loaded.findings} == {"flow-expired"}


def test_what_has_expired_stops_no_command() -> None:
    assert load_city(MINI.parent, dt.date(2031, 4, 1)).flows.keys() == load_city(MINI.parent, TODAY).flows.keys()


@pytest.mark.parametrize("name", ["yasuu", "no/such/place", "", "x" * 5000, "a\0b"])
def test_no_such_city(name: str) -> None:
    with pytest.raises(CityNotFoundError) as caught:
        load_city(name or "nowhere", TODAY)
    assert caught.value.exit_code == EXIT_CANNOT_RUN
    assert caught.value.what.en != caught.value.what.ja


def test_a_misspelt_city_is_guessed() -> None:
    with pytest.raises(CityNotFoundError) as caught:
        load_city("yasuu", TODAY)
    assert caught.value.hint is not None
    assert caught.value.hint.en == "did you mean `yasu`?"


def test_a_file_is_no_city() -> None:
    with pytest.raises(CityNotFoundError) as caught:
        load_city(MINI, TODAY)
    assert str(MINI.parent) in caught.value.say("ja")


def test_a_city_made_in_memory_is_checked_too(mini: City) -> None:
    assert check_city(mini, TODAY) == ()
    flows = {key: flow.model_copy(update={"reason": ""}) for key, flow in mini.flows.items()}
    findings = check_city(mini.model_copy(update={"flows": flows}), TODAY)
    assert [finding.origin for finding in findings] == [flow.origin for flow in flows.values()]


def test_generated_cities_are_sound() -> None:
    assert check_city(generate_city(200), TODAY) == ()


def test_many_terminal_groups_are_refused() -> None:
    data = {**PLAIN, "sites": {**PLAIN["sites"]}}
    hall = {**data["sites"]["hall"]}
    group = {"class": "staff-pc", "vlan": "lg-office", "count": "1", "switch": "acc1"}
    hall["terminals"] = {f"t{n}": {**group, "number": str(n + 2), "ports": f"eth{n + 2}"} for n in range(255)}
    data["sites"]["hall"] = hall
    assert "terminals-many" in {finding.code for finding in judged(data).findings}


def test_one_line_of_a_template_is_told_once_for_all_sites() -> None:
    data = {**PLAIN, "sites": {**PLAIN["sites"], "south": {"number": "11", "title": "南", "template": "branch"}}}
    data["templates"] = {"branch": {**PLAIN["templates"]["branch"], "colour": "red"}}
    told = [finding for finding in judged(data).findings if finding.code == "field-unknown"]
    assert len(told) == 1
    assert "the same at 1 more site" in told[0].what.en


def test_a_name_cannot_steer_the_terminal(tmp_path: Path) -> None:
    (tmp_path / "city.yaml").write_text('"\\e[2J": 1\nsites: {"\\e]0;x\\a": {}}\n', encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        load_city(tmp_path, TODAY)
    assert "\x1b" not in caught.value.say("en")
    assert "\\x1b[2J" in caught.value.say("ja")


def test_a_file_name_may_be_any_bytes(tmp_path: Path) -> None:
    Path(os.fsdecode(bytes(tmp_path) + b"/\xff.yaml")).write_text("sites: 5\n", encoding="utf-8")
    with pytest.raises(InventoryError) as caught:
        load_city(tmp_path, TODAY)
    assert caught.value.say("ja").encode()
