"""Where a command acts and how it reaches the devices there: what `--lab` chose, else the real city."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from inventory import console
from inventory.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from deploy.device import Station
    from deploy.fleet import Fleet
    from deploy.plan import Login, Plan
    from deploy.target import Target
    from inventory.model import City, Management


def target_of(context: typer.Context, source: City | Plan) -> Target:
    """Where to act: what `--lab` chose, else the real city as the inventory, or the plan made from it, says."""
    from deploy.plan import Plan
    from deploy.target import Target, city_target

    chosen = context.find_object(Target)
    if chosen is None:
        login: Management | Login = source.login if isinstance(source, Plan) else source.management
        chosen = city_target(login.user, login.key, login.known_hosts, login.port)
    return replace(chosen, password_file=context.params.get("vault_password_file"))


def state_of(context: typer.Context) -> Path:
    """Where the journal of what is acted on is kept."""
    from deploy.target import Target, state_directory

    chosen = context.find_object(Target)
    return chosen.state if chosen is not None else state_directory()


def fleet_of(target: Target, *, install: bool = True) -> Callable[[list[Station]], Fleet]:
    """What opens sessions to stations there, telling each step. `install`: staging installs missing Debian packages."""
    from deploy.device import connect
    from deploy.fleet import Fleet
    from deploy.servers.sessions import sessions

    def fleet(stations: list[Station]) -> Fleet:
        serve = sessions(stations, target, install=install)
        opener = lambda station: serve(station) or connect(station, target.access)  # noqa: E731 it is that short
        return Fleet(stations, opener, progress=_Steps())

    return fleet


def fleet_of_plan(target: Target, *, install: bool = True) -> Callable[[Plan], Fleet]:
    """The same for the devices of a plan."""
    from deploy.device import Station

    return lambda plan: fleet_of(target, install=install)(
        [
            Station(name, device.platform, device.address, (device.running, device.candidate))
            for name, device in plan.devices.items()
        ]
    )


class _Steps:
    """Tells each step once: when it begins, and when all of its devices are done. Polling is one step."""

    def __init__(self) -> None:
        self._told: list[tuple[Text, bool]] = []

    def __call__(self, what: Text, done: int, total: int) -> None:
        if done not in {0, total} or (what, done == total) in self._told[-2:]:
            return
        self._told.append((what, done == total))
        mark = "✓" if done == total else "…"
        console.tell(Text(f"{mark} {what.en} {done}/{total}", f"{mark} {what.ja} {done}/{total}"))
