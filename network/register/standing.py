"""How each row of the register stands on a day."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from inventory.checks.approvals import LATER
from inventory.model import Flow
from network.compile.flows import is_live
from network.fabric import Endpoint, Fabric

State = Literal["live", "expiring", "expired", "unapproved"]
"""有効, 期限間近, 期限切れ, 未承認. The first two are let through."""


@dataclass(frozen=True)
class Row:
    """A row of the register on a day, its ends resolved."""

    key: str
    flow: Flow
    source: Endpoint
    destination: Endpoint
    state: State
    days_left: int | None
    """Days until the last day of its term; negative when it is over, None without an end."""

    @property
    def open(self) -> bool:
        """Whether the configuration of that day lets its packets through."""
        return self.state in {"live", "expiring"}


def standing(fabric: Fabric, day: dt.date) -> tuple[Row, ...]:
    """Every row, in the order of the register."""
    return tuple(
        Row(
            key,
            flow,
            fabric.endpoints[flow.source],
            fabric.endpoints[flow.destination],
            _state(flow, day),
            None if flow.expires_on is None else (flow.expires_on - day).days,
        )
        for key, flow in fabric.city.flows.items()
    )


def _state(flow: Flow, day: dt.date) -> State:
    if flow.expires_on is not None and flow.expires_on < day:
        return "expired"
    if not is_live(flow, day):
        return "unapproved"
    soon = flow.expires_on is not None and (flow.expires_on - day).days <= LATER
    return "expiring" if soon else "live"
