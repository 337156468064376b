"""A pack put together: every file of it, the manifest last, written whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy import chain
from deploy.evidence.agreement import city_facts, control_facts, journal_facts, proof_facts, register_facts
from deploy.evidence.chapters import book, pages
from deploy.evidence.manifest import (
    CITY,
    CONFIGURATIONS,
    CONTROLS,
    FACTS,
    FORMAT,
    JOURNAL,
    MANIFEST,
    PROOF,
    REGISTER,
    is_pack,
    json_bytes,
    manifest_text,
)
from deploy.evidence.material import Material
from deploy.evidence.print import pdf
from deploy.plan import digest
from network.controls.report import results_json
from network.documents.folder import Kind, refuse_foreign, write_folder
from network.prove.report import proof_json
from network.register.sheet import cells
from network.register.sheet_files import sheet_bytes

PACK = Kind("sanso evidence", is_pack, durable=True)
PARAMETERS = "parameters"
BOOK = "evidence.pdf"


def refuse(folder: Path) -> None:
    """Raise FolderError when `folder` holds something that is no pack."""
    refuse_foreign(folder, PACK)


def write_pack(folder: Path, files: Mapping[str, bytes]) -> str:
    """Write a pack's files as the whole content of `folder`; the digest of its manifest, to be noted elsewhere.

    Raises:
        FolderError: the folder holds something that is no pack, or cannot be written. It is untouched then.
    """
    write_folder(folder, files, PACK)
    return digest(files[MANIFEST])


def pack_files(material: Material) -> dict[str, bytes]:
    """Every file of a pack: path → content. The same material gives the same bytes."""
    data = _data(material)
    files = {
        **data,
        **{name: text.encode() for name, text in pages(material).items()},
        **{f"{CONFIGURATIONS}/{name}.conf": text.encode() for name, text in material.configurations.items()},
        **{f"{PARAMETERS}/{name}": text.encode() for name, text in material.documents.items()},
        BOOK: pdf(book(material)),
    }
    files[FACTS] = json_bytes(_facts(material, data))
    files[MANIFEST] = manifest_text(files).encode()
    return files


def _data(material: Material) -> dict[str, bytes]:
    """What the chapters tell, for programs."""
    city = material.city
    titles = {key: group.title for key, group in city.groups.items()}
    data = {
        CITY: material.city_json,
        PROOF: json_bytes(proof_json(material.proof, material.subject)),
        CONTROLS: json_bytes(results_json(material.facts, material.results)),
        REGISTER: sheet_bytes(".csv", cells(city.flows), titles),
    }
    if material.journal is not None:
        data[JOURNAL] = chain.export_lines(material.journal).encode()
    return data


def _facts(material: Material, data: Mapping[str, bytes]) -> dict[str, Any]:
    """What `manifest.json` tells; `verify` compares all but the first three with the other files."""
    rows = None if material.journal is None else list(material.journal)
    return {
        "format": FORMAT,
        "tool": f"sanso {material.tool}",
        "created": material.created.isoformat(timespec="seconds"),
        "city": city_facts(data[CITY]),
        "proof": proof_facts(proof_json(material.proof, material.subject)),
        "controls": control_facts(results_json(material.facts, material.results)),
        "register": register_facts(data[REGISTER]),
        "journal": journal_facts(rows),
        "configurations": {name: digest(text) for name, text in material.configurations.items()},
    }
