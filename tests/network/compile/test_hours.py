"""Windows of Japan time as the kernel's spans in UTC."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from inventory.windows import JAPAN, Window
from network.compile.hours import Span, spans, within

MONDAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
minutes = st.integers(0, 24 * 60 - 1)
windows = st.builds(
    lambda days, start, end: Window(tuple(sorted(days)), start, end),
    st.sets(st.integers(0, 6), min_size=1),
    minutes,
    minutes | st.just(24 * 60),
).filter(lambda window: window.start != window.end)


def kernel_opens(found: tuple[Span, ...], moment: dt.datetime) -> bool:
    """As nftables reads `meta day` and `meta hour`."""
    day = (moment.weekday() + 1) % 7
    second = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return any(day in span.days and span.hours[0] <= second <= span.hours[1] for span in found)


@given(st.lists(windows, max_size=3))
def test_a_span_is_open_exactly_when_a_window_is(items: list[Window]) -> None:
    found = spans(items)
    for minute in range(0, 7 * 24 * 60, 7):
        for second in (0, 59):
            moment = MONDAY + dt.timedelta(minutes=minute, seconds=second)
            assert kernel_opens(found, moment) is any(item.holds(moment) for item in items)


def test_a_night_over_the_week_end_is_cut_at_midnight_of_utc() -> None:
    assert spans([Window.parse("sun 22:00-10:00")]) == (
        Span((0,), (13 * 3600, 24 * 3600 - 1)),
        Span((1,), (0, 3600 - 1)),
    )
    morning = dt.datetime(2026, 11, 23, 9, 59, 59, tzinfo=JAPAN)
    assert Window.parse("sun 22:00-10:00").holds(morning)
    assert not Window.parse("sun 22:00-10:00").holds(morning + dt.timedelta(seconds=1))


@given(st.lists(windows, min_size=1, max_size=3))
def test_what_is_within_and_what_is_not(items: list[Window]) -> None:
    found = spans(items)
    assert all(within(span.days, span.hours, found) for span in found)
    whole_week = sum(len(span.days) * (span.hours[1] - span.hours[0] + 1) for span in found) == 7 * 24 * 3600
    assert within((), (0, 24 * 3600 - 1), found) is whole_week
