"""The worker that speaks to servers: what it does about commands that fail while packages are installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


def answer(*quieted: str, hold: str = "true", release: str = "true") -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.deploy.servers.worker_here"],
        cwd=ROOT,
        input=json.dumps({"quieted": quieted, "hold": hold, "release": release}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_packages_are_installed_when_all_is_quiet() -> None:
    assert answer("true", "! false") == {"id": 1, "ok": None}


@pytest.mark.parametrize("after", [(), ("true",)])
def test_what_cannot_be_kept_from_starting_is_refused(after: tuple[str, ...]) -> None:
    told = answer("echo the cluster would start >&2; false", *after)
    assert (told["error"], told["text"]) == ("refused", "the cluster would start")


def test_a_command_that_fails_and_says_nothing_is_named() -> None:
    assert answer("exit 3")["text"] == "exit code 3 of exit 3"


@pytest.mark.parametrize("switch", ["hold", "release"])
def test_without_debians_own_switch_nothing_goes_on(switch: str) -> None:
    told = answer("true", **{switch: "echo no such file; false"})
    assert (told["error"], told["text"]) == ("refused", "no such file")
