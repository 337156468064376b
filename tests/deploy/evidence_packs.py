"""Material for packs of the smallest city, with a journal that tells of one change to it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from deploy.chain import GENESIS, Row, link
from deploy.evidence.material import Material, intended_material
from deploy.plan import digest
from inventory.loader import load_city

TINY = Path(__file__).parents[1] / "cities" / "tiny"
DAY = dt.date(2026, 11, 20)
NOW = dt.datetime(2026, 11, 20, 15, 30, 0, tzinfo=dt.UTC)
PLAN = "0123456789ab"


def journal(left: str = "c" * 64) -> list[Row]:
    """A change of hall-fw1 from its approval to its end; `left` is the digest of what it left there."""
    begin = {
        "plan": "a" * 64,
        "id": PLAN,
        "target": "city",
        "city": "tiny",
        "author": "sato",
        "approved_by": "suzuki",
        "login": "sato",
        "devices": {"hall-fw1": {"old": "b" * 64, "new": left}},
        "proof": {
            "sha256": "d" * 64,
            "result": {"separation": "proved", "service": "proved", "resilience": "waived"},
            "way": "proved",
            "waivers": {"single": {"until": "2027-03-31", "keys": ["r-1", "r-2"]}},
        },
    }
    approval = {"plan": PLAN, "sha256": "a" * 64, "author": "sato", "by": "suzuki", "login": "suzuki", "target": "city"}
    told: list[tuple[str, str, dict[str, Any]]] = [
        ("", "approve", approval),
        (f"{PLAN}-1", "begin", begin),
        (f"{PLAN}-1", "commit", {}),
        (f"{PLAN}-1", "decide", {"side": "new"}),
        (f"{PLAN}-1", "settled", {"side": "new"}),
        (f"{PLAN}-1", "end", {}),
    ]
    rows: list[Row] = []
    for number, (change, step, body) in enumerate(told, start=1):
        at = f"2026-11-19T13:00:{number:02}.000+00:00"
        rows.append(link(rows[-1].digest if rows else GENESIS, number, at, change, step, body))
    return rows


def material(rows: list[Row] | None) -> Material:
    """The smallest city's material."""
    return intended_material(load_city(TINY, DAY), DAY, NOW, rows)


def applied() -> Material:
    """The same where the journal's last change left exactly the configuration that the inventory gives."""
    return material(journal(digest(material(None).configurations["hall-fw1"])))
