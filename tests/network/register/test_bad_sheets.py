"""Bad sheets and their exact messages: REWRITE=1 writes them anew, then read every one."""

from __future__ import annotations

import csv
import datetime as dt
import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import Workbook
from registers import DAY, GOLDEN, LANGUAGES, MINI

from inventory.loader import load_city
from inventory.source import read_source
from network.register.sheet import HEADINGS, cells
from network.register.sheet_files import read_sheet
from network.register.sheet_import import SheetError, imported

Grid = list[list[object]]


def good() -> Grid:
    """The small city's own register."""
    return [list(HEADINGS), *(list(row) for row in cells(load_city(MINI, DAY).flows))]


def at(grid: Grid, place: str, value: object) -> None:
    grid[int(place[1:]) - 1][ord(place[0]) - ord("A")] = value


def values() -> Grid:
    """Every kind of wrong value; rows 2 to 5 are f001 to f004."""
    grid = good()
    for place, value in {
        "B2": "共通サービズ",
        "D2": "lg-client",
        "F2": "443/tcp",
        "J2": "令和8年4月1日",
        "A3": "Ｆ００２",
        "F3": "tcp/443、ｕｄｐ／70000",
        "K3": "47938",
        "C4": "",
        "G4": "　",
        "M4": "hall-lg-gat",
        "N4": "ファイル無毒化",
        "P4": "×",
        "A5": "",
        "O5": "土曜 22:00-05:00",
    }.items():
        at(grid, place, value)
    grid.append(["f001", *grid[1][1:]])
    grid.append(
        ["f009", "保守", "時間帯なし", "lg-clients", "lgwan-asp", "tcp/22", "", "", "", "", "", "", "", "", "", ""]
    )
    grid.append(["f010", "保守"])
    return grid


def headings() -> Grid:
    grid = good()
    grid[0][0:3] = ["番 号", "件名", "件名"]
    for row in grid:
        row.append("")
    grid[0][-1] = "備考"
    grid[2].append("メモ")
    return grid


def written(grid: Grid, file: Path) -> Path:
    stream = io.StringIO(newline="")
    csv.writer(stream).writerows(grid)
    file.write_text(stream.getvalue(), encoding="utf-8-sig", newline="")
    return file


def values_csv(folder: Path) -> Path:
    return written(values(), folder / "register.csv")


def headings_csv(folder: Path) -> Path:
    return written(headings(), folder / "register.csv")


def odd_cells_xlsx(folder: Path) -> Path:
    """What only a workbook can hold: formulas, merged cells, numbers, dates, truth; and a blank row between."""
    grid = good()
    book = Workbook()
    worksheet = book.worksheets[0]
    worksheet.title = "通信登録簿"
    for row in grid[:3]:
        worksheet.append(row)
    worksheet.append([])
    for row in grid[3:]:
        worksheet.append(row)
    worksheet["C2"] = "=A2&B2"
    worksheet["G2"] = "#REF!"
    worksheet["J2"] = dt.datetime(2026, 4, 1)  # noqa: DTZ001 workbooks know no time zones
    worksheet["K2"] = 47938
    worksheet["J3"] = dt.datetime(2026, 4, 1, 12, 30)  # noqa: DTZ001 likewise
    worksheet["F3"] = 443
    worksheet["P3"] = True
    worksheet.merge_cells("H5:H6")
    file = folder / "register.xlsx"
    book.save(file)
    return file


@pytest.mark.parametrize("make", [values_csv, headings_csv, odd_cells_xlsx])
def test_every_error_is_told_with_its_cell(tmp_path: Path, make: Callable[[Path], Path]) -> None:
    with pytest.raises(SheetError) as caught:
        imported(read_source(MINI), read_sheet(make(tmp_path)), DAY)
    for tongue in LANGUAGES:
        golden = GOLDEN / f"sheet-{make.__name__}.{tongue}.txt"
        said = caught.value.say(tongue) + "\n"
        if os.environ.get("REWRITE"):
            golden.write_text(said, encoding="utf-8")
        assert said == golden.read_text(encoding="utf-8")
    assert caught.value.exit_code == 1


def test_columns_may_stand_in_any_order(tmp_path: Path) -> None:
    turned = [list(reversed(row)) for row in good()]
    city = imported(read_source(MINI), read_sheet(written(turned, tmp_path / "r.csv")), DAY).city
    assert list(city.flows) == ["f001", "f002", "f003", "f004"]


def test_what_may_stay_is_warned_of(tmp_path: Path) -> None:
    grid = good()
    at(grid, "K3", "2026/12/1")
    (finding,) = imported(read_source(MINI), read_sheet(written(grid, tmp_path / "r.csv")), DAY).warnings
    assert (finding.code, str(finding.origin)) == ("flow-expiring", "r.csv!K3")
