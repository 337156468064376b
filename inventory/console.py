"""The terminal: in which language to speak, where words go, and progress.

Results go to standard output, everything told on the way to standard error, so that `--json` can be piped.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.markup import escape

from inventory.text import Language, Text, language_of


@dataclass
class _Settings:
    language: Language | None = None


_settings = _Settings()


def speak(choice: str | None) -> None:
    """Choose the language for the rest of the process: "en", "ja" or None for the locale's."""
    _settings.language = language_of(choice)


def language() -> Language:
    """The language in force."""
    return _settings.language or language_of()


def out() -> Console:
    """The terminal for results (rich tables and text)."""
    return Console(file=sys.stdout, soft_wrap=not sys.stdout.isatty(), highlight=False, emoji=False)


def err() -> Console:
    """The terminal for what is told on the way."""
    return Console(file=sys.stderr, soft_wrap=not sys.stderr.isatty(), highlight=False, emoji=False)


def say(text: Text | str) -> None:
    """Print a result line, as it is (no markup)."""
    out().print(escape(text if isinstance(text, str) else text.say(language())))


def tell(text: Text | str) -> None:
    """Print a line about what is going on, to standard error."""
    err().print(escape(text if isinstance(text, str) else text.say(language())))


@contextmanager
def step(text: Text) -> Iterator[None]:
    """Tell a step when it begins and how long it took when it ends well."""
    label = text.say(language())
    console = err()
    start = time.monotonic()
    if console.is_terminal:
        with console.status(escape(label)):
            yield
    else:
        console.print(escape(label), "…")
        yield
    console.print(escape(f"{label}  {time.monotonic() - start:.1f} s"))
