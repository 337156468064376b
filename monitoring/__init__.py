"""See it: exporters, rules, dashboards, service levels."""
