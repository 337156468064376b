"""What every server of a city is to run."""

from __future__ import annotations

from deploy.servers.services import PARTS, Seat
from deploy.servers.text import ServerText
from network.fabric import Fabric

PLATFORM = "debian"


def server_texts(fabric: Fabric) -> dict[str, ServerText]:
    """Full name → its configuration, for the servers that have a service to be deployed."""
    found: dict[str, ServerText] = {}
    for key, site in fabric.city.sites.items():
        for short, server in site.servers.items():
            name = f"{key}-{short}"
            seat = Seat(fabric, fabric.hosts[name], server.services)
            parts = [PARTS[service](seat) for service in server.services if service in PARTS]
            if any(part.files for part in parts):
                found[name] = ServerText(
                    name,
                    tuple(sorted({package for part in parts for package in part.packages})),
                    tuple(sorted({daemon for part in parts for daemon in part.daemons})),
                    {file.path: file for part in parts for file in part.files},
                )
    return found
