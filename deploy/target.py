"""What a command acts on: the real city, or a lab that plays it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from inventory.model import Management
from network.access import Access

CITY = "city"
"""Label of the real city; a lab's label is `lab:<id>`. A plan made for one is refused by the other."""


def state_directory() -> Path:
    """Where `sanso` keeps its journal: `$SANSO_STATE`, else `.sanso` in the working directory."""
    return Path(os.environ.get("SANSO_STATE") or ".sanso")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a change goes: its label, how its devices are logged in to, and where its journal is kept."""

    label: str
    access: Access
    state: Path


def city_target(management: Management) -> Target:
    """The real city, reached as its inventory says."""
    return Target(
        label=CITY,
        access=Access(
            user=management.user,
            key=Path(management.key).expanduser() if management.key else None,
            known_hosts=Path(management.known_hosts).expanduser() if management.known_hosts else None,
            port=management.port,
        ),
        state=state_directory(),
    )
