"""What the exporter has counted since it started; it outlives a new configuration."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Tally:
    """Attempts at forbidden paths, and probes answered by module."""

    attempts: int = 0
    unsent: int = 0
    breaches: int = 0
    probes: dict[str, int] = field(default_factory=dict)
    failures: dict[str, int] = field(default_factory=dict)
