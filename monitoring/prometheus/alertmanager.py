"""Routing of alerts: one receiver a severity (see `receivers`)."""

from __future__ import annotations

from inventory.model import City
from monitoring.prometheus.receivers import receivers
from monitoring.prometheus.rule import dump
from monitoring.prometheus.settings import Settings
from monitoring.prometheus.silence import inhibit_rules
from monitoring.prometheus.words import SEVERITIES


def alertmanager_yml(city: City, settings: Settings) -> str:
    """The text of `alertmanager.yml`. One cause is one message: alerts of a site and severity go out together."""
    alerting = city.management.alerts if settings.secrets else None
    return dump(
        {
            "route": {
                "receiver": "info",
                "group_by": ["severity", "site"],
                "group_wait": "10s",
                "group_interval": "1m",
                "repeat_interval": "4h",
                "routes": [{"receiver": severity, "matchers": [f'severity="{severity}"']} for severity in SEVERITIES],
            },
            "inhibit_rules": inhibit_rules(),
            "receivers": receivers(alerting, city.title, settings.secrets),
        }
    )
