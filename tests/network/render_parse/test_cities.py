"""Every device of every city comes back from its text as it was compiled."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from inventory.loader import load_city
from inventory.source import CITIES
from network.build import build_fabric
from network.compile import compile_fabric
from network.parse import parse
from network.render import render

MINI = Path(__file__).parents[2] / "cities" / "mini"


@pytest.mark.parametrize(
    "city", [MINI, *(path for path in sorted(CITIES.iterdir()) if path.is_dir())], ids=lambda path: path.name
)
def test_every_device_comes_back(city: Path) -> None:
    states = compile_fabric(build_fabric(load_city(city)), on=dt.date(2026, 11, 20))
    assert states
    for name, state in states.items():
        text = render(state)
        parsed = parse(state.platform, name, text)
        assert parsed.unknown == (), name
        assert parsed.state == state, name
        assert render(state) == text
