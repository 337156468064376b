"""VRFs as network namespaces and VRFs as the kernel's own devices let the same packets pass."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROGRAM = Path(__file__).parent / "tiny.py"

pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]


def test_both_backends_reach_the_same(under_full_kernel: dict[str, Any], tmp_path: Path) -> None:
    native = subprocess.run(
        [sys.executable, str(PROGRAM), str(tmp_path), "matrix"], capture_output=True, text=True, check=True
    )
    here = json.loads(native.stdout.removeprefix("TOLD "))["matrix"]
    there = under_full_kernel["matrix"]
    assert (here["backend"], there["backend"]) == ("netns", "kernel")
    assert there["matrix"] == here["matrix"]
    assert any(any(pair) for row in here["matrix"].values() for pair in row.values())
