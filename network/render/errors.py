"""What cannot be written in a platform's language, and the checks that find it before it reaches a device."""

from __future__ import annotations

import re

from inventory.errors import SansoError
from inventory.text import Text

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*")
_LINUX_NAME_LENGTH = 15


class RenderError(SansoError):
    """A state that a platform's configuration language cannot express."""

    def __init__(self, what: Text, value: object) -> None:
        super().__init__(
            Text("Cannot write {what}: {value!r}", "{what}を設定に書けません: {value!r}").format(what=what, value=value)
        )


def name(value: str, what: Text) -> str:
    """`value`, if it is one plain word: a name that no language mistakes for something else."""
    if not _NAME.fullmatch(value):
        raise RenderError(what, value)
    return value


def interface_name(value: str) -> str:
    """`value`, if Linux takes it as an interface's name."""
    what = Text("an interface name", "インターフェース名")
    if len(value) > _LINUX_NAME_LENGTH:
        raise RenderError(what, value)
    return name(value, what)


def line_text(value: str, what: Text, *, without: str, longest: int) -> str:
    """`value`, if it is a printable text of one line in single spaces.

    Args:
        value: the text, of at most `longest` bytes in UTF-8.
        what: what it is, for the error.
        without: characters the platform does not take.
        longest: limit in bytes.
    """
    plain = value.isprintable() and " ".join(value.split()) == value
    if not plain or any(sign in value for sign in without) or len(value.encode(errors="replace")) > longest:
        raise RenderError(what, value)
    return value


def nothing(value: object, what: Text) -> None:
    """Refuse a part of the state for which the platform has no place."""
    if value:
        raise RenderError(what, value)
