"""The journal's hash chain: a row's digest covers its content and the digest of the row before it.

Nothing here touches a database, so an exported journal is verified the same way, offline.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from inventory.errors import EXIT_FINDINGS, SansoError
from inventory.text import Text

GENESIS = "0" * 64


def canonical(value: object) -> str:
    """JSON with one spelling only: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Row:
    """One journal row. `at` is UTC in ISO 8601; `change` is "" where a row belongs to none; `body` holds plain JSON."""

    seq: int
    at: str
    change: str
    step: str
    body: Mapping[str, Any]
    previous: str
    digest: str

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "body": dict(self.body)}


def link(  # noqa: PLR0913, PLR0917 the fields of a row, in their order
    previous: str, seq: int, at: str, change: str, step: str, body: Mapping[str, Any]
) -> Row:
    """The next row of a chain whose last digest is `previous`."""
    content = canonical({"seq": seq, "at": at, "change": change, "step": step, "body": body, "previous": previous})
    return Row(seq, at, change, step, body, previous, hashlib.sha256(content.encode()).hexdigest())


class BrokenChainError(SansoError):
    """The journal was altered: `row` is the first row that does not fit."""

    exit_code = EXIT_FINDINGS

    def __init__(self, row: int, what: Text) -> None:
        super().__init__(
            Text(
                f"The journal is broken at row {row}: {what.en}.", f"変更記録は {row} 行目で壊れています: {what.ja}。"
            ),
            Text(
                "Rows before it are as they were written; trust nothing from it on, and compare with an exported copy.",
                "それより前の行は書かれたままです。この行以降は信頼せず、書き出した写しと照合してください。",
            ),
        )
        self.row = row


def verify(rows: Iterable[Row], head: str | None = None) -> str:
    """Check a whole chain; its last digest. With `head`, a digest noted earlier must be in it (nothing was cut off)."""
    previous, seen = GENESIS, head is None
    for expected, row in enumerate(rows, start=1):
        if row.seq != expected:
            raise BrokenChainError(
                expected, Text(f"row {row.seq} stands in its place", f"{row.seq} 行目が代わりにあります")
            )
        if row.previous != previous:
            raise BrokenChainError(row.seq, Text("it does not follow the row before it", "前の行に続いていません"))
        if link(previous, row.seq, row.at, row.change, row.step, row.body).digest != row.digest:
            raise BrokenChainError(
                row.seq,
                Text("its content does not match its digest", "内容がハッシュ値と一致しません"),
            )
        previous = row.digest
        seen = seen or previous == head
    if not seen:
        raise SansoError(
            Text(
                f"The journal holds no row with digest {head}: its end was cut off, or it is another journal.",
                f"ハッシュ値 {head} の行がありません。末尾が切り取られたか、別の変更記録です。",
            )
        )
    return previous


def export_lines(rows: Iterable[Row]) -> str:
    """Rows as an export of one row a line, as an evidence pack holds it."""
    return "".join(f"{canonical(row.as_json())}\n" for row in rows)


def read_export(file: Path) -> list[Row]:
    """Rows of an exported journal: a list (`sanso history --json`), or one row a line (an evidence pack)."""
    try:
        text = file.read_text(encoding="utf-8")
        rows = json.loads(text) if text.startswith("[") else [json.loads(line) for line in text.split("\n") if line]
        return [Row(**row) for row in rows]
    except (OSError, ValueError, TypeError) as error:
        raise SansoError(
            Text(
                f"{file} is not an exported journal: {error}", f"{file} は書き出された変更記録ではありません: {error}"
            ),
            Text(
                "Export one with: sanso history --json > FILE",
                "書き出しは sanso history --json > ファイル で行います。",
            ),
        ) from None
