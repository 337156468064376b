"""All rules of a city."""

from __future__ import annotations

from monitoring.prometheus.circuits import circuits
from monitoring.prometheus.devices import devices
from monitoring.prometheus.flows import flows
from monitoring.prometheus.links import links
from monitoring.prometheus.records import records
from monitoring.prometheus.rule import Group
from monitoring.prometheus.segments import segments
from monitoring.prometheus.separation import separation
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.silence import shown
from monitoring.prometheus.watchers import Exporters
from monitoring.prometheus.watching import watching
from monitoring.prometheus.workloads import workloads
from network.fabric import Fabric


def groups(fabric: Fabric, exporters: Exporters, settings: Settings) -> tuple[Group, ...]:
    """Every group of rules, one a file."""
    return (
        circuits(fabric, settings),
        links(fabric, settings),
        devices(fabric, settings),
        segments(fabric),
        flows(fabric, exporters, settings),
        workloads(fabric, exporters, settings),
        separation(fabric, settings),
        records(settings),
        watching(fabric, settings),
        shown(),
    )
