"""`sanso compile`, as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from inventory.errors import EXIT_CANNOT_RUN, EXIT_FINDINGS, EXIT_OK, EXIT_USAGE

ROOT = Path(__file__).parents[3]
MINI = "tests/cities/mini"


def sanso(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "sanso.py", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_it_writes_a_folder_and_says_where_to_start(tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = sanso("compile", MINI, "-o", str(out), "--on", "2026-11-20", "--lang", "en")
    assert done.returncode == EXIT_OK, done.stderr
    assert done.stdout.startswith(f"{out}: 9 devices, ")
    assert (out / "index.html").exists()
    assert len(list((out / "configurations").iterdir())) == 9


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "theirs.txt").write_text("precious", encoding="utf-8")
    done = sanso("compile", MINI, "-o", str(tmp_path), "--on", "2026-11-20", "--lang", "ja")
    assert done.returncode == EXIT_CANNOT_RUN
    assert "sanso compile が作ったものではない" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["theirs.txt"]


def test_a_wrong_inventory_writes_nothing(tmp_path: Path) -> None:
    text = (ROOT / MINI / "mini.yaml").read_text(encoding="utf-8")
    (tmp_path / "city").mkdir()
    (tmp_path / "city" / "city.yaml").write_text(text.replace("to: mn-core", "to: mn-cor"), encoding="utf-8")
    done = sanso("compile", str(tmp_path / "city"), "-o", str(tmp_path / "out"), "--on", "2026-11-20", "--lang", "en")
    assert done.returncode == EXIT_FINDINGS
    assert "mn-cor" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_wrong_date_is_a_usage_error(tmp_path: Path) -> None:
    done = sanso("compile", MINI, "-o", str(tmp_path / "out"), "--on", "20261120x", "--lang", "en")
    assert done.returncode == EXIT_USAGE
    assert "Traceback" not in done.stderr
