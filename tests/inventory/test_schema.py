"""The JSON Schema in the repository is that of the model, and every city's files fit it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from inventory.schema import SCHEMA_FILE, city_schema, schema_text
from inventory.source import CITIES
from tests.inventory.mutation import MINI

FILES = [MINI, *sorted(CITIES.glob("*/*.yaml"))]
LINE = "# yaml-language-server: $schema="


class EditorLoader(yaml.SafeLoader):
    """YAML as an editor's language server reads it (1.2): a date is text."""


EditorLoader.yaml_implicit_resolvers = {
    sign: [(tag, rule) for tag, rule in rules if tag != "tag:yaml.org,2002:timestamp"]
    for sign, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def misfits(data: object) -> list[Any]:
    return list(Draft202012Validator(city_schema()).iter_errors(data))  # type: ignore[arg-type]


def test_the_committed_schema_is_up_to_date() -> None:
    assert SCHEMA_FILE.read_text(encoding="utf-8") == schema_text(), (
        "run: sanso schema -o inventory/schema/city.schema.json"
    )


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(city_schema())


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.name}" for file in FILES])
def test_cities_fit(file: Path) -> None:
    data = yaml.load(file.read_text(encoding="utf-8"), Loader=EditorLoader)  # noqa: S506 derived from SafeLoader
    assert misfits(data) == []


@pytest.mark.parametrize("file", FILES[1:], ids=[f"{file.parent.name}/{file.name}" for file in FILES[1:]])
def test_cities_name_their_schema(file: Path) -> None:
    first = file.read_text(encoding="utf-8").splitlines()[0]
    assert first.startswith(LINE)
    assert (file.parent / first.removeprefix(LINE)).resolve() == SCHEMA_FILE.resolve()


@pytest.mark.parametrize(
    "data",
    [
        {"site": {}},
        {"sites": {"hall": {"devices": {"core1": {"role": "cor"}}}}},
        {"sites": {"hall": {"origin": {}}}},
        {"flows": {"f1": {"kind": "service"}}},
        {"circuits": {"c1": None}},
        {"city": {"name": "x"}},
        {"segments": {"lgwan": {"number": 100}}},
    ],
)
def test_an_editor_underlines(data: object) -> None:
    assert misfits(data)


@pytest.mark.parametrize(
    "data",
    [
        {"sites": {"north": {"template": "branch", "vlans": {"lg-office": None}}}},
        {"sites": {"hall": {"vlans": {"a": {"access": "acc1"}, "b": {"access": ["acc1", "acc2"]}}}}},
        {"templates": {"branch": {"devices": {"edge1": {"role": "edge"}}}}},
        {"peers": None},
    ],
)
def test_what_a_template_supplies_may_be_left_out(data: object) -> None:
    assert not misfits(data)


def test_descriptions_are_japanese() -> None:
    assert "所管課" in schema_text()
    assert "origin" not in schema_text()
