"""The record of a drill: a folder that is read and verified without a network, and that nobody alters unnoticed.

`MANIFEST.sha256` covers every file; `journal.jsonl` is the hash-chained journal up to the end of the drill; what
`manifest.json` tells is compared with both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy import chain
from deploy.evidence.manifest import FACTS, JOURNAL, MANIFEST, json_bytes, manifest_text
from deploy.evidence.print import pdf
from deploy.evidence.verification import Verification, verify_folder
from deploy.plan import digest
from inventory.errors import SansoError
from inventory.text import Text
from network.documents.folder import Kind, refuse_foreign, write_folder
from runbooks.drills.issues import issues_of
from runbooks.drills.material import Material
from runbooks.drills.meters import Sample
from runbooks.drills.report import book, page, tries
from runbooks.drills.standing import PREFIX, Standing, standing

FORMAT = "sanso-drill-1"
SCENARIO = "scenario.yaml"
PAGE, BOOK, DRILL = "index.html", "report.pdf", "drill.json"
_SIGNS = {True: "1", False: "0", None: ""}


def is_record(folder: Path) -> bool:
    """Whether a folder is a drill's record of ours, whole or not."""
    facts = _json(folder / FACTS)
    return (folder / MANIFEST).is_file() and isinstance(facts, dict) and facts.get("format") == FORMAT


RECORD = Kind("sanso drill report", is_record, durable=True)


def refuse(folder: Path) -> None:
    """Raise FolderError when `folder` holds something that is no record."""
    refuse_foreign(folder, RECORD)


def write_record(folder: Path, material: Material) -> str:
    """Write the record as the whole content of `folder`; the digest of its manifest, to be noted elsewhere."""
    files = record_files(material)
    write_folder(folder, files, RECORD)
    return digest(files[MANIFEST])


def record_files(material: Material) -> dict[str, bytes]:
    """Every file of the record: path → content. The same material gives the same bytes."""
    evidence = evidence_files(material.standing)
    hashes = {name: digest(content) for name, content in evidence.items()}
    files = {
        **evidence,
        **{f"samples/{name}.csv": _csv(rows) for name, rows in material.samples.items()},
        SCENARIO: material.drill.content,
        JOURNAL: chain.export_lines(material.journal).encode(),
        DRILL: json_bytes(facts(material.standing)),
        PAGE: page(material, hashes).encode(),
        BOOK: pdf(book(material, hashes)),
    }
    told = {
        "format": FORMAT,
        "tool": f"sanso {material.tool}",
        "created": material.created.isoformat(timespec="seconds"),
        "city": material.city.name,
        "drill": facts(material.standing),
        "issues": [vars_of(issue) for issue in issues_of(material)],
        "scenario": material.drill.digest,
        "head": material.journal[-1].digest,
    }
    files[FACTS] = json_bytes(told)
    files[MANIFEST] = manifest_text(files).encode()
    return files


def vars_of(issue: Any) -> dict[str, Any]:  # noqa: ANN401 a dataclass with slots
    """An issue as JSON."""
    return {name: getattr(issue, name) for name in ("issue", "improvement", "owner", "due", "proposed")}


def evidence_files(found: Standing) -> dict[str, bytes]:
    """What every part of the drill has brought as evidence, as the journal has it: path → content."""
    named = [
        *((f"fault-{name}", part) for name, part in found.faults.items()),
        *((f"step-{name}", part) for name, part in found.steps.items()),
        *((f"rollback-{name}", part) for step in found.undone for name, part in tries(found, step)),
    ]
    return {
        f"evidence/{name}.json": json_bytes(
            {"begun": part.begun, "done": part.done, "good": part.good, "told": dict(part.told)}
        )
        for name, part in named
        if part is not None
    }


def facts(found: Standing) -> dict[str, Any]:
    """What a drill was, in short, for programs; told by its rows in the journal alone."""
    end = found.end or {}
    return {
        "id": found.id,
        "scenario": found.begin["scenario"],
        "mode": found.begin["mode"],
        "begun": found.at,
        "verdict": end.get("verdict"),
        "success": end.get("success"),
        "clocks": end.get("clocks"),
        "targets": end.get("targets"),
        "rollback": None if found.rollback is None else found.rollback["success"],
        "deviation": None if found.deviation is None else found.deviation["code"],
        "survived": found.survived,
    }


def verify_record(folder: Path, noted: str | None = None) -> Verification:
    """Verify a record, if given against the digest noted when it was made.

    Raises:
        UnverifiableError: there is no record, or a file of it cannot be read.
    """
    return verify_folder(folder, noted, _disagreements, _NO_RECORD)


_NO_RECORD = (
    Text(
        "{folder} is no drill's record: it has no {manifest}.",
        "{folder} は訓練記録ではありません。{manifest} がありません。",
    ),
    Text(
        "Give the folder that holds index.html and report.pdf.",
        "index.html と report.pdf のあるフォルダを指定してください。",
    ),
)


def _disagreements(folder: Path, files: Mapping[str, str]) -> Iterator[Text]:
    """Whether what `manifest.json` tells is what the journal and the scenario hold."""
    told = _json(folder / FACTS) if FACTS in files else None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        yield Text(
            f"{FACTS}: not the facts of a record of this version ({FORMAT}).",
            f"{FACTS}: この版 ({FORMAT}) の訓練記録の記載ではありません。",
        )
        return
    try:
        rows = chain.read_export(folder / JOURNAL)
        head = chain.verify(rows)
        found = facts(standing([row for row in rows if row.change == f"{PREFIX}{told['drill']['id']}"]))
        scenario = digest((folder / SCENARIO).read_bytes())
    except SansoError as error:
        yield Text("{file}: {what}", "{file}: {what}").format(file=JOURNAL, what=error.what)
        return
    except (OSError, KeyError, TypeError) as error:
        yield Text(f"{JOURNAL}: cannot be read: {error}", f"{JOURNAL}: 読み取れません: {error}")
        return
    for name, here, there in (
        ("head", told.get("head"), head),
        ("drill", told.get("drill"), json.loads(json_bytes(found))),
        ("scenario", told.get("scenario"), scenario),
    ):
        if here != there:
            yield Text(
                f"{FACTS}: what it tells of `{name}` is not what the record holds.",
                f"{FACTS}: `{name}` の記載が記録の内容と一致しません。",
            )


def _csv(rows: Any) -> bytes:  # noqa: ANN401 a sequence of samples
    lines = ["time,good,note"]
    for row in rows:
        sample: Sample = row
        note = sample.note.replace('"', '""')
        lines.append(f'{sample.at:.3f},{_SIGNS[sample.good]},"{note}"')
    return ("\n".join(lines) + "\n").encode()


def _json(file: Path) -> Any:  # noqa: ANN401 whatever JSON holds
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
