"""The command `flows`: list the register, explain a host, show the firewalls' counters, take it to a sheet and back."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: FBT002, PLR0913, PLR0917 the parameters are the command line's options

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from inventory import console
from inventory.errors import EXIT_OK
from inventory.options import day_option
from inventory.text import Text

if TYPE_CHECKING:
    from network.fabric import Fabric
    from network.register.counters import Hits
    from network.register.standing import Row

app = typer.Typer()


@app.command()
def flows(
    context: typer.Context,
    city: Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")],
    host: Annotated[
        str | None,
        typer.Option(
            "--host",
            metavar="NAME|ADDRESS",
            help="Who may reach this host, whom it may reach, and why. このホストに関わる許可とその理由",
        ),
    ] = None,
    counters: Annotated[
        bool,
        typer.Option("--counters", help="Read what the firewalls count; mark unused rows. 計数を読み未使用の行を示す"),
    ] = False,
    export: Annotated[
        Path | None,
        typer.Option("--export", metavar="FILE", help="Write it to a .csv or .xlsx file. CSV・Excel へ書き出す"),
    ] = None,
    sheet: Annotated[
        Path | None,
        typer.Option("--import", metavar="FILE", help="Take it from a .csv or .xlsx file. CSV・Excel から取り込む"),
    ] = None,
    replace: Annotated[
        bool,
        typer.Option(
            "--replace",
            help="With --import: replace a file written by hand, keeping it as FILE.old. 手書きのファイルも置き換える",
        ),
    ] = False,
    on: Annotated[
        dt.date | None,
        typer.Option("--on", metavar="DATE", parser=day_option, help="As of this day; default: today. この日の状態"),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs. JSON で出力")] = False,
) -> int:
    """Show, explain and keep the flow register. 通信登録簿を表示・説明し、台帳と入出力する."""
    from deploy.flow_sheet import bring_in, take_out
    from inventory.loader import load_city
    from network.build import build_fabric
    from network.register.standing import standing

    _one_thing({"--host": host, "--counters": counters, "--export": export, "--import": sheet, "--replace": replace})
    today = dt.datetime.now().astimezone().date()
    if sheet is not None:
        _say(bring_in(city, sheet, today, replace=replace))
        return EXIT_OK
    loaded = load_city(city, today)
    if export is not None:
        _say(take_out(loaded, export))
        return EXIT_OK
    fabric = build_fabric(loaded)
    day = on or today
    rows = standing(fabric, day)
    if host is not None:
        _explain(fabric, rows, host, day, as_json=as_json)
    else:
        _list(fabric, rows, day, _counted(context, fabric, rows) if counters else None, as_json=as_json)
    return EXIT_OK


def _one_thing(given: dict[str, object]) -> None:
    if given["--replace"] and not given["--import"]:
        alone = Text("--replace belongs to --import", "--replace は --import と一緒に指定します")
        raise typer.BadParameter(alone.say(console.language()))
    names = [name for name, value in given.items() if value and name != "--replace"]
    if len(names) > 1:
        both = Text(f"{' and '.join(names)} exclude each other", f"{' と '.join(names)} は同時に指定できません")
        raise typer.BadParameter(both.say(console.language()))


def _explain(fabric: Fabric, rows: tuple[Row, ...], host: str, day: dt.date, *, as_json: bool) -> None:
    from network.register.data import reach_data
    from network.register.reach import reach
    from network.register.show import reach_lines

    found = reach(fabric, rows, host)
    if as_json:
        _print_json(reach_data(found))
    else:
        _say(reach_lines(found, fabric, day))


def _list(
    fabric: Fabric, rows: tuple[Row, ...], day: dt.date, counted: dict[str, Hits] | None, *, as_json: bool
) -> None:
    from network.register.data import list_data
    from network.register.overlaps import overlaps
    from network.register.show import list_lines, overlap_lines
    from network.register.tries import tries

    found, tried = overlaps(rows), tries(fabric, day)
    if as_json:
        _print_json(list_data(rows, found, counted, tried))
    else:
        _say(list_lines(rows, fabric, counted, tried))
        _say(overlap_lines(found))


def _counted(context: typer.Context, fabric: Fabric, rows: tuple[Row, ...]) -> dict[str, Hits]:
    from deploy.aim import fleet_of, target_of
    from deploy.flow_counters import read_counters
    from network.register.counters import hits

    target = target_of(context, fabric.city)
    return hits((row.key for row in rows), read_counters(fabric, fleet_of(target)))


def _say(lines: Iterable[Text]) -> None:
    for line in lines:
        console.say(line)


def _print_json(value: Any) -> None:  # noqa: ANN401 whatever JSON holds
    print(json.dumps(value, ensure_ascii=False, indent=1))  # noqa: T201 a program reads it, unwrapped
