"""Whether what `manifest.json` tells of a pack is what the pack's other files hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from deploy import chain
from deploy.evidence.manifest import CITY, CONTROLS, FACTS, FORMAT, JOURNAL, PROOF, REGISTER, configurations
from deploy.plan import digest
from inventory.errors import SansoError
from inventory.text import Text


def disagreements(folder: Path, files: Mapping[str, str]) -> Iterator[Text]:
    """Each fact that does not fit; `files` is the manifest. A file that is missing was told already."""
    facts = _json(folder / FACTS) if FACTS in files else None
    if not isinstance(facts, dict) or facts.get("format") != FORMAT:
        yield Text(
            f"{FACTS}: not the facts of a pack of this version ({FORMAT}).",
            f"{FACTS}: この版 ({FORMAT}) の証跡一式の記載ではありません。",
        )
        return
    yield from _same("city", facts.get("city"), _city(folder))
    yield from _same("configurations", facts.get("configurations"), dict(configurations(files)))
    yield from _same("proof", facts.get("proof"), proof_facts(_json(folder / PROOF)))
    yield from _same("controls", facts.get("controls"), control_facts(_json(folder / CONTROLS)))
    yield from _same("register", facts.get("register"), _register(folder / REGISTER))
    yield from _journal(folder / JOURNAL, facts.get("journal"))


def city_facts(content: bytes) -> dict[str, Any]:
    """What the manifest tells of the inventory."""
    city = json.loads(content)
    return {key: city[key] for key in ("name", "title", "model", "edition")} | {"sha256": digest(content)}


def proof_facts(proof: Any) -> dict[str, Any] | None:  # noqa: ANN401 whatever JSON holds
    """What the manifest tells of the proof."""
    try:
        kept = {key: proof[key] for key in ("source", "day", "claims")}
        return {**kept, "findings": len(proof["findings"])}
    except (KeyError, TypeError):
        return None


def control_facts(controls: Any) -> dict[str, Any] | None:  # noqa: ANN401 whatever JSON holds
    """What the manifest tells of the controls."""
    try:
        counts = dict.fromkeys(controls["counts"], 0)
        for control in controls["controls"]:
            counts[control["status"]] += 1
    except (KeyError, TypeError):
        return None
    return counts


def journal_facts(rows: list[chain.Row] | None) -> dict[str, Any] | None:
    """What the manifest tells of the journal: its last digest, or the row its chain breaks at."""
    if rows is None:
        return None
    try:
        return {"rows": len(rows), "head": chain.verify(rows), "broken_at": None}
    except chain.BrokenChainError as error:
        return {"rows": len(rows), "head": None, "broken_at": error.row}


def register_facts(content: bytes) -> dict[str, Any]:
    """What the manifest tells of the register."""
    return {"rows": sum(1 for _ in csv.reader(io.StringIO(content.decode("utf-8-sig")))) - 1}


def _same(name: str, told: Any, found: Any) -> Iterator[Text]:  # noqa: ANN401 whatever JSON holds
    if told != found:
        yield Text(
            f"{FACTS}: what it tells of `{name}` is not what the pack holds.",
            f"{FACTS}: `{name}` の記載が一式の内容と一致しません。",
        )


def _city(folder: Path) -> dict[str, Any] | None:
    try:
        return city_facts((folder / CITY).read_bytes())
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _register(file: Path) -> dict[str, Any] | None:
    try:
        return register_facts(file.read_bytes())
    except (OSError, ValueError, csv.Error):
        return None


def _journal(file: Path, told: Any) -> Iterator[Text]:  # noqa: ANN401 whatever JSON holds
    try:
        rows = chain.read_export(file) if file.exists() else None
        found = journal_facts(rows)
    except SansoError as error:
        yield error.what
        return
    yield from _same("journal", told, found)
    if found is not None and found["broken_at"] is not None:
        yield Text(
            f"{JOURNAL}: the journal's chain is broken at row {found['broken_at']}.",
            f"{JOURNAL}: 変更記録のハッシュ連鎖が {found['broken_at']} 行目で切れています。",
        )


def _json(file: Path) -> Any:  # noqa: ANN401 whatever JSON holds
    """What a file holds; None when it is not there, or is no JSON."""
    try:
        return json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
