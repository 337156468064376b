"""Somebody at a terminal of their own: it is the controlling terminal of what they run."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

PROGRAM = Path(sys.executable).parent / "sanso"


class Person:
    """Somebody at a terminal of their own."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str]) -> None:
        ours, theirs = pty.openpty()
        self.ours = ours
        self.process = subprocess.Popen(
            [PROGRAM, "--lang", "ja", *words],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, **environment, "LANG": "C.UTF-8", "COLUMNS": "200"},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 no thread runs yet
        )
        os.close(theirs)
        self.said = ""
        self.heard = 0

    def hear(self, mark: str, patience_s: float = 60) -> None:
        """Read until `mark` is said."""
        end = time.monotonic() + patience_s
        while (at := self.said.find(mark, self.heard)) < 0:
            if not select.select([self.ours], [], [], max(0, end - time.monotonic()))[0]:
                message = f"never said {mark!r}:\n{self.said}"
                raise AssertionError(message)
            try:
                block = os.read(self.ours, 4096)
            except OSError:
                return
            self.said += block.decode(errors="replace")
        self.heard = at + len(mark)

    def answer(self, line: str) -> None:
        os.write(self.ours, f"{line}\n".encode())
