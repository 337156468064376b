"""What is not told while something greater is: for Alertmanager, and in the same words for the wall.

A workload that is down and a separation that is breached are always told. Nothing silences what could silence it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from monitoring.prometheus.rule import Group, Record


@dataclass(frozen=True, slots=True)
class Silence:
    """While `source` fires, `targets` with the same values of the labels `equal` are not told."""

    source: str
    targets: tuple[str, ...]
    equal: str


SILENCES = (
    Silence(
        "SiteCutOff",
        (
            "CircuitDegraded",
            "CircuitDown",
            "DeviceDown",
            "FlowDegraded",
            "FlowDown",
            "FlowUnwatched",
            "LinkDown",
            "NodeBusy",
            "NodeMemoryLow",
            "PeerLineDown",
            "ProbeMissing",
            "ServerDown",
            "SnmpDown",
        ),
        "site",
    ),
    Silence("SiteCutOff", ("FlowDegraded", "FlowDown"), "far_site"),
    Silence("DeviceDown", ("NodeBusy", "NodeMemoryLow", "SnmpDown"), "device"),
    Silence("ServerDown", ("NodeBusy", "NodeMemoryLow", "SnmpDown"), "device"),
    Silence("ServerDown", ("FlowUnwatched",), "source"),
    Silence("ServerDown", ("FlowDegraded", "FlowDown"), "far_server"),
    Silence("ExporterDown", ("ProbeMissing", "SeparationUnwatched"), "segment"),
    Silence("SeparationBreached", ("SeparationBudgetBurn",), "segment"),
    Silence("WorkloadDown", ("WorkloadBudgetBurn",), "workload"),
)


def inhibit_rules() -> list[dict[str, Any]]:
    """As Alertmanager reads it."""
    return [
        {
            "source_matchers": [f'alertname="{silence.source}"'],
            "target_matchers": [f'alertname=~"{"|".join(silence.targets)}"'],
            "equal": [silence.equal],
        }
        for silence in SILENCES
    ]


def shown() -> Group:
    """Firing alerts that are told; the value is when each began."""
    silenced = " or ".join(
        f'(ALERTS_FOR_STATE{{alertname=~"{"|".join(silence.targets)}"}} and on ({silence.equal})'
        f' ALERTS{{alertname="{silence.source}",alertstate="firing"}})'
        for silence in SILENCES
    )
    firing = 'ALERTS_FOR_STATE and ignoring (alertstate) ALERTS{alertstate="firing"}'
    return Group("shown", [Record("sanso:alert_shown_timestamp_seconds", f"({firing}) unless ({silenced})")])
