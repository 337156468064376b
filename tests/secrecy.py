"""Whether a secret came out: every argument list that was seen meanwhile, and every byte that was written."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from deploy.servers.vault import read_vault


class Listener(threading.Thread):
    """Keeps every argument list that any process of the machine, or of the lab on it, shows meanwhile."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.heard: set[bytes] = set()
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(0.02):
            for entry in Path("/proc").iterdir():
                if entry.name.isdigit():
                    try:
                        self.heard.add((entry / "cmdline").read_bytes())
                    except OSError:
                        continue

    def stop(self) -> None:
        self._over.set()
        self.join()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def hidden_in(vault: Path, password: Path) -> set[bytes]:
    """What of a vault nobody may see: its values line by line, but for certificates, which everybody may."""
    secrets = read_vault(vault, password)
    hidden = {
        line.encode()
        for name, value in secrets.items()
        if not name.endswith(".crt")
        for line in value.splitlines()
        if not line.startswith("-----")
    }
    assert len(hidden) > len(secrets) // 2
    return hidden


def files_in(folder: Path, since: float = 0.0) -> Iterator[Path]:
    """Every regular file below a folder that was changed at or after a moment."""
    for place, _, names in os.walk(folder):
        for name in names:
            file = Path(place, name)
            try:
                found = file.lstat()
            except OSError:  # it came and went
                continue
            if stat.S_ISREG(found.st_mode) and found.st_ctime >= since:
                yield file


def tells(file: Path, hidden: set[bytes]) -> bool:
    """Whether something hidden stands in a file."""
    try:
        content = file.read_bytes()
    except OSError:
        return False
    return any(value in content for value in hidden)
