"""A real browser without a window: what it makes of a page, as text and as a picture."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1920,1080",
)


class Chromium:
    """Opens pages in a network namespace (None: here), each time as a new user. `scratch` holds their profiles.

    With `wait_ms` a page's clock runs on so long before it is looked at.
    """

    def __init__(self, scratch: Path, netns: Path | None = None, wait_ms: int = 0) -> None:
        self._scratch = scratch
        self._wait = [f"--virtual-time-budget={wait_ms}"] if wait_ms else []
        self._prefix = ["/usr/bin/nsenter", f"--net={netns}", "--"] if netns else []
        self._count = 0

    def text(self, url: str) -> str:
        """The document after its scripts have run."""
        return self._run("--dump-dom", url)

    def picture(self, url: str, file: Path) -> Path:
        """A screenshot of 1920 x 1080."""
        self._run(f"--screenshot={file}", url)
        return file

    def _run(self, what: str, url: str) -> str:
        self._count += 1
        words = [
            *self._prefix,
            "chromium",
            *FLAGS,
            *self._wait,
            f"--user-data-dir={self._scratch / str(self._count)}",
            what,
            url,
        ]
        process = subprocess.Popen(
            words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
        )
        try:
            out, _ = process.communicate(timeout=120)
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        assert process.returncode == 0
        return out
