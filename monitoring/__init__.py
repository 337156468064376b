"""See it: what every segment tells Prometheus, and what Prometheus, its alerts and its pages make of it.

* `exporter` runs inside a segment, one process each: forbidden paths, registered flows, devices, agents, workloads.
* `prometheus` writes targets, rules, silences, the city wall and dashboards from the inventory, and runs them in a lab.
"""
