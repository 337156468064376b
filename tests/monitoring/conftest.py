from __future__ import annotations

import importlib.util
import os
import socket
from collections.abc import Iterator
from types import ModuleType

import pytest
from scraping import DAY, ROOT, TOWN

from inventory.loader import load_city
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab, boot
from network.render import render


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def snmp_agents() -> ModuleType:
    """The benchmark's helper, which starts real agents."""
    spec = importlib.util.spec_from_file_location("snmp_agents", ROOT / "benchmarks" / "snmp_agents.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def town_fabric() -> Fabric:
    return build_fabric(load_city(TOWN, DAY))


@pytest.fixture(scope="session")
def town_lab(town_fabric: Fabric, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The town as compiled, converged. Tests that change it put it back."""
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    states = compile_fabric(town_fabric, on=DAY)
    lab = boot(town_fabric, {name: render(state) for name, state in states.items()}, tmp_path_factory.mktemp("lab"))
    assert not lab.missing, f"no routes on {lab.missing}"
    yield lab
    lab.down()
