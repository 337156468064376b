"""The register's sheet as a CSV or XLSX file.

CSV is written in UTF-8 with a byte order mark, so that Excel reads it as such; UTF-8 and CP932 (what Excel writes) are
read. Text that a spreadsheet would run as a formula is written as text.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from inventory.errors import SansoError
from inventory.text import Text
from inventory.words import listed
from network.register.sheet import HEADINGS, TITLE, Cell, Sheet, protected, unprotected

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

GROUPS_TITLE = "ホストグループ"
GROUPS_HEADINGS = ("名前", "名称")
LONGEST_WIDTH = 40


class SheetFileError(SansoError):
    """The file cannot be read or written as a sheet."""


def sheet_bytes(suffix: str, rows: Iterable[Sequence[str]], groups: Mapping[str, str]) -> bytes:
    """The content of a `.csv` or `.xlsx` file; a workbook also lists the host groups, name → title, to choose from.

    Raises:
        SheetFileError: the suffix is neither, or a text holds signs that a workbook cannot.
    """
    if suffix.lower() == ".csv":
        return _csv_bytes(rows)
    if suffix.lower() == ".xlsx":
        return _xlsx_bytes(rows, groups)
    raise _no_such_kind(suffix)


def read_sheet(file: Path) -> Sheet:
    """Read a sheet; rows without any text are left out.

    Raises:
        SheetFileError: it cannot be read, or is no sheet.
    """
    kind = file.suffix.lower()
    if kind not in {".csv", ".xlsx"}:
        raise _no_such_kind(file.suffix)
    try:
        data = file.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise SheetFileError(Text(f"{file} cannot be read: {reason}", f"{file} を読めません: {reason}")) from error
    grid = list(_csv_cells(file, data) if kind == ".csv" else ())
    name = file.name
    if kind == ".xlsx":
        worksheet = _worksheet(file, data)
        name, grid = f"{file.name}!{worksheet.title}", list(_xlsx_cells(worksheet))
    grid = [row for row in grid if any(cell.text is not None or cell.oddity for cell in row)]
    if not grid:
        raise SheetFileError(
            Text(f"{file} holds no rows", f"{file} に行がありません"),
            Text(f"the first row holds the headings: {HEADINGS[0]} …", f"1 行目に見出し ({HEADINGS[0]} …) が要ります"),
        )
    return Sheet(name, grid[0], tuple(grid[1:]))


def _no_such_kind(suffix: str) -> SheetFileError:
    return SheetFileError(
        Text(f"a file {suffix or 'without suffix'} is no sheet", f"{suffix or '拡張子なし'} は対応していない形式です"),
        Text(
            "use .csv or .xlsx; an .xls file is saved as .xlsx by Excel",
            ".csv または .xlsx にしてください (.xls は Excel で .xlsx として保存し直せます)",
        ),
    )


# --- CSV


def _csv_bytes(rows: Iterable[Sequence[str]]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(HEADINGS)
    writer.writerows([protected(text) for text in row] for row in rows)
    return stream.getvalue().encode("utf-8-sig")


def _csv_cells(file: Path, data: bytes) -> Iterator[tuple[Cell, ...]]:
    reader = csv.reader(io.StringIO(_decoded(file, data), newline=""), strict=True)
    try:
        for number, row in enumerate(reader, start=1):
            texts = (unprotected(text) for text in row)
            yield tuple(Cell(f"{letters(place)}{number}", text or None) for place, text in enumerate(texts, start=1))
    except csv.Error as error:
        line = reader.line_num
        raise SheetFileError(
            Text(f"{file}:{line} is no CSV: {error}", f"{file}:{line} を CSV として読めません: {error}"),
            Text("look for a quotation mark without its partner", '引用符 (") の対応を確かめてください'),
        ) from error


def _decoded(file: Path, data: bytes) -> str:
    for codec in ("utf-8-sig", "cp932"):
        try:
            return data.decode(codec)
        except UnicodeDecodeError as error:
            line = data.count(b"\n", 0, error.start) + 1
    raise SheetFileError(
        Text(f"{file}:{line} is neither UTF-8 nor CP932", f"{file}:{line} は UTF-8 でも CP932 でもありません"),
        Text("save it from Excel as “CSV UTF-8”", "Excel で「CSV UTF-8 (コンマ区切り)」として保存してください"),
    )


def letters(column: int) -> str:
    """The name of a column as spreadsheets count: 1 is A, 27 is AA."""
    name = ""
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(ord("A") + rest) + name
    return name


# --- XLSX


def _xlsx_bytes(rows: Iterable[Sequence[str]], groups: Mapping[str, str]) -> bytes:
    from openpyxl import Workbook  # noqa: PLC0415 only who wants a workbook waits for it

    book = Workbook()
    for worksheet in book.worksheets:
        book.remove(worksheet)
    _fill(book.create_sheet(TITLE), HEADINGS, rows)
    _fill(book.create_sheet(GROUPS_TITLE), GROUPS_HEADINGS, groups.items())
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def _fill(worksheet: Worksheet, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table of texts."""
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 only who wants a workbook waits for it
    from openpyxl.utils.exceptions import IllegalCharacterError  # noqa: PLC0415 likewise

    widths = [len(heading) * 2 for heading in headings]
    for number, row in enumerate((headings, *rows), start=1):
        for place, text in enumerate(row, start=1):
            if not text:
                continue
            cell = worksheet.cell(number, place)
            try:
                cell.value = text
            except IllegalCharacterError as error:
                raise SheetFileError(
                    Text(
                        f"row {row[0]}, {headings[place - 1]}: a control character cannot stand in a workbook",
                        f"{row[0]} の{headings[place - 1]}に、Excel に書けない制御文字があります",
                    )
                ) from error
            cell.data_type = "s"  # never a formula, whatever it begins with
            cell.number_format = "@"
            cell.quotePrefix = text != protected(text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            widths[place - 1] = max(widths[place - 1], min(LONGEST_WIDTH, 2 * len(text)))
    for place, width in enumerate(widths, start=1):
        worksheet.cell(1, place).font = Font(bold=True)
        worksheet.column_dimensions[letters(place)].width = width + 2
    worksheet.freeze_panes = "B2"
    worksheet.auto_filter.ref = worksheet.dimensions


def _worksheet(file: Path, data: bytes) -> Worksheet:
    """The worksheet 通信登録簿, or the only one."""
    from openpyxl import load_workbook  # noqa: PLC0415 only who has a workbook waits for it

    try:
        book = load_workbook(io.BytesIO(data))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError, TypeError) as error:
        raise SheetFileError(
            Text(f"{file} is no XLSX workbook", f"{file} を XLSX のブックとして読めません"),
            Text(
                "open it in Excel and save it as .xlsx, without a password",
                "Excel で開き、パスワードなしの .xlsx として保存し直してください",
            ),
        ) from error
    worksheets = book.worksheets
    chosen = [worksheet for worksheet in worksheets if worksheet.title.strip() == TITLE] or worksheets
    if len(chosen) != 1:
        names = listed(worksheet.title for worksheet in worksheets)
        raise SheetFileError(
            Text(f"{file} has several worksheets: {names.en}", f"{file} に複数のシートがあります: {names.ja}"),
            Text(f"name the one with the register {TITLE}", f"登録簿のシート名を「{TITLE}」にしてください"),
        )
    return chosen[0]


def _xlsx_cells(worksheet: Worksheet) -> Iterator[tuple[Cell, ...]]:
    merged = {
        place
        for area in worksheet.merged_cells.ranges
        for line in area.rows
        for place in line  # row, column
    }
    for row in worksheet.iter_rows():
        yield tuple(_xlsx_cell(cell, merged=(cell.row, cell.column) in merged) for cell in row)


def _xlsx_cell(cell: Any, *, merged: bool) -> Cell:  # noqa: ANN401 openpyxl has many kinds of cells
    place, found = cell.coordinate, cell.value
    if merged:
        return Cell(place, None if found is None else str(found), "merged")
    if cell.data_type in {"f", "e"}:
        return Cell(place, str(getattr(found, "text", found)), "formula")
    if isinstance(found, dt.datetime) and found.time() == dt.time():
        return Cell(place, found.date().isoformat())
    if isinstance(found, bool):
        return Cell(place, str(found).lower())
    if isinstance(found, float) and found.is_integer():
        return Cell(place, str(int(found)))
    return Cell(place, None if found in {None, ""} else str(found))
