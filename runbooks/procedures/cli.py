"""`sanso runbook`: list, show, approve, run."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: FBT002, PLR0913, PLR0917 the parameters are the command line's options

from __future__ import annotations

import json
import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from inventory import console
from inventory.errors import EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_OK
from inventory.text import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inventory.model import City
    from runbooks.procedures.catalog import Procedure
    from runbooks.procedures.performance import Performance

app = typer.Typer(no_args_is_help=True, help="Runbooks: procedures that are run and proved by evidence. 手順書.")

RunbookName = Annotated[str, typer.Argument(metavar="RUNBOOK", help="A runbook's name. 手順書の名前")]
CityName = Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")]
Parameters = Annotated[
    list[str] | None, typer.Option("-p", metavar="NAME=VALUE", help="A parameter; may be repeated. 引数")
]
JournalUrl = Annotated[
    str | None,
    typer.Option(
        "--journal", metavar="URL", envvar="SANSO_JOURNAL", help="Database of the journal. 変更記録のデータベース"
    ),
]


@app.command("list")
def list_() -> int:
    """The runbooks there are. 手順書の一覧."""
    from runbooks.procedures.catalog import names, procedure

    for name in names():
        runbook = procedure(name).runbook
        mark = Text(" (needs approval)", " (要承認)") if runbook.approval else Text("", "")
        title = runbook.title
        console.say(Text(f"{name:<24} {title.en}{mark.en}", f"{name:<24} {title.ja}{mark.ja}"))
    return EXIT_OK


@app.command()
def show(
    name: RunbookName,
    markdown: Annotated[bool, typer.Option("--markdown", help="As a page in Japanese. 日本語の頁として")] = False,
) -> int:
    """What a runbook does, step by step. 手順書の内容."""
    from runbooks.procedures.catalog import procedure
    from runbooks.procedures.page import page

    found = procedure(name)
    if markdown:
        console.say(page(found).rstrip("\n"))
        return EXIT_OK
    runbook = found.runbook
    console.say(runbook.title.text)
    console.say(runbook.purpose.text)
    for key, parameter in runbook.parameters.items():
        console.say(Text(f"  -p {key}=…  {parameter.title.en}", f"  -p {key}=…  {parameter.title.ja}"))
    for number, step in enumerate(runbook.steps, start=1):
        console.say(
            Text(
                f"  {number}. {step.title.en} ({step.minutes} min)", f"  {number}. {step.title.ja} ({step.minutes} 分)"
            )
        )
        for item in step.evidence:
            console.say(Text(f"     evidence: {item.title.en}", f"     確認: {item.title.ja}"))
    return EXIT_OK


@app.command()
def approve(
    context: typer.Context,
    name: RunbookName,
    city: CityName,
    approver: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who approves; not the operator. 承認者 (操作者以外)")
    ],
    parameter: Parameters = None,
    journal: JournalUrl = None,
) -> int:
    """Approve one run of a runbook with exactly these parameters. 手順書の実行を承認する."""
    from deploy.aim import target_of
    from deploy.journal import Journal, journal_url
    from runbooks.procedures import approval

    model, called, values = _called(name, city, parameter)
    target = target_of(context, model)
    with Journal(journal_url(target.state, journal)) as book:
        sha256 = approval.approve(book, called, values, target.label, approver)
    console.say(
        Text(
            f"One run of {name} approved by {approver}, for 24 hours (SHA-256 {sha256}).",
            f"{name} の実行 1 回を {approver} が承認しました。24 時間有効です (SHA-256 {sha256})。",
        )
    )
    return EXIT_OK


@app.command()
def run(
    context: typer.Context,
    name: RunbookName,
    city: CityName,
    parameter: Parameters = None,
    operator: Annotated[
        str | None, typer.Option("--as", metavar="NAME", help="Who runs it (default: the login). 操作者")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs. JSON で出力")] = False,
    journal: JournalUrl = None,
) -> int:
    """Run a runbook; success only on evidence. 手順書を実行する."""
    from deploy.aim import target_of
    from deploy.approval import whoami
    from deploy.journal import Journal, journal_url
    from deploy.lock import only_one
    from network.build import build_fabric
    from runbooks.procedures.approval import admit
    from runbooks.procedures.performance import Call, perform

    model, called, values = _called(name, city, parameter)
    target = target_of(context, model)
    who = operator or whoami()
    ending = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda _number, _frame: ending.set())
    total = len(called.runbook.steps)
    with only_one(target.state), Journal(journal_url(target.state, journal)) as book:
        agreed = admit(book, called, values, target.label, who) if called.runbook.approval else ""
        done = perform(
            Call(called, values, who, agreed),
            build_fabric(model),
            target,
            book,
            hear=lambda step, number: console.tell(
                Text(f"{number}/{total} {step.title.en}", f"{number}/{total} {step.title.ja}")
            ),
            stop=ending.is_set,
        )
    if as_json:
        console.say(json.dumps(done.as_json(), ensure_ascii=False, indent=1))
    else:
        _tell(called, done)
    if ending.is_set():
        return EXIT_INTERRUPTED
    return EXIT_OK if done.success else EXIT_FINDINGS


def _called(name: str, city: str, parameter: list[str] | None) -> tuple[City, Procedure, Mapping[str, str]]:
    from inventory.loader import load_city
    from runbooks.procedures.arguments import checked, split
    from runbooks.procedures.catalog import procedure

    called = procedure(name)
    model = load_city(city)
    return model, called, checked(called.runbook.parameters, split(parameter or ()), model, "-p")


def _tell(called: Procedure, done: Performance) -> None:
    for item in done.objections:
        console.say(Text(f"× {item.en}", f"× {item.ja}"))
    for seen in called.runbook.evidence if done.success else ():
        found = done.evidence[seen.name.replace("-", "_")]
        console.say(Text(f"○ {seen.title.en}: {found}", f"○ {seen.title.ja}: {found}"))
    console.say(
        Text(
            f"{done.id}: done and proved in {done.seconds:.1f} s.",
            f"{done.id}: 完了し、確認できました ({done.seconds:.1f} 秒)。",
        )
        if done.success
        else Text(f"{done.id}: NOT done: see above.", f"{done.id}: 完了していません。上記を確認してください。")
    )
