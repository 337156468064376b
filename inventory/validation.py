"""From the tree to a typed City: every misfit becomes a finding, and what is sound is kept for the checks.

An element that does not fit is taken out (`broken`), so that the checks can look at the rest; they stay silent about
what refers to it. A site or the city itself is mended instead where a stand-in is enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from inventory.element import Name
from inventory.errors import Finding
from inventory.expectations import expected, hint_for, misfit, suggest_name
from inventory.model import Circuit, City, Element, Site
from inventory.origin import NOWHERE, Origin
from inventory.shape import CITY_KEYS, Field, fields_of, tables
from inventory.text import Text
from inventory.words import did_you_mean, element_of, nearest, one_of, shown, subject
from inventory.yamltree import Node

Path = tuple[str, ...]
Data = dict[str, Any]

ROUNDS = 4
"""Mending may lay bare what could not be judged before; each round takes out something."""

CITY_STAND_INS: Data = {
    "name": "city",
    "title": "-",
    "model": "alpha",
    "edition": "2025-03",
    "management": {"ipv4": "255.0.0.0/8"},
    "segments": {},
    "sites": {},
}
SITE_STAND_INS: Data = {"title": "-", "kind": "facility"}


@dataclass(slots=True)
class Validation:
    """The outcome: a city without the broken elements (None when nothing could be saved)."""

    city: City | None = None
    findings: list[Finding] = field(default_factory=list)
    broken: set[Path] = field(default_factory=set)


def locate(root: Node, path: Sequence[str]) -> Origin:
    """The line of the deepest part of `path` that is written."""
    node = root
    for part in path:
        if isinstance(node.value, dict) and part in node.value:
            node = node.value[part]
        elif isinstance(node.value, list) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
        else:
            break
    return node.origin


def found_at(root: Node, path: Sequence[str]) -> Node | None:
    """What is written at `path`."""
    node = root
    for part in path:
        if isinstance(node.value, dict) and part in node.value:
            node = node.value[part]
        elif isinstance(node.value, list) and part.isdecimal() and int(part) < len(node.value):
            node = node.value[int(part)]
        else:
            return None
    return node


def validate(root: Node, broken: frozenset[Path]) -> Validation:
    """Validate the merged tree. `broken` are elements already known to be unusable."""
    result = Validation(broken=set(broken))
    data = _Projection(root, result).city()
    for path in broken:
        _remove(data, path)
    for _ in range(ROUNDS):
        try:
            result.city = City.model_validate(data)
        except ValidationError as error:
            reports = _reports(error, root)
        else:
            return result
        for path, kind in reports:
            finding = _finding(root, path, kind, result)
            if finding is not None:
                result.findings.append(finding)
        for path, _ in reports:
            _mend(data, path, result)
    return result


def _reports(error: ValidationError, root: Node) -> list[tuple[Path, str]]:
    """Errors of pydantic as (path in the files, kind), each place once."""
    rows: dict[Path, str] = {}
    for row in error.errors(include_url=False, include_context=False, include_input=False):
        kind, loc = row["type"], [str(part) for part in row["loc"]]
        path = ["city", *loc] if loc[:1] and loc[0] in CITY_KEYS else loc
        if path[-1:] == ["[key]"]:
            kind, path = "key", path[:-1]
        while len(path) > 1 and kind != "missing" and found_at(root, path) is None:
            path = path[:-1]
        rows.setdefault(tuple(path), kind)
    return list(rows.items())


class _Projection:
    """Makes the data pydantic validates: nulls left out, origins put in, unknown keys reported and left out."""

    def __init__(self, root: Node, result: Validation) -> None:
        self.root = root
        self.result = result

    def city(self) -> Data:
        top = self.root.table
        known = ["city", "templates", *tables()]
        for key, node in top.items():
            if key not in known:
                self._unknown((key,), key, known, node)
        data: Data = {"origin": NOWHERE}
        fields = fields_of(City)
        if "city" in top and isinstance(top["city"].value, dict):
            inner = self._element(top["city"], City, ("city",), tuple(CITY_KEYS))
            data.update(inner if isinstance(inner, dict) else {})
        else:
            self.result.broken.add(("city",))
            data.update({key: CITY_STAND_INS[key] for key in CITY_KEYS if fields[key].required})
            self.result.findings.append(_no_city(top.get("city"), self.root.origin))
        for key in tables():
            if key in top:
                data[key] = self._value(top[key], fields[key], (key,))
        return data

    def _element(self, node: Node, model: type[Element], path: Path, only: Sequence[str] = ()) -> object:
        if node.value is None:
            return {"origin": node.origin}
        if not isinstance(node.value, dict):
            return node.value
        fields = fields_of(model)
        keys = only or list(fields)
        data: Data = {"origin": node.origin}
        for key, child in node.value.items():
            if key not in keys:
                self._unknown((*path, key), key, keys, child)
            elif child.value is not None or fields[key].kind != "value":
                data[key] = self._value(child, fields[key], (*path, key))
        return data

    def _value(self, node: Node, spec: Field, path: Path) -> object:
        if spec.kind == "element" and spec.model is not None:
            return self._element(node, spec.model, path)
        if spec.kind == "table" and spec.model is not None:
            if node.value is None:
                return {}
            if isinstance(node.value, dict):
                return {key: self._element(child, spec.model, (*path, key)) for key, child in node.value.items()}
        if spec.kind == "list" and spec.model is not None and isinstance(node.value, list):
            return [self._element(child, spec.model, (*path, str(n))) for n, child in enumerate(node.value)]
        return _bare(node)

    def _unknown(self, path: Path, key: str, known: Sequence[str], node: Node) -> None:
        meant = nearest(key, known)
        parent = path[:-1]
        if meant is not None and not (parent and meant in getattr(found_at(self.root, parent), "table", {})):
            self.result.broken.add((*parent, meant))
        what = subject(parent) if parent else Text("top level", "最上位")
        self.result.findings.append(
            Finding(
                "field-unknown",
                Text(f"{what.en}: there is no field `{key}`", f"{what.ja}: `{key}` という項目はありません"),
                one_of(known),
                Text(f"`{key}`", f"`{key}`"),
                did_you_mean(meant),
                node.origin,
                path=path,
            )
        )


def _bare(node: Node) -> object:
    """A value without lines; null items of a list stay, so that they are reported."""
    if isinstance(node.value, dict):
        return {key: _bare(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [_bare(child) for child in node.value]
    return node.value


def _no_city(node: Node | None, origin: Origin) -> Finding:
    return Finding(
        "city-missing",
        Text("the city itself is not described", "市の基本情報がありません"),
        Text(
            "`city:` with name, title, model, edition and management",
            "`city:` に name, title, model, edition, management",
        ),
        shown(node),
        None,
        node.origin if node else origin,
        path=("city",),
    )


def field_at(path: Path) -> tuple[type[Element], Field | None, bool]:
    """The element type around a path, its field, and whether the path names an entry of a table or list."""
    model: type[Element] = City
    spec: Field | None = None
    entry = True
    for part in path[1:] if path[:1] == ("city",) else path:
        if entry:
            spec = fields_of(model).get(part)
            if spec is None:
                return model, None, False
            entry = False
            if spec.kind == "element" and spec.model is not None:
                model, entry = spec.model, True
        elif spec is not None and spec.model is not None and spec.kind != "element":
            model, entry = spec.model, True
        else:
            break
    return model, spec, entry and spec is not None and spec.kind != "element"


def _finding(root: Node, path: Path, kind: str, result: Validation) -> Finding | None:
    model, spec, entry = field_at(path)
    node = found_at(root, path)
    origin = locate(root, path)
    if kind == "missing":
        return None if path in result.broken or spec is None else _missing(path, model, spec, origin)
    if kind == "key":
        what = subject(path)
        return Finding(
            "name-bad",
            Text(f"{what.en}: this is no proper name", f"{what.ja}: 名前に使えない文字があります"),
            expected(Field("", "value", Name, City.model_fields["name"], None)),
            shown(path[-1]),
            did_you_mean(suggest_name(path[-1])),
            origin,
            path=path,
        )
    wants = Text("a mapping (key: value)", "マッピング (キー: 値)") if entry or spec is None else expected(spec)
    value = None if node is None else _bare(node)
    if spec is not None and not entry:
        value = misfit(spec, value)
    return Finding(
        "value-bad",
        _misfit(path),
        wants,
        shown(value),
        None if entry or spec is None else hint_for(spec, value),
        origin,
        path=path,
    )


def _misfit(path: Path) -> Text:
    element, rest = subject(element_of(path)), path[len(element_of(path)) :]
    field_name = subject(rest)
    if not rest:
        return Text(f"{element.en}: it does not fit", f"{element.ja}: 内容が正しくありません")
    said = Text(f"{field_name.en} does not fit", f"{field_name.ja} の値が正しくありません")
    return Text(f"{element.en}: {said.en}", f"{element.ja}: {said.ja}") if element.en else said


def _missing(path: Path, model: type[Element], spec: Field, origin: Origin) -> Finding:
    what = subject(path[:-1]) if len(path) > 1 else Text("city", "市")
    code = "field-missing"
    said = Text(f"{what.en}: `{path[-1]}` is missing", f"{what.ja}: `{path[-1]}` がありません")
    hint = None
    if model is Circuit and path[-1] in {"a", "b"}:
        code = "circuit-one-end"
        said = Text(f"{what.en}: it has only one end", f"{what.ja}: 片方の端しか書かれていません")
        hint = Text(
            f"add `{path[-1]}:` with the device and port at the other site",
            f"相手側の拠点の機器とポートを `{path[-1]}:` に書いてください",
        )
    return Finding(code, said, expected(spec), Text("nothing", "何も書かれていません"), hint, origin, path=path)


def _mend(data: Data, path: Path, result: Validation) -> None:
    """Take the innermost broken element out of `data`, or put a stand-in for a field of a site or of the city."""
    if len(path) == 0:
        return
    if path[0] == "city":
        _mend_field(data, path[1:2], CITY_STAND_INS, result, ("city",))
    elif len(path) == 1:
        _mend_field(data, path, CITY_STAND_INS, result, ())
    elif path[0] not in {"sites", "peers"}:
        _drop(data, path[:2], result)
    elif len(path) >= 4 and fields_of(Site if path[0] == "sites" else _peer())[path[2]].kind == "table":  # noqa: PLR2004
        _drop(data, path[:4], result)
    elif path[0] == "sites" and len(path) > 2 and path[2] != "number":  # noqa: PLR2004 sites, name, field
        site = data.get("sites", {}).get(path[1])
        if isinstance(site, dict):
            _mend_field(site, path[2:3], SITE_STAND_INS, result, path[:2])
    else:
        _drop(data, path[:2], result)


def _peer() -> type[Element]:
    return tables()["peers"]


def _mend_field(data: Data, key: Path, stand_ins: Data, result: Validation, parent: Path) -> None:
    for name in key:
        result.broken.add((*parent, name))
        if name in stand_ins:
            data[name] = stand_ins[name]
        else:
            data.pop(name, None)


def _drop(data: Data, path: Path, result: Validation) -> None:
    result.broken.add(path)
    _remove(data, path)


def _remove(data: Data, path: Path) -> None:
    here: object = data
    for part in path[:-1]:
        here = here.get(part) if isinstance(here, dict) else None
    if isinstance(here, dict):
        here.pop(path[-1], None)
