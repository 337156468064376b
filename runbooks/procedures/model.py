"""What the definition of a runbook may say."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from inventory.element import Element, Name
from inventory.text import Text

Kind = Literal["server", "site", "workload", "circuit", "yes-no"]
"""What a parameter names: something of the city, or an answer."""

Place = Literal["first", "second", "client"]
"""A server of a workload: the host in charge, its standby, or the watching server of its segment, as a client."""


class Words(Element):
    """Words for people, in Japanese and English."""

    ja: str = Field(min_length=1)
    en: str = Field(min_length=1)

    @property
    def text(self) -> Text:
        return Text(self.en, self.ja)


class Parameter(Element):
    """A parameter. A server or a site becomes a group of the playbook's inventory, under the parameter's name."""

    title: Words
    type: Kind
    default: str | None = None
    from_workload: Place | None = Field(
        default=None,
        description="parameter `workload` decides the default: its first or second host, or who watches it",
    )
    may_be_absent: bool = Field(
        default=False, description="応答しなくても実行する (a server that is left out when it does not answer)"
    )


class Evidence(Element):
    """What the playbook must have seen (`set_stats`, with `_` for `-`): its exact value; `{name}` is a parameter's."""

    name: Name
    title: Words
    equals: str = "true"


class Step(Element):
    """A step: tasks of the playbook whose names begin with its id and a bar, and what a person does without it."""

    id: Name
    title: Words
    minutes: int = Field(ge=1, le=600, description="所要見込み (分)")
    hand: str = Field(min_length=1, description="手作業の手順 (Japanese, Markdown)")
    evidence: tuple[Evidence, ...] = ()


class Approver(Element):
    """Who has to agree before it runs."""

    role: Words


class Runbook(Element):
    """A runbook (手順書)."""

    title: Words
    purpose: Words
    caution: Words | None = None
    approval: Approver | None = None
    limit_minutes: int = Field(ge=1, le=600, description="打ち切りまでの時間 (分)")
    parameters: dict[Name, Parameter] = Field(default={})
    steps: tuple[Step, ...] = Field(min_length=1)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        return tuple(item for step in self.steps for item in step.evidence)
