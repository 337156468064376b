"""`prometheus.yml`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from monitoring.prometheus.rule import Group, dump, seconds
from monitoring.prometheus.settings import ALERTMANAGER, Settings
from monitoring.prometheus.targets import Job

PATIENCE_S = 60
"""No look takes longer."""


def prometheus_yml(jobs: Iterable[Job], groups: Iterable[Group], settings: Settings) -> str:
    """The text of `prometheus.yml`; file names in it are relative to it."""
    return dump(
        {
            "global": {
                "scrape_interval": seconds(settings.probe),
                "scrape_timeout": seconds(min(settings.probe, 10)),
                "evaluation_interval": seconds(settings.evaluation),
            },
            "alerting": {"alertmanagers": [{"static_configs": [{"targets": [ALERTMANAGER]}]}]},
            "rule_files": [f"rules/{group.name}.yml" for group in groups],
            "scrape_configs": [_scrape(job, settings) for job in jobs],
        }
    )


def _scrape(job: Job, settings: Settings) -> dict[str, Any]:
    probed = {"metrics_path": "/probe", "params": {"module": [job.module]}} if job.module != "exporter" else {}
    return {
        "job_name": job.name,
        "scheme": "https",
        "tls_config": {"ca_file": settings.ca},
        "scrape_interval": seconds(job.interval),
        "scrape_timeout": seconds(min(job.interval, PATIENCE_S)),
        **probed,
        "file_sd_configs": [{"files": [f"targets/{job.module}.json"]}],
    }
