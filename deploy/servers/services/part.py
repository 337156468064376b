"""What a service adds to a server."""

from __future__ import annotations

from dataclasses import dataclass

from deploy.servers.text import ManagedFile
from network.fabric import Fabric, Host

CHECKS = "/usr/local/lib/sanso/checks"
"""Where a server's own checks stand: a script each, which exits 0 when the service does its work."""


@dataclass(frozen=True, slots=True)
class Part:
    """Debian packages, daemons to run (and to start at boot), and files."""

    packages: tuple[str, ...] = ()
    daemons: tuple[str, ...] = ()
    files: tuple[ManagedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    """The server a service is compiled for."""

    fabric: Fabric
    host: Host
    services: tuple[str, ...]


def check_script(name: str, body: str) -> ManagedFile:
    """A check of a service, run by the server itself."""
    return ManagedFile(f"{CHECKS}/{name}", f"#!/bin/sh\n{body}", "0755")


def segment_prefixes(seat: Seat) -> tuple[str, ...]:
    """Every prefix of hosts in the server's segment, IPv4 before IPv6: each LAN outside the plan too."""
    segment = seat.fabric.city.segments[seat.host.segment]
    four, six = {segment.ipv4.supernet}, {segment.ipv6.supernet}
    for lan in seat.fabric.lans.values():
        if lan.segment == seat.host.segment:
            if not any(lan.ipv4.subnet_of(block) for block in four):
                four.add(lan.ipv4)
            if not any(lan.ipv6.subnet_of(block) for block in six):
                six.add(lan.ipv6)
    return (*map(str, sorted(four)), *map(str, sorted(six)))
