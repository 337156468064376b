"""Load a city: read its YAML files, merge templates into sites, validate, check; every finding cites its line."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from inventory.checks import check
from inventory.errors import Finding, InventoryError
from inventory.model import City
from inventory.source import Source, find_city
from inventory.templates import merge_templates
from inventory.tidy import tidy
from inventory.validation import locate, validate
from inventory.variant import read_variant
from inventory.yamltree import Node


@dataclass(frozen=True, slots=True)
class Loaded:
    """A city and what was found: `city` is None when there is an error among the findings."""

    city: City | None
    findings: tuple[Finding, ...]


def load_city(name_or_path: str | Path, today: dt.date | None = None) -> City:
    """The city in a directory, or the named one of `inventory/cities`.

    `today` decides which approvals are live; it is the day of the call when left out.

    Raises:
        InventoryError: the inventory has errors; it holds all of them, and the warnings.
        CityNotFoundError: there is no such city.
    """
    loaded = read_city(name_or_path, today)
    if loaded.city is None:
        raise InventoryError(loaded.findings)
    return loaded.city


def read_city(name_or_path: str | Path, today: dt.date | None = None) -> Loaded:
    """Like `load_city`, with errors and warnings as values.

    Raises:
        CityNotFoundError: there is no such city.
    """
    return judge(read_variant(find_city(name_or_path)), today)


def judge(source: Source, today: dt.date | None = None) -> Loaded:
    """The city in what was read, and everything found about it."""
    findings = list(source.findings)
    if not source.readable:
        return Loaded(None, tidy(findings))
    merged = merge_templates(source.table("sites"), source.table("templates"))
    findings.extend(merged.findings)
    root = source.root
    if source.table("sites"):
        root.value = {**source.top, "sites": Node(dict(merged.sites), source.top["sites"].origin)}
    validation = validate(root, merged.broken)
    findings.extend(validation.findings)
    if validation.city is not None:
        day = today or dt.datetime.now().astimezone().date()
        findings.extend(
            check(validation.city, day, broken=frozenset(validation.broken), place=lambda path: locate(root, path))
        )
    errors = any(finding.severity == "error" for finding in findings)
    return Loaded(None if errors else validation.city, tidy(findings))
