"""The register out to a sheet, and in from one: the only place that writes the register's file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from deploy.plan import write_whole
from inventory.errors import SansoError
from inventory.loader import judge
from inventory.model import City, Flow
from inventory.source import Source, find_city, read_source
from inventory.text import Text
from inventory.words import listed
from inventory.yamltree import read_yaml
from network.register.sheet import cells
from network.register.sheet_files import read_sheet, sheet_bytes
from network.register.sheet_import import imported
from network.register.writing import difference, register_text

READABLE = 0o644


class RegisterFileError(SansoError):
    """The register cannot be written where it stands."""


def take_out(city: City, file: Path) -> Iterator[Text]:
    """Write the register to a `.csv` or `.xlsx` file."""
    titles = {key: group.title for key, group in city.groups.items()}
    write_whole(file, sheet_bytes(file.suffix, cells(city.flows), titles))
    file.chmod(READABLE)
    yield Text(f"{file}: {len(city.flows)} row(s).", f"{file}: {len(city.flows)} 件を書き出しました。")


def bring_in(name_or_path: str | Path, file: Path, today: dt.date, *, replace: bool) -> Iterator[Text]:
    """Judge a sheet, tell how it differs from the register, and write the register's file.

    Nothing is written when the sheet has an error, when nothing differs, or when the file was written by hand and is
    not to be replaced: its comments and its layout would be lost.
    """
    directory = find_city(name_or_path)
    source = read_source(directory)
    found = imported(source, read_sheet(file), today)
    old, new = _present(source, today), found.city.flows
    for finding in found.warnings:
        yield Text(finding.say("en"), finding.say("ja"))
    lines = list(difference(old, new))
    yield from lines
    if not lines:
        yield Text("The sheet says what the register says.", "台帳と登録簿は同じ内容です。")
        return
    target = _target(directory, source)
    before = target.read_text(encoding="utf-8-sig") if target.exists() else ""
    by_hand = bool(before) and before != register_text(old, before)
    if by_hand and not replace:
        raise RegisterFileError(
            Text(
                f"{target} was written by hand: its comments and layout would be lost; nothing was written",
                f"{target} は手書きのファイルです。コメントと体裁が失われるため、書き込みませんでした",
            ),
            Text(
                f"add --replace to write it anyway; the old one is kept as {target.name}.old",
                f"置き換えてよければ --replace を付けてください (元のファイルは {target.name}.old に残します)",
            ),
        )
    mode = target.stat().st_mode & 0o777 if before else READABLE
    if by_hand:
        write_whole(target.with_name(f"{target.name}.old"), before.encode())
    write_whole(target, register_text(new, before).encode())
    target.chmod(mode)
    yield Text(f"{target}: {len(new)} row(s).", f"{target}: {len(new)} 件を書き込みました。")


def _present(source: Source, today: dt.date) -> dict[str, Flow]:
    """The register as it stands; nothing when the city cannot be read."""
    city = judge(source, today).city
    return {} if city is None else city.flows


def _target(directory: Path, source: Source) -> Path:
    """The file that holds the register and nothing else; flows.yaml where there is no register yet."""
    files = sorted({row.origin.file for row in source.table("flows").values()})
    target = directory / (files[0] if files else "flows.yaml")
    tables = _tables(target) if target.exists() else []
    if len(files) > 1 or tables not in ([], ["flows"]):
        found = listed(files) if len(files) > 1 else listed(tables)
        raise RegisterFileError(
            Text(
                f"the register does not stand in a file of its own ({target.name}: {found.en}); nothing was written"
                if len(files) < 2  # noqa: PLR2004 several
                else f"the register stands in several files ({found.en}); nothing was written",
                f"通信登録簿が専用のファイルにありません ({target.name}: {found.ja})。書き込みませんでした"
                if len(files) < 2  # noqa: PLR2004 several
                else f"通信登録簿が複数のファイルに分かれています ({found.ja})。書き込みませんでした",
            ),
            Text(
                "move the table `flows:` into a file flows.yaml that holds nothing else",
                "`flows:` の表だけを flows.yaml に移してください",
            ),
        )
    return target


def _tables(file: Path) -> list[str]:
    root = read_yaml(file.read_text(encoding="utf-8-sig"), file.name).root
    return list(root.table) if root is not None else []
