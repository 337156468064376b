"""`sanso lab probe`: does the running lab let pass what the register names, and nothing else?"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer


def probe(  # noqa: PLR0913 a command has as many parameters as it has options
    *,
    city: Annotated[str | None, typer.Option(help="City or its directory; default: the one the lab runs.")] = None,
    on: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Read the register as of this day; default: today.")
    ] = None,
    detail: Annotated[
        str | None, typer.Option(metavar="FROM[:TO]", help="Show sites, from one segment or peer to another (or all).")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=100, help="Packets a second, at most.")] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="State directory of the lab; default: $SANSO_STATE or .sanso.")
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,
) -> None:
    """Try every permitted and every forbidden path of the lab with real packets.

    Exit code 0: exactly the registered flows pass. 1: something leaks or does not pass. 2: it could not be tried.
    """
    from network.lab import Lab  # noqa: PLC0415 likewise
    from network.probe.command import Question, run  # noqa: PLC0415 only this command pays for it

    day = on.date() if on else dt.datetime.now().astimezone().date()
    raise typer.Exit(run(Lab.get(state), Question(city, day, detail, rate, json_)))
