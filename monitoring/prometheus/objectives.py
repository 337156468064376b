"""Service levels over 30 days, and alerts on how fast what they allow is used up.

Two windows have to agree: the long one says that it matters, the short one that it still goes on. At 14.4 times the
allowed rate the 30 days' allowance is gone in two days, at 6 times in five: somebody is called. At 3 times and once a
ticket is enough, and is not told beside a call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inventory.text import Text
from monitoring.prometheus.rule import Alert, Record, Severity

SECONDS = {"5m": 300, "30m": 1800, "1h": 3600, "2h": 7200, "6h": 21600, "1d": 86400, "3d": 259200}
"""The windows looked at."""


CALLS = ((14.4, "1h", "5m"), (6.0, "6h", "30m"))
TICKETS = ((3.0, "1d", "2h"), (1.0, "3d", "6h"))
"""Times the allowed rate, long window, short window."""


@dataclass(frozen=True, slots=True)
class Objective:
    """A service level: of the time, or of what is tried, the part that has to be good."""

    alert: str
    noun: str
    """The middle of its records' names."""
    level: float

    def records(self, errors: Callable[[str], str]) -> Iterator[Record]:
        """The part of failures in each window. `errors` makes the expression for one window."""
        for window in SECONDS:
            yield Record(self._record(window), errors(window))

    def alerts(self, selector: str, title: str, labels: dict[str, str], what: Text) -> Iterator[Alert]:
        """A call and a ticket for one of those it holds for. `what` fails, in Japanese: what goes on failing."""
        call, ticket = (" or ".join(self._burns(selector, *burn) for burn in burns) for burns in (CALLS, TICKETS))
        rows: tuple[tuple[Severity, str, Text], ...] = (
            ("critical", call, Text("within days", "数日のうちに")),
            ("warning", f"({ticket}) unless ({call})", Text("before they are over", "期間の途中で")),
        )
        level = f"{100 * self.level:g}%"
        for severity, expr, when in rows:
            yield Alert(
                self.alert,
                expr,
                severity,
                title,
                Text(
                    f"{what.en} fails so often that 30 days' allowance is used up {when.en}.",
                    f"目標値の消費: {what.ja}が、30 日分の許容枠を{when.ja}使い切る速さで続いています。",
                ),
                Text(
                    f"The objective is {level}; of late {{{{ $value | humanizePercentage }}}} failed.",
                    f"目標は {level} です。直近の失敗率は {{{{ $value | humanizePercentage }}}} です。",
                ),
                0,
                labels,
            )

    def _burns(self, selector: str, factor: float, long: str, short: str) -> str:
        limit = f"{factor * (1 - self.level):.6g}"
        windows = (f"{self._record(window)}{{{selector}}} > {limit}" for window in (long, short))
        return f"({' and '.join(windows)})"

    def _record(self, window: str) -> str:
        return f"sanso:{self.noun}_errors:ratio_rate{window}"


SEPARATION = Objective("SeparationBudgetBurn", "separation", 0.9999)
"""Of the forbidden connections that are tried, this part is stopped."""
WORKLOAD = Objective("WorkloadBudgetBurn", "workload", 0.999)
"""Of the time, a workload does its work."""
