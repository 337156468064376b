"""Which rows of the flow register are tried, from where, and what is tried.

A row is tried from a member of its source group, towards one destination at each site: from the host of its segment's
exporter where the firewalls take that for a member; else from the group's first server, which the exporter of the
management network logs in to. A city that wants a row of terminals watched gives the group a watching machine of its
own. A row with a window is not tried, for it is shut most of the time.
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
from network.probe.plan import FAMILIES, ends
from network.probe.register import stands_in

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
    found = {live.row: _destinations(own, everybody, live) for live in rules if not live.flow.window}
    return {row: FlowPaths(destinations=there) for row, there in found.items() if there}


def from_servers(fabric: Fabric, on: dt.date, watching: Iterable[Host]) -> dict[str, FlowPaths]:
    """Row → what is tried of it from a server; without the rows that the hosts `watching` stand for."""
    everybody = parties(fabric)
    standing = _standing(everybody, watching)
    servers = [party for party in everybody if party.inside and fabric.hosts[party.name].kind == "server"]
    found: dict[str, FlowPaths] = {}
    for live in live_flows(fabric, on):
        if live.flow.window or any(_destinations(own, everybody, live) for own in standing):
            continue
        for own in servers:
            there = _destinations(own, everybody, live)
            if there:
                found[live.row] = FlowPaths(destinations=there, server=_source(fabric.hosts[own.name]))
                break
    return found


def unwatched(fabric: Fabric, on: dt.date, watching: Iterable[Host]) -> Mapping[str, Text]:
    """Row in force between two zones that is tried from nowhere → why. `watching` are the hosts of all exporters."""
    everybody, hosts = parties(fabric), tuple(watching)
    rules = live_flows(fabric, on)
    tried = set(from_servers(fabric, on, hosts))
    for own in _standing(everybody, hosts):
        tried |= from_host(own, everybody, rules).keys()
    return {live.row: _reason(live, everybody) for live in rules if live.row not in tried}


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


def _standing(everybody: Iterable[Party], watching: Iterable[Host]) -> list[Party]:
    names = {host.name for host in watching}
    return [party for party in everybody if party.name in names]


def _destinations(own: Party, everybody: Iterable[Party], live: LiveFlow) -> dict[str, Destination]:
    """The first machine at each site that this one may talk to by the row; empty when it is no member."""
    there: dict[str, Destination] = {}
    sites: set[str] = set()
    for party in everybody:
        families = [
            family
            for family in FAMILIES
            if stands_in(own, live.source, family) and stands_in(party, live.destination, family)
        ]
        if families and party.site not in sites:
            sites.add(party.site)
            there[party.name] = destination(party, {family: ends(live.flow.ports) for family in families})
    return there


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
