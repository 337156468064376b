"""What the running firewalls have counted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from deploy.device import Driver, Station
from deploy.fleet import Fleet, FleetError, split
from inventory.text import Text
from network.fabric import Fabric
from network.register.counters import Policies


def read_counters(
    fabric: Fabric, fleet_of: Callable[[list[Station]], AbstractContextManager[Fleet]]
) -> dict[str, Policies]:
    """The policies of every firewall, with their counters.

    Raises:
        FleetError: a firewall did not tell; without all of them no row can be called unused.
    """
    stations = [
        Station(name, device.spec.platform, str(device.management.ip))
        for name, device in fabric.devices.items()
        if device.spec.role == "firewall"
    ]
    with fleet_of(stations) as fleet:
        results = fleet.each(fleet.stations, Text("reading counters", "計数の読み取り"), _read)
    policies, bad = split(results)
    if bad:
        raise FleetError(
            Text(
                f"{len(bad)} of {len(stations)} firewalls could not be read:",
                f"ファイアウォール {len(stations)} 台中 {len(bad)} 台の計数を読み取れません:",
            ),
            bad,
            Text(
                "Bring them back first: without all of them no row can be called unused.",
                "先に復旧させてください。全台がそろわないと未使用の行は判定できません。",
            ),
        )
    return policies


def _read(_name: str, driver: Driver) -> Policies:
    return driver.get_firewall_policies()
