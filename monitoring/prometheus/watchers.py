"""Who watches a segment: its exporter, as `monitoring.exporter.configuration` writes it."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.exporter.model import Configuration
from network.register.tries import watchers

Exporters = Mapping[str, Configuration]
"""Segment → its exporter; `management` among them, the one beside Prometheus."""

__all__ = ["Exporters", "watchers"]
