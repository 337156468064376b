"""What exporters try of the flow register: rows as `network.register.tries` chooses them, and why others are not tried.

A row that is not tried from the host of its segment's exporter is tried from a server, which the exporter of the
management network logs in to. A city that wants a row of terminals watched gives the group a watching machine of its
own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping

from inventory.text import Text
from inventory.values import ProtocolPort
from monitoring.exporter.model import Destination, FlowPaths, SourceServer
from network.compile.flows import LiveFlow, live_flows
from network.fabric import Endpoint, Fabric, Host
from network.probe.parties import PEER, Party, parties
from network.probe.plan import FAMILIES
from network.probe.register import stands_in
from network.register.tries import of_hosts, tried_at, trier

_WINDOW = Text("open in its maintenance window only", "保守時間帯だけ開く通信のため")
_OUTSIDE = Text("it is begun from outside the city", "庁外の機器から始まる通信のため")
_NOBODY = Text(
    "no server and no watching machine stands in its source group {group}",
    "送信元グループ {group} にサーバも監視機もないため",
)
_NOWHERE = Text(
    "the inventory has no machine in its destination group {group}", "宛先グループ {group} の機器が台帳にないため"
)


def from_host(own: Party, everybody: Iterable[Party], rules: Iterable[LiveFlow]) -> dict[str, FlowPaths]:
    """Row → what an exporter on this machine tries of it; rows it cannot stand for are left out."""
    people = tuple(everybody)
    found = {live.row: _destinations(own, people, live) for live in rules if not live.flow.window}
    return {row: FlowPaths(destinations=there) for row, there in found.items() if there}


def from_servers(fabric: Fabric, on: dt.date, watching: Iterable[Host]) -> dict[str, FlowPaths]:
    """Row → what is tried of it from a server; without the rows that the hosts `watching` stand for."""
    everybody = parties(fabric)
    standing = of_hosts(everybody, watching)
    found: dict[str, FlowPaths] = {}
    for live in live_flows(fabric, on):
        own = trier(live, fabric, everybody, standing)
        if own is not None and own not in standing:
            there = _destinations(own, everybody, live)
            found[live.row] = FlowPaths(destinations=there, server=_source(fabric.hosts[own.name]))
    return found


def unwatched(fabric: Fabric, on: dt.date, watching: Iterable[Host]) -> Mapping[str, Text]:
    """Row in force between two zones that is tried from nowhere → why. `watching` are the hosts of all exporters."""
    everybody = parties(fabric)
    standing = of_hosts(everybody, watching)
    rules = live_flows(fabric, on)
    return {live.row: _reason(live, everybody) for live in rules if trier(live, fabric, everybody, standing) is None}


def member(party: Party, group: Endpoint) -> bool:
    """Whether the firewalls take the machine for a member of the group."""
    return any(stands_in(party, group, family) for family in FAMILIES)


def destination(party: Party, ports: Mapping[int, tuple[ProtocolPort, ...]]) -> Destination:
    """A machine with what is tried there, by family."""
    return Destination(
        segment=party.zone,
        site=party.site,
        ipv4=party.ipv4,
        ipv6=party.ipv6,
        ports4=ports.get(4, ()),
        ports6=ports.get(6, ()),
    )


def _destinations(own: Party, everybody: Iterable[Party], live: LiveFlow) -> dict[str, Destination]:
    return {party.name: destination(party, ports) for party, ports in tried_at(own, everybody, live).items()}


def _source(host: Host) -> SourceServer:
    return SourceServer(name=host.name, address=host.management.ip, ipv4=host.ipv4.ip, ipv6=host.ipv6.ip)


def _reason(live: LiveFlow, everybody: Iterable[Party]) -> Text:
    if live.flow.window:
        return _WINDOW
    if live.source.zone.startswith(PEER):
        return _OUTSIDE
    if not any(member(party, live.destination) for party in everybody):
        return _NOWHERE.format(group=live.destination.group)
    return _NOBODY.format(group=live.source.group)
