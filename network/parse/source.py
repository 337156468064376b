"""The text being read: its lines, and which of them were not understood."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.origin import Origin
from network.state import UnknownLine

BESIDE_SECTION = "# ==> beside the configuration"
"""Begins what a driver tells of a device's kernel at the end of the running text."""


class Source:
    """A device's configuration text. Lines count from 1.

    `lines` are those of the configuration. What stands beside it is not understood from the start.
    """

    def __init__(self, hostname: str, text: str) -> None:
        self.hostname = hostname
        beside = beside_section(text)
        self._whole = text.split("\n")
        self.lines = text.removesuffix(beside).split("\n") if beside else self._whole
        self._unknown = set(range(len(self.lines) + 1, len(self._whole) + 1))

    def origin(self, line: int) -> Origin:
        return Origin(self.hostname, line)

    def numbered(self, first: int, last: int) -> Iterator[tuple[int, str]]:
        """Lines with their numbers, both ends included."""
        return zip(range(first, last + 1), self.lines[first - 1 : last], strict=True)

    def doubt(self, first: int, last: int | None = None) -> None:
        """These lines are not understood."""
        self._unknown.update(range(first, (last or first) + 1))

    def unknown_lines(self) -> tuple[UnknownLine, ...]:
        """The lines not understood, blank ones left out."""
        texts = ((line, self._whole[line - 1].strip()) for line in sorted(self._unknown))
        last = len(self.lines)
        return tuple(UnknownLine(self.origin(line), text, beside=line > last) for line, text in texts if text)


def beside_section(text: str) -> str:
    """The end of a running text that tells what stands beside the configuration; "" when nothing does."""
    _, mark, beside = f"\n{text}".partition(f"\n{BESIDE_SECTION}\n")
    return mark.lstrip("\n") + beside
