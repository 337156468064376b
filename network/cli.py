"""The commands of `network`: compile a city into a folder; the lab's are its own."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated

import typer

from inventory import console
from inventory.options import day_option
from inventory.text import Text
from network.lab.cli import app as lab_app

app = typer.Typer()
app.add_typer(lab_app, name="lab")


@app.command("compile")
def compile_(
    city: Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write. 書き込むフォルダ")],
    on: Annotated[
        dt.date | None,
        typer.Option(
            "--on",
            metavar="DATE",
            parser=day_option,
            help="Let through the flows in force on this day; default: today. この日に有効な通信だけを通す",
        ),
    ] = None,
) -> None:
    """Write a city's configurations, parameter sheets, address book and diagrams. 設定と設計書を生成する."""
    from inventory.loader import load_city
    from network.compiled import compile_city
    from network.documents import documents, write_folder

    day = on or dt.datetime.now().astimezone().date()
    loaded = load_city(city, day)
    with console.step(Text("Compiling", "設定の生成")):
        compiled = compile_city(loaded, day)
    with console.step(Text("Writing documents", "設計書の作成")):
        write_folder(output, documents(compiled.fabric, compiled.states, compiled.texts))
    texts = compiled.texts
    lines = sum(text.count("\n") for text in texts.values())
    console.say(
        Text(
            f"{output}: {len(texts)} devices, {lines} lines of configuration. Start at {output}/index.html",
            f"{output}: 機器 {len(texts)} 台、設定 {lines} 行。入口は {output}/index.html です。",
        )
    )
