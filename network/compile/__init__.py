"""Compile: a city's fabric into the state of every device.

`compile_fabric` is a pure function. What the whole city shares (live flows, which prefixes go where, the rules of
the register) is computed once in `intent` and `rules`; `routers`, `firewalls` and `switches` then only pick from it, so
the cost is linear in devices. Nothing here knows how a platform writes its configuration.
"""

from __future__ import annotations

import datetime as dt

from network.compile.firewalls import compile_firewall
from network.compile.intent import Intent, build_intent
from network.compile.routers import compile_router
from network.compile.switches import compile_switch
from network.fabric import Fabric, FabricDevice
from network.state import DeviceState


def compile_fabric(fabric: Fabric, on: dt.date) -> dict[str, DeviceState]:
    """The state of every device, in the order of the inventory.

    Args:
        fabric: a city that has passed its checks, with everything derived.
        on: the day for which flows are let through: rows of the register not yet approved or expired are left out.
    """
    intent = build_intent(fabric, on)
    return {name: _compile(fabric, intent, device) for name, device in fabric.devices.items()}


def _compile(fabric: Fabric, intent: Intent, device: FabricDevice) -> DeviceState:
    if device.spec.platform == "frr":
        return compile_router(fabric, intent, device)
    if device.spec.platform == "nftables":
        return compile_firewall(fabric, intent, device)
    return compile_switch(fabric, device)


__all__ = ["compile_fabric"]
