"""The agents of a city: every network device and every server, at its management address."""

from __future__ import annotations

from pathlib import Path

from monitoring.exporter.model import Node, Snmp
from network.fabric import Fabric


def agents(fabric: Fabric, credential: Path | None) -> Snmp | None:
    """Who is asked, with the credential of this file (see `credentials`); None without one: the city has no agents."""
    if credential is None:
        return None
    devices = {name: Node(address=device.management.ip) for name, device in fabric.devices.items()}
    servers = {name: Node(address=host.management.ip) for name, host in fabric.hosts.items() if host.kind == "server"}
    return Snmp(credentials=str(credential), nodes={**devices, **servers})
