"""Sessions to the servers of a fleet: one crew for all of them, and the secrets of the target they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deploy.device import Driver, Station
from deploy.servers.compile import PLATFORM
from deploy.servers.crew import Crew
from deploy.servers.driver import DebianDriver
from deploy.servers.sealer import Sealer
from deploy.servers.vault import read_vault
from deploy.target import Target


def sessions(stations: Iterable[Station], target: Target, *, install: bool) -> Callable[[Station], Driver | None]:
    """What opens a session to a server among `stations`; None for anything else."""
    crew = Crew([station for station in stations if station.platform == PLATFORM], target.access)
    sealer = Sealer(lambda: read_vault(target.vault, target.password_file))

    def serve(station: Station) -> Driver | None:
        if station.platform != PLATFORM:
            return None
        driver = DebianDriver(station, target.access, crew, sealer, install=install)
        driver.open()
        return driver

    return serve
