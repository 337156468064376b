from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from full_kernel import kernel, run_under

PROGRAM = Path(__file__).parent / "tiny.py"


@pytest.fixture(scope="session")
def under_full_kernel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the smallest city tells under a full Debian kernel. An emulated machine is slow: it boots once."""
    release = kernel()
    if os.geteuid() != 0 or release is None or not Path("/bin/busybox").exists():
        pytest.skip("needs root, linux-image-amd64 and busybox-static")
    told: dict[str, Any] = {}
    console = []
    words = ("matrix", "driven")
    command = f"{sys.executable} {PROGRAM} /run/state {' '.join(words)}"
    for line in run_under(release, command, tmp_path_factory.mktemp("kernel")):
        console.append(line)
        if line.startswith("TOLD "):
            told |= json.loads(line.removeprefix("TOLD "))
        if len(told) == len(words):
            break
    assert told.keys() == {*words}, "".join(console[-40:])
    return told
