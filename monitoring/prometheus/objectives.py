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

SEPARATION = 0.9999
"""Of the forbidden connections that are tried, this part is stopped."""
WORKLOAD = 0.999
"""Of the time, a workload does its work."""

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


def records(noun: str, expr: Callable[[str], str]) -> Iterator[Record]:
    """The part of failures in each window. `expr` makes the expression for one window."""
    for window in WINDOWS:
        yield Record(f"sanso:{noun}_errors:ratio_rate{window}", expr(window))


def alerts(
    name: str, noun: str, selector: str, objective: float, title: str, labels: dict[str, str], what: Text
) -> Iterator[Alert]:
    """The four alerts of a service level. `what` is what fails, as the subject of a sentence."""
    for burn in BURNS:
        limit = f"{burn.factor * (1 - objective):.6g}"
        yield Alert(
            name,
            f"sanso:{noun}_errors:ratio_rate{burn.long}{{{selector}}} > {limit}"
            f" and sanso:{noun}_errors:ratio_rate{burn.short}{{{selector}}} > {limit}",
            burn.severity,
            title,
            Text(
                f"{what.en} uses up its 30-day allowance {burn.factor:g} times too fast.",
                f"目標値の消費: {what.ja}の許容枠(30 日分)を {burn.factor:g} 倍の速さで消費しています。",
            ),
            Text(
                f"The objective is {objective:.2%}. Failures over {burn.long} and {burn.short} are above {limit}.",
                f"目標は {objective:.2%} です。直近 {_ja(burn.long)}と{_ja(burn.short)}の失敗率がともに"
                f" {float(limit):.3%} を超えています。",
            ),
            0,
            {**labels, "burn": f"{burn.factor:g}"},
        )


def _ja(window: str) -> str:
    return f"{window[:-1]} {({'m': '分', 'h': '時間', 'd': '日'})[window[-1]]}"
