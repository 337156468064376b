"""What a module answers to a probe, and how long it may take."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeVar

from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric

from inventory.text import Text


@dataclass(frozen=True)
class Answer:
    """The rows of a probe; `trouble` says why it did not succeed, None when it did."""

    rows: tuple[Metric, ...]
    trouble: Text | None = None


class Deadline:
    """The moment until which a probe has to be answered."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self._end - time.monotonic())


class LateError(Exception):
    """The deadline came first."""


LATE = Text("no answer before the deadline of the scrape", "監視の制限時間内に応答がありません")


class Module(Protocol):
    """Something the exporter can be asked about."""

    @property
    def targets(self) -> Collection[str]: ...

    def probe(self, target: str, deadline: Deadline) -> Answer:
        """Ask one target. What does not answer is an `Answer` with a trouble, never an exception."""
        ...

    def close(self) -> None: ...


Labels = Mapping[str, str]
Family = TypeVar("Family", GaugeMetricFamily, CounterMetricFamily)


def gauge(name: str, help_: str, rows: Iterable[tuple[Labels, float]]) -> GaugeMetricFamily:
    """A gauge; all rows have the same labels."""
    return _filled(GaugeMetricFamily, name, help_, rows)


def counter(name: str, help_: str, rows: Iterable[tuple[Labels, float]]) -> CounterMetricFamily:
    """A counter; its name ends in `_total`."""
    return _filled(CounterMetricFamily, name, help_, rows)


def _filled(family: type[Family], name: str, help_: str, rows: Iterable[tuple[Labels, float]]) -> Family:
    found = list(rows)
    names = list(found[0][0]) if found else []
    metric = family(name, help_, labels=names)
    for labels, value in found:
        metric.add_metric([labels[name] for name in names], value)
    return metric
