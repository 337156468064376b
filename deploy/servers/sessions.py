"""Sessions to the servers of a fleet: one crew for all of them, and the secrets of the target they belong to."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from deploy.device import Driver, Station
from deploy.servers.compile import PLATFORM
from deploy.servers.crew import Crew
from deploy.servers.driver import DebianDriver
from deploy.servers.sealer import SEAL_KEY, Sealer
from deploy.servers.text import parse
from deploy.servers.vault import read_vault
from deploy.target import Target


def sessions(stations: Iterable[Station], target: Target, *, install: bool) -> Callable[[Station], Driver | None]:
    """What opens a session to a server among `stations`; None for anything else.

    Raises:
        VaultError: they need secrets that cannot be had.
    """
    servers = [station for station in stations if station.platform == PLATFORM]
    texts = [[parse(text) for text in station.texts] for station in servers]
    needed = frozenset(name for known in texts for text in known for name in text.secrets)
    # A server that is to run nothing any more may have files with secrets, of which only a keyed hash is told.
    emptied = any(not text.files for known in texts for text in known[-1:]) and target.vault.exists()
    # A person may be asked for the password: here, before anything is done, and not in the middle of many threads.
    sealer = Sealer(read_vault(target.vault, target.password_file, needed | {SEAL_KEY}) if needed or emptied else {})
    crew = Crew(servers, target.access)

    def serve(station: Station) -> Driver | None:
        if station.platform != PLATFORM:
            return None
        driver = DebianDriver(station, target.access, crew, sealer, install=install)
        driver.open()
        return driver

    return serve
