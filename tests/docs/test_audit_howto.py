"""What docs/how-to/audit.md tells an official and an auditor to type."""

from __future__ import annotations

import shutil
from pathlib import Path

from deploy.journal import Journal, journal_url
from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/audit.md"


def test_a_pack_is_made_and_verified_as_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    shutil.copytree(ROOT / "tests/cities/tiny", tmp_path / "my-city")
    with Journal(journal_url(Path(reader.environment["SANSO_STATE"]))) as book:
        approval = {"plan": "1", "sha256": "a" * 64, "author": "sato", "by": "suzuki", "login": "x", "target": "city"}
        book.append("", "approve", approval)
    said = {command: reader.type(command) for command in commands(HOW_TO)}
    assert len(said) == 6
    assert "控えてください" in said["sanso --lang ja evidence my-city -o evidence"]
    assert "欠落も追加もありません" in said["sanso --lang ja evidence verify evidence"]
    assert "the digest that was noted" in next(text for command, text in said.items() if "--digest" in command)
    table = HOW_TO.read_text(encoding="utf-8")
    listed = said["ls evidence"].split()
    assert [name for name in listed if f"`{name}" not in table] == []
