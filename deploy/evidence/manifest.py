"""The manifest of a pack: a line with the SHA-256 of each file, as `sha256sum -c` reads it, and the pack's facts.

`MANIFEST.sha256` covers every file but itself, `manifest.json` included. So one digest, that of `MANIFEST.sha256`,
stands for the whole pack: noted on paper at the handing over, it is the anchor outside of the pack that the pack
itself cannot be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from deploy.plan import digest
from inventory.text import Text

MANIFEST = "MANIFEST.sha256"
FACTS = "manifest.json"
FORMAT = "sanso-evidence-1"
CITY = "city.json"
PROOF = "proof.json"
CONTROLS = "controls.json"
REGISTER = "register.csv"
JOURNAL = "journal.jsonl"
CONFIGURATIONS = "configurations"

_LINE = re.compile(r"([0-9a-f]{64})  ([^\n\\]+)")


@dataclass(frozen=True, slots=True)
class Lines:
    """A manifest as it was read: path → SHA-256, and what is wrong with its lines."""

    files: Mapping[str, str]
    problems: tuple[Text, ...]


def manifest_text(files: Mapping[str, bytes]) -> str:
    """The manifest of these files (path → content), sorted by path."""
    return "".join(f"{digest(files[path])}  {path}\n" for path in sorted(files))


def json_bytes(value: Any) -> bytes:  # noqa: ANN401 whatever JSON holds
    """JSON as it stands in a pack: one spelling, readable."""
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def read_manifest(content: bytes) -> Lines:
    """A manifest's lines; each that is not as we write it is told and left out."""
    text = content.decode("utf-8", errors="replace")
    files: dict[str, str] = {}
    problems: list[Text] = []
    last = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _LINE.fullmatch(line)
        if found is None or not _inside(found[2]):
            problems.append(
                Text(
                    f"{MANIFEST} line {number} is no digest and path within the pack.",
                    f"{MANIFEST} の {number} 行目が「ハッシュ値  ファイル名」の形ではありません。",
                )
            )
            continue
        path = found[2]
        if path <= last:
            problems.append(
                Text(
                    f"{MANIFEST} line {number} ({path}) is out of order: lines were moved or added.",
                    f"{MANIFEST} の {number} 行目 ({path}) の順序が違います。行の入れ替えか追加があります。",
                )
            )
        last = path
        files.setdefault(path, found[1])
    if not problems and text != "".join(f"{sha}  {path}\n" for path, sha in files.items()):
        problems.append(
            Text(
                f"{MANIFEST} is not spelt as sanso writes it.",
                f"{MANIFEST} の書式 (改行など) が sanso の出力と異なります。",
            )
        )
    return Lines(files, tuple(problems))


def is_pack(folder: Path) -> bool:
    """Whether a folder is an evidence pack of ours, whole or not."""
    try:
        facts = json.loads((folder / FACTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return (folder / MANIFEST).is_file() and isinstance(facts, dict) and facts.get("format") == FORMAT


def configurations(files: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Device and SHA-256 of each configuration among a manifest's files."""
    for path, sha in files.items():
        place = PurePosixPath(path)
        if place.parts[0] == CONFIGURATIONS and place.suffix == ".conf":
            yield place.stem, sha


def _inside(path: str) -> bool:
    """Whether a path stays within the pack and has one spelling."""
    parts = path.split("/")
    return all(part not in {"", ".", ".."} for part in parts) and path != MANIFEST
