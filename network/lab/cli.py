"""`sanso lab`: start a lab, watch it, enter it, break it, end it."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: PLR0913, PLR0917 a command has as many parameters as it has options

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inventory import console
from inventory.errors import EXIT_FINDINGS
from inventory.text import Text
from network.lab.handle import Lab
from network.probe.cli import probe

if TYPE_CHECKING:
    from network.fabric import Fabric

app = typer.Typer(no_args_is_help=True, help="ラボ (the city on virtual switches)")
app.command()(probe)

State = Annotated[
    Path | None, typer.Option("--state", help="状態の置き場所 (state directory; default: $SANSO_STATE or .sanso)")
]
NodeName = Annotated[str, typer.Argument(metavar="NODE", help="ノード名 (node)")]
WireName = Annotated[str, typer.Argument(metavar="LINK", help="配線名 (link; `sanso lab status` lists them)")]


@app.command()
def up(
    city: Annotated[str, typer.Argument(help="都市の名前またはディレクトリ (name or directory of a city)")],
    *,
    bare: Annotated[
        bool, typer.Option("--bare", help="工場出荷状態で起動 (factory state: nothing configured)")
    ] = False,
    state: State = None,
) -> None:
    """ラボを起動する (start a lab)."""
    from inventory.loader import load_city
    from network.build import build_fabric
    from network.lab.launch import boot
    from network.lab.report import tell_cost

    begun = time.monotonic()
    fabric = build_fabric(load_city(city))
    with console.err().status("") as status:

        def progress(step: Text, done: int, total: int) -> None:
            status.update(f"{step.say(console.language())} {done}/{total}")

        lab = boot(fabric, None if bare else _configurations(fabric), state, progress)
    tell_cost(lab, time.monotonic() - begun)
    if lab.missing:
        names = ", ".join(lab.missing)
        console.tell(Text(f"Routes have not all come on: {names}", f"経路が揃っていない機器: {names}"))
        raise typer.Exit(EXIT_FINDINGS)


def _configurations(fabric: Fabric) -> dict[str, str]:
    from network.compile import compile_fabric
    from network.render import render

    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    return {name: render(device) for name, device in compile_fabric(fabric, on=today).items()}


@app.command()
def plug(
    city: Annotated[str, typer.Argument(help="都市の名前またはディレクトリ (name or directory of a city)")],
    state: State = None,
) -> None:
    """動いているラボに、増えた端末とサーバをつなぐ (plug in hosts the city has gained since the lab was booted)."""
    from inventory.loader import load_city
    from network.build import build_fabric
    from network.lab.plugging import plug as plug_hosts

    names = plug_hosts(Lab.get(state), build_fabric(load_city(city)))
    console.say(
        Text(f"Plugged in: {', '.join(names)}", f"接続しました: {', '.join(names)}")
        if names
        else Text("The lab has every host of the city already.", "都市の端末とサーバはすべて接続済みです。")
    )


@app.command()
def down(state: State = None) -> None:
    """ラボを停止し、何も残さない (stop the lab; leave nothing)."""
    from network.lab.handle import end

    if end(state):
        console.say(Text("The lab is down.", "ラボを停止しました。"))
    else:
        console.say(Text("No lab is up here.", "ここで動いているラボはありません。"))


@app.command()
def status(
    *,
    wires: Annotated[bool, typer.Option("--wires", help="全配線も表示 (all links, not only those at fault)")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="JSON で出力 (as JSON)")] = False,
    state: State = None,
) -> None:
    """ノードと配線の状態、使用量を見る (nodes, links, and what they cost)."""
    from network.lab.report import print_status, status_data

    data = status_data(Lab.get(state))
    if as_json:
        console.say(json.dumps(data, indent=2, ensure_ascii=False))
    else:
        print_status(data, all_wires=wires)


@app.command(context_settings={"ignore_unknown_options": True})
def ssh(
    node: NodeName,
    command: Annotated[list[str] | None, typer.Argument(help="実行するコマンド (default: a shell)")] = None,
    state: State = None,
) -> None:
    """ノードに SSH で入る (SSH to a node, its host key checked)."""
    lab = Lab.get(state)
    address, access = lab.address(node), lab.access()
    lab.enter_operator()
    options = {"UserKnownHostsFile": access.known_hosts, "StrictHostKeyChecking": "yes", "IdentitiesOnly": "yes"}
    words = [
        "ssh",
        "-i",
        str(access.key),
        *(word for key, value in options.items() for word in ("-o", f"{key}={value}")),
    ]
    os.execvp("ssh", [*words, f"{access.user}@{address}", *(command or [])])  # noqa: S606, S607 the user's own terminal


@app.command("exec", context_settings={"ignore_unknown_options": True})
def execute(
    node: NodeName,
    command: Annotated[list[str], typer.Argument(help="実行するコマンド (command)")],
    vrf: Annotated[str | None, typer.Option(help="この VRF の中で実行 (in this VRF)")] = None,
    state: State = None,
) -> None:
    """ノードでコマンドを実行する (run a command on a node, without SSH)."""
    words = Lab.get(state).command(node, command, vrf)
    os.execv(words[0], words)  # noqa: S606 what the user asks for


@app.command()
def capture(
    node: NodeName,
    interface: Annotated[str, typer.Argument(help="インタフェース、例: eth1.2003 (interface)")],
    expression: Annotated[str, typer.Option("--filter", help="tcpdump の式 (tcpdump expression)")] = "",
    count: Annotated[int | None, typer.Option(min=1, help="この数で終わる (stop after so many packets)")] = None,
    seconds: Annotated[int | None, typer.Option(min=1, help="この秒数で終わる (stop after so many seconds)")] = None,
    write: Annotated[Path | None, typer.Option(help="pcap ファイルに書く (write a pcap file)")] = None,
    state: State = None,
) -> None:
    """インタフェースのパケットを見る (watch packets on an interface)."""
    from network.lab.capture import capture_command

    lab = Lab.get(state)
    options = ["-c", str(count)] if count else []
    options += ["-U", "-w", "-"] if write else []
    words = capture_command(lab, node, interface, options, expression, seconds)
    if write is None:
        os.execv(words[0], words)  # noqa: S606 tcpdump on the user's own terminal
    with write.open("wb") as file:
        raise typer.Exit(subprocess.run(words, stdout=file, check=False).returncode)  # noqa: S603 tcpdump on our node


@app.command()
def cut(
    link: WireName,
    *,
    silent: Annotated[bool, typer.Option("--silent", help="リンク断を見せずに止める (no loss of carrier)")] = False,
    state: State = None,
) -> None:
    """配線を切る (cut a link)."""
    Lab.get(state).cut(link, silent=silent)
    console.say(Text(f"{link} is cut.", f"{link} を切断しました。"))


@app.command()
def heal(link: WireName, state: State = None) -> None:
    """配線を直す (mend a link)."""
    Lab.get(state).heal(link)
    console.say(Text(f"{link} is mended.", f"{link} を復旧しました。"))


@app.command()
def stop(node: NodeName, state: State = None) -> None:
    """ノードの電源を切る (take a node's power away)."""
    Lab.get(state).stop(node)
    console.say(Text(f"{node} is off.", f"{node} を停止しました。"))


@app.command()
def start(node: NodeName, state: State = None) -> None:
    """ノードの電源を入れる (power a node on)."""
    Lab.get(state).start(node)
    console.say(Text(f"{node} is up.", f"{node} を起動しました。"))
