"""Which servers still have what an earlier change brought, as the journal tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.journal import Journal
from deploy.servers.former import once_served
from deploy.servers.text import ManagedFile, ServerText, dump

BARE = dump(ServerText("a"))
SERVING = dump(ServerText("a", ("unbound",), ("unbound",), {"/etc/x": ManagedFile("/etc/x", "x\n")}))


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'journal.db'}"


def changed(url: str, change: str, candidates: dict[str, str], side: str = "new") -> None:
    """A change that ended on this side."""
    content = json.dumps({"devices": {name: {"candidate": text} for name, text in candidates.items()}})
    with Journal(url) as journal:
        journal.keep_plan(change, content.encode())
        for step in ("begin", "commit", "settled", "end"):
            journal.append(change, step, {"plan": change, "side": side})


def test_the_last_change_that_came_through_tells(url: str) -> None:
    changed(url, "1", {"a": SERVING, "b": SERVING, "c": SERVING, "d": BARE})
    changed(url, "2", {"b": BARE})
    changed(url, "3", {"c": BARE, "d": SERVING}, side="old")
    assert once_served(url, ["a", "b", "c", "d", "never"]) == ("a", "c")


def test_a_plan_makes_no_journal(url: str, tmp_path: Path) -> None:
    assert once_served(url, ["a"]) == ()
    assert not list(tmp_path.iterdir())
