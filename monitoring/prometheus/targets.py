"""What is looked at, by whom, and how it is labelled: one file of targets a job.

A target's address is its exporter; what it looks at goes into the parameter `target`. So every row carries the names
people use (`instance`, `device`, `flow`, `workload`) and the place (`segment`, `site`, `role`), whoever looked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from monitoring.exporter.configuration import MANAGEMENT
from monitoring.prometheus import flows, workloads
from monitoring.prometheus.cutoff import root
from monitoring.prometheus.servers import servers
from monitoring.prometheus.settings import EXPORTER_PORT, Settings
from monitoring.prometheus.watchers import Exporters, watchers
from network.fabric import Fabric


@dataclass(frozen=True, slots=True)
class Target:
    """One look. `exporter` is an address and port."""

    exporter: str
    instance: str
    segment: str
    site: str
    role: str
    more: dict[str, str] = field(default_factory=dict)
    probed: bool = True
    """Whether the exporter is asked about something, not about itself."""


@dataclass(frozen=True, slots=True)
class Job:
    """A scrape job; its name ends in the exporter's module."""

    module: str
    interval: int
    targets: tuple[Target, ...]

    @property
    def name(self) -> str:
        return f"sanso-{self.module}"


def jobs(fabric: Fabric, exporters: Exporters, settings: Settings) -> tuple[Job, ...]:
    """Every job, those without a target too: a city that gets one later keeps its files."""
    return (
        Job("device", settings.device, tuple(_devices(fabric))),
        Job("server", settings.device, tuple(_servers(fabric))),
        Job("snmp", settings.snmp, tuple(_snmp(fabric, exporters))),
        Job("separation", settings.probe, tuple(_separation(fabric))),
        Job("flow", settings.flow, tuple(_flows(fabric, exporters))),
        Job("workload", settings.probe, tuple(_workloads(fabric, exporters))),
        Job("drift", settings.drift, (_city(fabric),)),
        Job("journal", settings.probe, (_city(fabric),)),
        Job("exporter", settings.probe, tuple(_exporters(fabric))),
    )


def target_file(job: Job) -> str:
    """The text of a job's file for `file_sd_configs`."""
    rows = [{"targets": [target.exporter], "labels": _labels(target)} for target in job.targets]
    return json.dumps(rows, ensure_ascii=False, indent=1) + "\n"


def _labels(target: Target) -> dict[str, str]:
    return {
        "instance": target.instance,
        "segment": target.segment,
        "site": target.site,
        "role": target.role,
        **target.more,
        **({"__param_target": target.instance} if target.probed else {}),
        **({"__scheme__": "http"} if target.exporter == _HERE else {}),
    }


_HERE = f"127.0.0.1:{EXPORTER_PORT}"
"""The exporter beside Prometheus; what never leaves the machine needs no TLS."""


def _devices(fabric: Fabric) -> Iterator[Target]:
    for name, device in fabric.devices.items():
        yield Target(_HERE, name, MANAGEMENT, device.site, device.spec.role, {"device": name})


def _servers(fabric: Fabric) -> Iterator[Target]:
    for host in servers(fabric):
        yield Target(_HERE, host.name, MANAGEMENT, host.site, "server", {"device": host.name})


def _snmp(fabric: Fabric, exporters: Exporters) -> Iterator[Target]:
    asked = exporters[MANAGEMENT].snmp
    for name in asked.nodes if asked else ():
        device = fabric.devices.get(name)
        site, role = (device.site, device.spec.role) if device else (fabric.hosts[name].site, "server")
        yield Target(_HERE, name, MANAGEMENT, site, role, {"device": name})


def _at(fabric: Fabric, segment: str) -> tuple[str, str]:
    """Address and site of the segment's exporter."""
    host = watchers(fabric)[segment]
    return f"{host.management.ip}:{EXPORTER_PORT}", host.site


def _separation(fabric: Fabric) -> Iterator[Target]:
    for segment in watchers(fabric):
        exporter, site = _at(fabric, segment)
        yield Target(exporter, segment, segment, site, "segment")


def _flows(fabric: Fabric, exporters: Exporters) -> Iterator[Target]:
    for name, trial in flows.watched(fabric, exporters).items():
        source, far = trial.source, flows.far_site(fabric, name)
        exporter = _HERE if trial.by_login else _at(fabric, trial.exporter)[0]
        more = {"flow": name, "source": source.name, **({"far_site": far} if far else {})}
        if trial.by_login:
            more["exporter"] = MANAGEMENT
        yield Target(exporter, name, source.segment, source.site, "flow", more)


def _workloads(fabric: Fabric, exporters: Exporters) -> Iterator[Target]:
    for name, segment in workloads.watched(exporters).items():
        exporter, site = _at(fabric, segment)
        yield Target(exporter, name, segment, site, "workload", {"workload": name})


def _city(fabric: Fabric) -> Target:
    return Target(_HERE, fabric.city.name, MANAGEMENT, root(fabric), "city")


def _exporters(fabric: Fabric) -> Iterator[Target]:
    yield Target(_HERE, MANAGEMENT, MANAGEMENT, root(fabric), "exporter", probed=False)
    for segment in watchers(fabric):
        exporter, site = _at(fabric, segment)
        yield Target(exporter, segment, segment, site, "exporter", probed=False)
