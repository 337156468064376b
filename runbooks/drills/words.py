"""What an official reads in the record of a drill for its identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from runbooks.drills.model import DrillKind

KINDS: Mapping[DrillKind, str] = MappingProxyType(
    {
        "image": "イメージ訓練",
        "walk-through": "ウォークスルー訓練",
        "restore": "システム復旧訓練",
        "power-loss": "実機電源断訓練",
        "survey": "被害調査訓練",
        "full-scale": "代替拠点総合訓練",
        "switch-over": "切替・切戻し訓練",
    }
)
MODES = MappingProxyType(
    {"live": "実機相当環境(仮想スイッチによるラボ)での実動", "tabletop": "机上訓練(時間は参加者の見積もり)"}
)
PHASES = MappingProxyType(
    {
        "prepare": "開始前の確認",
        "fault": "障害発生",
        "detect": "検知待ち",
        "steps": "対応",
        "green": "業務再開待ち",
        "rollback": "復旧",
        "after": "終了後の確認",
        "end": "終了",
    }
)
VERDICTS = MappingProxyType(
    {
        "met": ("○", "目標達成", "すべての目標を達成し、元の状態に復旧した。"),
        "missed": ("△", "目標未達", "未達の目標がある。元の状態には復旧した。"),
        "stopped": ("□", "中止", "訓練を途中で中止し、元の状態に復旧した。"),
        "not-restored": ("×", "復旧未了", "元の状態に復旧できていない。直ちに確認が必要である。"),
    }
)
CLOCKS = MappingProxyType({"detected": "検知", "decided": "判断", "executed": "実施", "green": "業務再開"})
TARGETS = MappingProxyType({"rto": "目標復旧時間(RTO)", "rpo": "目標復旧時点(RPO)", "target-start": "目標開始時間"})
DETECTIONS = MappingProxyType(
    {"alert": "監視の警報", "client": "訓練の利用者役・試験パケット", "table": "参加者の見積もり"}
)
HOW = MappingProxyType({"hand": "手作業", "auto": "自動応答", "table": "机上", "machine": "手順書の自動実行"})
MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86400
_TENTHS_BELOW_S = 60


def duration(seconds: float | None) -> str:
    """A time span as officials write it."""
    if seconds is None:
        return "―"
    if seconds < 0:
        return f"-{duration(-seconds)}"
    if seconds < _TENTHS_BELOW_S:
        return f"{seconds:.1f} 秒" if seconds % 1 else f"{seconds:.0f} 秒"
    whole = round(seconds)
    if whole < HOUR_S:
        minutes, rest = divmod(whole, MINUTE_S)
        return f"{minutes} 分 {rest} 秒" if rest else f"{minutes} 分"
    hours, rest = divmod(whole, HOUR_S)
    return f"{hours} 時間 {rest // MINUTE_S} 分" if rest >= MINUTE_S else f"{hours} 時間"
