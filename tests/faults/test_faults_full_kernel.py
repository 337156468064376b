"""Faults that need the kernel's own VRFs: done by hand in a lab under a full Debian kernel, shown by a real packet.

That the proof finds them is tried on their texts, with the rest of the catalogue.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "network" / "lab"))

from full_kernel import kernel, run_under  # noqa: E402 found by the line above
from seeded import Fault, catalogue  # noqa: E402 stands beside

UNDER_IT = [fault for fault in catalogue() if fault.confirmed == "full kernel"]


def test_a_policy_route_is_among_them() -> None:
    assert {fault.join for fault in UNDER_IT} == {"policy route"}


@pytest.mark.lab
@pytest.mark.alone
@pytest.mark.long
@pytest.mark.parametrize("fault", UNDER_IT, ids=lambda fault: fault.id)
def test_a_fault_by_hand_is_confirmed_under_a_full_kernel(tmp_path: Path, fault: Fault) -> None:
    release = kernel()
    if os.geteuid() != 0 or release is None or not Path("/bin/busybox").exists():
        pytest.skip("needs root, linux-image-amd64 and busybox-static")
    console = []
    for line in run_under(release, f"{sys.executable} {HERE / 'full_kernel_fault.py'} {fault.id} /run/state", tmp_path):
        console.append(line)
        if line.startswith("FAULT "):
            break
    assert console[-1].startswith("FAULT "), "".join(console[-20:])
    told = json.loads(console[-1].removeprefix("FAULT "))
    assert told == {"backend": "kernel", "before": False, "after": True}
