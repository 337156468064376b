"""What docs/how-to/servers.md promises."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/servers.md"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    reader = Reader(tmp_path)
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    reader.environment["SANSO_VAULT_PASSWORD_FILE"] = str(tmp_path / "vault-password")
    try:
        yield reader
    finally:
        reader.type("sanso lab down")


@pytest.mark.lab
@pytest.mark.long
def test_the_how_to_does_what_it_says(reader: Reader) -> None:
    said = {command: reader.type(command) for command in commands(HOW_TO)}
    plan = next(text for command, text in said.items() if "--text" in command)
    assert "password={{secret" not in plan
    assert "{{secret certificates.application}}" in plan
    assert next(text for command, text in said.items() if " dig " in command).strip() == "10.16.32.11"
    first, second = (json.loads(text) for command, text in said.items() if "sanso-certificates issue" in command)
    last = json.loads(next(text for command, text in said.items() if "sanso-certificates last" in command))
    assert first == last
    assert (first["name"], first["server"]) == ("野洲太郎", "dc-mn-cert")
    assert (second["name"], second["server"]) == ("野洲花子", "hall-mn-cert")
    assert "No change" in next(text for command, text in said.items() if "again.json" in command)
    drift = next(text for command, text in said.items() if "sanso drift" in command)
    assert "file /etc/unbound/unbound.conf (+0 −1 lines)" in drift
