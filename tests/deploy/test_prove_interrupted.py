"""`sanso prove` of a large city: it tells how far it is, and Ctrl-C ends it with one line and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from inventory.errors import EXIT_INTERRUPTED
from inventory.generate import generate_city

ROOT = Path(__file__).parents[2]
DEVICES = 1200
GIGABIT = 10**9


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A generated city as a directory; its one file is JSON, which YAML is as well."""
    city = json.loads(generate_city(DEVICES).model_dump_json(by_alias=True, exclude_defaults=True))
    head = {name: city.pop(name) for name in ("name", "title", "model", "edition", "management")}
    folder = tmp_path_factory.mktemp("city")
    (folder / "city.yaml").write_text(json.dumps({"city": head, **_written(city)}), encoding="utf-8")
    return folder


def _written(value: Any) -> Any:  # noqa: ANN401 JSON
    """Bandwidths as an inventory writes them."""
    if isinstance(value, dict):
        return {key: f"{item // GIGABIT}G" if key == "bandwidth" else _written(item) for key, item in value.items()}
    return [_written(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("mark", [f"read 500/{DEVICES}", f"read 1000/{DEVICES}", "Proving"])
def test_interrupted_it_says_so_and_leaves_nothing(
    large: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, mark: str
) -> None:
    results = tmp_path_factory.mktemp("results") / "out"  # a file: nobody reads a pipe while errors are waited for
    proving = subprocess.Popen(
        [sys.executable, "-m", "sanso", "--lang", "en", "prove", str(large), "--on", "2026-11-20"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=results.open("w"),
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert proving.stderr
    told: list[str] = []
    for line in proving.stderr:
        told.append(line)
        if mark in line:
            if mark == "Proving":
                _until_two(proving.pid)
            os.kill(proving.pid, signal.SIGINT)
            break
    rest = proving.stderr.read()
    proving.wait(60)
    assert mark in "".join(told)
    assert proving.returncode == EXIT_INTERRUPTED
    assert results.read_text() == ""
    assert "Traceback" not in rest
    assert [line for line in rest.splitlines() if not line.startswith("…")] == ["Interrupted."]
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.killpg(proving.pid, 0)


def _until_two(pid: int) -> None:
    """Wait until a process has begun a second one."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    end = time.monotonic() + 20
    while not children.read_text().strip():
        assert time.monotonic() < end
        time.sleep(0.01)
