"""What is written down: drift from what is intended, changes, drills."""

from __future__ import annotations

from inventory.text import Text
from monitoring.prometheus.rule import Alert, Group, seconds
from monitoring.prometheus.settings import Settings

YEAR_S = 365 * 86400
"""A drill is due every year."""


def records(settings: Settings) -> Group:
    """Alerts about the whole city. Drift is looked at so rarely that the last two looks count."""
    return Group("records", [_drift(settings), _change(), *_drills()])


def _drift(settings: Settings) -> Alert:
    looks = seconds(5 * settings.drift // 2)
    return Alert(
        "ConfigurationDrift",
        f"max by (device) (last_over_time(sanso_drift_differences[{looks}])) > 0",
        "warning",
        "",
        Text(
            "{{ $labels.device }} differs from what is intended.",
            "設定の相違: {{ $labels.device }} の設定がインベントリと一致しません。",
        ),
        Text(
            "{{ $value }} difference(s). See them with `sanso drift`.",
            "相違 {{ $value }} 件。`sanso drift` で内容を確認し、無断の変更でないか調べてください。",
        ),
    )


def _change() -> Alert:
    return Alert(
        "ChangeFailed",
        "sanso_journal_last_change_success == 0",
        "warning",
        "",
        Text("The last change did not succeed.", "変更の失敗: 直近の変更が成功していません。"),
        Text(
            "It was rolled back or cut short. See `sanso history`, and `sanso recover` if it is open.",
            "取り消されたか、途中で止まっています。`sanso history` で確認し、"
            "未完了なら `sanso recover` を実行してください。",
        ),
    )


def _drills() -> tuple[Alert, ...]:
    return (
        Alert(
            "DrillFailed",
            "sanso_journal_last_drill_success == 0",
            "warning",
            "",
            Text(
                "The last drill {{ $labels.scenario }} did not reach its targets.",
                "訓練の不合格: 直近の訓練「{{ $labels.title }}」が目標を満たしていません。",
            ),
            Text(
                "Its report lists issues and improvements.",
                "訓練報告書の課題と改善策を確認し、期限までに再訓練してください。",
            ),
        ),
        Alert(
            "DrillOverdue",
            f"time() - sanso_journal_last_drill_timestamp_seconds > {YEAR_S}",
            "info",
            "",
            Text(
                "The drill {{ $labels.scenario }} was last held more than a year ago.",
                "訓練の期限超過: 訓練「{{ $labels.title }}」が 1 年以上行われていません。",
            ),
            Text("Hold it again.", "年間計画を確認し、訓練を実施してください。"),
        ),
    )
