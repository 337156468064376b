"""What docs/how-to/drills.md tells a drill operator to type."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/drills.md"


def test_a_drill_is_run_and_verified_as_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    for name in ("mini", "town"):
        shutil.copytree(ROOT / "tests/cities" / name, tmp_path / name)
    (tmp_path / "town").rename(tmp_path / "my-town")
    said = {command: reader.type(command) for command in commands(HOW_TO)}
    assert len(said) == 8
    assert "データセンター被災時" in said["sanso --lang ja drill list"]
    assert "certificates-failover" in said["sanso --lang ja runbook list"]
    assert "欠落も追加もありません" in said["sanso --lang ja drill verify record"]
    table = HOW_TO.read_text(encoding="utf-8")
    assert [name for name in said["ls record"].split() if f"`{name}" not in table] == []
    for name in ("index.html", "MANIFEST.sha256"):
        assert (tmp_path / "record" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
