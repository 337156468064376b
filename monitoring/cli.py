"""The commands of `monitoring`: the exporter; what Prometheus needs has its own."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inventory import console
from inventory.errors import EXIT_OK
from inventory.text import Text
from monitoring.prometheus.cli import app as prometheus_app

app = typer.Typer()
app.add_typer(prometheus_app, name="monitoring")


@app.command()
def exporter(
    *,
    config_file: Annotated[Path, typer.Option("--config.file", metavar="FILE", help="What it watches. 設定ファイル")],
    listen: Annotated[
        str, typer.Option("--web.listen-address", metavar="ADDRESS", help="Where it listens. 待ち受けアドレス")
    ] = "127.0.0.1:9633",
    web_file: Annotated[
        Path | None,
        typer.Option("--web.config.file", metavar="FILE", help="TLS and passwords. TLS と認証の設定ファイル"),
    ] = None,
    check: Annotated[
        bool, typer.Option("--config.check", help="Only check the files. 設定ファイルの検査のみ行う")
    ] = False,
) -> int:
    """Tell Prometheus how the city looks from inside one segment. 領域内から監視する.

    SIGHUP reads the files again, SIGTERM ends it.
    """
    from monitoring.exporter import process

    if check:
        process.check(config_file, web_file)
        console.say(Text("The files are without error.", "設定ファイルに誤りはありません。"))
        return EXIT_OK
    return process.serve(config_file, listen, web_file)
