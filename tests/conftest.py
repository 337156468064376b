"""What more rooms than one use: the small city, a lab of it, the order of the tests, and their guard against hangs."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_timeout import get_env_settings

from inventory.loader import load_city
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab, boot
from network.render import render

MINI = Path(__file__).parent / "cities" / "mini"
DAY = dt.date(2026, 11, 20)
"""The day the small city is compiled for: every row of its flow register is live."""

LONGEST = (
    "test_lab_deaths.py",
    "test_lab_servers.py",
    "test_lab_change.py",
    "test_real_debian.py",
    "test_wall.py",
    "test_servers_howto.py",
    "test_snmp_howto.py",
    "test_snmp_watch.py",
    "test_faults_by_hand.py",
    "test_exporter_lab.py",
    "test_lab_watch.py",
    "test_driver_live.py",
    "test_commit.py",
)
"""Files that take minutes, about the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest comes first, so that no worker is left with it when the others have ended."""
    places = {name: place for place, name in enumerate(LONGEST)}
    items.sort(key=lambda item: places.get(item.path.name, len(places)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> None:
    """The clean-up gets a limit of its own: a failure, and so a time that ran out, has ended the test's."""
    settings = get_env_settings(item.config)
    if settings.timeout:
        item.ihook.pytest_timeout_set_timer(item=item, settings=settings)


@pytest.fixture(scope="session")
def mini_fabric() -> Fabric:
    return build_fabric(load_city(MINI, DAY))


@pytest.fixture(scope="session")
def mini_lab(mini_fabric: Fabric, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The small city in factory state. Tests that change it put it back."""
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    lab = boot(mini_fabric, None, tmp_path_factory.mktemp("lab"))
    yield lab
    lab.down()


@pytest.fixture(scope="session")
def mini_lab_configured(mini_fabric: Fabric, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The small city as compiled, converged. Tests that change it put it back."""
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    states = compile_fabric(mini_fabric, on=DAY)
    lab = boot(mini_fabric, {name: render(state) for name, state in states.items()}, tmp_path_factory.mktemp("lab"))
    assert not lab.missing, f"no routes on {lab.missing}"
    yield lab
    lab.down()
