"""Which rows the watch tries all the time, from where, and what that adds to their counters.

A row is tried from a member of its source group, towards one machine at each site: from the host of its segment's
exporter where the firewalls take that for a member, else from the group's first server. A row with a window is not
tried, for it is shut most of the time. The firewalls count these tries with everything else, so who judges whether a
row is needed has to know of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from inventory.values import ProtocolPort
from network.compile.flows import LiveFlow, live_flows
from network.fabric import Fabric, Host
from network.probe.parties import Party, parties
from network.probe.plan import FAMILIES, ends
from network.probe.register import stands_in

EVERY_S = 30
"""Seconds between two tries of a row in a city; a lab's watch is told its own."""
Ports = Mapping[int, tuple[ProtocolPort, ...]]
"""By address family, what is tried at a machine; each entry is one port."""


@dataclass(frozen=True, slots=True)
class Tries:
    """From which machine a row is tried, and how many connections one try opens."""

    source: str
    connections: int

    @property
    def a_minute(self) -> int:
        """Connections in a minute, in a city."""
        return self.connections * 60 // EVERY_S


def watchers(fabric: Fabric) -> dict[str, Host]:
    """Segment → the host its exporter runs on, the first server of service `watch` there."""
    found: dict[str, Host] = {}
    for key, site in fabric.city.sites.items():
        for name, server in site.servers.items():
            host = fabric.hosts[f"{key}-{name}"]
            if "watch" in server.services:
                found.setdefault(host.segment, host)
    return found


def tries(fabric: Fabric, on: dt.date) -> dict[str, Tries]:
    """Row in force → how the watch tries it; without rows that it does not try."""
    everybody, found = parties(fabric), {}
    standing = of_hosts(everybody, watchers(fabric).values())
    for live in live_flows(fabric, on):
        own = trier(live, fabric, everybody, standing)
        if own is not None:
            there = tried_at(own, everybody, live)
            found[live.row] = Tries(own.name, sum(len(ports) for at in there.values() for ports in at.values()))
    return found


def trier(live: LiveFlow, fabric: Fabric, everybody: Collection[Party], standing: Iterable[Party]) -> Party | None:
    """The machine a row is tried from, one of `standing` before a server; None when nobody tries it."""
    if live.flow.window:
        return None
    servers = (party for party in everybody if party.inside and fabric.hosts[party.name].kind == "server")
    return next((own for own in (*standing, *servers) if tried_at(own, everybody, live)), None)


def tried_at(own: Party, everybody: Iterable[Party], live: LiveFlow) -> dict[Party, Ports]:
    """The first machine at each site that this one may talk to by the row; empty when it is no member."""
    there: dict[Party, Ports] = {}
    sites: set[str] = set()
    for party in everybody:
        families = [
            family
            for family in FAMILIES
            if stands_in(own, live.source, family) and stands_in(party, live.destination, family)
        ]
        if families and party.site not in sites:
            sites.add(party.site)
            there[party] = {family: ends(live.flow.ports) for family in families}
    return there


def of_hosts(everybody: Iterable[Party], hosts: Iterable[Host]) -> list[Party]:
    """The parties that these hosts are."""
    names = {host.name for host in hosts}
    return [party for party in everybody if party.name in names]
