"""Values of options that several rooms' commands take."""

from __future__ import annotations

import datetime as dt

import typer

from inventory import console
from inventory.text import Text


def day_option(value: str) -> dt.date:
    """A day, for `parser=` of an option; a usage error when it is none."""
    try:
        return dt.date.fromisoformat(value)
    except ValueError as error:
        text = Text(f"{value!r} is no date such as 2026-04-01", f"{value!r} は日付 (例 2026-04-01) ではありません")
        raise typer.BadParameter(text.say(console.language())) from error
