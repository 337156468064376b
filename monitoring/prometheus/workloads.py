"""Workloads (業務システム), judged by their work: a certificate issued and read back, not a port that answers."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.objectives import SECONDS, WORKLOAD
from monitoring.prometheus.rule import Alert, Group, Rule, literal
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.watchers import Exporters
from network.fabric import Fabric


def workloads(fabric: Fabric, exporters: Exporters, settings: Settings) -> Group:
    """The service level's records, then alerts for each workload that is watched."""
    rules: list[Rule] = [*WORKLOAD.records(lambda window: _failing(window, settings))]
    for name in watched(exporters):
        rules += _alerts(fabric, name)
    return Group("workloads", rules)


def _failing(window: str, settings: Settings) -> str:
    """The part of the window's time in which the work failed; time nobody looked is not counted against a workload."""
    failures = " - ".join(f"{count}_over_time(sanso_workload_up[{window}])" for count in ("count", "sum"))
    return f"max by (workload) ({failures}) * {settings.probe} / {SECONDS[window]}"


def watched(exporters: Exporters) -> dict[str, str]:
    """Workload → the segment it is watched from."""
    return {name: segment for segment, exporter in exporters.items() for name in exporter.workloads}


def _alerts(fabric: Fabric, name: str) -> Iterator[Alert]:
    workload = fabric.city.workloads[name]
    first = workload.hosts[0]
    title, owner = literal(workload.title), literal(workload.owner)
    labels = {"workload": name, "segment": workload.segment, "site": fabric.hosts[first].site}
    recovery = workload.recovery
    standby = f"待機系: {'、'.join(workload.hosts[1:])}。" if workload.hosts[1:] else "待機系はありません。"
    yield Alert(
        "WorkloadDown",
        f'max by (workload) (sanso_workload_up{{workload="{name}"}}) == 0',
        "critical",
        title,
        Text(f"Workload {name} does not do its work.", f"業務停止: {title}({owner})が利用できません。"),
        Text(
            f"Tried from segment {workload.segment}. Hosts: {', '.join(workload.hosts)}."
            f" To be back within {recovery.rto_hours:g} h (RTO).",
            f"{names.segment(fabric, workload.segment)}の中から業務処理(登録と照会)を試し、失敗しました。"
            f"主系: {first}。{standby}目標復旧時間(RTO): {recovery.rto_hours:g} 時間。",
        ),
        0,
        labels,
    )
    if workload.hosts[1:]:
        yield Alert(
            "WorkloadOnStandby",
            f'max by (workload) (sanso_workload_server_info{{workload="{name}",server!="{first}"}}) == 1',
            "info",
            title,
            Text(f"Workload {name} runs on its standby.", f"待機系で稼働: {title}は待機系で業務を継続しています。"),
            Text(
                f"It works, but not on {first}. Plan the way back.",
                f"業務は継続していますが、主系 {first} ではありません。切り戻しを計画してください。",
            ),
            0,
            labels,
        )
    yield from WORKLOAD.alerts(f'workload="{name}"', title, labels, Text(f"Workload {name}", f"{title}の失敗"))
