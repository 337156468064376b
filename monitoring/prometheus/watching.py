"""Whether the watch itself works: what is not looked at is not told to be well."""

from __future__ import annotations

from inventory.text import Text
from monitoring.exporter.configuration import MANAGEMENT
from monitoring.prometheus import names
from monitoring.prometheus.rule import Alert, Group
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.watchers import watchers
from network.fabric import Fabric


def watching(fabric: Fabric, settings: Settings) -> Group:
    """An alert per exporter, and one for any look that brings nothing."""
    places = [(MANAGEMENT, ""), *((segment, host.name) for segment, host in watchers(fabric).items())]
    return Group("watching", [*(_exporter(fabric, *place, settings) for place in places), _probe(settings)])


def _exporter(fabric: Fabric, segment: str, host: str, settings: Settings) -> Alert:
    title = names.segment(fabric, segment)
    return Alert(
        "ExporterDown",
        f'up{{job="sanso-exporter",segment="{segment}"}} == 0',
        "critical",
        title,
        Text(f"Nothing watches segment {segment}.", f"監視停止: {title}の監視プログラムが応答しません。"),
        Text(
            f"The exporter{f' on {host}' if host else ''} does not answer: this segment's state is not known.",
            f"{f'{host} の' if host else '監視サーバ上の'}エクスポータに接続できません。"
            "この領域の状態は「データなし」になり、異常があっても検知できません。",
        ),
        2 * settings.probe,
        {"segment": segment},
    )


def _probe(settings: Settings) -> Alert:
    return Alert(
        "ProbeMissing",
        'up{job=~"sanso-.+",job!="sanso-exporter"} == 0 unless on (segment) up{job="sanso-exporter"} == 0'
        ' unless on (exporter) label_replace(up{job="sanso-exporter"}, "exporter", "$1", "segment", "(.*)") == 0',
        "warning",
        "",
        Text(
            "{{ $labels.job }} brings nothing about {{ $labels.instance }}.",
            "監視値の欠落: {{ $labels.instance }}({{ $labels.job }})の値が取れていません。",
        ),
        Text(
            "The exporter runs, but this look failed or took too long.",
            "エクスポータは動いていますが、この対象の確認に失敗したか、時間内に終わりませんでした。",
        ),
        3 * settings.device,
    )
