"""The exporters of a city, derived from its fabric: one in each segment that has a server of service `watch`.

Forbidden paths are many, and an exporter tries them all the time, so a bounded, ever same choice stands for them: from
its own host to one machine of every other segment at every site, the one most easily reached (others of this segment
may reach it; else a server; else a terminal), and to every machine at a peer; ICMP, SSH, a UDP port nobody listens on,
and the first two ports of the rows between the two segments; IPv4 and IPv6; without what the flow register lets this
host do. The hosts of other segments' exporters are tried as well, and each exporter is told what must not come from
them. All paths there are, from all hosts, are what `sanso lab probe` tries and `sanso prove` proves.

Which registered flows are watched, and from where, `flow_plan` says; rows that are tried from nowhere are named by
`unwatched`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy.plan import write_whole
from inventory.text import Text
from inventory.values import ProtocolPort
from monitoring.exporter import flow_plan
from monitoring.exporter.flow_plan import destination, from_host, from_servers, member
from monitoring.exporter.model import (
    Configuration,
    Drift,
    FlowPaths,
    JournalAt,
    Login,
    Node,
    Separation,
    Snmp,
    Source,
    Watched,
    WorkloadClient,
)
from network.access import Access
from network.compile.flows import LiveFlow, live_flows
from network.fabric import Fabric, Host
from network.probe.parties import Party, parties
from network.probe.plan import FAMILIES, ends
from network.probe.register import stands_in
from network.register.tries import watchers

ALWAYS = (ProtocolPort("icmp"), ProtocolPort("tcp", 22, 22), ProtocolPort("udp", 40000, 40000))
"""Tried at every destination: a machine answers each of them, whatever serves there, if the packet reaches it."""
REGISTERED = 2
"""Ports of rows between two segments that are tried between them as well."""
RATE = 50
"""Forbidden paths that an exporter tries in a second."""
Rules = tuple[LiveFlow, ...]
"""The rows of the flow register in force."""
MANAGEMENT = "management"
CLIENT_OF = {"certificates": "/usr/local/bin/sanso-certificates"}
"""Workloads that have a client → where servers keep it."""


@dataclass(frozen=True, slots=True)
class Station:
    """What the exporter of the management segment is told: how machines are reached, and where the records are."""

    access: Access
    city: str
    """The city's name or directory."""
    journal: str
    """The journal's URL."""
    snmp: Snmp | None = None
    rate: int = RATE


def configurations(fabric: Fabric, on: dt.date, station: Station) -> dict[str, Configuration]:
    """Segment → its exporter's configuration, with the register as it is on the day `on`; `management` comes last."""
    hosts = watchers(fabric)
    found = {segment: inside(fabric, host, on, hosts.values(), station.rate) for segment, host in hosts.items()}
    found[MANAGEMENT] = _management(fabric, station, from_servers(fabric, on, hosts.values()))
    return found


def inside(fabric: Fabric, host: Host, on: dt.date, others: Iterable[Host] = (), rate: int = RATE) -> Configuration:
    """What an exporter on this host watches of its segment; `others` are the hosts of all exporters."""
    everybody = parties(fabric)
    rules = live_flows(fabric, on)
    by_name = {party.name: party for party in everybody}
    own = by_name[host.name]
    strangers = [by_name[other.name] for other in others if other.segment != host.segment]
    chosen = dict.fromkeys((*_representatives(own, everybody, fabric, rules), *strangers))
    return Configuration(
        city=fabric.city.name,
        segment=host.segment,
        host=host.name,
        source=Source(ipv4=host.ipv4.ip, ipv6=host.ipv6.ip, gateway4=host.gateway4, gateway6=host.gateway6),
        separation=Separation(
            rate=rate,
            destinations={party.name: destination(party, _forbidden(own, party, rules)) for party in chosen},
            strangers={party.name: destination(party, _forbidden(party, own, rules)) for party in strangers},
        ),
        flows=from_host(own, everybody, rules),
        workloads={
            name: WorkloadClient(client=CLIENT_OF[name])
            for name, workload in fabric.city.workloads.items()
            if name in CLIENT_OF and workload.segment == host.segment and workload.hosts
        },
    )


def unwatched(fabric: Fabric, on: dt.date) -> Mapping[str, Text]:
    """Row in force between two zones that nobody tries → why."""
    return flow_plan.unwatched(fabric, on, watchers(fabric).values())


def write(fabric: Fabric, folder: Path, on: dt.date, station: Station) -> dict[str, Path]:
    """Write every configuration as `<segment>.yaml`; segment → file."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for segment, found in configurations(fabric, on, station).items():
        files[segment] = folder / f"{segment}.yaml"
        write_whole(files[segment], written(found).encode())
    return files


def written(found: Configuration) -> str:
    """A configuration as YAML."""
    data = found.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    head = f"# The exporter of {found.city}, segment {found.segment}. Written by sanso from the inventory.\n"
    return head + yaml.safe_dump(data, allow_unicode=True, sort_keys=False, default_flow_style=None, width=120)


def _representatives(own: Party, everybody: tuple[Party, ...], fabric: Fabric, rules: Rules) -> tuple[Party, ...]:
    """One machine of every other segment at every site, the one most easily reached; and every one at a peer."""
    groups = [live.destination for live in rules if live.source.zone == own.zone]
    reached = {party.name for party in everybody for group in groups if member(party, group)}

    def rank(party: Party) -> int:
        if party.name in reached:
            return 0
        return 1 if party.inside and fabric.hosts[party.name].kind == "server" else 2

    chosen: dict[tuple[str, str], Party] = {}
    for party in everybody:
        key = (party.zone, party.site if party.inside else party.name)
        if party.zone != own.zone and (key not in chosen or rank(party) < rank(chosen[key])):
            chosen[key] = party
    return tuple(chosen.values())


def _forbidden(source: Party, destination: Party, rules: Rules) -> dict[int, tuple[ProtocolPort, ...]]:
    """By family the ports that are tried from one to the other, and must not pass; a row's window is taken as open."""
    zones = {source.zone, destination.zone}
    known = ends(
        port for live in rules if {live.source.zone, live.destination.zone} == zones for port in live.flow.ports
    )[:REGISTERED]
    return {
        family: tuple(
            port
            for port in dict.fromkeys((*ALWAYS, *known))
            if not any(_permits(live, source, destination, family, port) for live in rules)
        )
        for family in FAMILIES
    }


def _permits(live: LiveFlow, source: Party, destination: Party, family: int, port: ProtocolPort) -> bool:
    covered = any(one.protocol == port.protocol and one.low <= port.low <= one.high for one in live.flow.ports)
    return covered and stands_in(source, live.source, family) and stands_in(destination, live.destination, family)


def _management(fabric: Fabric, station: Station, flows: Mapping[str, FlowPaths]) -> Configuration:
    access = station.access
    return Configuration(
        city=fabric.city.name,
        segment=MANAGEMENT,
        host="operator",
        login=Login(
            user=access.user,
            key=str(access.key) if access.key else None,
            known_hosts=str(access.known_hosts) if access.known_hosts else None,
            port=access.port,
        ),
        devices={
            name: Watched(platform=device.spec.platform, address=device.management.ip)
            for name, device in fabric.devices.items()
        },
        servers={
            name: Node(address=host.management.ip) for name, host in fabric.hosts.items() if host.kind == "server"
        },
        flows=dict(flows),
        snmp=station.snmp,
        drift=Drift(city=station.city),
        journal=JournalAt(url=station.journal),
    )
