"""`sanso drill`: list and check scenarios, run one, resume or abort one that was cut short, report, verify."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: FBT002, PLR0913, PLR0917 the parameters are the command line's options

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inventory import console
from inventory.errors import EXIT_CANNOT_RUN, EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_OK
from inventory.text import Text

if TYPE_CHECKING:
    from deploy.target import Target
    from runbooks.drills.conduct import Stage
    from runbooks.drills.engine import Verdict
    from runbooks.drills.material import Material

app = typer.Typer(no_args_is_help=True, help="Drills: ICT-BCP scenarios, live in the lab or at the table. 訓練.")

ScenarioName = Annotated[
    str, typer.Argument(metavar="SCENARIO", help="A scenario's name or file. シナリオの名前またはファイル")
]
CityName = Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")]
Parameters = Annotated[
    list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="A parameter; may be repeated. 引数")
]
Output = Annotated[
    Path | None, typer.Option("-o", "--output", metavar="DIR", help="Folder of the record. 訓練記録のフォルダ")
]
Automatically = Annotated[
    bool,
    typer.Option("--decide-automatically", help="Ask nobody; recorded as such. だれにも確認せず進める (記録に残る)"),
]
JournalUrl = Annotated[
    str | None,
    typer.Option(
        "--journal", metavar="URL", envvar="SANSO_JOURNAL", help="Database of the journal. 変更記録のデータベース"
    ),
]


@app.command("list")
def list_(context: typer.Context, journal: JournalUrl = None) -> int:
    """Scenarios, and the drills there have been. シナリオと過去の訓練の一覧."""
    from deploy.aim import state_of
    from deploy.journal import Journal, journal_url
    from inventory.document import read_document
    from runbooks.drills.engine import VERDICTS
    from runbooks.drills.model import Scenario
    from runbooks.drills.reading import find, names
    from runbooks.drills.report import japan_time
    from runbooks.drills.standing import drills

    for name in names():
        read = read_document(find(name), Scenario).value
        if read is not None:
            console.say(Text(f"{name:<20} {read.title.en}", f"{name:<20} {read.title.ja}"))
    with Journal(journal_url(state_of(context), journal)) as book:
        for found in drills(book.rows()):
            at = japan_time(found.at, "%Y-%m-%d %H:%M")
            how = Text("not ended", "未完了") if found.end is None else VERDICTS[found.end["verdict"]]
            line = f"{at}  {found.id}  {found.begin['scenario']}  {found.mode}  "
            console.say(Text(line + how.en, line + how.ja))
    return EXIT_OK


@app.command()
def check(scenario: ScenarioName, city: CityName, parameter: Parameters = None) -> int:
    """Check a scenario against a city: every error at once. シナリオを点検する."""
    from inventory.loader import load_city
    from runbooks.drills.reading import read_scenario
    from runbooks.procedures.arguments import split

    drill = read_scenario(scenario, split(parameter or ()), load_city(city))
    said = drill.scenario
    values = ", ".join(f"{name}={value}" for name, value in drill.values.items())
    console.say(
        Text(
            f"{drill.name}: {said.title.en}; {len(said.faults)} fault(s), {len(said.steps)} steps; {values}",
            f"{drill.name}: {said.title.ja}。障害 {len(said.faults)} 件、手順 {len(said.steps)} 件。{values}",
        )
    )
    return EXIT_OK


@app.command()
def run(
    context: typer.Context,
    scenario: ScenarioName,
    city: CityName,
    tabletop: Annotated[bool, typer.Option("--tabletop", help="At the table: touch nothing. 机上訓練")] = False,
    parameter: Parameters = None,
    participant: Annotated[
        list[str] | None, typer.Option("--participant", metavar="ROLE=NAME", help="Who plays a role. 参加者")
    ] = None,
    operator: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who operates (default: the login). 操作者")
    ] = None,
    automatic: Automatically = False,
    output: Output = None,
    journal: JournalUrl = None,
) -> int:
    """Run a drill, live (--lab) or at the table, and keep its record. 訓練を実施する."""
    from deploy.approval import whoami
    from inventory.loader import load_city
    from runbooks.drills.conduct import begin, named, names_of
    from runbooks.drills.engine import Cast
    from runbooks.drills.reading import read_scenario
    from runbooks.procedures.arguments import split

    name = operator or whoami()
    model = load_city(city)
    drill = read_scenario(scenario, split(parameter or ()), model)
    place = str(Path(city).resolve()) if Path(city).is_dir() else city
    cast = Cast(names_of(split(participant or ())), name)
    with _stage(context, name, journal, automatic=automatic, live=not tabletop) as stage:
        identity = begin(stage, drill, model, place, cast)
        return _run(stage, named(stage.book, identity).id, output)


@app.command()
def resume(
    context: typer.Context, automatic: Automatically = False, output: Output = None, journal: JournalUrl = None
) -> int:
    """Go on with a drill that was cut short. 途中で終わった訓練を続ける."""
    from deploy.approval import whoami
    from runbooks.drills.conduct import take_over

    with _stage(context, whoami(), journal, automatic=automatic, live=None) as stage:
        return _run(stage, take_over(stage, "resume").id, output)


@app.command()
def abort(context: typer.Context, output: Output = None, journal: JournalUrl = None) -> int:
    """Take back a drill that was cut short, or try again a way back that failed. 途中の訓練や未了の復旧を元に戻す."""
    from deploy.approval import whoami
    from runbooks.drills.conduct import take_over

    with _stage(context, whoami(), journal, automatic=True, live=None) as stage:
        return _run(stage, take_over(stage, "abort").id, output, aborting=True)


@app.command()
def report(
    context: typer.Context,
    drill: Annotated[str, typer.Argument(metavar="[DRILL]", help="A drill; default: the last. 訓練番号")] = "",
    output: Output = None,
    journal: JournalUrl = None,
) -> int:
    """Write the record of a drill again, with its report in HTML and PDF. 訓練記録と報告書を作り直す."""
    from deploy.aim import state_of
    from deploy.journal import Journal, journal_url
    from deploy.target import CITY, Target
    from network.access import Access
    from runbooks.drills.conduct import keep, material_of, named

    target = context.find_object(Target) or Target(CITY, Access(""), state_of(context))
    with Journal(journal_url(target.state, journal)) as book:
        material = material_of(book, target, named(book, drill))
    return _kept(*keep(target, material, output))


@app.command()
def verify(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The record. 訓練記録のフォルダ")],
    noted: Annotated[
        str | None, typer.Option("--digest", metavar="HEX", help="The digest noted earlier. 控えのハッシュ値")
    ] = None,
) -> int:
    """Verify a record: exit code 0 whole, 1 altered, 2 unreadable. 訓練記録を検証する."""
    from deploy.evidence.verification import spelt, verification_lines
    from runbooks.drills.record import verify_record

    digest = spelt(noted) if noted is not None else None
    if noted is not None and digest is None:
        text = Text(
            f"{noted!r} is no SHA-256: 64 digits of 0-9 and a-f",
            f"{noted!r} は SHA-256 (0-9 と a-f の 64 桁) ではありません",
        )
        raise typer.BadParameter(text.say(console.language()))
    found = verify_record(folder, digest)
    for line in verification_lines(folder, found):
        console.say(line)
    return EXIT_OK if found.whole else EXIT_FINDINGS


@contextmanager
def _stage(
    context: typer.Context, name: str, journal: str | None, *, automatic: bool, live: bool | None
) -> Iterator[Stage]:
    """Where the drill takes place; `live` None: where it was begun. One drill or change at a time."""
    from deploy.aim import state_of
    from deploy.journal import Journal, journal_url
    from deploy.lock import only_one
    from deploy.target import CITY, Target, state_directory
    from network.access import Access
    from network.lab import Lab
    from runbooks.drills.conduct import Stage
    from runbooks.drills.interrupts import Interrupts
    from runbooks.drills.operator import operator_of
    from runbooks.drills.standing import DrillError

    chosen: Target | None = context.find_object(Target)
    if live and chosen is None:
        raise DrillError(
            Text(
                "A live drill breaks things: it runs in the lab only.",
                "実動の訓練は障害を起こすため、ラボでのみ実施できます。",
            ),
            Text("Add --lab, or --tabletop.", "--lab または --tabletop を付けてください。"),
        )
    operator = operator_of(name, automatic=automatic)
    target = chosen or Target(CITY, Access(""), state_of(context))
    lab = Lab.get(state_directory()) if chosen is not None and live is not False else None
    interrupts = Interrupts()
    with only_one(target.state), Journal(journal_url(target.state, journal)) as book, interrupts.listening():
        yield Stage(target, lab, book, operator, interrupts)


def _run(stage: Stage, identity: str, output: Path | None, *, aborting: bool = False) -> int:
    from runbooks.drills.conduct import conduct, keep, named

    verdict, material = conduct(stage, named(stage.book, identity), abort=aborting)
    _kept(*keep(stage.target, material, output))
    return _exit_code(verdict, material, aborting=aborting)


def _exit_code(verdict: Verdict, material: Material, *, aborting: bool) -> int:
    from runbooks.drills.interrupts import tell

    deviation = material.standing.deviation
    if verdict == "not-restored":
        tell(
            Text(
                "See what was not done, mend it, and try the way back again: sanso drill abort",
                "完了しなかった項目の原因を取り除き、sanso drill abort で復旧をやり直してください。",
            )
        )
        return EXIT_CANNOT_RUN
    if aborting:
        return EXIT_OK
    if deviation is not None and deviation["code"] == "interrupt":
        return EXIT_INTERRUPTED
    return EXIT_OK if verdict == "met" else EXIT_FINDINGS


def _kept(folder: Path, digest: str) -> int:
    from runbooks.drills.interrupts import tell

    tell(
        Text(
            f"Record: {folder} (report.pdf, index.html). Note this digest elsewhere: {digest}",
            f"訓練記録: {folder} (report.pdf、index.html)。次のハッシュ値を別の場所に控えてください: {digest}",
        )
    )
    return EXIT_OK


__all__ = ["app"]
