"""The figures of a drill's report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from markupsafe import Markup

from runbooks.drills.material import Material
from runbooks.drills.meters import Sample, outages
from runbooks.drills.plots import Span, Strip, strips
from runbooks.drills.standing import PREFIX
from runbooks.drills.words import CLOCKS, PHASES

_ROWS = {
    "service": ("業務(利用者役)", 1.0),
    "workload-up": ("業務(監視)", 5.0),
    "packets": ("試験パケット", 0.1),
    "separation": ("分離(試験パケット)", 4.0),
    "paths-blocked": ("分離(監視)", 5.0),
    "agents": ("監視エージェント", 5.0),
}
_SHORT_S, _AROUND_S = 90.0, 2.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture with its caption."""

    name: str
    caption: str
    svg: Markup


def figures(material: Material) -> tuple[Figure, ...]:
    """The whole drill, and the moments around the fault."""
    return tuple(_figures(material))


def _figures(material: Material) -> Iterator[Figure]:
    marks = _marks(material)
    rows = [
        Strip(title, material.samples[name], every)
        for name, (title, every) in _ROWS.items()
        if material.samples.get(name)
    ]
    begin, end = material.standing.at, material.standing.at + material.seconds
    caption = "訓練全体の経過。薄い帯は正常、×印の濃い帯は異常、空白は確認できなかった時間を示す。"
    yield _figure("timeline", caption, strips(rows, _phases(material), marks, (begin, end), "訓練全体の経過"))
    window = _window(material)
    if window is not None and rows:
        kept = [Strip(row.title, row.rows, row.every_s) for row in rows]
        yield _figure("fault", "障害発生前後の拡大。", strips(kept, (), marks, window, "障害発生前後の拡大"))


def _figure(name: str, caption: str, svg: str) -> Figure:
    return Figure(name, caption, Markup(svg))  # noqa: S704 our own drawing, its texts escaped


def _marks(material: Material) -> dict[str, float]:
    marks: dict[str, float] = {}
    if material.fault_at is not None:
        marks["障害"] = material.fault_at
    for name, title in CLOCKS.items():
        clock = material.standing.clocks.get(name)
        if clock is not None:
            marks[title] = float(clock.get("moment", clock["at"])) if name == "green" else float(clock["at"])
    return marks


def _phases(material: Material) -> list[Span]:
    rows = [row for row in material.journal if row.change == PREFIX + material.standing.id]
    begins = [(str(row.body["phase"]), float(row.body["at"])) for row in rows if row.step == "drill-phase"]
    ends = [*(at for _, at in begins[1:]), material.standing.at + material.seconds]
    return [Span(PHASES[name], at, end) for (name, at), end in zip(begins, ends, strict=True)]


def _window(material: Material) -> tuple[float, float] | None:
    """Around the longest outage, when it is short beside the whole drill."""
    fault = material.fault_at
    if fault is None or material.standing.mode != "live":
        return None
    seen: list[Sample] = [*material.samples.get("packets", ())] or [*material.samples.get("service", ())]
    ends = [outage.end for outage in outages(seen) if outage.end is not None and outage.end > fault]
    last = max(ends, default=fault + _AROUND_S)
    if last - fault > _SHORT_S:
        return None
    return fault - _AROUND_S, last + max(_AROUND_S, (last - fault) * 0.5)
