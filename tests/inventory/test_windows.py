"""Maintenance windows: what is written is what is read, in both languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.windows import Window, windows

DAYS = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
SPANS = st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda span: span[0] != span[1])
WINDOWS = st.builds(lambda days, span: Window(days, *span), DAYS, SPANS)


@given(WINDOWS)
def test_a_window_is_read_as_it_is_written(window: Window) -> None:
    assert Window.parse(str(window)) == window
    assert Window.parse(window.said.ja) == window


@given(st.lists(WINDOWS, min_size=1))
def test_several_windows_are_read_from_one_text(several: list[Window]) -> None:
    assert windows("; ".join(window.said.ja for window in several)) == tuple(several)


@pytest.mark.parametrize(
    ("text", "written", "said"),
    [
        ("sat,sun 22:00-05:00", "sat,sun 22:00-05:00", "土・日 22:00-05:00"),
        ("月-金 18:00-24:00", "mon-fri 18:00-24:00", "月-金 18:00-24:00"),
        ("fri-mon 01:00-02:00", "mon,fri-sun 01:00-02:00", "月・金-日 01:00-02:00"),
        ("毎日 00:00-24:00", "daily 00:00-24:00", "毎日 00:00-24:00"),
    ],
)
def test_days_in_a_row_are_said_as_a_span(text: str, written: str, said: str) -> None:
    window = Window.parse(text)
    assert str(window) == written
    assert window.said.ja == said


@pytest.mark.parametrize(
    "text", ["sat 22:00", "22:00-23:00", "sat 22:00-22:00", "xyz 01:00-02:00", "sat 25:00-26:00", 7]
)
def test_what_is_no_window_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match="weekdays"):
        Window.parse(text)
