"""`sanso evidence CITY -o DIR` makes a pack, `sanso evidence verify DIR` verifies one."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: FBT002, PLR0913, PLR0917 the parameters are the command line's options

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from inventory import console
from inventory.errors import EXIT_FINDINGS, EXIT_OK
from inventory.options import day_option
from inventory.text import Text

if TYPE_CHECKING:
    from deploy.evidence.material import Material

MAKE = "CITY"
"""The command that makes a pack, under a name that no city can have."""


class CityFirst(TyperGroup):
    """A group whose first word is a city unless it names a command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 typer keeps the class to itself
        if args and args[0] not in {*self.commands, "--help"}:
            args = [MAKE, *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=CityFirst,
    no_args_is_help=True,
    help="Make the pack of evidence that an audit asks for, or verify one. 監査の証跡一式を作成・検証する.",
)


@app.command(MAKE)
def make(
    context: typer.Context,
    city: Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")],
    output: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Folder to write. 書き込むフォルダ")],
    running: Annotated[
        bool, typer.Option("--running", help="Prove and judge what the devices run. 稼働中の機器の設定を調べる")
    ] = False,
    on: Annotated[
        dt.date | None,
        typer.Option("--on", metavar="DATE", parser=day_option, help="As of this day; default: today. 基準日"),
    ] = None,
    journal: Annotated[
        str | None,
        typer.Option(
            "--journal", metavar="URL", envvar="SANSO_JOURNAL", help="Database of the journal. 変更記録のデータベース"
        ),
    ] = None,
) -> int:
    """Make a pack: sanso evidence CITY -o DIR. 証跡一式を作成する.

    A city whose name is `verify` is given by its directory: ./verify. verify という名前の市はディレクトリで指定します。
    """
    from deploy.evidence.pack import pack_files, refuse, write_pack

    refuse(output)
    now = dt.datetime.now().astimezone().replace(microsecond=0)
    with console.step(Text("Proving and judging", "証明と判定")):
        material = _material(context, city, on or now.date(), now, running=running, journal=journal)
    with console.step(Text("Writing pages and PDF", "ページと PDF の作成")):
        files = pack_files(material)
    noted = write_pack(output, files)
    console.say(
        Text(
            f"{output}: {len(files)} files. Start at {output}/index.html or {output}/evidence.pdf",
            f"{output}: {len(files)} ファイル。入口は {output}/index.html、印刷用は {output}/evidence.pdf です。",
        )
    )
    console.say(
        Text(
            f"Note this digest of the manifest outside of the pack: {noted}",
            f"次の目録のハッシュ値を、この一式とは別の場所に控えてください: {noted}",
        )
    )
    return EXIT_OK


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The pack. 証跡一式のフォルダ")],
    noted: Annotated[
        str | None,
        typer.Option("--digest", metavar="HEX", help="The digest noted when it was handed over. 控えのハッシュ値"),
    ] = None,
) -> int:
    """Verify a pack: exit code 0 whole, 1 altered, 2 unreadable. 証跡一式を検証する."""
    from deploy.evidence import verification

    if noted is not None and verification.spelt(noted) is None:
        text = Text(
            f"{noted!r} is no SHA-256: 64 digits of 0-9 and a-f",
            f"{noted!r} は SHA-256 (0-9 と a-f の 64 桁) ではありません",
        )
        raise typer.BadParameter(text.say(console.language()))
    found = verification.verify(folder, verification.spelt(noted) if noted is not None else None)
    for line in verification.verification_lines(folder, found):
        console.say(line)
    return EXIT_OK if found.whole else EXIT_FINDINGS


def _material(
    context: typer.Context, name: str, day: dt.date, now: dt.datetime, *, running: bool, journal: str | None
) -> Material:
    from deploy.aim import fleet_of, state_of, target_of
    from deploy.controls_command import recorded
    from deploy.evidence.material import intended_material, running_material
    from deploy.inspection import inspect
    from deploy.planning import survey
    from inventory.loader import load_city

    city = load_city(name, day)
    rows = recorded(state_of(context), journal)
    if not running:
        return intended_material(city, day, now, rows)
    reach = fleet_of(target_of(context, city))
    found = survey(city, reach, (), day)
    return running_material(found, day, now, rows, inspect(found, reach))
