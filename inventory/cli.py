"""The commands of `inventory`: check a city, write the JSON Schema of its files."""

# ruff: noqa: PLC0415 a command imports what it needs when it runs, so that `sanso --help` stays quick
# ruff: noqa: FBT002 the parameters are the command line's options

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inventory import console
from inventory.errors import EXIT_FINDINGS, EXIT_OK, Finding
from inventory.options import day_option
from inventory.text import Text

if TYPE_CHECKING:
    from inventory.loader import Loaded

app = typer.Typer()


@app.command()
def check(
    city: Annotated[str, typer.Argument(metavar="CITY", help="A city's name or directory. 市の名前またはディレクトリ")],
    as_json: Annotated[bool, typer.Option("--json", help="For programs. JSON で出力")] = False,
    today: Annotated[
        dt.date | None,
        typer.Option(
            "--today", metavar="DATE", parser=day_option, help="Judge approvals on this day. この日付で承認の期限を判定"
        ),
    ] = None,
) -> int:
    """Check a city's inventory and tell everything that is wrong with it. インベントリを検査する."""
    from inventory.loader import read_city

    loaded = read_city(city, today)
    if as_json:
        typer.echo(json.dumps(_as_data(loaded), ensure_ascii=False, indent=2))
    else:
        for finding in loaded.findings:
            console.say(finding.say(console.language()))
        console.say(_summary(loaded))
    return EXIT_OK if loaded.city is not None else EXIT_FINDINGS


@app.command()
def schema(
    output: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where to write it (default: print). 出力先"),
    ] = None,
) -> int:
    """Write the JSON Schema that editors use to complete and check city files. JSON Schema を出力する."""
    from inventory.schema import schema_text, write_schema

    if output is None:
        typer.echo(schema_text(), nl=False)
    else:
        write_schema(output)
        console.say(Text(f"Wrote {output}.", f"{output} に書き出しました。"))
    return EXIT_OK


def _summary(loaded: Loaded) -> Text:
    errors = sum(finding.severity == "error" for finding in loaded.findings)
    warnings = len(loaded.findings) - errors
    if loaded.city is None:
        return Text(f"{errors} error(s), {warnings} warning(s)", f"エラー {errors} 件、警告 {warnings} 件")
    city = loaded.city
    devices = sum(len(site.devices) for site in city.sites.values())
    vlans = sum(len(site.vlans) for site in city.sites.values())
    return Text(
        f"{city.name}: {len(city.sites)} sites, {devices} devices, {vlans} VLANs, {len(city.flows)} flows; "
        f"no error, {warnings} warning(s)",
        f"{city.title}: 拠点 {len(city.sites)}、機器 {devices}、VLAN {vlans}、通信 {len(city.flows)}。"
        f"エラーなし、警告 {warnings} 件",
    )


def _as_data(loaded: Loaded) -> dict[str, object]:
    return {"ok": loaded.city is not None, "findings": [_finding(finding) for finding in loaded.findings]}


def _finding(finding: Finding) -> dict[str, object]:
    texts = {
        "what": finding.what,
        "expected": finding.expected,
        "found": finding.found,
        "hint": finding.hint,
    }
    return {
        "code": finding.code,
        "severity": finding.severity,
        "file": finding.origin.file,
        "line": finding.origin.line,
        "path": list(finding.path),
        **{key: text.say(console.language()) if text is not None else None for key, text in texts.items()},
    }
