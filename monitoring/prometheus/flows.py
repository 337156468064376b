"""Registered flows (通信登録簿の通信), tried end to end from inside the segment they come from."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.rule import Alert, Group, literal
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.watchers import Exporters, watchers
from network.fabric import Endpoint, Fabric


def flows(fabric: Fabric, exporters: Exporters, settings: Settings) -> Group:
    """Two alerts for each flow that is watched."""
    rows = watched(exporters).items()
    return Group("flows", [alert for name, segment in rows for alert in _alerts(fabric, name, segment, settings)])


def watched(exporters: Exporters) -> dict[str, str]:
    """Flow → the segment it is tried from."""
    return {name: segment for segment, exporter in exporters.items() for name in exporter.flows}


def far_site(fabric: Fabric, name: str) -> str:
    """The one site where a flow ends, "" when there are several or none."""
    found = _sites(fabric, fabric.endpoints[fabric.city.flows[name].destination])
    return found.pop() if len(found) == 1 else ""


def _sites(fabric: Fabric, end: Endpoint) -> set[str]:
    return {
        lan.site
        for lan in fabric.lans.values()
        if any(lan.ipv4.overlaps(network) for network in end.ipv4) and lan.segment == end.zone
    }


def _alerts(fabric: Fabric, name: str, zone: str, settings: Settings) -> Iterator[Alert]:
    flow = fabric.city.flows[name]
    called, owner = literal(flow.title), literal(flow.owner)
    title = f"{called}({name})"
    labels = {"flow": name, "segment": zone, "site": watchers(fabric)[zone].site}
    if far := far_site(fabric, name):
        labels["far_site"] = far
    ends = [literal(fabric.city.groups[group].title) for group in (flow.source, flow.destination)]
    way = f"{ends[0]}→{ends[1]}"
    rows = f'sanso_flow_up{{flow="{name}"}}'
    yield Alert(
        "FlowDown",
        f"max({rows}) == 0",
        "critical",
        title,
        Text(f"Flow {name} does not pass.", f"通信断: 登録通信「{called}」({name})が通りません。"),
        Text(
            f"None of its destinations answers from segment {zone}.",
            f"{way}の通信が、{names.segment(fabric, zone)}の監視プログラムからどの宛先にも届きません。所管: {owner}。",
        ),
        2 * settings.probe,
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
            f"Some of its destinations, ports or address families do not answer from segment {zone}.",
            f"{way}の通信のうち、一部の宛先、ポートまたは IP バージョンに{names.segment(fabric, zone)}から届きません。"
            f"所管: {owner}。",
        ),
        2 * settings.probe,
        labels,
    )
