"""Maintenance windows (作業時間帯): weekdays and a span of time by the clocks of Japan, `sat,sun 22:00-05:00`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from inventory.text import Text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
JAPANESE_DAYS = "月火水木金土日"
JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")
EVERY_DAY = ("daily", "毎日")
LONGEST_RUN_SAID_APART = 2

_SPAN = re.compile(
    r"(?P<days>[^0-9]+?) (?P<from>(?:[01][0-9]|2[0-3]):[0-5][0-9])-(?P<to>(?:(?:[01][0-9]|2[0-3]):[0-5][0-9])|24:00)"
)
_BETWEEN_DAYS = re.compile(r"[,・、]")
_BETWEEN_WINDOWS = re.compile(r"[;；\n]")


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A span of time on some weekdays. One that does not end after its start ends on the next day."""

    days: tuple[int, ...]
    """0 is Monday; sorted."""
    start: int
    """Minutes after midnight; `end` likewise, up to 24:00."""
    end: int

    def __str__(self) -> str:
        days = EVERY_DAY[0] if len(self.days) == len(DAYS) else ",".join(_runs(self.days, DAYS))
        return f"{days} {_clock(self.start)}-{_clock(self.end)}"

    @property
    def said(self) -> Text:
        """The window for people."""
        days = EVERY_DAY[1] if len(self.days) == len(DAYS) else "・".join(_runs(self.days, JAPANESE_DAYS))
        return Text(str(self), f"{days} {_clock(self.start)}-{_clock(self.end)}")

    def holds(self, moment: dt.datetime) -> bool:
        """Whether it is open at a moment, by the clocks of Japan."""
        local = moment.astimezone(JAPAN)
        minute = local.hour * 60 + local.minute
        if self.start < self.end:
            return local.weekday() in self.days and self.start <= minute < self.end
        began_today = local.weekday() in self.days and minute >= self.start
        return began_today or ((local.weekday() - 1) % len(DAYS) in self.days and minute < self.end)

    @classmethod
    def parse(cls, value: object) -> Window:
        """Read what `str` and `said` write, in either language."""
        if isinstance(value, cls):
            return value
        match = _SPAN.fullmatch(value) if isinstance(value, str) else None
        days = _days(match["days"]) if match is not None else ()
        if match is None or not days or match["from"] == match["to"]:
            msg = "weekdays and a span of time, such as sat,sun 22:00-05:00"
            raise ValueError(msg)
        return cls(days, _minutes(match["from"]), _minutes(match["to"]))


def windows(value: object) -> tuple[Window, ...]:
    """Several windows: a list, or one text with semicolons between them."""
    items = _BETWEEN_WINDOWS.split(value) if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        msg = "a list"
        raise ValueError(msg)  # noqa: TRY004 pydantic reports ValueError as a finding
    return tuple(Window.parse(item.strip() if isinstance(item, str) else item) for item in items)


def _days(text: str) -> tuple[int, ...]:
    """The days that are meant; none when one of them is no day."""
    if text in EVERY_DAY:
        return tuple(range(len(DAYS)))
    found: set[int] = set()
    for part in _BETWEEN_DAYS.split(text):
        first, dash, last = (word.strip() for word in part.partition("-"))
        ends = [_day(first), _day(last) if dash else _day(first)]
        if None in ends:
            return ()
        low, high = ((end or 0) for end in ends)
        found.update(day % len(DAYS) for day in range(low, high + 1 + (len(DAYS) if high < low else 0)))
    return tuple(sorted(found))


def _day(word: str) -> int | None:
    if word in DAYS:
        return DAYS.index(word)
    return JAPANESE_DAYS.index(word) if len(word) == 1 and word in JAPANESE_DAYS else None


def _runs(days: tuple[int, ...], names: tuple[str, ...] | str) -> Iterator[str]:
    """Three or more days in a row as first-last."""
    rest = list(days)
    while rest:
        length = next((n for n in range(1, len(rest)) if rest[n] != rest[0] + n), len(rest))
        run, rest = rest[:length], rest[length:]
        if length > LONGEST_RUN_SAID_APART:
            yield f"{names[run[0]]}-{names[run[-1]]}"
        else:
            yield from (names[day] for day in run)


def _minutes(clock: str) -> int:
    hours, _, minutes = clock.partition(":")
    return int(hours) * 60 + int(minutes)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


Windows = Annotated[
    tuple[Window, ...],
    BeforeValidator(windows),
    PlainSerializer(lambda items: [str(item) for item in items], return_type=list[str]),
    WithJsonSchema(
        {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
            "examples": ["sat,sun 22:00-05:00", ["mon-fri 18:00-20:00", "sat 09:00-17:00"]],
        }
    ),
]
