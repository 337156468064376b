"""The clocks of a drill against its targets: RTO ends when the service is green, RPO is what the marker tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from inventory.model import City
from inventory.text import Text
from runbooks.drills.model import Scenario
from runbooks.drills.standing import Standing

HOUR_S = 3600.0


@dataclass(frozen=True, slots=True)
class Result:
    """One target and what was reached, in seconds; `actual_s` None: never reached."""

    task: Text
    workload: str
    owner: str
    kind: str
    """rto, rpo or target-start."""
    target_s: float
    actual_s: float | None

    @property
    def met(self) -> bool:
        return self.actual_s is not None and self.actual_s <= self.target_s

    def as_json(self) -> dict[str, Any]:
        return {
            "task": self.task.ja,
            "workload": self.workload,
            "kind": self.kind,
            "target_s": self.target_s,
            "actual_s": self.actual_s,
            "met": self.met,
        }


def fault_at(standing: Standing) -> float | None:
    """When the first fault was begun; None: none was."""
    return min((part.begun for part in standing.faults.values()), default=None)


def judged(scenario: Scenario, city: City, standing: Standing) -> tuple[Result, ...]:
    """Every target of every task beside what was reached."""
    begun = fault_at(standing)
    green: Mapping[str, Any] = standing.clocks.get("green", {})
    back = None
    if begun is not None and green:
        back = max(0.0, float(green.get("moment", green["at"])) - begun)
    lost = None if standing.survived is None else float(standing.survived["rpo_s"])
    rows: list[Result] = []
    for target in scenario.targets:
        workload = city.workloads[target.workload]
        promised = workload.recovery
        said = (target.task.text, workload.title, workload.owner)
        rows.append(Result(*said, "rto", promised.rto_hours * HOUR_S, back))
        rows.append(Result(*said, "rpo", promised.rpo_hours * HOUR_S, lost))
        if promised.target_start_hours is not None:
            rows.append(Result(*said, "target-start", promised.target_start_hours * HOUR_S, back))
    return tuple(rows)
