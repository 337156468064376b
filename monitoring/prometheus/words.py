"""Short Japanese names of alerts and of a drill's phases, for where there is room for one word."""

from __future__ import annotations

ALERTS = {
    "ChangeFailed": "変更失敗",
    "CircuitDegraded": "回線一部不通",
    "CircuitDown": "回線断",
    "ConfigurationDrift": "設定相違",
    "DeviceDown": "機器停止",
    "DrillFailed": "訓練不合格",
    "DrillOverdue": "訓練期限超過",
    "ExporterDown": "監視停止",
    "FlowDegraded": "通信一部断",
    "FlowDown": "通信断",
    "FlowUnwatched": "通信未確認",
    "LinkDown": "構内配線断",
    "NodeBusy": "高負荷",
    "NodeMemoryLow": "メモリ不足",
    "PeerLineDown": "外部接続断",
    "ProbeMissing": "監視値欠落",
    "SeparationBreached": "分離の破れ",
    "SeparationBudgetBurn": "分離目標の消費",
    "SeparationUnwatched": "分離未確認",
    "ServerDown": "サーバ停止",
    "SiteCutOff": "拠点孤立",
    "SnmpDown": "SNMP無応答",
    "WorkloadBudgetBurn": "稼働目標の消費",
    "WorkloadDown": "業務停止",
    "WorkloadOnStandby": "待機系で稼働",
}

SEVERITIES = {"critical": "重大", "warning": "注意", "info": "情報"}

PHASES = {
    "prepare": "開始前の確認",
    "fault": "障害の発生",
    "detect": "検知待ち",
    "steps": "対応中",
    "green": "業務再開待ち",
    "rollback": "原状回復",
    "after": "終了後の確認",
    "end": "終了",
}
"""As the journal writes them."""
