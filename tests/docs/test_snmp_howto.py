"""What docs/how-to/snmp.md tells an engineer to type."""

from __future__ import annotations

import re
import stat
from itertools import dropwhile, takewhile
from pathlib import Path

import pytest

from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/snmp.md"
UP = "sanso lab up tests/cities/town"


def test_a_city_is_given_its_credential_as_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    said = {command: reader.type(command) for command in takewhile(lambda line: line != UP, commands(HOW_TO))}
    assert len(said) == 7
    assert stat.S_IMODE((tmp_path / "snmp.yaml").stat().st_mode) == 0o600
    rendered = (tmp_path / "watch/exporters/management.yaml").read_text(encoding="utf-8")
    assert f"credentials: {tmp_path}/snmp.yaml" in rendered
    password = re.findall(r'password: "(.+?)"', (tmp_path / "snmp.yaml").read_text(encoding="utf-8"))
    assert len(password) == 2
    written = [file.read_text(encoding="utf-8") for file in (tmp_path / "watch").rglob("*") if file.is_file()]
    assert not [text for text in written if any(word in text for word in password)]


def test_every_page_it_leads_to_exists() -> None:
    links = re.findall(r"\]\(([^)]+)\)", HOW_TO.read_text(encoding="utf-8"))
    assert [link for link in links if not (HOW_TO.parent / link).is_file()] == []


@pytest.mark.lab
@pytest.mark.long
def test_the_town_is_watched_as_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    try:
        said = {command: reader.type(command) for command in dropwhile(lambda line: line != UP, commands(HOW_TO))}
    except BaseException:
        reader.type("sanso lab down")
        raise
    assert "sanso-snmp" in said["sanso monitoring status"]
