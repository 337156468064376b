"""Every bad inventory beside its exact messages, in both languages. README.md tells how to add one."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from pathlib import Path

import pytest

from inventory.loader import Loaded, judge, read_city
from inventory.origin import NOWHERE
from inventory.source import Source, read_source
from inventory.templates import merge
from inventory.yamltree import Node

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MINI = HERE.parent / "cities" / "mini"
TODAY = dt.date(2026, 11, 1)
ALONE = b"# alone"
CASES = sorted({entry.stem for entry in HERE.iterdir() if entry.suffix == ".yaml" or entry.is_dir()})
CASES = [case for case in CASES if not case.startswith(("__", "test_", "README", "."))]
LANGUAGES = ("en", "ja")


def judged(case: str, scratch: Path) -> Loaded:
    """A directory is a city; a file is laid over the mini city, or stands alone if its first line says so."""
    if (HERE / case).is_dir():
        return read_city(HERE / case, TODAY)
    file = HERE / f"{case}.yaml"
    shutil.copy(file, scratch)
    if file.read_bytes().lstrip(b"\xff\xfe").replace(b"\0", b"").startswith(ALONE):
        return read_city(scratch, TODAY)
    base, over = read_source(MINI), read_source(scratch)
    assert not base.findings
    assert not over.findings
    top = merge(Node(base.top, NOWHERE), Node(over.top, NOWHERE)).table
    return judge(Source("mini", top, (), readable=True), TODAY)


@pytest.mark.parametrize("case", CASES)
def test_message(case: str, tmp_path: Path) -> None:
    loaded = judged(case, tmp_path)
    assert loaded.findings, "a bad inventory must be found bad"
    for language in LANGUAGES:
        log = HERE / f"{case}.{language}.log"
        said = "".join(f"{finding.say(language)}\n" for finding in loaded.findings)  # type: ignore[arg-type]
        if os.environ.get("REWRITE"):
            log.write_text(said, encoding="utf-8")
        assert said == log.read_text(encoding="utf-8")
    for finding in loaded.findings:
        assert finding.what.en != finding.what.ja
        assert finding.origin.file, f"{finding.code} cites no file"
    errors = [finding for finding in loaded.findings if finding.severity == "error"]
    assert (loaded.city is None) == bool(errors)


def test_there_are_many() -> None:
    assert len(CASES) >= 60


def test_every_code_has_an_example() -> None:
    """A finding nobody has an example of is a finding nobody has read."""
    sources = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "inventory").rglob("*.py"))
    codes = set(re.findall(r'(?:Finding|problem|warning)\(\s*"([a-z0-9-]+)"', sources))
    codes |= set(re.findall(r'"([a-z0-9-]+)" if mynumber else "([a-z0-9-]+)"', sources)[0])
    codes |= set(re.findall(r'code = "([a-z0-9-]+)"', sources))
    shown = {
        code
        for log in HERE.glob("*.en.log")
        for code in re.findall(r"\[([a-z0-9-]+)\]$", log.read_text(), re.MULTILINE)
    }
    codes.discard("terminals-many")  # takes 255 terminal groups: tests/inventory shows it
    assert codes - shown == set()
    assert shown - codes == set()


def test_no_log_is_left_over() -> None:
    logs = {log.name.rsplit(".", 2)[0] for log in HERE.glob("*.log")}
    assert logs == set(CASES)
