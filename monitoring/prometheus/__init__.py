"""Prometheus, Alertmanager and what they show, generated from the inventory.

`files(fabric, exporters, settings)` returns every file of the folder they run from: scrape configuration, targets,
rules, routing of alerts, the exporters' own files, the city wall (市の見張り画面) as a console template, and the same
wall as a Grafana dashboard. The same input gives the same bytes. `lab` runs it all in a lab.

Where to look: a noun is a module. `rule` is what rules are made of; `circuits`, `links`, `devices`, `segments`,
`flows`, `workloads`, `separation`, `records` and `watching` write them; `cutoff` knows what hangs behind which circuit;
`objectives` are the service levels. Names of metrics that come from the exporter stand in the rules as they are.
"""

from monitoring.prometheus.folder import RENDERED, files
from monitoring.prometheus.settings import Settings

__all__ = ["RENDERED", "Settings", "files"]
