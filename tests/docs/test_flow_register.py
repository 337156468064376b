"""What docs/how-to/flow-register.md tells the keepers of the register to type."""

from __future__ import annotations

from pathlib import Path

from inventory.loader import load_city
from tests.docs.howto import ROOT, Reader, commands

HOW_TO = ROOT / "docs/how-to/flow-register.md"


def test_the_register_is_kept_as_told(tmp_path: Path) -> None:
    reader = Reader(tmp_path)
    said = {command: reader.type(command) for command in commands(HOW_TO)}
    assert "27 row(s): " in said["sanso flows my-city"]
    assert "27 row(s): 27 expiring" in said["sanso flows my-city --on 2031-02-01"]
    assert "n01  職員PC(lg-staff)" in said["sanso flows my-city --host hall-net-sbc1"]
    assert "これ以外は接続できません" in said["sanso --lang ja flows my-city --host 10.32.16.10"]
    changed = "~ s01  document: 野情シ第101号 → 野情シ第201号"
    assert changed in said["sanso flows my-city --import register.csv --replace"]
    assert load_city(tmp_path / "my-city").flows["s01"].document == "野情シ第201号"
    assert (tmp_path / "my-city/flows.yaml.old").is_file()
    assert "Flows tried end to end: 23 of 27." in said["sanso monitoring render my-city -o watch"]
