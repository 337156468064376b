"""When a row's rules are open, as the kernel tells the time: weekdays and seconds of the day in UTC.

The inventory's windows are Japan time (Asia/Tokyo, nine hours ahead of UTC all year). The kernel's clock knows no zone,
so a window is cut at UTC's midnight. The weekday is the kernel's too: its own zone (settimeofday's, not /etc/localtime)
must be UTC, as it is when a Debian machine has booted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from inventory.windows import DAYS, Window
from network.canonical import merged

AHEAD = 9 * 60
"""Minutes that Japan's clocks are ahead of UTC."""
DAY = 24 * 60


class Span(NamedTuple):
    """Open on these weekdays (0 is Sunday, as for nftables), from the first to the last of these seconds of the day."""

    days: tuple[int, ...]
    hours: tuple[int, int]


def spans(windows: Iterable[Window]) -> tuple[Span, ...]:
    """The fewest spans that are open when one of the windows is; no window is never open."""
    pieces: dict[int, list[tuple[int, int]]] = {}
    for day, piece in (cut for window in windows for cut in _by_day(window)):
        pieces.setdefault(day, []).append(piece)
    found: dict[tuple[int, int], list[int]] = {}
    for day, mine in pieces.items():
        for first, last in merged(mine):
            found.setdefault((first * 60, last * 60 + 59), []).append((day + 1) % len(DAYS))
    return tuple(sorted(Span(tuple(sorted(days)), hours) for hours, days in found.items()))


def within(days: Iterable[int], hours: tuple[int, int], allowed: Iterable[Span]) -> bool:
    """Whether a span is open only when one of the allowed ones is; no day is every day."""
    wanted = tuple(days) or tuple(range(len(DAYS)))
    known = tuple(allowed)
    return all(
        any(day in span.days and span.hours[0] <= hours[0] and hours[1] <= span.hours[1] for span in known)
        for day in wanted
    )


def _by_day(window: Window) -> Iterator[tuple[int, tuple[int, int]]]:
    """Days of the week in UTC (0 is Monday), each with the first and last of its open minutes."""
    length = (window.end - window.start) % DAY or DAY
    for day in window.days:
        start = day * DAY + window.start - AHEAD
        end = start + length
        while start < end:
            midnight = start - start % DAY + DAY
            yield start // DAY % len(DAYS), (start % DAY, (min(end, midnight) - 1) % DAY)
            start = midnight
