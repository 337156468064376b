"""Service levels over 30 days, and alerts on how fast what they allow is used up.

Two windows have to agree: the long one says that it matters, the short one that it still goes on. At 14.4 times the
allowed rate the 30 days' allowance is gone in two days, at 6 times in five: somebody is called. At 3 times and once:
a ticket.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inventory.text import Text
from monitoring.prometheus.rule import Alert, Record, Severity

WINDOWS = ("5m", "30m", "1h", "2h", "6h", "1d", "3d")


@dataclass(frozen=True, slots=True)
class Burn:
    """How fast, over which windows, and what it means."""

    factor: float
    long: str
    short: str
    severity: Severity


BURNS = (
    Burn(14.4, "1h", "5m", "critical"),
    Burn(6, "6h", "30m", "critical"),
    Burn(3, "1d", "2h", "warning"),
    Burn(1, "3d", "6h", "warning"),
)


@dataclass(frozen=True, slots=True)
class Objective:
    """A service level: of the time, or of what is tried, the part that has to be good."""

    alert: str
    noun: str
    """The middle of its records' names."""
    level: float

    def records(self, errors: Callable[[str], str]) -> Iterator[Record]:
        """The part of failures in each window. `errors` makes the expression for one window."""
        for window in WINDOWS:
            yield Record(self._record(window), errors(window))

    def alerts(self, selector: str, title: str, labels: dict[str, str], what: Text) -> Iterator[Alert]:
        """Four alerts for one of those it holds for. `what` is what fails, as the subject of a sentence."""
        for burn in BURNS:
            limit = f"{burn.factor * (1 - self.level):.6g}"
            yield Alert(
                self.alert,
                f"{self._record(burn.long)}{{{selector}}} > {limit}"
                f" and {self._record(burn.short)}{{{selector}}} > {limit}",
                burn.severity,
                title,
                Text(
                    f"{what.en} uses up its 30-day allowance {burn.factor:g} times too fast.",
                    f"目標値の消費: {what.ja}の許容枠(30 日分)を {burn.factor:g} 倍の速さで消費しています。",
                ),
                Text(
                    f"The objective is {self.level:.2%}. Failures over {burn.long} and {burn.short} are above {limit}.",
                    f"目標は {self.level:.2%} です。直近 {_ja(burn.long)}と{_ja(burn.short)}の失敗率がともに"
                    f" {float(limit):.3%} を超えています。",
                ),
                0,
                {**labels, "burn": f"{burn.factor:g}"},
            )

    def _record(self, window: str) -> str:
        return f"sanso:{self.noun}_errors:ratio_rate{window}"


SEPARATION = Objective("SeparationBudgetBurn", "separation", 0.9999)
"""Of the forbidden connections that are tried, this part is stopped."""
WORKLOAD = Objective("WorkloadBudgetBurn", "workload", 0.999)
"""Of the time, a workload does its work."""


def _ja(window: str) -> str:
    return f"{window[:-1]} {({'m': '分', 'h': '時間', 'd': '日'})[window[-1]]}"
