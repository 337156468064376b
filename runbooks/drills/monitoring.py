"""What Prometheus and Alertmanager say, asked at the operator station over HTTP."""

from __future__ import annotations

import datetime as dt
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runbooks.drills.meters import Sample

PROMETHEUS = "http://127.0.0.1:9090"
ALERTMANAGER = "http://127.0.0.1:9093"
_TIMEOUT_S = 10.0
"""One that is dead refuses at once; this is for one that is busy."""


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert that is firing: its labels, and when it began by Alertmanager."""

    labels: Mapping[str, str]
    starts_at: str
    summary: str

    @property
    def began(self) -> float:
        """The same in seconds since 1970."""
        return dt.datetime.fromisoformat(self.starts_at).timestamp() if self.starts_at else 0.0


class Monitoring:
    """Asks both. None is always: they could not be asked."""

    def __init__(self, prometheus: str = PROMETHEUS, alertmanager: str = ALERTMANAGER) -> None:
        self._prometheus = prometheus
        self._alertmanager = alertmanager

    def there(self) -> bool:
        """Whether both answer."""
        return self.query("vector(1)") is not None and self.alerts("", {}) is not None

    def query(self, expression: str) -> list[tuple[Mapping[str, str], float]] | None:
        """An instant query: labels and value of each row."""
        words = urllib.parse.urlencode({"query": expression})
        told = _get(f"{self._prometheus}/api/v1/query?{words}")
        if not isinstance(told, dict) or told.get("status") != "success":
            return None
        return [(row["metric"], float(row["value"][1])) for row in told["data"]["result"]]

    def alerts(self, name: str, labels: Mapping[str, str]) -> list[Alert] | None:
        """The firing alerts of a name that carry these labels, silenced and inhibited ones left out."""
        filters = [("filter", f'{key}="{value}"') for key, value in {"alertname": name, **labels}.items() if value]
        words = urllib.parse.urlencode([*filters, ("silenced", "false"), ("inhibited", "false")])
        told = _get(f"{self._alertmanager}/api/v2/alerts?{words}")
        if not isinstance(told, list):
            return None
        return [
            Alert(row["labels"], row.get("startsAt", ""), row.get("annotations", {}).get("summary", ""))
            for row in told
            if row.get("status", {}).get("state", "active") == "active"
        ]

    def look(self, expression: str) -> Sample:
        """A sample of an expression: good when every row of it is 1, None when there is none."""
        rows = self.query(expression)
        at = time.time()
        if not rows:
            return Sample(at, None, "no answer" if rows is None else "no row")
        bad = [labels for labels, value in rows if value != 1]
        return Sample(at, not bad, f"{len(bad)}/{len(rows)}")

    def agents(self, segments: frozenset[str]) -> Sample:
        """A sample of the exporters of these segments: good when all answer Prometheus, else it notes who does not."""
        rows = self.query('up{job="sanso-exporter"} == 1')
        at = time.time()
        if rows is None:
            return Sample(at, None, "no answer")
        silent = segments - {labels["instance"] for labels, _ in rows}
        return Sample(at, not silent, " ".join(sorted(silent)))


def _get(url: str) -> Any:  # noqa: ANN401 whatever JSON holds
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=_TIMEOUT_S) as answer:
            return json.load(answer)
    except (OSError, ValueError, urllib.error.URLError):
        return None
