"""The register as the text of flows.yaml, and how two registers differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from inventory.model import Flow
from inventory.text import Text
from network.register.sheet import COLUMNS, KEY

HEADER = """\
# 通信登録簿。ここに無い領域間通信はすべて拒否される。期限を過ぎた行は構成から外れる。
# 表計算の台帳から取り込んだもの (sanso flows --import)。
"""
SCHEMA_LINE = "# yaml-language-server:"
WIDTH = 120


class _Dumper(yaml.SafeDumper):
    """Writes every value out: anchors are refused by the loader."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def register_text(flows: Mapping[str, Flow], before: str = "") -> str:
    """The whole file; of the text that stood there before, the line that names the schema to editors is kept."""
    rows = {key: _fields(flow) for key, flow in flows.items()}
    body = yaml.dump(
        {"flows": rows}, Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=WIDTH
    )
    first = before.partition("\n")[0]
    return (f"{first}\n" if first.startswith(SCHEMA_LINE) else "") + HEADER + body


def _fields(flow: Flow) -> dict[str, Any]:
    """The fields that are not as the model has them by default; dates as dates, so that they stand without quotes."""
    fields = flow.model_dump(mode="json", by_alias=True, exclude={"origin"}, exclude_defaults=True)
    return {
        field: dt.date.fromisoformat(said) if field in {"approved_on", "expires_on"} else said
        for field in COLUMNS
        if (said := fields.get(field)) is not None
    }


def difference(old: Mapping[str, Flow], new: Mapping[str, Flow]) -> Iterator[Text]:
    """What becomes of each row: added, removed, or changed field by field; then whether the order changes."""
    for key, flow in old.items():
        if key not in new:
            yield Text(f"- {key}  {flow.title}", f"- {key}  {flow.title}")
    for key, flow in new.items():
        if key not in old:
            yield Text(f"+ {key}  {flow.title}", f"+ {key}  {flow.title}")
            continue
        before, after = _fields(old[key]), _fields(flow)
        for field, heading in COLUMNS.items():
            if before.get(field) != after.get(field):
                change = f"{_shown(before.get(field))} → {_shown(after.get(field))}"
                yield Text(f"~ {key}  {field}: {change}", f"~ {key}  {heading}: {change}")
    kept = [key for key in old if key in new]
    if kept != [key for key in new if key in old]:
        yield Text("~ the order of the rows", f"~ 行の並び順 ({KEY})")


def _shown(value: object) -> str:
    if value is None:
        return "-"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
