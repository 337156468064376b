"""`sanso monitoring`: write what Prometheus, Alertmanager and Grafana are started with; run them in the lab."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Annotated

import typer

from inventory import console
from inventory.errors import EXIT_FINDINGS, EXIT_OK
from inventory.options import day_option
from inventory.text import Text

app = typer.Typer(no_args_is_help=True, help="監視 (Prometheus, Alertmanager, the city wall)")

CityName = Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")]


@app.command()
def render(
    city: CityName,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write. 書き込むフォルダ")],
    on: Annotated[
        dt.date | None,
        typer.Option(
            "--on",
            metavar="DATE",
            parser=day_option,
            help="Watch the flows in force on this day; default: today. この日に有効な通信を監視する",
        ),
    ] = None,
    runbooks: Annotated[
        str,
        typer.Option(metavar="URL", help="Where docs/runbooks is served, for alerts. 手順書を公開している場所"),
    ] = "",
    vault_password_file: Annotated[
        Path | None,
        typer.Option(
            "--vault-password-file",
            metavar="FILE",
            envvar="SANSO_VAULT_PASSWORD_FILE",
            help="Where alerts are sent with a secret: its vault's password. シークレットのパスワードファイル",
        ),
    ] = None,
) -> None:
    """Write rules, targets, routing of alerts, the city wall and dashboards. 監視の設定一式を生成する."""
    from deploy.journal import journal_url
    from deploy.target import city_target, state_directory
    from inventory.loader import load_city
    from monitoring.exporter.configuration import Station, configurations
    from monitoring.exporter.snmp.agents import agents
    from monitoring.prometheus import RENDERED, Settings, files
    from monitoring.prometheus.coverage import flows_told
    from monitoring.prometheus.receivers import SECRETS, secret_files
    from network.build import build_fabric
    from network.documents import write_folder

    day = on or dt.datetime.now().astimezone().date()
    loaded = load_city(city, day)
    fabric, login = build_fabric(loaded), loaded.management
    target = city_target(login.user, login.key, login.known_hosts, login.port)
    asked = agents(fabric, Path(login.snmp).expanduser().absolute() if login.snmp else None)
    station = Station(target.access, city, journal_url(state_directory()), asked)
    settings = Settings(runbooks=runbooks, secrets=str(output.absolute() / SECRETS))
    written = files(fabric, configurations(fabric, day, station), settings)
    hidden = secret_files(login.alerts, target.vault, vault_password_file)
    write_folder(output, {**written, **hidden}, RENDERED)
    console.say(
        Text(
            f"{output}: {len(written)} files. Start Prometheus with {output}/prometheus.yml",
            f"{output}: {len(written)} ファイル。Prometheus は {output}/prometheus.yml で起動します。",
        )
    )
    for line in flows_told(fabric, day):
        console.say(line)


@app.command()
def up(
    city: CityName,
    interval: Annotated[
        int,
        typer.Option(
            metavar="SECONDS", min=1, max=300, help="Between two looks (longer for many devices). 確認の間隔 (秒)"
        ),
    ] = 5,
) -> None:
    """Start exporters, Prometheus and Alertmanager in the running lab. ラボで監視を起動する."""
    from deploy.target import lab_target, state_directory
    from inventory.loader import load_city
    from monitoring.prometheus.coverage import flows_told
    from monitoring.prometheus.lab import LabWatch, WatchPlan
    from network.build import build_fabric
    from network.lab import Lab

    state = state_directory()
    lab = Lab.get(state)
    day = dt.datetime.now().astimezone().date()
    place = str(Path(city).absolute()) if Path(city).exists() else city
    watch = LabWatch(lab, state)
    fabric = build_fabric(load_city(city, day))
    with console.step(Text("Starting the watch", "監視の起動")):
        watch.up(fabric, lab_target(lab, state), WatchPlan(place, day, interval))
    console.say(
        Text(
            f"{len(watch.parts)} processes watch the lab. See the wall: sanso monitoring show",
            f"{len(watch.parts)} 個のプロセスで監視しています。見張り画面を見るには: sanso monitoring show",
        )
    )
    for line in flows_told(fabric, day):
        console.say(line)


@app.command()
def status(as_json: Annotated[bool, typer.Option("--json", help="For programs. JSON で出力")] = False) -> int:  # noqa: FBT002 a flag
    """Tell which parts of the lab's watch run, and what they see. 監視の状態を表示する.

    Exit code 1: a part does not answer.
    """
    from deploy.target import state_directory
    from monitoring.prometheus.lab import LabWatch
    from network.lab import Lab

    state = state_directory()
    watch = LabWatch(Lab.get(state), state)
    parts = {part.name: (part.node, watch.ready(part)) for part in watch.parts}
    targets = watch.targets()
    if as_json:
        rows = {name: {"node": node, "ready": ready} for name, (node, ready) in parts.items()}
        console.say(json.dumps({"parts": rows, "targets": targets}, indent=1))
    else:
        for name, (node, ready) in parts.items():
            word = Text("answers", "応答あり") if ready else Text("does not answer", "応答なし")
            console.say(f"{'○' if ready else '×'} {name} ({node}): {word.say(console.language())}")
        for name, health in sorted(targets.items()):
            mark = "×" if health["down"] else "―" if health["unknown"] else "○"
            console.say(f"{mark} {name}: {health['up']}/{health.total()}")
        if not parts:
            console.say(Text("Nothing watches this lab.", "このラボの監視は起動していません。"))
    return EXIT_OK if parts and all(ready for _, ready in parts.values()) else EXIT_FINDINGS


@app.command()
def show(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine. この端末のポート")] = 9090,
) -> None:
    """Let a browser on this machine see the lab's wall, until Ctrl-C. ラボの見張り画面をこの端末で見る."""
    from deploy.target import state_directory
    from monitoring.prometheus.settings import PROMETHEUS
    from monitoring.prometheus.window import Window
    from network.lab import Lab
    from network.lab.blueprint import OPERATOR

    host, _, inside = PROMETHEUS.partition(":")
    with Window(port, Lab.get(state_directory()).netns(OPERATOR), (host, int(inside))) as window:
        console.say(
            Text(
                f"http://127.0.0.1:{window.port}/consoles/wall.html until Ctrl-C",
                f"http://127.0.0.1:{window.port}/consoles/wall.html (Ctrl-C で終了)",
            )
        )
        window.serve_forever()


@app.command()
def down() -> None:
    """End the lab's watch; what it measured stays until the lab is another. 監視を停止する."""
    from deploy.target import state_directory
    from monitoring.prometheus.lab import LabWatch
    from network.lab import Lab

    state = state_directory()
    ran = LabWatch(Lab.get(state), state).down()
    console.say(
        Text("The watch has ended.", "監視を停止しました。")
        if ran
        else Text("Nothing watched this lab.", "このラボの監視は起動していませんでした。")
    )
