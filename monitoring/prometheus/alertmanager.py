"""Routing of alerts: one receiver a severity. Who is behind them, the city's own file of receivers says."""

from __future__ import annotations

from monitoring.prometheus.rule import dump
from monitoring.prometheus.silence import inhibit_rules

SEVERITIES = ("critical", "warning", "info")


def alertmanager_yml() -> str:
    """The text of `alertmanager.yml`. One cause is one message: alerts of a site and severity go out together."""
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
            "receivers": [{"name": severity} for severity in SEVERITIES],
        }
    )
