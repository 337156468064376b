"""The workloads' part of the model: what the city's business systems are, where they run, and what they may cost.

Times are hours. Targets follow the words of business continuity plans: RTO (目標復旧時間) is how long a workload may be
gone, RPO (目標復旧時点) how much of its data, in time, may be lost, RLO (目標復旧レベル) how much of it has to be back.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from inventory.element import Element, Name, Names

ServerService = Literal["dns", "ntp", "certificates", "watch"]
"""サーバが担う機能: 名前解決, 時刻同期, 証明書発行のデータベース, 領域内からの監視 (the segment's exporter)."""

RecoveryLevel = Literal["system", "tasks", "all"]
"""目標復旧レベル: システムの稼働, 選んだ業務, 全業務."""


class Recovery(Element):
    """What a workload is promised after a disaster (復旧目標), in hours."""

    rto_hours: float = Field(gt=0, description="目標復旧時間 (RTO)")
    rpo_hours: float = Field(ge=0, description="目標復旧時点 (RPO); 0: no committed record may be lost")
    rlo: RecoveryLevel = Field(default="all", description="目標復旧レベル (RLO)")
    target_start_hours: float | None = Field(
        default=None, gt=0, description="目標開始時間; given: the workload serves an initial task (初動業務)"
    )


class Workload(Element):
    """A workload (業務システム): who owns it, where it runs, what it needs, what it is promised."""

    title: str
    owner: str = Field(description="所管課")
    segment: Name
    hosts: tuple[str, ...] = Field(
        default=(), description="servers it runs on (full names), the one in charge first, then its standbys"
    )
    peer: Name | None = Field(default=None, description="the external network that provides it (SaaS), without hosts")
    clients: Names = Field(default=(), description="host groups that use it")
    needs: Names = Field(default=(), description="依存する業務システム")
    recovery: Recovery
