"""What a proof is about: a city's fabric and register, beside the states of its devices, wherever they came from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from network.fabric import Fabric
from network.state import DeviceState, UnknownLine

Source = Literal["compiled", "files", "running", "planned"]


@dataclass(frozen=True)
class Subject:
    """The input of the proof.

    The fabric tells what devices cannot: cables, circuits, where hosts and peers stand, and the register as of `day`.
    `states` tells what the devices do; their origins are lines of configuration text (file = the device's name).
    `intended` are the compiled states, whose origins are lines of the inventory. A device of the fabric without a state
    counts as one that lets everything pass.
    """

    fabric: Fabric
    day: dt.date
    states: Mapping[str, DeviceState]
    intended: Mapping[str, DeviceState]
    unknown: Mapping[str, tuple[UnknownLine, ...]] = field(default_factory=dict)
    source: Source = "compiled"
