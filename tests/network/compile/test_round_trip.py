"""parse(render(x)) == x for every device of every city, and for generated ones."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inventory.checks import check_city
from inventory.generate import SMALLEST, generate_city
from inventory.loader import load_city
from inventory.model import City
from network.build import build_fabric
from network.compile import compile_fabric
from network.parse import parse
from network.render import render

DAY = dt.date(2026, 11, 20)
SHIPPED = sorted(path.name for path in Path("inventory/cities").iterdir() if any(path.glob("*.yaml")))


def assert_read_back(city: City) -> None:
    for name, state in compile_fabric(build_fabric(city), DAY).items():
        found = parse(state.platform, name, render(state))
        assert found.state == state
        assert not found.unknown


@pytest.mark.parametrize("name", [*SHIPPED, "tests/cities/mini"])
def test_every_device_of_every_city_reads_back(name: str) -> None:
    assert_read_back(load_city(name))


@settings(max_examples=4, deadline=None)
@given(devices=st.integers(SMALLEST, 110), segments=st.integers(6, 12))
def test_generated_cities_read_back(devices: int, segments: int) -> None:
    city = generate_city(devices, segments)
    assert sum(len(site.devices) for site in city.sites.values()) == devices
    assert_read_back(city)


@pytest.mark.parametrize("devices", [SMALLEST, 100, 1000])
def test_a_generated_city_passes_the_checks(devices: int) -> None:
    assert not [finding for finding in check_city(generate_city(devices), DAY) if finding.severity == "error"]


def test_the_same_city_gives_the_same_states() -> None:
    assert compile_fabric(build_fabric(generate_city(60)), DAY) == compile_fabric(build_fabric(generate_city(60)), DAY)
