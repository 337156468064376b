"""Perform a runbook: its hosts, the run, the verdict, all of it in the journal."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from deploy.journal import Journal
from deploy.target import Target
from inventory.text import Text
from network.fabric import Fabric
from runbooks.procedures.catalog import Procedure
from runbooks.procedures.execution import Order, execute
from runbooks.procedures.hosts import hosts_of
from runbooks.procedures.model import Runbook, Step
from runbooks.procedures.verdict import objections, shown


@dataclass(frozen=True, slots=True)
class Call:
    """A runbook with the values of its parameters, and who runs it and who has agreed ("" where nobody has to)."""

    procedure: Procedure
    values: Mapping[str, str]
    operator: str
    approver: str = ""


@dataclass(frozen=True, slots=True)
class StepSeen:
    """A step as it was done: seconds since the run began."""

    id: str
    title: Text
    begun_s: float


@dataclass(frozen=True, slots=True)
class Performance:
    """What came of it: no objection is success. `evidence` is what the playbook has seen."""

    id: str
    success: bool
    objections: tuple[Text, ...]
    evidence: Mapping[str, Any]
    absent: tuple[str, ...]
    seconds: float
    steps: tuple[StepSeen, ...] = field(default=())
    seen: tuple[tuple[str, str], ...] = field(default=())
    """Evidence in Japanese words, with its value."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "success": self.success,
            "objections": [{"en": item.en, "ja": item.ja} for item in self.objections],
            "evidence": dict(self.evidence),
            "seen": [{"title": title, "value": value} for title, value in self.seen],
            "absent": list(self.absent),
            "seconds": round(self.seconds, 1),
            "steps": [{"id": step.id, "begun_s": round(step.begun_s, 1)} for step in self.steps],
        }


def perform(  # noqa: PLR0913 what, where, where it is recorded, who hears, who may stop it
    call: Call,
    fabric: Fabric,
    target: Target,
    book: Journal,
    *,
    hear: Callable[[Step, int], None] = lambda _step, _number: None,
    stop: Callable[[], bool] = lambda: False,
) -> Performance:
    """Run it. `hear(step, number)` is told each step when it begins (numbers from 1)."""
    runbook = call.procedure.runbook
    name = f"run-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
    book.append(
        name,
        "run-begin",
        {
            "runbook": call.procedure.name,
            "sha256": call.procedure.digest,
            "parameters": dict(call.values),
            "operator": call.operator,
            "approved_by": call.approver,
            "target": target.label,
        },
    )
    hosts = hosts_of(runbook, call.values, fabric, target.access)
    follower = _Follower(runbook.steps, lambda step: book.append(name, "run-step", {"step": step}), hear)
    run = execute(Order(call.procedure.playbook, hosts.inventory, runbook.limit_minutes * 60), follower.take, stop)
    against = objections(runbook, call.values, hosts.present, run)
    done = Performance(
        name,
        not against,
        against,
        run.evidence,
        hosts.absent,
        run.seconds,
        tuple(follower.seen.values()),
        tuple(_seen(runbook, run.evidence)),
    )
    book.append(name, "run-end", done.as_json())
    return done


def _seen(runbook: Runbook, evidence: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in runbook.evidence:
        value = evidence.get(item.name.replace("-", "_"))
        if value is not None:
            yield item.title.ja, "○" if shown(value) == "true" else shown(value)


class _Follower:
    """Tells steps from the names of tasks."""

    def __init__(
        self, steps: tuple[Step, ...], write: Callable[[str], object], hear: Callable[[Step, int], None]
    ) -> None:
        self._steps = {step.id: (number, step) for number, step in enumerate(steps, start=1)}
        self._write = write
        self._hear = hear
        self._begun = dt.datetime.now(dt.UTC)
        self.seen: dict[str, StepSeen] = {}

    def take(self, event: Mapping[str, Any]) -> None:
        if event["event"] != "playbook_on_task_start":
            return
        known = self._steps.get(str(event.get("task", "")).partition(" | ")[0])
        if known is None or known[1].id in self.seen:
            return
        number, step = known
        since = (dt.datetime.now(dt.UTC) - self._begun).total_seconds()
        self.seen[step.id] = StepSeen(step.id, step.title.text, since)
        self._write(step.id)
        self._hear(step, number)
