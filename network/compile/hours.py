"""When a row's rules are open, as the kernel tells the time: weekdays and seconds of the day in UTC.

The inventory's windows are Japan time (Asia/Tokyo, nine hours ahead of UTC all year). The kernel's clock knows no zone,
so a window is cut at UTC's midnight. The weekday is the kernel's too: its own zone (settimeofday's, not /etc/localtime)
must be UTC, as it is when a Debian machine has booted.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from inventory.windows import DAYS, Window

AHEAD = 9 * 60
"""Minutes that Japan's clocks are ahead of UTC."""
DAY = 24 * 60
_WEEK = len(DAYS) * DAY


class Span(NamedTuple):
    """Open on these weekdays (0 is Sunday, as for nftables), from the first to the last of these seconds of the day."""

    days: tuple[int, ...]
    hours: tuple[int, int]


def spans(windows: Iterable[Window]) -> tuple[Span, ...]:
    """The fewest spans that are open when one of the windows is; no window is never open."""
    open_ = {minute % _WEEK for window in windows for minute in _minutes(window)}
    found: dict[tuple[int, int], list[int]] = {}
    for day in range(len(DAYS)):
        for hours in _runs([minute in open_ for minute in range(day * DAY, (day + 1) * DAY)]):
            found.setdefault(hours, []).append((day + 1) % len(DAYS))
    return tuple(sorted(Span(tuple(sorted(days)), hours) for hours, days in found.items()))


def within(days: Iterable[int], hours: tuple[int, int], allowed: Iterable[Span]) -> bool:
    """Whether a span is open only when one of the allowed ones is; no day is every day."""
    wanted = tuple(days) or tuple(range(len(DAYS)))
    known = tuple(allowed)
    return all(
        any(day in span.days and span.hours[0] <= hours[0] and hours[1] <= span.hours[1] for span in known)
        for day in wanted
    )


def _minutes(window: Window) -> Iterable[int]:
    """Every open minute of the week in UTC, counted from Monday's midnight; some before it or after the week's end."""
    length = (window.end - window.start) % DAY or DAY
    for day in window.days:
        first = day * DAY + window.start - AHEAD
        yield from range(first, first + length)


def _runs(open_: list[bool]) -> Iterable[tuple[int, int]]:
    """The seconds from first to last of each run of open minutes."""
    start: int | None = None
    for minute, is_open in enumerate([*open_, False]):
        if is_open and start is None:
            start = minute
        elif not is_open and start is not None:
            yield start * 60, minute * 60 - 1
            start = None
