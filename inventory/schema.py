"""The JSON Schema (draft 2020-12) of a city's files, so that editors complete and check while one types.

It follows the model, with three differences: the files' layout (`city:` beside tables, `templates:`), no `origin`,
and inside sites and templates nothing is required, because a template may supply it, and null may take it out again.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from inventory.errors import SansoError
from inventory.model import City
from inventory.shape import CITY_KEYS, tables
from inventory.text import Text

Schema = dict[str, Any]

SCHEMA_FILE = Path(__file__).parent / "schema" / "city.schema.json"
DIALECT = "https://json-schema.org/draft/2020-12/schema"
PARTIAL_SUFFIX = "InSite"
SITE = "Site"


class SchemaNotWrittenError(SansoError):
    """The schema's file cannot be written."""


def city_schema() -> Schema:
    """The schema of one YAML file of a city: any of the top-level keys may stand in it."""
    model = City.model_json_schema(by_alias=True, ref_template="#/$defs/{model}")
    definitions: Schema = {name: _tidied(body) for name, body in model["$defs"].items() if name != "Origin"}
    fields: Schema = _tidied({"properties": model["properties"]})["properties"]
    inside = _reached(definitions, [SITE])
    for name in inside:
        definitions[name + PARTIAL_SUFFIX] = _partial(definitions[name], inside)
    city = {key: fields[key] for key in CITY_KEYS}
    required = [key for key in model["required"] if key in city]
    site = {"$ref": f"#/$defs/{SITE}{PARTIAL_SUFFIX}"}
    places = {key: fields[key] for key in tables() if key != "sites"}
    whole: Schema = {
        "$schema": DIALECT,
        "title": "sanso city",
        "description": "市のインベントリ (one file of a city; every file may hold any of these keys)",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "city": {
                "type": "object",
                "description": "市の基本情報",
                "additionalProperties": False,
                "properties": city,
                "anyOf": [{"required": required}, {"required": ["extends"]}],
            },
            "templates": {
                "type": ["object", "null"],
                "description": "拠点のテンプレート (what sites share; a site names one with `template:`)",
                "additionalProperties": site,
            },
            "sites": {"type": ["object", "null"], "description": "拠点", "additionalProperties": site},
            **{key: _nullable(body) for key, body in places.items()},
        },
    }
    whole["$defs"] = {name: definitions[name] for name in sorted(_reached(definitions, _references(whole)))}
    return whole


def schema_text() -> str:
    """The schema as it stands in its file."""
    return json.dumps(city_schema(), ensure_ascii=False, indent=2) + "\n"


def write_schema(file: Path = SCHEMA_FILE) -> None:
    """Write the schema.

    Raises:
        SchemaNotWrittenError: the file cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(schema_text(), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise SchemaNotWrittenError(
            Text(f"{file} cannot be written: {reason}", f"{file} に書き込めません: {reason}")
        ) from error


def _tidied(body: Schema) -> Schema:
    """Without `origin`, generated titles, and the null of optional fields (written or left out, never null)."""
    result: Schema = {}
    for key, value in body.items():
        if key == "properties":
            result[key] = {name: _field(child) for name, child in value.items() if name != "origin"}
        elif key != "title":
            result[key] = value
    return result


def _field(body: Schema) -> Schema:
    result = {key: value for key, value in body.items() if key != "title" and not (key == "default" and value is None)}
    if isinstance(result.get("default"), dict):
        del result["default"]
    choices = [choice for choice in result.get("anyOf", ()) if choice != {"type": "null"}]
    if "anyOf" in result:
        del result["anyOf"]
        result = {**choices[0], **result} if len(choices) == 1 else {"anyOf": choices, **result}
    if "patternProperties" in result:
        pattern, value = next(iter(result.pop("patternProperties").items()))
        result["propertyNames"] = {"pattern": pattern}
        result["additionalProperties"] = value
    if result.get("format") in {"ipv4network", "ipv6network", "ipv4interface", "ipv6interface"}:
        del result["format"]
    if isinstance(result.get("items"), dict):
        result["items"] = _field(result["items"])
    return result


def _reached(definitions: Schema, names: list[str]) -> list[str]:
    """These definitions and all they refer to, in order of first use."""
    found = list(dict.fromkeys(names))
    for current in found:
        found.extend(dict.fromkeys(ref for ref in _references(definitions[current]) if ref not in found))
    return found


def _references(body: object) -> list[str]:
    if isinstance(body, dict):
        own = [body["$ref"].rpartition("/")[2]] if isinstance(body.get("$ref"), str) else []
        return [*own, *(ref for value in body.values() for ref in _references(value))]
    return [ref for value in body for ref in _references(value)] if isinstance(body, list) else []


def _partial(body: Schema, names: list[str]) -> Schema:
    """A definition inside a site: nothing required, everything may be null, references to its like."""
    result = {key: value for key, value in body.items() if key != "required"}
    result["properties"] = {key: _nullable(_redirected(child, names)) for key, child in body["properties"].items()}
    return result


def _redirected(body: Any, names: list[str]) -> Any:  # noqa: ANN401 JSON of any shape
    if isinstance(body, dict):
        if isinstance(body.get("$ref"), str) and (name := body["$ref"].rpartition("/")[2]) in names:
            return {**body, "$ref": f"#/$defs/{name}{PARTIAL_SUFFIX}"}
        result = {key: _redirected(value, names) for key, value in body.items()}
        if isinstance(result.get("additionalProperties"), dict):
            result["additionalProperties"] = _nullable(result["additionalProperties"])
        return result
    return [_redirected(value, names) for value in body] if isinstance(body, list) else body


def _nullable(body: Schema) -> Schema:
    """Also null: an empty table, or what a site takes out of its template."""
    if isinstance(body.get("type"), str) and "enum" not in body and "const" not in body:
        return {**body, "type": [body["type"], "null"]}
    kept = {key: value for key, value in body.items() if key in {"description", "default"}}
    rest = {key: value for key, value in body.items() if key not in kept}
    return {"anyOf": [rest, {"type": "null"}], **kept}
