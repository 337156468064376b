"""A sheet of the register judged by the inventory's own checks: every error at once, each with its cell."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from string import ascii_uppercase
from types import MappingProxyType

from inventory.errors import EXIT_FINDINGS, Finding, SansoError
from inventory.loader import judge
from inventory.model import City
from inventory.origin import Origin
from inventory.source import Source
from inventory.text import Language, Text
from inventory.words import did_you_mean, listed, nearest, one_of, same
from inventory.yamltree import Node, duplicate_key
from network.register.sheet import COLUMNS, DATES, HEADINGS, KEY, Cell, Sheet, choices, value
from network.register.sheet_files import letters

DAY_ZERO = dt.date(1899, 12, 30)
"""From which spreadsheets count the days."""
EXPECTED: Mapping[str, Text] = MappingProxyType(
    {
        "ports": Text(
            "protocols and ports, such as tcp/443, udp/5000-5010, icmp",
            "プロトコルとポート (例 tcp/443, udp/5000-5010, icmp)",
        ),
        "window": Text(
            "weekdays and a span of time, such as 土・日 22:00-05:00 or 毎日 01:00-04:00",
            "曜日と時刻の範囲 (例 土・日 22:00-05:00、毎日 01:00-04:00)",
        ),
        "assumed": Text("○ or an empty cell", "○ または空欄"),
    }
)
"""What a column takes, where a cell says it otherwise than a file of the inventory."""

FIRST_SERIAL, LAST_SERIAL = 32874, 73050
"""1990 to 2099: a number between these in a column of dates is a date without its format."""


class SheetError(SansoError):
    """A sheet with errors: all of them at once."""

    exit_code = EXIT_FINDINGS

    def __init__(self, findings: tuple[Finding, ...]) -> None:
        count = sum(finding.severity == "error" for finding in findings)
        super().__init__(
            Text(
                f"{count} error(s); the register is as it was",
                f"エラーが {count} 件あります。登録簿は変更していません",
            )
        )
        self.findings = findings

    def say(self, language: Language) -> str:
        return "\n".join([*(finding.say(language) for finding in self.findings), super().say(language)])


@dataclass(frozen=True)
class Imported:
    """The city with the register of the sheet, and what is to be warned of."""

    city: City
    warnings: tuple[Finding, ...]


def imported(source: Source, sheet: Sheet, today: dt.date) -> Imported:
    """The city whose register is the sheet instead of what its files say.

    Raises:
        SheetError: anything is wrong with the sheet, or with the city it is for.
    """
    columns, findings = _columns(sheet)
    if findings:
        raise SheetError(tuple(findings))
    rows: dict[str, Node] = {}
    order: dict[Origin, int] = {}
    for cells in sheet.rows:
        key, row, odd = _row(sheet, columns, cells)
        findings += odd
        for node in (row, *row.table.values()):
            order.setdefault(node.origin, len(order))
        if key in rows:
            findings.append(duplicate_key(key, row.origin, rows[key].origin))
        rows[key if key and key not in rows else f"row-{_line(cells[0])}"] = row
    flows = Node(dict(rows), Origin(sheet.name))
    loaded = judge(Source(source.name, {**source.top, "flows": flows}, source.findings, source.readable), today)
    told = {finding.origin for finding in findings}
    findings += [_in_words_of_sheet(finding, rows) for finding in loaded.findings if finding.origin not in told]
    told |= {finding.origin for finding in findings}
    findings += [finding for finding in _unknown_groups(source, rows) if finding.origin not in told]
    findings.sort(key=lambda finding: (finding.severity != "error", order.get(finding.origin, len(order))))
    if loaded.city is None or any(finding.severity == "error" for finding in findings):
        raise SheetError(tuple(findings))
    return Imported(loaded.city, tuple(findings))


def _columns(sheet: Sheet) -> tuple[dict[str, int], list[Finding]]:
    """Heading → the place of its column, and what is wrong with the headings."""
    columns: dict[str, int] = {}
    findings: list[Finding] = []
    for place, cell in enumerate(sheet.headings):
        heading = unicodedata.normalize("NFKC", cell.text or "").strip()
        if heading in columns:
            first = sheet.headings[columns[heading]]
            findings.append(duplicate_key(heading, Origin(sheet.place(cell)), Origin(sheet.place(first))))
        elif heading in HEADINGS:
            columns[heading] = place
        elif heading or any(row[place].text for row in sheet.rows if place < len(row)):
            findings.append(_unknown_heading(sheet, cell, heading))
    lacking = [heading for heading in HEADINGS if heading not in columns]
    if lacking:
        row = listed(lacking, most=len(lacking))
        findings.append(
            Finding(
                "sheet-column-missing",
                Text("columns are missing", "見出しの列が足りません"),
                listed(HEADINGS, most=len(HEADINGS)),
                Text(f"no {row.en}", f"{row.ja} がありません"),
                Text("start from an export (`sanso flows CITY --export FILE`)", "--export の出力を元にしてください"),
                Origin(sheet.name),
            )
        )
    return columns, findings


def _unknown_heading(sheet: Sheet, cell: Cell, heading: str) -> Finding:
    return Finding(
        "sheet-column-unknown",
        Text("the register has no such column", "登録簿にない列です"),
        listed(HEADINGS, most=len(HEADINGS)),
        same(heading) if heading else Text("text below an empty heading", "見出しのない列に文字があります"),
        did_you_mean(nearest(heading, HEADINGS))
        or Text("remove the column: it would be lost", "取り込まれない列です。削除してください"),
        Origin(sheet.place(cell)),
    )


def _line(cell: Cell) -> str:
    """The number of a cell's row: 7 of F7."""
    return cell.place.lstrip(ascii_uppercase)


def _row(sheet: Sheet, columns: Mapping[str, int], cells: tuple[Cell, ...]) -> tuple[str, Node, list[Finding]]:
    """The name of a row, its fields as the inventory's files would say them, and what is odd about its cells."""
    number = _line(cells[0])

    def cell(heading: str) -> Cell:
        place = columns[heading]
        return cells[place] if place < len(cells) else Cell(f"{letters(place + 1)}{number}", None)

    first = cell(KEY)
    odd = [finding for heading in HEADINGS for finding in _oddities(sheet, cell(heading))]
    key = unicodedata.normalize("NFKC", first.text or "").strip()
    if not key and not first.oddity:
        odd.append(
            Finding(
                "sheet-no-key",
                Text("the row has no number", "行に番号がありません"),
                Text("a name of its own, such as s08", "その行だけの番号 (例 s08)"),
                Text("an empty cell", "空欄"),
                None,
                Origin(sheet.place(first)),
            )
        )
    fields = {field: _node(sheet, field, cell(heading)) for field, heading in COLUMNS.items()}
    return key, Node(dict(fields), Origin(sheet.place(first))), odd


def _unknown_groups(source: Source, rows: Mapping[str, Node]) -> Iterator[Finding]:
    """Ends that are no host group, told here for rows whose other cells keep the checks from looking at them."""
    groups = source.table("groups")
    for key, row in rows.items():
        for field in ("from", "to"):
            node = row.table[field]
            if isinstance(node.value, str) and node.value not in groups:
                yield Finding(
                    "sheet-group-unknown",
                    Text(
                        f"flow {key}: there is no host group {node.value}",
                        f"通信 {key}: そのホストグループはありません",
                    ),
                    one_of(groups),
                    same(node.value),
                    did_you_mean(nearest(node.value, groups)),
                    node.origin,
                )


def _node(sheet: Sheet, field: str, cell: Cell) -> Node:
    origin = Origin(sheet.place(cell))
    said = value(field, None if cell.oddity else cell.text)
    return Node([Node(item, origin) for item in said] if isinstance(said, list) else said, origin)


def _oddities(sheet: Sheet, cell: Cell) -> Iterator[Finding]:
    if cell.oddity == "formula":
        yield Finding(
            "sheet-formula",
            Text("the cell holds a formula or its error", "セルに数式またはエラー値が入っています"),
            Text("the value itself", "値そのもの"),
            same(cell.text),
            Text("copy it and paste it as a value", "コピーして「値の貼り付け」をしてください"),
            Origin(sheet.place(cell)),
        )
    elif cell.oddity == "merged":
        yield Finding(
            "sheet-merged",
            Text("the cell is merged with others", "セルが結合されています"),
            Text("one cell for each value", "1 つの値に 1 つのセル"),
            same(cell.text) if cell.text else Text("a part of a merged cell", "結合されたセルの一部"),
            Text("unmerge it and fill in every row", "結合を解除し、各行に値を入れてください"),
            Origin(sheet.place(cell)),
        )


def _in_words_of_sheet(finding: Finding, rows: Mapping[str, Node]) -> Finding:
    """A finding about a row, with the words of the sheet's columns and a hint about dates that lost their format."""
    path = finding.path
    if path[:1] != ("flows",) or len(path) < 2:  # noqa: PLR2004 flows, row, field
        return finding
    field = path[2] if len(path) > 2 else ""  # noqa: PLR2004 likewise
    if field in EXPECTED and finding.code == "value-bad":
        finding = replace(finding, expected=EXPECTED[field])
    elif choices(field) and finding.code == "value-bad":
        found = rows[path[1]].table[field].value
        meant = nearest(found, choices(field)) if isinstance(found, str) else None
        finding = replace(finding, expected=one_of(choices(field)), hint=did_you_mean(meant))
    if field in DATES and finding.hint is None:
        finding = replace(finding, hint=_date_of_serial(rows[path[1]].table[field]))
    return replace(
        finding,
        what=_headed(finding.what),
        expected=_headed(finding.expected),
        found=_headed(finding.found),
        hint=finding.hint and _headed(finding.hint),
    )


def _headed(text: Text) -> Text:
    """Fields by the headings of their columns, for those who read Japanese."""
    ja = text.ja
    for field, heading in COLUMNS.items():
        ja = ja.replace(f"`{field}` ", f"「{heading}」").replace(f"`{field}`", f"「{heading}」")
    return Text(text.en, ja)


def _date_of_serial(node: Node) -> Text | None:
    number = int(node.value) if isinstance(node.value, str) and node.value.isdecimal() else 0
    if not FIRST_SERIAL <= number <= LAST_SERIAL:
        return None
    meant = DAY_ZERO + dt.timedelta(days=number)
    return Text(
        f"did you mean {meant}? give the cell the format of a date",
        f"{meant} ではありませんか。セルの表示形式を日付にしてください",
    )
