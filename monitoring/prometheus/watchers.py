"""Who watches a segment: its exporter, as `monitoring.exporter.configuration` writes it."""

from __future__ import annotations

from collections.abc import Mapping

from monitoring.exporter.configuration import watchers
from monitoring.exporter.model import Configuration

Exporters = Mapping[str, Configuration]
"""Segment → its exporter; `management` among them, the one beside Prometheus."""

__all__ = ["Exporters", "watchers"]
