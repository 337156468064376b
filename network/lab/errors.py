"""What the lab says when it cannot do what was asked: one sentence in both languages, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from inventory.errors import SansoError
from inventory.text import Text


class LabError(SansoError):
    """The lab could not be started, reached or changed."""


def unknown(kind: Text, name: str, names: Iterable[str]) -> LabError:
    """`name` is none of `names`: say so, with the likeliest meant."""
    close = get_close_matches(name, names, n=3, cutoff=0.5)
    hint = Text(f"Did you mean {' or '.join(close)}?", f"{' か '.join(close)} ではありませんか。") if close else None
    what = Text("The lab has no {kind} named {name}.", "ラボに{kind} {name} はありません。")
    return LabError(what.format(kind=kind, name=name), hint)


NODE = Text("node", "ノード")
WIRE = Text("link", "配線")
