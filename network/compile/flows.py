"""The live rows of the flow register, with both ends resolved."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from inventory.model import Flow
from network.fabric import Endpoint, Fabric


@dataclass(frozen=True, slots=True)
class LiveFlow:
    """A row of the register that is in force, between two zones."""

    row: str
    flow: Flow
    source: Endpoint
    destination: Endpoint


def is_live(flow: Flow, on: dt.date) -> bool:
    """Whether a row is in force on a day: approved by then, and not expired (both days included)."""
    approved = flow.approved_on is not None and flow.approved_on <= on
    return approved and (flow.expires_on is None or on <= flow.expires_on)


def live_flows(fabric: Fabric, on: dt.date) -> tuple[LiveFlow, ...]:
    """The rows in force on a day, in the order of the register; rows inside one zone pass no firewall."""
    rows = (
        LiveFlow(row, flow, fabric.endpoints[flow.source], fabric.endpoints[flow.destination])
        for row, flow in fabric.city.flows.items()
        if is_live(flow, on)
    )
    return tuple(live for live in rows if live.source.zone != live.destination.zone)
