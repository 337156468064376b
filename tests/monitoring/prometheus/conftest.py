from __future__ import annotations

from pathlib import Path

import pytest

from monitoring.exporter.configuration import Station, configurations
from monitoring.prometheus import Settings, files
from network.access import Access
from network.fabric import Fabric
from tests.conftest import DAY


@pytest.fixture(scope="session")
def town_files(town_fabric: Fabric) -> dict[str, str]:
    """The rendered folder of the small town, with a lab's intervals."""
    station = Station(
        Access("sanso", Path("/keys/id"), Path("/keys/known_hosts")), "town", "sqlite:////state/journal.db"
    )
    return files(town_fabric, configurations(town_fabric, DAY, station), Settings.lab(5, Path("/state/ca.pem")))
