"""Filters of devices, kept for as long as the state they were made from is the same object."""

from __future__ import annotations

from collections.abc import Sequence

from network.prove.filtering.filters import DeviceFilter
from network.prove.sets.memo import Memo
from network.state import DeviceState, UnknownLine

SIDES = 2
"""How many states of a device are kept: what it runs, and what it shall run."""

_Kept = tuple[DeviceState, tuple[UnknownLine, ...], DeviceFilter]


class Filters:
    """Makes the filter of a device once for all claims that ask for it."""

    def __init__(self) -> None:
        self._memo = Memo()
        self._kept: dict[str, tuple[_Kept, ...]] = {}

    def of(self, name: str, state: DeviceState, unknown: Sequence[UnknownLine]) -> DeviceFilter:
        """The filter of a device that says this, and some of whose lines could not be read."""
        there, lines = self._kept.get(name, ()), tuple(unknown)
        for known, doubtful, found in there:
            if known is state and doubtful == lines:
                return found
        made = DeviceFilter(state, lines, self._memo)
        self._kept[name] = ((state, lines, made), *there)[:SIDES]
        return made
