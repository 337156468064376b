"""Separation (領域分離): forbidden paths are tried all the time, and every one that opens is told at once."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.objectives import SEPARATION
from monitoring.prometheus.rule import Alert, Group, Record, Rule, seconds
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.watchers import watchers
from network.fabric import Fabric


def separation(fabric: Fabric, settings: Settings) -> Group:
    """The indicator's records, then alerts for each segment that is watched from inside."""
    rules: list[Rule] = [
        *SEPARATION.records(
            lambda window: (
                f"sum by (segment) (increase(sanso_separation_breaches_total[{window}]))"
                f" / sum by (segment) (increase(sanso_separation_attempts_total[{window}]) > 0)"
            ),
        ),
        _state(),
    ]
    for segment in watchers(fabric):
        rules += _alerts(fabric, segment, settings)
    return Group("separation", rules)


def _state() -> Record:
    """0: a path is open. 1: all are blocked, and the exporter itself is not cut off. No row: not known (yet)."""
    blocked = "min by (segment) (sanso_separation_path_blocked)"
    sound = "min by (segment) (sanso_separation_control_up) == 1 and on (segment) sanso_separation_untried_paths == 0"
    return Record("sanso:separation_state", f"{blocked} == 0 or ({blocked} and on (segment) ({sound}))")


def _alerts(fabric: Fabric, segment: str, settings: Settings) -> Iterator[Alert]:
    title = names.segment(fabric, segment)
    chosen = f'segment="{segment}"'
    recent = seconds(4 * settings.probe)
    yield Alert(
        "SeparationBreached",
        f"count by (segment) (sanso_separation_path_blocked{{{chosen}}} == 0)"
        f" or sum by (segment) (increase(sanso_separation_breaches_total{{{chosen}}}[{recent}])) > 0",
        "critical",
        title,
        Text(
            f"Separation is breached: a forbidden path out of {segment} is open.",
            f"【最優先】領域分離の破れ: {title}から、許可されていない通信が通りました。",
        ),
        Text(
            "A connection that must be stopped was answered. See sanso_separation_path_blocked == 0 for the path.",
            "遮断されるべき通信に応答がありました。情報漏えいにつながるおそれがあります。"
            "経路は sanso_separation_path_blocked == 0 の行で確認し、直ちに手順書に従ってください。",
        ),
        0,
        {"segment": segment},
    )
    yield Alert(
        "SeparationUnwatched",
        f'up{{job="sanso-separation",{chosen}}} == 0'
        f" or increase(sanso_separation_attempts_total{{{chosen}}}[{seconds(8 * settings.probe)}]) == 0"
        f" or min by (segment) (sanso_separation_control_up{{{chosen}}}) == 0",
        "critical",
        title,
        Text(
            f"Separation of {segment} is not being checked.",
            f"分離の確認停止: {title}の領域分離が確認できていません。",
        ),
        Text(
            "The forbidden paths out of this segment are not tried any more: a breach would not be seen.",
            "この領域から禁止通信の試行が行われていません。分離が破れても検知できない状態です。",
        ),
        4 * settings.probe,
        {"segment": segment},
    )
    yield from SEPARATION.alerts(
        chosen, title, {"segment": segment}, Text(f"Separation of {segment}", f"{title}の分離の破れ")
    )
