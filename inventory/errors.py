"""What is told to the user when something is wrong: findings about an input, and failures to run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from inventory.origin import NOWHERE, Origin
from inventory.text import Language, Text

KEPT_SIGNS = frozenset("\n\u3000")
"""Line ends, and the full-width space."""

EXIT_OK = 0
EXIT_FINDINGS = 1
EXIT_CANNOT_RUN = 2
EXIT_USAGE = 64
EXIT_INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with an input: where, what was expected, what was found, and what to do."""

    code: str
    """Stable identifier, such as `reference-unknown`."""
    what: Text
    expected: Text
    found: Text
    hint: Text | None = None
    origin: Origin = NOWHERE
    severity: Literal["error", "warning"] = "error"
    path: tuple[str, ...] = field(default=())
    """Where in the inventory: ("sites", "hall", "vlans", "lg-office")."""

    def say(self, language: Language) -> str:
        """Several lines: place and what; expected; found; hint."""
        labels = ("期待", "実際", "ヒント") if language == "ja" else ("Expected", "Found", "Hint")
        kind = {"error": ("error", "エラー"), "warning": ("warning", "警告")}[self.severity][language == "ja"]
        lines = [f"{self.origin}: {kind}: {self.what.say(language)} [{self.code}]"]
        rows = [(labels[0], self.expected), (labels[1], self.found), (labels[2], self.hint)]
        lines.extend(f"  {label}: {text.say(language)}" for label, text in rows if text is not None)
        return printable("\n".join(lines))


def printable(text: str) -> str:
    """The text with what a terminal would obey or cannot show (control signs, lone surrogates) written as escapes."""
    return "".join(
        sign if sign in KEPT_SIGNS or sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text
    )


class SansoError(Exception):
    """A failure that is told in one clear sentence, with what to do about it. Never shown as a traceback."""

    exit_code = EXIT_CANNOT_RUN

    def __init__(self, what: Text, hint: Text | None = None) -> None:
        super().__init__(what.en)
        self.what = what
        self.hint = hint

    def say(self, language: Language) -> str:
        label = "ヒント" if language == "ja" else "Hint"
        hint = f"\n  {label}: {self.hint.say(language)}" if self.hint else ""
        return printable(self.what.say(language) + hint)


class InventoryError(SansoError):
    """An inventory with errors: all of them at once."""

    exit_code = EXIT_FINDINGS

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        count = sum(finding.severity == "error" for finding in findings)
        super().__init__(Text(f"{count} error(s) in the inventory", f"インベントリに {count} 件のエラーがあります"))
        self.findings = findings

    def say(self, language: Language) -> str:
        return "\n".join([*(finding.say(language) for finding in self.findings), super().say(language)])
