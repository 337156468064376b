"""Every file Prometheus, Alertmanager and Grafana are started with."""

from __future__ import annotations

from monitoring.exporter.configuration import written
from monitoring.prometheus.alertmanager import alertmanager_yml
from monitoring.prometheus.configuration import prometheus_yml
from monitoring.prometheus.grafana import grafana_files
from monitoring.prometheus.receivers import SECRETS
from monitoring.prometheus.rule import rule_file
from monitoring.prometheus.rules import groups
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.targets import jobs, target_file
from monitoring.prometheus.wall import wall_files
from monitoring.prometheus.watchers import Exporters
from network.documents.folder import Kind
from network.fabric import Fabric

_MARK = ".sanso-monitoring"
RENDERED = Kind(
    "sanso monitoring render",
    lambda folder: (folder / _MARK).exists(),
    {_MARK: "Written by sanso monitoring render; replaced as a whole by the next run.\n"},
    private=SECRETS,
)


def files(fabric: Fabric, exporters: Exporters, settings: Settings) -> dict[str, str]:
    """Path in the folder → text."""
    looks, rules = jobs(fabric, exporters, settings), groups(fabric, exporters, settings)
    return {
        "prometheus.yml": prometheus_yml(looks, rules, settings),
        **{f"targets/{job.module}.json": target_file(job) for job in looks},
        **{f"rules/{group.name}.yml": rule_file(group, settings) for group in rules},
        "alertmanager.yml": alertmanager_yml(fabric.city, settings),
        **wall_files(fabric, exporters, settings),
        **grafana_files(fabric, settings),
        **{f"exporters/{segment}.yaml": written(exporter) for segment, exporter in exporters.items()},
    }
