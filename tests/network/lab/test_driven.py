"""A router whose VRFs are the kernel's own is read and changed as one whose VRFs are network namespaces."""

from __future__ import annotations

import re
from typing import Any

import pytest
from driven import ROUTER, changed

from network.parse import parse
from network.state import DeviceState

pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]


def state(text: str) -> DeviceState:
    parsed = parse("frr", ROUTER, text)
    assert not parsed.unknown
    return parsed.state


def placed(text: str) -> dict[str, str]:
    """Interface → VRF, of the interfaces that have a line with one."""
    return dict(re.findall(r"^interface (\S+) vrf (\S+)$", text, re.MULTILINE))


def test_a_driver_changes_a_router_of_kernel_vrfs(under_full_kernel: dict[str, Any]) -> None:
    told = under_full_kernel["driven"]
    assert told["backend"] == "kernel"
    assert not placed(told["shown"])  # else FRR says it itself, and nobody else has to
    text = told["text"]
    assert placed(told["read"]) == placed(text) == {"eth1.2002": "lgwan", "eth2.210": "lgwan"}
    for step in ("read", "looked", "rolled back"):
        assert state(told[step]) == state(text), step
    assert told["expected"] == text
    assert told["difference"].splitlines() == [
        " interface eth1.2002 vrf lgwan",
        "- ip ospf cost 10",
        "+ ip ospf cost 20",
        "+vrf guest",
        "+interface eth2.299 vrf guest",
        "+ ip address 10.99.0.1/24",
    ]
    assert state(told["committed"]) == state(changed(text))
    assert told["startup"] == changed(text)
