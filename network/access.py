"""How devices are reached: who logs in, with which key, and which host keys are believed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Access:
    """SSH access to managed devices. Host keys are always checked against `known_hosts` (None: the user's own file)."""

    user: str
    key: Path | None = None
    known_hosts: Path | None = None
    port: int = 22
    timeout_s: int = 20
