"""A YAML document of a type of its own, such as a runbook or a drill's scenario: typed, every misfit with its line.

It is read as the inventory is: by the same tree, into the same kind of frozen elements, with the same words for what
was expected. Unlike a city it is not mended: with an error among its findings a document has no value.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from inventory.element import Element, Name
from inventory.errors import EXIT_FINDINGS, Finding, SansoError
from inventory.expectations import expected, hint_for, misfit, suggest_name
from inventory.origin import Origin
from inventory.shape import Field, fields_of
from inventory.source import decoded
from inventory.text import Text
from inventory.validation import found_at, locate
from inventory.words import did_you_mean, nearest, one_of, shown
from inventory.yamltree import Node, read_yaml

Model = TypeVar("Model", bound=Element)
Data = dict[str, Any]
Place = tuple[str, ...]


class DocumentError(SansoError):
    """Documents, or what was to fill them, with errors: all of them at once."""

    exit_code = EXIT_FINDINGS

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        super().__init__(Text(f"{len(findings)} error(s)", f"エラー {len(findings)} 件"))
        self.findings = findings

    def say(self, language: Any) -> str:  # noqa: ANN401 "en" or "ja"
        return "\n".join([*(finding.say(language) for finding in self.findings), super().say(language)])


@dataclass(frozen=True, slots=True)
class Document(Generic[Model]):
    """What was read: `value` is None when there is an error; `root` is the tree, for what is checked afterwards."""

    value: Model | None
    findings: tuple[Finding, ...]
    root: Node | None

    def place(self, *path: str) -> Origin:
        """The line of what stands at `path`, or of the innermost part of it that is written."""
        return Origin() if self.root is None else locate(self.root, path)


def read_document(file: Path, model: type[Model], name: str | None = None) -> Document[Model]:
    """Read a file as one `model`; `name` is how its lines are cited (default: the file's own name)."""
    text = decoded(file, name or file.name)
    if isinstance(text, Finding):
        return Document(None, (text,), None)
    return parse_document(text, model, name or file.name)


def parse_document(text: str, model: type[Model], name: str) -> Document[Model]:
    """Read a text as one `model`."""
    reading = read_yaml(text, name)
    root, findings = reading.root, list(reading.findings)
    if root is None:
        root = Node({}, Origin(name, 1))
        if findings:
            return Document(None, tuple(findings), None)
    reader = _Reader(root)
    data = reader.element(root, model, ())
    findings += reader.findings
    value: Model | None = None
    try:
        value = model.model_validate(data)
    except ValidationError as error:
        findings += _findings(error, root, model, frozenset(reader.meant))
    return Document(None if findings else value, tuple(sorted(findings, key=lambda row: row.origin)), root)


class _Reader:
    """Makes the data pydantic validates: origins put in, unknown keys reported and left out."""

    def __init__(self, root: Node) -> None:
        self.root = root
        self.findings: list[Finding] = []
        self.meant: set[Place] = set()
        """Fields somebody has misspelt: that they are missing was said already."""

    def element(self, node: Node, model: type[Element], path: Place) -> object:
        if node.value is None:
            return {"origin": node.origin}
        if not isinstance(node.value, dict):
            return node.value
        fields = fields_of(model)
        data: Data = {"origin": node.origin}
        for key, child in node.value.items():
            if key in fields:
                data[key] = self._value(child, fields[key], (*path, key))
                continue
            meant = nearest(key, fields)
            if meant is not None and meant not in node.value:
                self.meant.add((*path, meant))
            self.findings.append(
                Finding(
                    "field-unknown",
                    Text("{place}there is no field `{key}`", "{place}`{key}` という項目はありません").format(
                        place=_prefix(path), key=key
                    ),
                    one_of(fields),
                    Text(f"`{key}`", f"`{key}`"),
                    did_you_mean(meant),
                    child.origin,
                    path=(*path, key),
                )
            )
        return data

    def _value(self, node: Node, spec: Field, path: Place) -> object:
        inner = spec.model
        if inner is not None and spec.kind == "element":
            return self.element(node, inner, path)
        if inner is not None and spec.kind == "table" and isinstance(node.value, dict):
            return {key: self.element(child, inner, (*path, key)) for key, child in node.value.items()}
        if inner is not None and spec.kind == "list" and isinstance(node.value, list):
            return [self.element(child, inner, (*path, str(index))) for index, child in enumerate(node.value)]
        return bare(node)


def bare(node: Node | None) -> object:
    """A value without its lines."""
    if node is None:
        return None
    if isinstance(node.value, dict):
        return {key: bare(child) for key, child in node.value.items()}
    if isinstance(node.value, list):
        return [bare(child) for child in node.value]
    return node.value


def _findings(error: ValidationError, root: Node, model: type[Element], meant: frozenset[Place]) -> Iterable[Finding]:
    told: set[Place] = set()
    rows = error.errors(include_url=False, include_context=False, include_input=False)
    within = {tuple(str(part) for part in row["loc"][:depth]) for row in rows for depth in range(len(row["loc"]))}
    for row in rows:
        kind, path = row["type"], [str(part) for part in row["loc"]]
        if path[-1:] == ["[key]"]:
            kind, path = "key", path[:-1]
        while path and kind != "missing" and found_at(root, path) is None:
            path = path[:-1]
        place = tuple(path)
        if place in told or (kind == "missing" and place in meant):
            continue
        if kind == "too_short" and place in within:  # its entries are there, but none is sound
            continue
        told.add(place)
        yield _finding(root, model, place, kind)


def _finding(root: Node, model: type[Element], path: Place, kind: str) -> Finding:
    spec, entry = _field_at(model, path)
    node, origin = found_at(root, path), locate(root, path)
    if kind == "key":
        return Finding(
            "name-bad",
            Text("{place}this is no proper name", "{place}名前に使えない文字があります").format(
                place=_prefix(path[:-1])
            ),
            expected(Field("", "value", Name, Element.model_fields["assumed"], None)),
            shown(path[-1]),
            did_you_mean(suggest_name(path[-1])),
            origin,
            path=path,
        )
    if kind == "too_short":
        return Finding(
            "value-bad",
            Text("`{path}` is empty", "`{path}` が空です").format(path=_dotted(path)),
            Text("at least one entry", "1 件以上"),
            Text("none", "0 件"),
            None,
            origin,
            path=path,
        )
    wants = (
        expected(spec) if spec is not None and not entry else Text("a mapping (key: value)", "マッピング (キー: 値)")
    )
    if kind == "missing":
        return Finding(
            "field-missing",
            Text("{place}`{key}` is missing", "{place}`{key}` がありません").format(
                place=_prefix(path[:-1]), key=path[-1]
            ),
            wants,
            Text("nothing", "何も書かれていません"),
            None,
            origin,
            path=path,
        )
    value = bare(node)
    if spec is not None and not entry:
        value = misfit(spec, value)
    return Finding(
        "value-bad",
        Text("`{path}` does not fit", "`{path}` の値が正しくありません").format(path=_dotted(path) or "."),
        wants,
        shown(value),
        hint_for(spec, value) if spec is not None and not entry else None,
        origin,
        path=path,
    )


def _field_at(model: type[Element], path: Place) -> tuple[Field | None, bool]:
    """The field at a path, and whether the path names an entry of its table or list."""
    spec: Field | None = None
    within: type[Element] | None = model
    entry = False
    for part in path:
        if within is not None:
            spec, entry = fields_of(within).get(part), False
            within = spec.model if spec is not None and spec.kind == "element" else None
        elif spec is not None and spec.kind in {"table", "list"} and spec.model is not None and not entry:
            within, entry = spec.model, True
        else:
            break
    return spec, entry


def _dotted(path: Place) -> str:
    return ".".join(str(int(part) + 1) if part.isdecimal() else part for part in path)


def _prefix(path: Place) -> Text:
    return Text(f"`{_dotted(path)}`: ", f"`{_dotted(path)}`: ") if path else Text("", "")
