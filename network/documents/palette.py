"""Colours and dash patterns of segments: told apart by either alone, also in print and without colour vision."""

from __future__ import annotations

from inventory.model import City
from network.documents.svg import Drawing, Style, text_width

_COLOURS = (
    "#d55e00",
    "#0072b2",
    "#009e73",
    "#a0791a",
    "#7f3c8d",
    "#444444",
    "#cc3366",
    "#4a9bd1",
    "#5f8f00",
    "#805040",
)
_DASHES = ("", "9 3", "3 2", "12 3 2 3", "6 2 2 2 2 2", "1.5 3")
SAMPLE = 44
ROW = 20
SIZE = 12


def styles(city: City) -> dict[str, Style]:
    """Segment → its style, in the order of the inventory."""
    return {
        name: Style(segment.title, _COLOURS[place % len(_COLOURS)], _DASHES[place % len(_DASHES)])
        for place, (name, segment) in enumerate(city.segments.items())
    }


def legend(drawing: Drawing, x: float, y: float, width: float, known: dict[str, Style]) -> float:
    """The legend, in rows at most `width` px wide; returns its height."""
    left, base = x, y
    for style in known.values():
        entry = SAMPLE + 8 + text_width(style.title, SIZE) + 28
        if left > x and left + entry > x + width:
            left, base = x, base + ROW
        drawing.bundle([(left, base), (left + SAMPLE, base)], [style])
        drawing.text(left + SAMPLE + 8, base + 4, style.title, size=SIZE)
        left += entry
    return base + ROW - y
