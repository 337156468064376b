"""What the scenario of a drill may say. The same file is talked through at a table, or run live in the lab."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from inventory.element import Element, Name
from runbooks.procedures.model import Parameter, Words

DrillKind = Literal["image", "walk-through", "restore", "power-loss", "survey", "full-scale", "switch-over"]
"""訓練の種別: イメージ訓練, ウォークスルー, 復旧, 電源断, 被害調査, 代替拠点での総合, 切替・切戻し."""

Signal = Literal["service", "packets", "circuits", "separation"]
"""What is looked at: the workload by its own client, packets between two hosts, all circuits, the separation."""

ClockName = Literal["detected", "decided", "executed"]


class Plan(Element):
    """The plan that is drilled, and its revision (計画の版)."""

    title: str
    revision: str


class Role(Element):
    """A role in the drill (役割)."""

    title: Words
    department: str = ""


class Claim(Element):
    """A part of the hypothesis: green before and after."""

    id: Name
    title: Words
    watch: Signal


class Measured(Element):
    """How the service is judged: by a workload's client on a server, and by packets 10 ms apart between two hosts."""

    workload: str
    client: str
    packets_to: str = Field(default="", description="10 ms ごとの試験パケットの宛先 (from the client)")


class Fault(Element):
    """What is broken: one of a circuit that is cut, a site or a node that loses power."""

    id: Name
    title: Words
    cut: str = Field(default="", description="回線名")
    silent: bool = Field(default=False, description="リンク断を見せずに止める (only with `cut`)")
    stop_site: str = Field(default="", description="拠点名")
    stop_node: str = Field(default="", description="ノード名")


class Alarm(Element):
    """By what the fault is noticed: an alert, or, where there is no monitoring, the drill's own client."""

    alert: str = ""
    labels: dict[str, str] = Field(default={})
    own_client: bool = Field(default=False, description="監視が動いていない場合は訓練の利用者役で検知する")
    minutes: int = Field(ge=1, le=600, description="検知までの上限 (分)")


class Step(Element):
    """A step: by hand, somebody of a role does it and says so; by machine, a runbook does it."""

    id: Name
    title: Words
    by: Literal["hand", "machine"]
    role: str = Field(description="担当する役割")
    minutes: int = Field(ge=1, le=600, description="所要見込み (分)")
    clock: ClockName | None = None
    runbook: str = ""
    arguments: dict[str, str] = Field(default={})


class Undoing(Element):
    """A step of the way back: heals a fault, or undoes a step (and is left out if that was never begun)."""

    id: Name
    title: Words
    minutes: int = Field(ge=1, le=600, description="所要見込み (分)")
    heals: str = Field(default="", description="fault")
    undoes: str = Field(default="", description="step")
    runbook: str = ""
    arguments: dict[str, str] = Field(default={})


class Stop(Element):
    """When the drill is stopped. A breach of the separation always stops it."""

    outage_minutes: int = Field(ge=1, le=600, description="業務停止の上限 (分)")
    total_minutes: int = Field(ge=1, le=1440, description="訓練全体の上限 (分)")


class Target(Element):
    """A task whose targets (RTO, RPO, target start) are the recovery targets of its workload in the inventory."""

    task: Words
    workload: str


class Scenario(Element):
    """A drill's scenario (訓練シナリオ). `{name}` in a value is a parameter's value."""

    title: Words
    kind: DrillKind
    purpose: Words
    plan: Plan
    parameters: dict[Name, Parameter] = Field(default={})
    roles: dict[Name, Role] = Field(min_length=1)
    hypothesis: tuple[Claim, ...] = Field(min_length=1)
    service: Measured
    faults: tuple[Fault, ...] = Field(min_length=1)
    detection: Alarm
    steps: tuple[Step, ...] = Field(min_length=1)
    green_minutes: int = Field(ge=1, le=600, description="業務再開までの上限 (分)")
    rollback: tuple[Undoing, ...] = Field(min_length=1)
    stop: Stop
    targets: tuple[Target, ...] = Field(min_length=1)
