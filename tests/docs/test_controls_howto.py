"""What docs/how-to/controls.md promises."""

from __future__ import annotations

import json
from pathlib import Path

from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/controls.md"


def test_the_how_to_is_right_to_the_letter(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    said = {command: reader.type(command) for command in commands(HOW_TO)}
    assert len(said) == 9
    summary = next(text for command, text in said.items() if "--lang ja" in command)
    for mark in ("○", "×", "－", "？"):
        assert mark in summary
    told = json.loads((tmp_path / "controls.json").read_text(encoding="utf-8"))
    assert len(told["controls"]) == 58
    assert next(item["status"] for item in told["controls"] if item["id"] == "C27") == "pass"
