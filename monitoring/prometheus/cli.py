"""`sanso monitoring`: write what Prometheus, Alertmanager and Grafana are started with; run them in the lab."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from inventory import console
from inventory.text import Text

app = typer.Typer(no_args_is_help=True, help="監視 (Prometheus, Alertmanager, the city wall)")

CityName = Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")]


@app.command()
def render(
    city: CityName,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write. 書き込むフォルダ")],
    runbooks: Annotated[
        str,
        typer.Option(metavar="URL", help="Where docs/runbooks is served, for alerts. 手順書を公開している場所"),
    ] = "",
) -> None:
    """Write rules, targets, routing of alerts, the city wall and dashboards. 監視の設定一式を生成する."""
    from inventory.loader import load_city
    from monitoring.prometheus import RENDERED, Settings, files
    from network.build import build_fabric
    from network.documents import write_folder

    written = files(build_fabric(load_city(city)), Settings(runbooks=runbooks))
    write_folder(output, written, RENDERED)
    rules = sum(name.startswith("rules/") for name in written)
    console.say(
        Text(
            f"{output}: {len(written)} files, {rules} of rules. Start Prometheus with {output}/prometheus.yml",
            f"{output}: {len(written)} ファイル(うちルール {rules})。"
            f"Prometheus は {output}/prometheus.yml で起動します。",
        )
    )
