"""How a check words a finding; the runner adds the file and line of its path."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Literal

from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import element_of, subject

Path = tuple[str, ...]
Check = Callable[[Survey], Iterator[Finding]]


def problem(  # noqa: PLR0913 a finding has these parts
    code: str,
    path: Path,
    statement: Text,
    *,
    expected: Text,
    found: Text,
    hint: Text | None = None,
    severity: Literal["error", "warning"] = "error",
    whose: Path | None = None,
) -> Finding:
    """A finding about the element `whose` (default: the one `path` stands in), cited at `path`."""
    name = subject(element_of(path) if whose is None else whose)
    what = Text(f"{name.en}: {statement.en}", f"{name.ja}: {statement.ja}")
    return Finding(code, what, expected, found, hint, severity=severity, path=path)


def warning(  # noqa: PLR0913 a finding has these parts
    code: str, path: Path, statement: Text, *, expected: Text, found: Text, hint: Text | None = None
) -> Finding:
    """Like `problem`, for what may stay."""
    return problem(code, path, statement, expected=expected, found=found, hint=hint, severity="warning")
