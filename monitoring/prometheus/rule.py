"""Rules: what they say, and the file Prometheus reads them from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import yaml

from inventory.text import Text
from monitoring.prometheus.settings import Settings

Severity = Literal["critical", "warning", "info"]
"""重大: somebody must act now; 注意: somebody must act today; 情報: good to know."""

RUNBOOKS = "docs/runbooks/alerts"


@dataclass(frozen=True, slots=True)
class Record:
    """A recording rule."""

    name: str
    expr: str
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert rule. `title` is what it is about, for people: a circuit's, a device's, a segment's name."""

    name: str
    expr: str
    severity: Severity
    title: str
    summary: Text
    description: Text
    hold: int = 0
    """Seconds the expression has to hold before the alert fires."""
    labels: Mapping[str, str] = field(default_factory=dict)


Rule = Record | Alert


@dataclass(frozen=True, slots=True)
class Group:
    """Rules evaluated one after the other: one file."""

    name: str
    rules: Sequence[Rule]


def literal(text: str) -> str:
    """Text of the inventory inside a template of Prometheus: braces in a title open nothing."""
    return text.replace("{{", "{{`{{`}}")


def rule_file(group: Group, settings: Settings) -> str:
    """The text of a rule file."""
    return dump({"groups": [{"name": group.name, "rules": [_rule(rule, settings) for rule in group.rules]}]})


def dump(data: object) -> str:
    """YAML as people would write it."""
    text: str = yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=1000)
    return text


def seconds(value: int) -> str:
    """A duration as Prometheus writes it."""
    return f"{value}s"


def _rule(rule: Rule, settings: Settings) -> dict[str, Any]:
    if isinstance(rule, Record):
        labels = {"labels": dict(rule.labels)} if rule.labels else {}
        return {"record": rule.name, "expr": rule.expr, **labels}
    prefix = f"{settings.runbooks.rstrip('/')}/" if settings.runbooks else ""
    return {
        "alert": rule.name,
        "expr": rule.expr,
        **({"for": seconds(rule.hold)} if rule.hold else {}),
        "labels": {"severity": rule.severity, **({"title": rule.title} if rule.title else {}), **rule.labels},
        "annotations": {
            "summary": rule.summary.ja,
            "description": rule.description.ja,
            "summary_en": rule.summary.en,
            "description_en": rule.description.en,
            "runbook_url": f"{prefix}{RUNBOOKS}/{rule.name}.md",
        },
    }
