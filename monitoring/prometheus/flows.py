"""Registered flows (通信登録簿の通信), tried end to end from where they come from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from inventory.text import Text
from monitoring.exporter.configuration import MANAGEMENT
from monitoring.prometheus import names
from monitoring.prometheus.rule import Alert, Group, literal
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.watchers import Exporters
from network.fabric import Endpoint, Fabric, Host


@dataclass(frozen=True, slots=True)
class Trial:
    """From where to where a flow is tried, and by the exporter of which segment: its own, or `management` over SSH."""

    source: Host
    exporter: str
    destinations: tuple[str, ...]

    @property
    def by_login(self) -> bool:
        return self.exporter == MANAGEMENT


def flows(fabric: Fabric, exporters: Exporters, settings: Settings) -> Group:
    """Two alerts for each flow that is tried, and one for each server that has to be logged in to for it."""
    tried = watched(fabric, exporters)
    alerts = [alert for name, trial in tried.items() for alert in _alerts(fabric, name, trial, settings)]
    servers: dict[str, list[str]] = {}
    for name, trial in tried.items():
        if trial.by_login:
            servers.setdefault(trial.source.name, []).append(name)
    alerts += [_unwatched(fabric.hosts[name], rows, settings) for name, rows in servers.items()]
    return Group("flows", alerts)


def watched(fabric: Fabric, exporters: Exporters) -> Mapping[str, Trial]:
    """Flow → from where it is tried."""
    return {
        name: Trial(fabric.hosts[flow.server.name if flow.server else exporter.host], segment, tuple(flow.destinations))
        for segment, exporter in exporters.items()
        for name, flow in exporter.flows.items()
    }


def far_site(fabric: Fabric, name: str) -> str:
    """The one site where a flow ends, "" when there are several or none."""
    found = _sites(fabric, fabric.endpoints[fabric.city.flows[name].destination])
    return found.pop() if len(found) == 1 else ""


def far_server(fabric: Fabric, trial: Trial) -> str:
    """The one server towards which a flow is tried, "" when there are several, or it is none of the city's."""
    found = [fabric.hosts.get(name) for name in trial.destinations]
    return found[0].name if len(found) == 1 and found[0] is not None and found[0].kind == "server" else ""


def _sites(fabric: Fabric, end: Endpoint) -> set[str]:
    return {
        lan.site
        for lan in fabric.lans.values()
        if any(lan.ipv4.overlaps(network) for network in end.ipv4) and lan.segment == end.zone
    }


def _alerts(fabric: Fabric, name: str, trial: Trial, settings: Settings) -> Iterator[Alert]:
    flow, source = fabric.city.flows[name], trial.source
    called, owner = literal(flow.title), literal(flow.owner)
    title = f"{called}({name})"
    labels = {"flow": name, "segment": source.segment, "site": source.site}
    if far := far_site(fabric, name):
        labels["far_site"] = far
    if server := far_server(fabric, trial):
        labels["far_server"] = server
    ends = [literal(fabric.city.groups[group].title) for group in (flow.source, flow.destination)]
    tried = f"{ends[0]}→{ends[1]}の通信を{names.host(source)}から試しましたが、"
    rows = f'sanso_flow_up{{flow="{name}"}}'
    yield Alert(
        "FlowDown",
        f"max({rows}) == 0",
        "critical",
        title,
        Text(f"Flow {name} does not pass.", f"通信断: 登録通信「{called}」({name})が通りません。"),
        Text(
            f"Tried from {source.name} in segment {source.segment}: none of its destinations answers.",
            f"{tried}どの宛先も応答しません。所管: {owner}。",
        ),
        2 * settings.flow,
        labels,
    )
    yield Alert(
        "FlowDegraded",
        f"min({rows}) == 0 and max({rows}) == 1",
        "warning",
        title,
        Text(
            f"Flow {name} passes only in part.",
            f"通信の一部断: 登録通信「{called}」({name})の一部が通りません。",
        ),
        Text(
            f"Tried from {source.name} in segment {source.segment}: some destinations, ports or address families do "
            "not answer.",
            f"{tried}一部の宛先、ポートまたは IP バージョンが応答しません。所管: {owner}。",
        ),
        2 * settings.flow,
        labels,
    )


def _unwatched(server: Host, rows: list[str], settings: Settings) -> Alert:
    title = names.host(server)
    return Alert(
        "FlowUnwatched",
        f'min(sanso_flow_source_up{{source="{server.name}"}}) == 0',
        "warning",
        title,
        Text(
            f"Flows that come from {server.name} cannot be tried.",
            f"通信未確認: {title}から登録通信を試せません。",
        ),
        Text(
            f"It cannot be logged in to over the management network ({server.management.ip}), or has no Python 3. "
            f"What becomes of {', '.join(rows)} is not known; all may be well.",
            f"管理ネットワーク({server.management.ip})からログインできないか、Python 3 がありません。"
            f"通信 {'、'.join(rows)} の状態は不明です(断とは限りません)。",
        ),
        2 * settings.flow,
        {"source": server.name, "segment": server.segment, "site": server.site},
    )
