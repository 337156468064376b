"""Drawing: boxes, texts and bundles of strands, as SVG."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr

FONT = "'Noto Sans CJK JP','Noto Sans JP','IPAGothic','Yu Gothic',sans-serif"
STRAND = 4.0
"""Width of one strand of a bundle, in px, with its gap."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a segment is drawn: a colour and, for those who do not see it, a dash pattern."""

    title: str
    colour: str
    dash: str


@dataclass(slots=True)
class Drawing:
    """An SVG picture under construction: wires are drawn below boxes, texts on top."""

    wires: list[str] = field(default_factory=list)
    boxes: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def box(  # noqa: PLR0913 a place, a size and two colours
        self, x: float, y: float, width: float, height: float, *, fill: str = "#ffffff", line: str = "#334"
    ) -> None:
        """A rounded rectangle."""
        self.boxes.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" fill="{fill}" stroke="{line}"/>'
        )

    def text(  # noqa: PLR0913 a place, words and how they look
        self, x: float, y: float, words: str, *, size: float = 12, anchor: str = "start", weight: str = ""
    ) -> None:
        """One line of text; `y` is its base line."""
        bold = f' font-weight="{weight}"' if weight else ""
        self.texts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" text-anchor="{anchor}"{bold}>{escape(words)}</text>'
        )

    def label(self, x: float, y: float, words: str, *, size: float = 11) -> None:
        """A text on a white ground, so that it can be read across wires; `x` is its middle."""
        width = text_width(words, size) + 8
        ground = (
            f'<rect x="{x - width / 2:g}" y="{y - size:g}" width="{width:g}" height="{size + 4:g}" fill="#ffffff"/>'
        )
        self.texts.append(ground)
        self.text(x, y, words, size=size, anchor="middle")

    def bundle(self, points: list[Point], styles: list[Style], note: str = "") -> None:
        """Parallel strands along a line of horizontal and vertical pieces, one a segment."""
        first = -STRAND * (len(styles) - 1) / 2
        title = f"<title>{escape(note)}</title>" if note else ""
        strands = "".join(_strand(points, first + STRAND * place, style) for place, style in enumerate(styles))
        self.wires.append(f"<g>{title}{strands}</g>")

    def svg(self, width: float, height: float, title: str) -> str:
        """The finished picture."""
        body = "\n".join((*self.wires, *self.boxes, *self.texts))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}" '
            f'height="{height:g}" font-family={quoteattr(FONT)} fill="#111">\n<title>{escape(title)}</title>\n'
            f'<rect width="{width:g}" height="{height:g}" fill="#ffffff"/>\n{body}\n</svg>\n'
        )


def _strand(points: list[Point], offset: float, style: Style) -> str:
    """A line moved sideways by `offset` px; at corners the pieces meet."""
    moved = []
    for index, (x, y) in enumerate(points):
        around = (points[max(index - 1, 0)], points[min(index + 1, len(points) - 1)])
        vertical = any(ox == x and oy != y for ox, oy in around)
        horizontal = any(oy == y and ox != x for ox, oy in around)
        moved.append(f"{x + offset * vertical:g},{y + offset * horizontal:g}")
    dash = f' stroke-dasharray="{style.dash}"' if style.dash else ""
    return f'<polyline points="{" ".join(moved)}" fill="none" stroke="{style.colour}" stroke-width="2.4"{dash}/>'


def text_width(words: str, size: float) -> float:
    """Width of a text in px: full-width signs take a whole em, others a little over half."""
    wide = sum(unicodedata.east_asian_width(sign) in "WFA" for sign in words)
    return size * (wide + 0.56 * (len(words) - wide))


def fitted(words: str, width: float, size: float) -> str:
    """The text, cut with an ellipsis where it would be wider than `width` px."""
    if text_width(words, size) <= width:
        return words
    while words and text_width(words + "…", size) > width:
        words = words[:-1]
    return words + "…"
