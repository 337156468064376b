"""How much of the flow register is watched, in words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from inventory.text import Text
from monitoring.exporter.configuration import unwatched
from network.compile.flows import live_flows
from network.fabric import Fabric


def flows_told(fabric: Fabric, on: dt.date) -> Iterator[Text]:
    """How many of the rows in force are tried, then a line for each that is not, with the reason."""
    rows, left = len(live_flows(fabric, on)), unwatched(fabric, on)
    yield Text(
        f"Flows tried end to end: {rows - len(left)} of {rows}.",
        f"端から端まで試す登録通信: {rows} 行のうち {rows - len(left)} 行。",
    )
    for row, reason in left.items():
        yield Text("  not tried {row}: {reason}", "  対象外 {row}: {reason}").format(row=row, reason=reason)
