"""Bad exporter configurations and web files: every error at once, word for word as in `bad/` (REWRITE=1 writes)."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from scraping import ROOT, SANSO

BAD = Path(__file__).parent / "bad"
CASES = sorted(file.name for file in BAD.glob("*.yaml"))
GOOD = "city: town\nsegment: lgwan\nhost: hall-lg-infra\n"


def checked(*options: str, language: str = "en") -> subprocess.CompletedProcess[str]:
    words = [*SANSO, "--lang", language, "exporter", "--config.check", *options]
    return subprocess.run(
        words, capture_output=True, text=True, cwd=BAD, check=False, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("case", CASES)
def test_the_messages_are_as_written(case: str, language: str, tmp_path: Path) -> None:
    if case.endswith(".web.yaml"):
        (tmp_path / "good.yaml").write_text(GOOD)
        options = ("--config.file", str(tmp_path / "good.yaml"), "--web.config.file", case)
    else:
        options = ("--config.file", case)
    done = checked(*options, language=language)
    golden = BAD / f"{case.removesuffix('.yaml')}.{language}.log"
    if os.environ.get("REWRITE"):
        golden.write_text(done.stderr)
    assert (done.returncode, done.stderr) == (1, golden.read_text())
    assert "open-sesame" not in done.stderr


def test_good_files_pass_the_check(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    done = checked("--config.file", str(tmp_path / "good.yaml"))
    assert (done.returncode, done.stdout) == (0, "The files are without error.\n")


def test_a_file_that_is_not_there_is_told() -> None:
    done = checked("--config.file", "nowhere.yaml")
    assert done.returncode == 1
    assert "nowhere.yaml: error: the file cannot be read" in done.stderr


def test_an_address_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    words = [*SANSO, "exporter", "--config.file", str(tmp_path / "good.yaml"), "--web.listen-address", "here:http"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 2
    assert "'here:http' is no address to listen on." in done.stderr
