"""The commands of `deploy`: plan, approve, apply, drift, prove, controls, recover, history."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: FBT002, PLR0913, PLR0917 the parameters are the command line's options

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from deploy.aim import fleet_of as _fleet_of
from deploy.aim import fleet_of_plan as _fleet_of_plan
from deploy.aim import state_of as _state
from deploy.aim import target_of as _target
from deploy.evidence.command import app as evidence_app
from deploy.flows_command import app as flows_app
from deploy.secrets_command import PasswordFile
from deploy.secrets_command import app as secrets_app
from inventory import console
from inventory.errors import EXIT_CANNOT_RUN, EXIT_FINDINGS, EXIT_INTERRUPTED, EXIT_OK
from inventory.options import day_option
from inventory.text import Text

if TYPE_CHECKING:
    from deploy.planning import Survey
    from deploy.target import Target
    from deploy.transaction import Outcome

app = typer.Typer()
app.add_typer(flows_app)
app.add_typer(evidence_app, name="evidence")
app.add_typer(secrets_app, name="secrets")

CityName = Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")]
PlanFile = Annotated[Path, typer.Argument(metavar="FILE", help="A plan file. 計画ファイル")]
Only = Annotated[
    list[str] | None, typer.Option("--only", metavar="DEVICE", help="Only this device; may be repeated. 対象機器を限定")
]
WithoutServers = Annotated[
    bool, typer.Option("--without-servers", help="Network devices only; needs no secrets. サーバを対象外にする")
]
AsJson = Annotated[bool, typer.Option("--json", help="For programs. JSON で出力")]
JournalUrl = Annotated[
    str | None,
    typer.Option(
        "--journal", metavar="URL", envvar="SANSO_JOURNAL", help="Database of the journal. 変更記録のデータベース"
    ),
]


@app.command()
def plan(
    context: typer.Context,
    city: CityName,
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="FILE", help="Where to write the plan. 計画の出力先")
    ],
    only: Only = None,
    author: Annotated[str | None, typer.Option(help="Who makes it (default: the login). 作成者")] = None,
    text: Annotated[bool, typer.Option("--text", help="Show the text diff too. 設定文の差分も表示")] = False,
    as_json: AsJson = False,
    without_servers: WithoutServers = False,
    journal: JournalUrl = None,
    vault_password_file: PasswordFile = None,  # noqa: ARG001 `aim` takes it from the context
) -> int:
    """Compare what devices run with what the city intends, and write a plan. 変更計画を作成する.

    Exit code 1: it was written, but findings of its proof stop it.
    """
    from deploy.approval import whoami
    from deploy.plan import digest, plan_bytes, write_whole
    from deploy.planning import make_plan
    from deploy.report import plan_json, plan_lines

    day = dt.datetime.now().astimezone().date()
    target, found = _survey(context, city, only, day, whole=True, servers=not without_servers, journal=journal)
    with console.step(Text("Proving", "証明")):
        made = make_plan(found, target, author or whoami(), day, only or ())
    content = plan_bytes(made)
    write_whole(output, content)
    if as_json:
        _print_json(plan_json(made, digest(content)))
    else:
        _say(plan_lines(made, digest(content), text=text))
    return EXIT_FINDINGS if made.proof is None or made.proof.open else EXIT_OK


@app.command()
def approve(
    context: typer.Context,
    file: PlanFile,
    name: Annotated[
        str, typer.Option("--as", metavar="NAME", help="Who approves; not the author. 承認者 (作成者以外)")
    ],
    journal: JournalUrl = None,
) -> int:
    """Approve a plan, bound to its exact bytes. 計画を承認する."""
    from deploy import approval
    from deploy.journal import Journal, journal_url
    from deploy.plan import load_plan
    from deploy.report import assurance_lines

    made, content = load_plan(file)
    with Journal(journal_url(_state(context), journal)) as book:
        row = approval.approve(book, made, content, name)
    if made.proof is not None:
        _say(assurance_lines(made.proof))
    console.say(
        Text(
            f"Plan {made.id} approved by {name} (SHA-256 {row.body['sha256']}).",
            f"計画 {made.id} を {name} が承認しました (SHA-256 {row.body['sha256']})。",
        )
    )
    return EXIT_OK


@app.command()
def apply(
    context: typer.Context,
    file: PlanFile,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Stop before the commit. コミット直前まで実行")] = False,
    check_s: Annotated[
        int, typer.Option("--check-seconds", min=5, max=3600, help="How long checks may take. 確認の制限時間")
    ] = 90,
    journal: JournalUrl = None,
    vault_password_file: PasswordFile = None,  # noqa: ARG001 as in `plan`
) -> int:
    """Bring an approved plan to all of its devices, or to none. 承認済みの計画を適用する."""
    from deploy import approval
    from deploy.clock import OperatorClock
    from deploy.journal import Journal, journal_url
    from deploy.lock import only_one
    from deploy.plan import load_plan
    from deploy.record import Record
    from deploy.transaction import Timing, Transaction, look_again, rehearse

    made, content = load_plan(file)
    target = _target(context, made)
    if not made.changed:
        console.say(Text("The plan changes nothing; nothing was done.", "計画に変更がないため、何も行いませんでした。"))
        return EXIT_OK
    clock = OperatorClock()
    with only_one(target.state), Journal(journal_url(target.state, journal)) as book:
        approver = approval.admit(book, made, content, target)
        today = dt.datetime.now().astimezone().date()
        approval.require_proof(book, made, content, today, rehearsal=dry_run)
        with _fleet_of_plan(target, install=not dry_run)(made) as fleet:
            if dry_run:
                for diff in rehearse(fleet, made).values():
                    console.say(diff)
                console.say(Text("Rehearsed: nothing was changed.", "予行を完了しました。何も変更していません。"))
                return EXIT_OK
            before = look_again(fleet, made)
            with clock.listening():
                change, last = approval.begin(book, made, content, approver)
                record = Record(book, change, last)
                outcome = Transaction(fleet, made, before, record, clock, Timing(check_s=check_s)).run()
    return _tell(outcome, interrupted=clock.interrupted)


@app.command()
def drift(
    context: typer.Context,
    city: CityName,
    only: Only = None,
    as_json: AsJson = False,
    without_servers: WithoutServers = False,
    journal: JournalUrl = None,
    vault_password_file: PasswordFile = None,  # noqa: ARG001 as in `plan`
) -> int:
    """Say where devices differ from what the city intends; exit code 1 when any does. 設定の差異を調べる."""
    from deploy import drift as drifting

    _, found = _survey(context, city, only, servers=not without_servers, journal=journal)
    drifted = drifting.drift(found)
    if as_json:
        _print_json(drifting.drift_json(drifted))
    else:
        _say(drifting.drift_lines(drifted, len(found.running) + len(found.serving)))
    return EXIT_FINDINGS if drifted else EXIT_OK


@app.command()
def controls(
    context: typer.Context,
    city: CityName,
    running: Annotated[bool, typer.Option("--running", help="Judge what the devices run. 稼働中の設定で判定")] = False,
    on: Annotated[
        dt.date | None,
        typer.Option("--on", metavar="DATE", parser=day_option, help="Judge as of this day (default: today). 判定日"),
    ] = None,
    name: Annotated[
        str | None,
        typer.Option("--control", metavar="ID", help="One control with its evidence. 管理策を指定し証拠も表示"),
    ] = None,
    as_json: AsJson = False,
    journal: JournalUrl = None,
) -> int:
    """Judge a city by the 58 controls; exit code 1 when any fails. 58 の管理策で判定する."""
    from deploy.controls_command import compiled_facts, control_named, recorded, running_facts
    from deploy.inspection import inspect
    from inventory.loader import load_city
    from network.controls import CONTROLS, judge
    from network.controls.report import detail_lines, results_json, summary_lines

    chosen = CONTROLS if name is None else (control_named(name),)
    day = on or dt.datetime.now().astimezone().date()
    rows = recorded(_state(context), journal)
    if running:
        target, found = _survey(context, city, None, day)
        facts = running_facts(found, day, rows, inspect(found, _fleet_of(target)))
    else:
        facts = compiled_facts(load_city(city, day), day, rows)
    results = judge(facts, chosen)
    if as_json:
        _print_json(results_json(facts, results))
    elif name is None:
        _say(summary_lines(facts, results))
    else:
        _say(detail_lines(facts, results[0]))
    return EXIT_FINDINGS if any(result.status == "fail" for result in results) else EXIT_OK


@app.command()
def prove(
    context: typer.Context,
    city: CityName,
    configs: Annotated[
        Path | None,
        typer.Option("--configs", metavar="DIR", help="Prove the configurations in this folder. 設定ファイルを調べる"),
    ] = None,
    running: Annotated[
        bool, typer.Option("--running", help="Prove what the devices run. 稼働中の機器の設定を調べる")
    ] = False,
    on: Annotated[
        dt.date | None,
        typer.Option(
            "--on", metavar="DATE", parser=day_option, help="The register's day; default: today. 登録簿の日付"
        ),
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Prove that exactly the registered flows pass; exit code 1 when not. 領域の分離を証明する."""
    from deploy.planning import survey
    from deploy.prove_command import prove_city

    if configs is not None and running:
        text = Text("--configs and --running exclude each other", "--configs と --running は同時に指定できません")
        raise typer.BadParameter(text.say(console.language()))
    day = on or dt.datetime.now().astimezone().date()
    return prove_city(
        city,
        folder=configs,
        survey=(lambda model, when: survey(model, _fleet_of(_target(context, model)), (), when)) if running else None,
        day=day,
        as_json=as_json,
    )


@app.command()
def recover(
    context: typer.Context,
    overwrite: Annotated[
        bool,
        typer.Option("--overwrite", help="Also overwrite what was changed by hand since. 手作業による変更も上書きする"),
    ] = False,
    journal: JournalUrl = None,
    vault_password_file: PasswordFile = None,  # noqa: ARG001 as in `plan`
) -> int:
    """Finish, or undo, a change that was cut short; may be called again and again. 中断した変更を完了または取り消す."""
    from deploy import recover as recovery
    from deploy.journal import Journal, journal_url
    from deploy.lock import only_one

    state = _state(context)
    with only_one(state), Journal(journal_url(state, journal)) as book:
        outcome = recovery.recover(
            book,
            lambda plan: _target(context, plan),
            lambda target, plan: _fleet_of_plan(target)(plan),
            overwrite=overwrite,
        )
    if outcome is None:
        console.say(Text("Nothing to recover: no change is unfinished.", "未完了の変更はありません。"))
        return EXIT_OK
    return _tell(outcome, interrupted=False)


@app.command()
def history(
    context: typer.Context,
    as_json: AsJson = False,
    verify: Annotated[bool, typer.Option("--verify", help="Check the hash chain. ハッシュ連鎖を検証する")] = False,
    export: Annotated[
        Path | None,
        typer.Option("--file", metavar="FILE", help="Read an exported journal instead. 書き出した変更記録を読む"),
    ] = None,
    head: Annotated[
        str | None,
        typer.Option(metavar="DIGEST", help="A digest noted earlier that must be in it. 控えておいたハッシュ値"),
    ] = None,
    journal: JournalUrl = None,
) -> int:
    """Read the journal of changes. 変更記録を表示する."""
    from deploy import chain
    from deploy.journal import Journal, journal_url
    from deploy.report import history_lines

    if export is not None:
        rows = chain.read_export(export)
    else:
        with Journal(journal_url(_state(context), journal)) as book:
            rows = book.rows()
    if verify or head:
        last = chain.verify(rows, head)
        console.tell(
            Text(
                f"The journal is whole: {len(rows)} rows, last digest {last}.",
                f"変更記録は完全です: {len(rows)} 行、末尾のハッシュ値 {last}。",
            )
        )
    if as_json:
        _print_json([row.as_json() for row in rows])
    elif not verify:
        _say(history_lines(rows))
    return EXIT_OK


def _survey(
    context: typer.Context,
    name: str,
    only: list[str] | None,
    on: dt.date | None = None,
    *,
    whole: bool = False,
    servers: bool = False,
    journal: str | None = None,
) -> tuple[Target, Survey]:
    from deploy.journal import journal_url
    from deploy.planning import survey
    from deploy.servers.former import once_served
    from inventory.errors import InventoryError
    from inventory.loader import read_city

    day = on or dt.datetime.now().astimezone().date()
    loaded = read_city(name, day)
    city = loaded.city
    if city is None:
        raise InventoryError(loaded.findings)
    for finding in loaded.findings:
        if finding.code in {"flow-expired", "flow-expiring"}:
            console.tell(finding.say(console.language()))
    target = _target(context, city)
    url = journal_url(_state(context), journal)
    return target, survey(
        city,
        _fleet_of(target),
        only or (),
        day,
        whole=whole,
        servers=servers,
        once_served=lambda names: once_served(url, names),
    )


def _tell(outcome: Outcome, *, interrupted: bool) -> int:
    from deploy.report import outcome_lines

    _say(outcome_lines(outcome))
    if outcome.unsettled:
        return EXIT_CANNOT_RUN
    if interrupted:
        return EXIT_INTERRUPTED
    return EXIT_FINDINGS if outcome.reason is not None else EXIT_OK


def _say(lines: Iterable[Text]) -> None:
    for line in lines:
        console.say(line)


def _print_json(value: Any) -> None:  # noqa: ANN401 whatever JSON holds
    print(json.dumps(value, ensure_ascii=False, indent=1))  # noqa: T201 a program reads it, unwrapped
