"""How often is looked, and how long something must last before it is told."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from network.register.tries import EVERY_S

EXPORTER_PORT = 9633
PROMETHEUS = "127.0.0.1:9090"
ALERTMANAGER = "127.0.0.1:9093"
LAB_LOOKS = 5
"""Devices of a lab that are looked at in a second, at the most: two processors have more to do than to answer."""
LAB_ATTEMPTS = 140
"""Forbidden paths that all exporters of a lab together try in a second: each takes its switches work."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Times are seconds."""

    probe: int = 30
    """Between two looks at workloads, separation and the exporters themselves."""
    flow: int = EVERY_S
    """Between two tries of a registered flow."""
    device: int = 60
    """Between two looks at a device's interfaces, neighbours and routes."""
    snmp: int = 60
    drift: int = 600
    """Between two comparisons of all devices with what is intended."""
    evaluation: int = 15
    """Between two evaluations of the rules."""
    ca: str = "/etc/sanso/ca.pem"
    """Whom the exporters of the segments have their certificates from."""
    one_machine: bool = False
    """All nodes share one machine: what they tell of processors and memory is that machine's."""
    secrets: str = ""
    """Folder of the files with what alerts are sent with; "": nothing is sent (a lab's alerts stay in the lab)."""
    runbooks: str = ""
    """What stands before `docs/runbooks/…` in an alert's `runbook_url`: where the pages are served."""

    @property
    def circuit(self) -> int:
        """How long a circuit must be down: an end has lost its carrier, or both their sessions, so it is no slip."""
        return 2 * self.evaluation

    @classmethod
    def lab(cls, interval: int, ca: Path, devices: int) -> Settings:
        """A lab's: drills want to see everything within seconds.

        All devices share the machine's processors, so of many devices each is looked at less often; so are flows, each
        of which starts a program on a server.
        """
        device = max(interval, devices // LAB_LOOKS)
        return cls(interval, 3 * interval, device, 3 * device, 12 * device, evaluation=1, ca=str(ca), one_machine=True)
