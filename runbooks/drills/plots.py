"""Pictures of a drill as SVG: what was seen over time, told apart without colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from network.documents.svg import Drawing, fitted
from runbooks.drills.meters import Sample

WIDTH = 720
_LEFT, _RIGHT = 150, 20
_ROW, _BAR = 34, 16
_TOP = 80
_LEVEL = 13
_STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800)
_MOST_TICKS = 9
_GAP_S = 15.0
GOOD, BAD, DARK, PALE = "#cfe3d4", "#8c1d18", "#23364a", "#e3e7ec"


@dataclass(frozen=True, slots=True)
class Strip:
    """A row of a picture: its title, its samples, and how long one of them speaks for (seconds)."""

    title: str
    rows: Sequence[Sample]
    every_s: float


@dataclass(frozen=True, slots=True)
class Span:
    """A named stretch of time, such as a phase."""

    title: str
    begin: float
    end: float


def strips(
    rows: Sequence[Strip], spans: Sequence[Span], marks: Mapping[str, float], window: tuple[float, float], title: str
) -> str:
    """Samples over time: good is pale with a thin line, bad a black-edged block with a cross, untold is blank.

    `marks` are vertical lines (name → moment); the axis counts seconds from the first of them.
    """
    begin, end = window
    zero = min(marks.values(), default=begin)
    height = _TOP + _ROW * (len(rows) + bool(spans)) + 46
    drawing = Drawing()
    place = _Place(begin, end)
    y = _TOP
    if spans:
        drawing.text(8, y + _BAR - 4, "段階", size=11)
        for number, span in enumerate(spans):
            left, right = place.x(max(span.begin, begin)), place.x(min(span.end, end))
            if right - left > 0:
                drawing.box(left, y, right - left, _BAR, fill=("#ffffff", PALE)[number % 2], line="#667")
                if right - left > 30:  # noqa: PLR2004 room for two signs
                    drawing.text(
                        (left + right) / 2,
                        y + _BAR - 4,
                        fitted(span.title, right - left - 4, 9),
                        size=9,
                        anchor="middle",
                    )
        y += _ROW
    for row in rows:
        drawing.text(8, y + _BAR - 3, row.title, size=11)
        _strip(drawing, place, row, y)
        y += _ROW
    _axis(drawing, place, zero, y)
    _marks(drawing, place, marks, y)
    return drawing.svg(WIDTH, height, title)


class _Place:
    """Where a moment stands."""

    def __init__(self, begin: float, end: float) -> None:
        self.begin, self.end = begin, max(end, begin + 0.001)

    def x(self, moment: float) -> float:
        share = (moment - self.begin) / (self.end - self.begin)
        return _LEFT + min(1.0, max(0.0, share)) * (WIDTH - _LEFT - _RIGHT)


def _strip(drawing: Drawing, place: _Place, strip: Strip, y: float) -> None:
    drawing.box(_LEFT, y, WIDTH - _LEFT - _RIGHT, _BAR, fill="#ffffff", line="#99a")
    for good, begin, end in _runs(strip):
        if end < place.begin or begin > place.end or good is None:
            continue
        left, right = place.x(begin), place.x(end)
        if good:
            drawing.boxes.append(
                f'<rect x="{left:g}" y="{y + 1:g}" width="{max(0.5, right - left):g}" height="{_BAR - 2}"'
                f' fill="{GOOD}"/><line x1="{left:g}" y1="{y + _BAR / 2:g}" x2="{right:g}" y2="{y + _BAR / 2:g}"'
                ' stroke="#2f6b3f" stroke-width="1.5"/>'
            )
            continue
        width = max(2.0, right - left)
        drawing.boxes.append(
            f'<rect x="{left:g}" y="{y:g}" width="{width:g}" height="{_BAR}" fill="{BAD}" stroke="#000"/>'
        )
        if width > 12:  # noqa: PLR2004 room for a sign
            drawing.texts.append(
                f'<text x="{left + width / 2:g}" y="{y + _BAR - 4:g}" font-size="11" text-anchor="middle"'
                ' fill="#fff">×</text>'
            )


def _runs(strip: Strip) -> list[tuple[bool | None, float, float]]:
    """Samples that say the same in a row, as one; a sample speaks until the next, but not across a gap."""
    found: list[tuple[bool | None, float, float]] = []
    for number, row in enumerate(strip.rows):
        following = strip.rows[number + 1].at if number + 1 < len(strip.rows) else row.at + strip.every_s
        end = following if following - row.at < max(_GAP_S, 3 * strip.every_s) else row.at + strip.every_s
        if found and found[-1][0] == row.good and row.at - found[-1][2] < 0.001:  # noqa: PLR2004 a millisecond
            found[-1] = (row.good, found[-1][1], end)
        else:
            found.append((row.good, row.at, end))
    return found


def _axis(drawing: Drawing, place: _Place, zero: float, y: float) -> None:
    span = place.end - place.begin
    step: float = next((step for step in _STEPS if span / step <= _MOST_TICKS), _STEPS[-1])
    if span < _STEPS[0] * 2:
        step = span / 5
    number = -int((zero - place.begin) / step)
    while zero + number * step <= place.end:
        x = place.x(zero + number * step)
        drawing.wires.append(f'<line x1="{x:g}" y1="{_TOP - 6}" x2="{x:g}" y2="{y:g}" stroke="#dde" stroke-width="1"/>')
        drawing.text(x, y + 12, _clock(number * step), size=10, anchor="middle")
        number += 1
    drawing.text(WIDTH - _RIGHT, y + 28, "障害発生からの時間", size=10, anchor="end")


def _clock(seconds: float) -> str:
    sign, rest = ("-" if seconds < 0 else ""), abs(seconds)
    if rest < 120:  # noqa: PLR2004 two minutes
        return f"{sign}{rest:g} 秒"
    minutes, left = divmod(round(rest), 60)
    if minutes < 60:  # noqa: PLR2004 an hour
        return f"{sign}{minutes} 分" + (f" {left} 秒" if left else "")
    return f"{sign}{minutes // 60}:{minutes % 60:02}"


def _marks(drawing: Drawing, place: _Place, marks: Mapping[str, float], bottom: float) -> None:
    """Vertical lines with their names above, each on a level of its own: moments may be close together."""
    for level, (name, moment) in enumerate(sorted(marks.items(), key=lambda item: item[1])):
        if not place.begin <= moment <= place.end:
            continue
        x, y = place.x(moment), 12 + level * _LEVEL
        drawing.texts.append(
            f'<line x1="{x:g}" y1="{y - 8:g}" x2="{x:g}" y2="{bottom:g}" stroke="{DARK}" stroke-width="1.2"'
            ' stroke-dasharray="4 2"/>'
        )
        side = x > WIDTH - _RIGHT - 12 * len(name)
        drawing.text(x - 3 if side else x + 3, y, name, size=11, anchor="end" if side else "start")
