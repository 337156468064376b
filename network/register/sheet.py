"""The register as a sheet of text: one row each, one column a field, in the words officials use."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from inventory.model import Flow
from inventory.words import FLOW_KINDS, SANITISERS

TITLE = "通信登録簿"
"""Name of the worksheet."""
KEY = "番号"
COLUMNS: Mapping[str, str] = MappingProxyType(
    {
        "kind": "種別",
        "title": "件名",
        "from": "送信元",
        "to": "宛先",
        "ports": "ポート",
        "reason": "理由",
        "owner": "所管課",
        "approver": "承認者",
        "approved_on": "承認日",
        "expires_on": "期限",
        "document": "文書番号",
        "gateway": "無害化サーバ",
        "sanitised_by": "無害化方式",
        "window": "時間帯",
        "assumed": "仮定",
    }
)
"""Field of a row, as the inventory calls it, → heading of its column. 番号, the row's name, stands before them."""
HEADINGS = (KEY, *COLUMNS.values())
PROSE = frozenset({"title", "reason", "owner", "approver", "document"})
"""Fields that are taken as they are; the others are read as if typed in half-width."""
YES = "○"
DATES = frozenset({"approved_on", "expires_on"})
_LISTS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {"ports": re.compile(r"[,、;\s]+"), "window": re.compile(r"\s*[;\n]\s*")}
)
"""Field of several values → what stands between them."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
"""What a spreadsheet may take for a formula, and what has been protected from that before."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell as it was read: where it is (`F7`), its text (None where it is empty), and what is odd about it."""

    place: str
    text: str | None
    oddity: str = ""
    """"formula" (or the error that came of one), "merged" or ""."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read of a file: its name for messages (`register.xlsx!通信登録簿`), heading cells, and rows of cells."""

    name: str
    headings: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]

    def place(self, cell: Cell) -> str:
        return f"{self.name}!{cell.place}"


def cells(flows: Mapping[str, Flow]) -> Iterator[tuple[str, ...]]:
    """The rows of the sheet, without its headings."""
    for key, flow in flows.items():
        yield (key, *(_said(flow, field) for field in COLUMNS))


def _said(flow: Flow, field: str) -> str:
    said = {
        "kind": FLOW_KINDS[flow.kind].ja,
        "from": flow.source,
        "to": flow.destination,
        "ports": ", ".join(map(str, flow.ports)),
        "sanitised_by": SANITISERS[flow.sanitised_by].ja if flow.sanitised_by else "",
        "window": "; ".join(window.said.ja for window in flow.window),
        "assumed": YES if flow.assumed else "",
    }
    return said[field] if field in said else str(getattr(flow, field) or "")


Value = str | list[str] | None
"""A field as the inventory writes it."""


def value(field: str, text: str | None) -> Value:
    """What a cell says, in the inventory's words; what cannot be read stays as it is, for the checks to refuse."""
    if text is None or not text.strip():
        return None
    narrow = unicodedata.normalize("NFKC", text).strip()
    if field in _LISTS:
        return [part for part in _LISTS[field].split(narrow) if part]
    if field in DATES:
        return _date(narrow)
    return text.strip() if field in PROSE else _WORDS.get(field, {}).get(narrow, narrow)


_WORDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "kind": {text.ja: key for key, text in FLOW_KINDS.items()},
        "sanitised_by": {text.ja: key for key, text in SANITISERS.items()},
        "assumed": dict.fromkeys((YES, "〇", "◯", "はい"), "true"),
    }
)


def choices(field: str) -> Sequence[str]:
    """The words a column takes, where it takes only some."""
    return (YES,) if field == "assumed" else tuple(_WORDS.get(field, ()))


def _date(text: str) -> str:
    """As spreadsheets show dates: 2026/4/1 or 2026-04-01 00:00:00."""
    match = re.fullmatch(r"([0-9]{4})[/-]([0-9]{1,2})[/-]([0-9]{1,2})(?: 0?0:00(?::00)?)?", text)
    return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else text


def protected(text: str) -> str:
    """Text for a file whose reader would run what begins with = + - @: an apostrophe before it makes it text."""
    return f"'{text}" if _FORMULA.match(text) else text


def unprotected(text: str) -> str:
    """The text without the apostrophe that `protected` put before it."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
