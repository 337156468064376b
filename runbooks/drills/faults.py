"""Faults of the lab, made and healed; each may be asked for twice."""

from __future__ import annotations

from deploy.device import Station, connect
from deploy.fleet import Fleet, split
from deploy.target import Target
from inventory.text import Text
from network.fabric import Fabric, Transit
from network.lab import Lab
from runbooks.drills.model import Fault, Scenario


class Breaker:
    """Breaks the lab, and mends it."""

    def __init__(self, lab: Lab, fabric: Fabric) -> None:
        self._lab = lab
        self._fabric = fabric

    def inject(self, fault: Fault) -> None:
        """Break it: what is broken already stays so."""
        if fault.cut:
            self._lab.cut(fault.cut, silent=fault.silent)
            return
        for name in self.nodes(fault):
            if self._lab.nodes[name].pid is not None:
                self._lab.stop(name)

    def heal(self, fault: Fault) -> None:
        """Mend it: what is whole already stays so. Devices come back before the hosts behind them."""
        if fault.cut:
            self._lab.heal(fault.cut)
            return
        for name in self.nodes(fault):
            if self._lab.nodes[name].pid is None:
                self._lab.start(name)

    def nodes(self, fault: Fault) -> list[str]:
        """The nodes a fault takes the power of, devices first."""
        if fault.stop_node:
            return [fault.stop_node]
        devices = [name for name, device in self._fabric.devices.items() if device.site == fault.stop_site]
        return [*devices, *(name for name, host in self._fabric.hosts.items() if host.site == fault.stop_site)]


def adjacencies(fabric: Fabric, target: Target, scenario: Scenario) -> tuple[bool, str]:
    """Whether OSPF is full and BFD up on every circuit the faults touch, asked of the routers by their drivers."""
    touched = [transit for transit in fabric.transits if _touched(fabric, transit, scenario)]
    wanted = {(end.device, end.interface) for transit in touched for end in (transit.a, transit.b)}
    routers = sorted({device for device, _ in wanted})
    stations = [
        Station(name, fabric.devices[name].spec.platform, str(fabric.devices[name].management.ip)) for name in routers
    ]
    with Fleet(stations, lambda station: connect(station, target.access)) as fleet:
        answers = fleet.each(routers, Text("neighbours", "隣接"), lambda _name, driver: driver.observe({}).neighbors)
    good, bad = split(answers)
    full = {
        (name, row["interface"], row["version"])
        for name, said in good.items()
        for row in said["ospf"]
        if row["is_full"]
    }
    alive = {(name, row["interface"]) for name, said in good.items() for row in said["bfd"] if row["is_up"]}
    missing = {
        place for place in wanted if place not in alive or not all((*place, version) in full for version in (2, 3))
    }
    return not bad and not missing, f"{len(wanted) - len(missing)}/{len(wanted)}"


def _touched(fabric: Fabric, transit: Transit, scenario: Scenario) -> bool:
    """Whether a fault takes the circuit, or what it hangs on; only circuits between routers."""
    ends = [end.device for end in (transit.a, transit.b)]
    devices = [fabric.devices[device] for device in ends]
    sites = {device.site for device in devices}
    if len(sites) == 1 or any(device.spec.platform != "frr" for device in devices):
        return False
    return any(
        transit.wire == fault.cut or fault.stop_site in sites or fault.stop_node in ends for fault in scenario.faults
    )
