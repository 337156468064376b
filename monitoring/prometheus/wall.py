"""The city wall (市の見張り画面): one page that a NOC leaves open, served by Prometheus as a console template.

What is baked in is what the inventory knows (names, places, what stands where); what is measured is asked for each time
the page is made. Every state has a sign and, where it is not good, a word, so that it needs no colour. What has no
value says データなし: nothing is taken to be well because nothing is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from unicodedata import east_asian_width

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from monitoring.prometheus import names, workloads
from monitoring.prometheus.rule import literal
from monitoring.prometheus.segments import stands
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.watchers import Exporters, watchers
from monitoring.prometheus.words import ALERTS, PHASES, SEVERITIES
from network.fabric import Fabric

ROWS = 16
"""Sites below one another, before a second column begins."""
REFRESH_S = 10


@dataclass(frozen=True, slots=True)
class _Line:
    """A circuit, a line or a workload: its name for people, and where its state is found."""

    title: str
    metric: str
    label: str
    value: str


def wall_files(fabric: Fabric, exporters: Exporters, settings: Settings) -> dict[str, str]:
    """The page and the templates it is made with."""
    sites = list(fabric.city.sites)
    columns = -(-len(sites) // ROWS)
    height = -(-len(sites) // columns)
    page = (
        _environment()
        .get_template("wall.html.j2")
        .render(
            city=literal(fabric.city.title),
            segments={name: names.SHORT[segment.kind] for name, segment in fabric.city.segments.items()},
            blocks=[
                [(site, names.site(fabric, site)) for site in sites[start : start + height]]
                for start in range(0, len(sites), height)
            ],
            stands={site: [name for name in fabric.city.segments if stands(fabric, name, site)] for site in sites},
            size=("large" if height <= ROWS // 2 else "small"),
            watchers=list(watchers(fabric)),
            circuits=_circuits(fabric),
            lines=_lines(fabric),
            workloads=_workloads(fabric, exporters),
            phases=PHASES,
            alerts=ALERTS,
            severities=SEVERITIES,
            letters=letters,
            refresh=REFRESH_S,
            stale=4 * max(settings.probe, settings.device),
        )
    )
    states = _environment().get_template("states.lib.j2").render(alerts=ALERTS, severities=SEVERITIES)
    return {"consoles/wall.html": page, "console_libraries/states.lib": states}


def letters(title: str) -> float:
    """How wide a title is, in full-width letters."""
    return sum(1.0 if east_asian_width(sign) in "WFA" else 0.5 for sign in title)


def _circuits(fabric: Fabric) -> list[_Line]:
    return [_Line(names.circuit(fabric, name), "sanso:circuit_up", "circuit", name) for name in fabric.city.circuits]


def _lines(fabric: Fabric) -> list[_Line]:
    wires = (wire for wire in fabric.wires.values() if wire.kind == "peer")
    return [_Line(names.line(fabric, wire), "sanso:line_up", "line", wire.name) for wire in wires]


def _workloads(fabric: Fabric, exporters: Exporters) -> list[_Line]:
    titles = {name: literal(fabric.city.workloads[name].title) for name in workloads.watched(exporters)}
    return [_Line(title, "sanso_workload_up", "workload", name) for name, title in titles.items()]


@cache
def _environment() -> Environment:
    """Other marks than usual: the page itself is a Go template with {{ }}."""
    return Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        block_start_string="[%",
        block_end_string="%]",
        variable_start_string="[[",
        variable_end_string="]]",
        comment_start_string="[#",
        comment_end_string="#]",
    )
