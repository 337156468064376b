"""What cannot be written in a platform's language, and the checks that find it before it reaches a device."""

from __future__ import annotations

import re

from inventory.errors import SansoError
from inventory.text import Text

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
"""A plain word: what no language mistakes for something else."""

_INTERFACE = Text("an interface name", "インターフェース名")
_LINUX_NAME_LENGTH = 15
_WIDE_SPACE = "\u3000"


class RenderError(SansoError):
    """A state that a platform's configuration language cannot express."""

    def __init__(self, what: Text, value: object) -> None:
        super().__init__(
            Text("Cannot write {what}: {value!r}", "{what}を設定に書けません: {value!r}").format(what=what, value=value)
        )


def name(value: str, what: Text) -> str:
    """`value`, if it is one plain word: a name that no language mistakes for something else."""
    if not NAME.fullmatch(value):
        raise RenderError(what, value)
    return value


def interface_name(value: str) -> str:
    """`value`, if Linux takes it as an interface's name."""
    if len(value) > _LINUX_NAME_LENGTH:
        raise RenderError(_INTERFACE, value)
    return name(value, _INTERFACE)


def line_text(value: str, what: Text, *, without: str, longest: int) -> str:
    """`value`, if `is_line_text`; `what` it is, for the error."""
    if not is_line_text(value, without=without, longest=longest):
        raise RenderError(what, value)
    return value


def is_line_text(value: str, *, without: str, longest: int) -> bool:
    """Whether `value` is a printable text of one line, full-width spaces allowed, in single blanks.

    Args:
        value: the text.
        without: characters it must not have.
        longest: its greatest length, in bytes of UTF-8.
    """
    printable = value.isprintable() or value.replace(_WIDE_SPACE, "").isprintable()
    plain = printable and value.strip(" ") == value and "  " not in value
    length = len(value) if value.isascii() else len(value.encode(errors="replace"))
    return plain and length <= longest and frozenset(without).isdisjoint(value)


def nothing(value: object, what: Text) -> None:
    """Refuse a part of the state for which the platform has no place."""
    if value:
        raise RenderError(what, value)
