"""What the READMEs tell a reader to type exists, and the first of it does what it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sanso import run
from tests.docs.howto import ROOT

COMMAND = re.compile(r"`sanso ((?:lab )?[a-z]+)")
READMES = ("README.md", "README.ja.md")
PROGRAM = Path(sys.executable).parent / "sanso"


def commands_of(readme: str) -> list[str]:
    return sorted(set(COMMAND.findall((ROOT / readme).read_text(encoding="utf-8"))))


@pytest.mark.parametrize("readme", READMES)
def test_every_command_exists(readme: str) -> None:
    named = commands_of(readme)
    assert len(named) > 10
    assert [command for command in named if run([*command.split(), "--help"]) != 0] == []


def test_both_languages_name_the_same_commands() -> None:
    assert commands_of("README.md") == commands_of("README.ja.md")


@pytest.mark.parametrize("readme", READMES)
def test_every_link_leads_somewhere(readme: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / readme).read_text(encoding="utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


@pytest.mark.lab
@pytest.mark.alone
@pytest.mark.long
def test_the_demo_goes_the_whole_way(tmp_path: Path) -> None:
    environment = {**os.environ, "SANSO_STATE": str(tmp_path), "LANG": "C.UTF-8"}
    done = subprocess.run([ROOT / "script/demo"], env=environment, capture_output=True, text=True, check=False)
    try:
        assert done.returncode == 0, done.stderr[-4000:]
        assert "every device is on the new configuration" in done.stdout
        assert "Every registered flow passes and nothing else does" in done.stdout
        assert (tmp_path / "demo/documents/index.html").is_file()
    finally:
        subprocess.run([PROGRAM, "lab", "down"], env=environment, check=True)
