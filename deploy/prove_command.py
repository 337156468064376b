"""`sanso prove`: where the configurations come from, and what is told."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inventory import console
from inventory.errors import EXIT_CANNOT_RUN, EXIT_FINDINGS, EXIT_OK, InventoryError
from inventory.text import Text

if TYPE_CHECKING:
    from deploy.planning import Survey
    from inventory.model import City
    from network.prove.subject import Subject

MANY = 500
"""From so many devices on, reading tells how far it is."""


def prove_city(
    name: str,
    *,
    folder: Path | None,
    survey: Callable[[City, dt.date], Survey] | None,
    day: dt.date,
    as_json: bool,
) -> int:
    """Prove a city's claims and tell the result.

    Args:
        name: the city's name or directory.
        folder: prove the configurations in it.
        survey: reads the running devices; prove those.
        day: of the register.
        as_json: for programs.

    Returns:
        The exit code: 0 proved, 1 findings or not proved.

    Raises:
        SansoError: the proof could not be made; also when the inventory has errors (exit code 2 then).
    """
    from network.collector import without_collector
    from network.prove import prove
    from network.prove.report import proof_json, proof_lines

    with without_collector():
        subject = _subject(_city(name, day), folder, survey, day)
        with console.step(Text("Proving", "証明")):
            proof = prove(subject)
    if as_json:
        print(json.dumps(proof_json(proof, subject), ensure_ascii=False, indent=1))  # noqa: T201 a program reads it, unwrapped
    else:
        for line in proof_lines(proof, subject):
            console.say(line)
    return EXIT_OK if proof.proved else EXIT_FINDINGS


def _city(name: str, day: dt.date) -> City:
    from inventory.loader import load_city

    try:
        return load_city(name, day)
    except InventoryError as error:
        error.exit_code = EXIT_CANNOT_RUN
        raise


def _subject(
    city: City, folder: Path | None, survey: Callable[[City, dt.date], Survey] | None, day: dt.date
) -> Subject:
    from network.build import build_fabric
    from network.prove import compiled_subject, parsed_subject, read_configurations, texts_subject

    if survey is not None:
        found = survey(city, day)
        return parsed_subject(found.fabric, day, found.parsed, "running", found.intended)
    fabric = build_fabric(city)
    if folder is not None:
        texts = read_configurations(fabric, folder)
        with console.step(Text("Reading configurations", "設定の読み取り")):
            return texts_subject(fabric, day, texts, "files", _tell)
    with console.step(Text("Compiling", "設定の生成")):
        return compiled_subject(fabric, day, _tell)


def _tell(done: int, total: int) -> None:
    if total >= MANY and done % MANY == 0:
        console.tell(Text(f"… read {done}/{total}", f"… 読み取り {done}/{total}"))
