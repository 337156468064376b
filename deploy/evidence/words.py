"""What an official reads in a pack for the proof's identifiers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from types import MappingProxyType

from network.prove.findings import Claim, Verdict
from network.prove.subject import Source

JAPAN = dt.timezone(dt.timedelta(hours=9), "JST")

SOURCES: Mapping[Source, str] = MappingProxyType(
    {
        "compiled": "インベントリから生成した設定(機器からの読み取りではありません)",
        "files": "設定ファイル",
        "running": "稼働中の機器から読み取った設定",
    }
)
CLAIM_MEANINGS: Mapping[Claim, str] = MappingProxyType(
    {
        "separation": "どの 2 つの領域の間でも、通信登録簿にある通信だけが通る。"
        "経路制御の状態によらず、すべてのパケットについて調べる。",
        "service": "通信登録簿にあるすべての通信に、通る経路がある。",
        "resilience": "機器・配線・回線・共有リスクのどの 1 か所が止まっても、登録された通信の経路が残る。",
    }
)
PROOF_STATES: Mapping[Verdict, tuple[str, str]] = MappingProxyType(
    {
        "proved": ("○", "証明できた"),
        "waived": ("△", "是正猶予のほかは成り立つ"),
        "findings": ("×", "成り立たない"),
        "not-proved": ("？", "証明できない"),
    }
)
