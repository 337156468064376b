"""What a command acts on: the real city, or a lab that plays it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from network.access import Access

if TYPE_CHECKING:
    from network.lab import Lab

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
    password_file: Path | None = None
    """Holds the password of the target's vault; None: it is asked for."""

    @property
    def vault(self) -> Path:
        """Its secrets."""
        return self.state / "secrets.yaml"


def city_target(user: str, key: str | None, known_hosts: str | None, port: int) -> Target:
    """The real city, reached as its inventory says (`key` and `known_hosts` are file names)."""
    return Target(
        label=CITY,
        access=Access(
            user=user,
            key=Path(key).expanduser() if key else None,
            known_hosts=Path(known_hosts).expanduser() if known_hosts else None,
            port=port,
        ),
        state=state_directory(),
    )


def lab_target(lab: Lab, state: Path) -> Target:
    """A lab, reached as the lab says. It has a journal of its own."""
    return Target(f"lab:{lab.identity}", lab.access(), state / "lab-records" / lab.identity)
