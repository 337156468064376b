"""A test that hangs, or whose clean-up does, fails with its stacks shown, and the others still run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HANGING = """
import subprocess
import threading
import pytest

@pytest.fixture
def leaking():
    process = subprocess.Popen(["sh", "-c", "sleep 60 & exec sleep 60"], stdout=subprocess.PIPE)
    yield process
    process.kill()
    hear_it_out(process)

def hear_it_out(process):
    process.stdout.read()

def test_hangs(leaking):
    threading.Thread(target=waits_elsewhere, daemon=True).start()
    hear_it_out(leaking)

def waits_elsewhere():
    threading.Event().wait()

def test_after_it():
    pass
"""


def test_a_pipe_that_nobody_closes_fails_its_test_only(tmp_path: Path) -> None:
    (tmp_path / "test_hanging.py").write_text(HANGING, encoding="ascii")
    ours = ["-c", ROOT / "pyproject.toml", "--rootdir", tmp_path, "-p", "tests.conftest", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *ours, "--timeout", "2", "-n", "1", tmp_path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    told = done.stdout + done.stderr
    assert "1 failed, 1 passed, 1 error" in told, told
    assert told.count("Failed: Timeout (>2.0s) from pytest-timeout.") >= 2
    assert told.count("process.stdout.read()\n") >= 2
    assert "threading.Event().wait()" in told
