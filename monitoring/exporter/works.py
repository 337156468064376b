"""The modules a configuration asks for, at work.

A module is imported only where it is asked for: what `device` needs is big.
"""

# ruff: noqa: PLC0415 see above

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack

from monitoring.exporter.answer import Module
from monitoring.exporter.errands import Errands, Loop
from monitoring.exporter.model import Configuration
from monitoring.exporter.places import Here, Place
from monitoring.exporter.tally import Tally

NAMES = ("device", "server", "snmp", "separation", "flow", "workload", "drift", "journal")


class Works:
    """Modules by name; closing it ends what they do in the background."""

    def __init__(self, found: Configuration, loop: Loop, tally: Tally) -> None:
        self._stack = ExitStack()
        self.modules: Mapping[str, Module] = _modules(found, loop, tally)
        for module in self.modules.values():
            self._stack.callback(module.close)

    def close(self) -> None:
        self._stack.close()


def _modules(found: Configuration, loop: Loop, tally: Tally) -> dict[str, Module]:
    errands = Errands()
    modules: dict[str, Module] = {}
    if found.login is not None and found.devices:
        from monitoring.exporter.modules.device import DeviceModule

        modules["device"] = DeviceModule(found.devices, found.login, errands)
        if found.drift is not None:
            from monitoring.exporter.modules.drift import DriftModule

            modules["drift"] = DriftModule(found.city, found.drift, found.devices, found.login, errands)
    if found.login is not None and found.servers:
        from monitoring.exporter.modules.server import ServerModule

        modules["server"] = ServerModule(found.servers, found.login, errands)
    if found.snmp is not None:
        from monitoring.exporter.modules.snmp import SnmpModule

        modules["snmp"] = SnmpModule(found.snmp, loop)
    if found.source is not None and found.separation is not None:
        from monitoring.exporter.modules.separation import SeparationModule

        modules["separation"] = SeparationModule(found, found.separation, found.source, loop, tally)
    if found.flows:
        from monitoring.exporter.modules.flow import FlowModule

        modules["flow"] = FlowModule(found.flows, _places(found, loop, errands))
    if found.workloads:
        from monitoring.exporter.modules.workload import WorkloadModule

        modules["workload"] = WorkloadModule(found.workloads)
    if found.journal is not None:
        from monitoring.exporter.modules.journal import JournalModule

        modules["journal"] = JournalModule(found.city, found.journal, errands)
    return modules


def _places(found: Configuration, loop: Loop, errands: Errands) -> dict[str, Place]:
    """Where each row of the flow register is tried from."""
    places: dict[str, Place] = {}
    if found.source is not None:
        here = Here(found.source, loop)
        places = {row: here for row, flow in found.flows.items() if flow.server is None}
    servers = {row: flow.server for row, flow in found.flows.items() if flow.server is not None}
    if found.login is not None and servers:
        from monitoring.exporter.servers import There
        from monitoring.exporter.sessions import Sessions

        sessions = Sessions({server.name: str(server.address) for server in servers.values()}, found.login)
        places |= {row: There(server, sessions, errands) for row, server in servers.items()}
    return places
