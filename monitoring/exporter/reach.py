"""How the exporter reaches devices: its configuration in the words of `deploy`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from deploy.device import Station
from monitoring.exporter.model import Login, Watched
from network.access import Access


def access_of(login: Login) -> Access:
    """SSH access; host keys are always checked."""
    return Access(
        login.user,
        Path(login.key).expanduser() if login.key else None,
        Path(login.known_hosts).expanduser() if login.known_hosts else None,
        login.port,
        login.timeout_s,
    )


def stations_of(devices: Mapping[str, Watched]) -> list[Station]:
    """Where the devices are."""
    return [Station(name, device.platform, str(device.address)) for name, device in devices.items()]
