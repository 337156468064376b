"""The runbooks: each is sound, each has its page, and a broken one is told with every error."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from inventory.document import DocumentError
from inventory.text import Language
from runbooks.procedures.catalog import names, procedure
from runbooks.procedures.page import page

ROOT = Path(__file__).parents[3]
PAGES = ROOT / "docs/runbooks"
BAD = Path(__file__).parent / "errors"


@pytest.mark.parametrize("name", names())
def test_the_page_has_the_same_steps(name: str) -> None:
    found = procedure(name)
    file = PAGES / f"{name}.md"
    if os.environ.get("REWRITE"):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(page(found), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == page(found)
    for step in found.runbook.steps:
        assert step.title.ja in page(found)


def test_the_workload_fails_over_and_back_and_a_site_goes_out_and_back() -> None:
    assert {"certificates-failover", "certificates-failback", "site-out", "site-back"} <= set(names())


@pytest.mark.parametrize("name", names(BAD))
@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_broken_runbook_is_told_whole(name: str, language: Language) -> None:
    with pytest.raises(DocumentError) as caught:
        procedure(name, BAD)
    said = caught.value.say(language) + "\n"
    file = BAD / f"{name}.{language}.log"
    if os.environ.get("REWRITE"):
        file.write_text(said, encoding="utf-8")
    assert said == file.read_text(encoding="utf-8")
