"""What docs/how-to/alerts.md tells an engineer to type."""

from __future__ import annotations

from pathlib import Path

from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/alerts.md"


def test_alerts_are_sent_as_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    said = [reader.type(command) for command in commands(HOW_TO)]
    assert said[-1] == "600 watch/secrets/alerts.smtp\n600 watch/secrets/alerts.webhook\n"
    assert (tmp_path / "watch/secrets/alerts.smtp").read_text("utf-8") == "not-a-password"
    text = (tmp_path / "watch/alertmanager.yml").read_text("utf-8")
    assert "https://noc.yasu.example.lg.jp/alerts" in text
    assert "not-a-" not in text
