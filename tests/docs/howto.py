"""Runs what a how-to tells its reader to type, in order, in a folder that looks like a fresh clone."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)


def commands(document: Path) -> Iterator[str]:
    """Every command of the document's `sh` blocks, one a line."""
    for block in BLOCK.findall(document.read_text(encoding="utf-8")):
        yield from (line for line in block.splitlines() if line and not line.startswith("#"))


class Reader:
    """Somebody who follows a how-to to the letter."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for name in ("inventory", "docs", ".venv"):
            (folder / name).symlink_to(ROOT / name)
        path = f"{ROOT}/.venv/bin:{os.environ['PATH']}"
        self.environment = {**os.environ, "PATH": path, "SANSO_STATE": str(folder / ".sanso"), "LANG": "C.UTF-8"}

    def type(self, command: str) -> str:
        """Run one command; what it said. A failure fails the test with all of it."""
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
        return done.stdout
