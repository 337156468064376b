"""The text being read: its lines, and which of them were not understood."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.origin import Origin
from network.state import UnknownLine


class Source:
    """A device's configuration text. Lines count from 1."""

    def __init__(self, hostname: str, text: str) -> None:
        self.hostname = hostname
        self.lines = text.split("\n")
        self._unknown: set[int] = set()

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
        texts = ((line, self.lines[line - 1].strip()) for line in sorted(self._unknown))
        return tuple(UnknownLine(self.origin(line), text) for line, text in texts if text)
