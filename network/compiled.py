"""A city from inventory to configuration text in one call."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from inventory.model import City
from network.build import build_fabric
from network.collector import without_collector
from network.compile import compile_fabric
from network.fabric import Fabric
from network.render import render
from network.state import DeviceState


@dataclass(frozen=True)
class Compiled:
    """A city, derived, compiled and written: states and texts by device."""

    fabric: Fabric
    states: dict[str, DeviceState]
    texts: dict[str, str]


def compile_city(city: City, on: dt.date) -> Compiled:
    """Derive, compile and render a city that has passed its checks.

    Args:
        city: the inventory.
        on: the day for which flows of the register are let through.
    """
    with without_collector():
        fabric = build_fabric(city)
        states = compile_fabric(fabric, on)
        return Compiled(fabric, states, {name: render(state) for name, state in states.items()})
