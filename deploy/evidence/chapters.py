"""The chapters of a pack: each an HTML body of its own, and one after another the book that is printed."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from deploy.evidence.history import History, history
from deploy.evidence.manifest import FACTS, MANIFEST
from deploy.evidence.material import Material
from deploy.evidence.words import CLAIM_MEANINGS, JAPAN, PROOF_STATES, SOURCES
from deploy.plan import digest
from inventory.text import Text
from inventory.words import FLOW_KINDS
from network.controls.control import MODELS
from network.controls.report import results_json
from network.controls.words import BASES, MARKS, NOT_THE_MINISTRY, SIDE_MARKS, SIDES, STATUSES
from network.documents.page import Table, templates
from network.documents.sheet import device_sheet
from network.documents.svg import text_width
from network.documents.words import NONE, SANITISERS, services, zone_name
from network.prove.report import CLAIMS, VERDICTS, proof_json
from network.register.show import STATES

TEMPLATES = Path(__file__).parent / "templates"
NARROWEST, WIDEST, PADDING = 3.0, 24.0, 1.6
"""The width of a column of a printed parameter sheet, and of what is around it, in characters."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A chapter: the file it stands in, and its title in Japanese and English."""

    name: str
    title: Text


COVER = Chapter("index", Text("Evidence pack", "監査証跡一式"))
CHAPTERS = (
    Chapter("proof", Text("Proof", "分離・疎通・単一障害点の証明")),
    Chapter("register", Text("Flow register", "通信登録簿")),
    Chapter("controls", Text("Controls", "管理策の判定")),
    Chapter("journal", Text("Journal of changes (extract)", "変更記録(抜粋)")),
    Chapter("configurations", Text("Configurations", "設定ファイルの一覧")),
)
SHEETS = Chapter("sheets", Text("Parameter sheets", "パラメータシート"))
"""In the pack the sheets are a folder of their own; in print they are the last chapter."""


def pages(material: Material) -> dict[str, str]:
    """The HTML files of the pack, each complete in itself: file name → text."""
    shared = _shared(material, book=False)
    made: dict[str, str] = {}
    for chapter in (COVER, *CHAPTERS):
        body = _body(chapter, shared)
        made[f"{chapter.name}.html"] = _render("page.html.j2", shared, chapter=chapter, body=body)
    return made


def book(material: Material) -> str:
    """All chapters and the parameter sheets as one HTML text to be printed."""
    shared = _shared(material, book=True)
    bodies = [(chapter, _body(chapter, shared)) for chapter in (*CHAPTERS, SHEETS)]
    return _render("book.html.j2", shared, cover=_body(COVER, shared), bodies=bodies)


def japan_time(moment: dt.datetime | str) -> str:
    """A moment as officials write it, in Japan's time."""
    when = dt.datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return when.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M:%S")


def shares(table: Table) -> list[int]:
    """How wide each column of a printed table is, in percent, by the longest line in it."""
    longest = [
        max(
            text_width(line, 1) for cell in cells for line in (cell if isinstance(cell, str) else cell.text).split("\n")
        )
        for cells in zip(table.columns, *table.rows, strict=True)
    ]
    weights = [min(max(width, NARROWEST), WIDEST) + PADDING for width in longest]
    return [round(100 * weight / sum(weights)) for weight in weights]


def _body(chapter: Chapter, shared: Mapping[str, Any]) -> Markup:
    return Markup(_render(f"{chapter.name}.html.j2", shared, chapter=chapter))  # noqa: S704 our own escaped output


def _render(template: str, shared: Mapping[str, Any], **more: object) -> str:
    return _environment().get_template(template).render(**shared, **more)


def _shared(material: Material, *, book: bool) -> dict[str, Any]:
    """What the templates know."""
    told = history(material.journal, material.city.name)
    controls, proof = results_json(material.facts, material.results), proof_json(material.proof, material.subject)
    return {
        "book": book,
        "chapters": CHAPTERS,
        "cover_chapter": COVER,
        "sheets_chapter": SHEETS,
        "material": material,
        "city": material.city,
        "style": Markup((TEMPLATES / "style.css").read_text(encoding="utf-8")),  # noqa: S704 our own file
        "proof": proof,
        "counted": _counted(proof),
        "controls": controls,
        "control_chapters": _by_chapter(controls),
        "register_kinds": _by_kind(material),
        "register_states": Counter(row.state for row in material.register),
        "history": told,
        "city_hash": digest(material.city_json),
        "hashes": {name: digest(text) for name, text in material.configurations.items()},
        "last_change": _last_change(told),
        "sheets": (device_sheet(material.fabric, state) for state in material.intended.values()) if book else (),
        "MANIFEST": MANIFEST,
        "FACTS": FACTS,
    }


def _counted(proof: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Claim → how many findings there are, and how many of them are waived."""
    found = {claim: [item for item in proof["findings"] if item["claim"] == claim] for claim in CLAIMS}
    return {claim: (len(items), sum(item["waiver"] is not None for item in items)) for claim, items in found.items()}


def _by_chapter(controls: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for control in controls["controls"]:
        found.setdefault(control["chapter"]["ja"], []).append(control)
    return found


def _by_kind(material: Material) -> Iterator[tuple[str, list[Any]]]:
    for kind, name in FLOW_KINDS.items():
        rows = [row for row in material.register if row.flow.kind == kind]
        if rows:
            yield name.ja, rows


def _last_change(told: History) -> dict[str, tuple[str, str]]:
    """Device → the last change that was decided for it, and the digest of the configuration it was left on."""
    return {name: (change.name, sha) for change in told.changes for name, sha in change.left.items()}


@cache
def _environment() -> Environment:
    environment = templates(TEMPLATES)
    environment.filters |= {"japan_time": japan_time, "shares": shares}
    environment.globals |= {
        "NONE": NONE,
        "MODELS": MODELS,
        "CLAIMS": CLAIMS,
        "CLAIM_MEANINGS": CLAIM_MEANINGS,
        "VERDICTS": VERDICTS,
        "PROOF_STATES": PROOF_STATES,
        "MARKS": MARKS,
        "SOURCES": SOURCES,
        "STATUSES": STATUSES,
        "BASES": BASES,
        "SIDES": SIDES,
        "SIDE_MARKS": SIDE_MARKS,
        "NOT_THE_MINISTRY": NOT_THE_MINISTRY,
        "REGISTER_STATES": STATES,
        "SANITISERS": SANITISERS,
        "services": services,
        "zone_name": zone_name,
    }
    return environment
