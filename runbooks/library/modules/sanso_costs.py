"""An ansible module: OSPF costs of a router's interfaces by its driver, with a revert timer; no way round the drivers.

Runs on the controller (connection local, this project's own Python). Options: `device` (how it is reached), `costs`
(interface → cost as intended), `cost` (what to set; 0: as intended). Returns `diff`, `costs` (as read back) and
`full` (OSPF is full on every one of the interfaces, in both versions).
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from deploy.device import Station, connect, trouble
from inventory.model import Platform
from network.access import Access
from network.parse import parse

REVERT_S = 120
PATIENCE_S = 60


def main() -> None:
    """Set the costs."""
    module = AnsibleModule(
        argument_spec={
            "name": {"type": "str", "required": True},
            "device": {"type": "dict", "required": True},
            "costs": {"type": "dict", "required": True},
            "cost": {"type": "int", "default": 0},
        }
    )
    device: dict[str, Any] = module.params["device"]
    wanted = {name: module.params["cost"] or int(cost) for name, cost in module.params["costs"].items()}
    station = Station(module.params["name"], device["platform"], device["address"])
    access = Access(
        device["user"],
        Path(device["key"]) if device["key"] else None,
        Path(device["known_hosts"]) if device["known_hosts"] else None,
        int(device["port"]),
    )
    try:
        driver: Any = connect(station, access)
        try:
            diff = set_costs(driver, device["platform"], wanted)
            seen = costs_of(driver, device["platform"], wanted)
            full = wait_full(driver, wanted)
        finally:
            driver.close()
    except Exception as error:  # noqa: BLE001 whatever a driver raises is told by ansible as this host's failure
        module.fail_json(msg=trouble(station, error).what.ja)
    module.exit_json(changed=bool(diff), diff={"prepared": diff}, costs=seen, full=full, reached=seen == wanted)


def set_costs(driver: Any, platform: Platform, wanted: dict[str, int]) -> str:  # noqa: ANN401 a NAPALM driver
    """Set what differs; the difference. It goes back by itself unless what was set is read back."""
    lines = []
    for interface in parse(platform, "", driver.get_config("running")["running"]).state.interfaces:
        cost = wanted.get(interface.name)
        if cost is None or interface.ospf is None or costs_in(interface) == {cost}:
            continue
        vrf = f" vrf {interface.vrf}" if interface.vrf else ""
        lines += [f"interface {interface.name}{vrf}", f" ip ospf cost {cost}", f" ipv6 ospf6 cost {cost}", "exit"]
    if not lines:
        return ""
    driver.load_merge_candidate(config="\n".join(lines) + "\n")
    diff = str(driver.compare_config())
    change = f"costs-{secrets.token_hex(4)}"
    driver.commit_config(message=change, revert_in=REVERT_S)
    if costs_of(driver, platform, wanted) != wanted:
        driver.rollback()
        msg = "the costs that were set are not those that are read back"
        raise ValueError(msg)
    driver.confirm_commit()
    driver.close_change(change)
    return diff


def costs_in(interface: Any) -> set[int | None]:  # noqa: ANN401 network.state.Interface
    """The costs of both OSPF versions."""
    return {part.cost for part in (interface.ospf, interface.ospf6) if part is not None}


def costs_of(driver: Any, platform: Platform, wanted: dict[str, int]) -> dict[str, int]:  # noqa: ANN401 a NAPALM driver
    """Interface → cost as the device runs it; an interface whose versions differ is left out."""
    found = {}
    for interface in parse(platform, "", driver.get_config("running")["running"]).state.interfaces:
        costs = costs_in(interface)
        if interface.name in wanted and len(costs) == 1:
            found[interface.name] = next(iter(costs)) or 0
    return found


def wait_full(driver: Any, wanted: dict[str, int]) -> bool:  # noqa: ANN401 a NAPALM driver
    """Whether OSPF gets full on every interface, in both versions."""
    end = time.monotonic() + PATIENCE_S
    places = {(name, version) for name in wanted for version in (2, 3)}
    while True:
        full = {(row["interface"], row["version"]) for row in driver.get_ospf_neighbors() if row["is_full"]}
        if places <= full or time.monotonic() > end:
            return places <= full
        time.sleep(1)


if __name__ == "__main__":
    main()
