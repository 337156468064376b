"""VRFs as network namespaces and VRFs as the kernel's own devices let the same packets pass."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from full_kernel import kernel, run_under

MATRIX = Path(__file__).parent / "matrix.py"

pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]


def test_both_backends_reach_the_same(tmp_path: Path) -> None:
    release = kernel()
    if os.geteuid() != 0 or release is None or not Path("/bin/busybox").exists():
        pytest.skip("needs root, linux-image-amd64 and busybox-static")
    command = f"{sys.executable} {MATRIX} kernel /run/state"
    console = []
    for line in run_under(release, command, tmp_path):
        console.append(line)
        if line.startswith("MATRIX "):
            break
    assert console[-1].startswith("MATRIX "), "".join(console[-20:])
    native = subprocess.run(
        [sys.executable, str(MATRIX), "netns", str(tmp_path)], capture_output=True, text=True, check=True
    )
    here = json.loads(native.stdout.removeprefix("MATRIX "))
    there = json.loads(console[-1].removeprefix("MATRIX "))
    assert there == here
    assert any(any(pair) for row in here.values() for pair in row.values())
