"""Where a value came from: the file and line an error, a finding or a document cites."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Origin:
    """A place in a text: an inventory file, or a device's configuration.

    `file` is relative to the city's directory (or the device's name for configuration text);
    `line` counts from 1. Line 0 means "derived, written nowhere".
    """

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file or "(derived)"


NOWHERE = Origin()
