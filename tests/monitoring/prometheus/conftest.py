from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import Path

import pytest

from monitoring.exporter.configuration import Station, configurations
from monitoring.exporter.model import Node, Snmp
from monitoring.prometheus import RENDERED, Settings, files
from monitoring.prometheus.watchers import Exporters
from network.access import Access
from network.documents import write_folder
from network.fabric import Fabric
from tests.conftest import DAY


@pytest.fixture(scope="session")
def town_exporters(town_fabric: Fabric) -> Exporters:
    """The town's exporters."""
    access = Access("sanso", Path("/keys/id"), Path("/keys/known_hosts"))
    snmp = Snmp(credentials="/keys/snmp.yaml", nodes={"hall-core1": Node(address=IPv4Address("10.255.2.1"))})
    station = Station(access, "town", "sqlite:////state/journal.db", snmp)
    return configurations(town_fabric, DAY, station)


@pytest.fixture(scope="session")
def town_files(town_fabric: Fabric, town_exporters: Exporters) -> dict[str, str]:
    """The rendered folder of the small town, with a lab's intervals."""
    return files(town_fabric, town_exporters, Settings.lab(5, Path("/state/ca.pem"), len(town_fabric.devices)))


@pytest.fixture(scope="session")
def city_folder(town_fabric: Fabric, town_exporters: Exporters, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small town's folder as if it were a real city."""
    folder = tmp_path_factory.mktemp("rendered") / "city"
    write_folder(folder, files(town_fabric, town_exporters, Settings()), RENDERED)
    return folder


@pytest.fixture(scope="session")
def town_folder(town_files: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, written."""
    folder = tmp_path_factory.mktemp("rendered") / "town"
    write_folder(folder, town_files, RENDERED)
    return folder
