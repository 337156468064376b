"""`sanso lab probe`: does the running lab let pass what the register names, and nothing else?"""

from __future__ import annotations

from typing import Annotated

import typer


def probe(
    city: Annotated[
        str | None, typer.Option("--city", help="City or directory; default: the one the lab runs.")
    ] = None,
    on: Annotated[
        str | None, typer.Option(metavar="DATE", help="Day for which the register is read; default: today.")
    ] = None,
    detail: Annotated[
        str | None, typer.Option(metavar="FROM[:TO]", help="Show sites, from one segment to another (or to all).")
    ] = None,
    rate: Annotated[float, typer.Option(min=100, help="Packets per second.")] = 12000,
    json_: Annotated[bool, typer.Option("--json", help="Print the whole result as JSON.")] = False,  # noqa: FBT002 an option of the command line
) -> None:
    """Try every permitted and forbidden path of the lab with real packets (all pairs of segments and sites)."""
    from network.probe.command import run  # noqa: PLC0415 only this command pays for it

    raise typer.Exit(run(city, on, detail, rate, as_json=json_))
