"""What a device tells beside its configuration: its clock, on which ports it listens, what its SNMP agent takes."""

from __future__ import annotations

import time

from deploy.device import Driver, Station
from deploy.fleet import FleetError, split
from deploy.planning import FleetOf, Survey
from inventory.text import Text
from network.controls import Inspection

CLOCK = "date +%s.%N"
LISTENING = "ss -Hltun"
_AGENT = "/etc/snmp/snmpd.conf"
COMMUNITIES = (
    f"test -r {_AGENT} && echo read; "
    "sed -nE 's/^[[:space:]]*(r[ow]community6?|com2sec6?|com2secunix|authcommunity)[[:space:]].*/\\1/Ip' "
    f"{_AGENT} /etc/snmp/snmpd.conf.d/*.conf /etc/snmp/snmpd.local.conf 2>/dev/null; true"
)
"""Debian's snmpd: whether its configuration can be read, and the names of the directives that take a community."""
_LOOPBACK = ("127.", "[::1]")


def inspect(found: Survey, fleet_of: FleetOf) -> dict[str, Inspection]:
    """Look at every device that was read; FleetError names all that fail."""
    devices = found.fabric.devices
    stations = [Station(name, devices[name].spec.platform, str(devices[name].management.ip)) for name in found.running]
    with fleet_of(stations) as fleet:
        results = fleet.each(
            [station.name for station in stations],
            Text("reading clocks and services", "時刻とサービスの読み取り"),
            lambda _, session: _inspect(session),
        )
    good, bad = split(results)
    if bad:
        raise FleetError(
            Text(f"{len(bad)} of {len(stations)} devices could not be asked:", f"{len(bad)} 台に問い合わせできません:"),
            bad,
        )
    return good


def _inspect(session: Driver) -> Inspection:
    begun = time.time()
    told = float(session.cli([CLOCK])[CLOCK])
    ended = time.time()
    said = session.cli([LISTENING, COMMUNITIES])
    return Inspection(
        told - (begun + ended) / 2, (ended - begun) / 2, listening(said[LISTENING]), communities(said[COMMUNITIES])
    )


def listening(said: str) -> frozenset[tuple[str, int]]:
    """Protocol and port of every socket that hears more than the device itself, from what `ss -Hltun` prints."""
    found: set[tuple[str, int]] = set()
    for line in said.splitlines():
        protocol, _, _, _, local, *_ = line.split()
        address, _, port = local.rpartition(":")
        if not address.startswith(_LOOPBACK):
            found.add((protocol, int(port)))
    return frozenset(found)


def communities(said: str) -> bool | None:
    """Whether an SNMP agent takes a community, from what COMMUNITIES prints; None: its configuration cannot be read."""
    read, *directives = said.split() or [""]
    return bool(directives) if read == "read" else None
