"""The register as CSV and XLSX: what goes out comes back, and nothing in it is ever run as a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from registers import DAY, MINI, flow

from inventory.loader import judge, load_city
from inventory.model import Flow
from inventory.source import read_source
from inventory.values import ProtocolPort
from inventory.windows import Window
from inventory.yamltree import read_yaml
from network.register.sheet import HEADINGS, Sheet, cells
from network.register.sheet_files import SheetFileError, read_sheet, sheet_bytes
from network.register.sheet_import import imported
from network.register.writing import difference, register_text

SUFFIXES = (".csv", ".xlsx")
PROSE = st.text(st.characters(exclude_categories=("C", "Z")) | st.sampled_from("=+-@'\"#:,; \n　"), min_size=1).map(
    lambda text: text.strip() or "="
)
PORTS = st.lists(
    st.builds(
        lambda low, more: ProtocolPort("tcp", low, min(low + more, 65535)), st.integers(1, 65535), st.integers(0, 9)
    )
    | st.just(ProtocolPort("icmp")),
    min_size=1,
    max_size=4,
).map(tuple)
WINDOWS = st.lists(
    st.builds(
        lambda days, start: Window(tuple(sorted(days)), start, (start + 61) % 1440),
        st.sets(st.integers(0, 6), min_size=1),
        st.integers(0, 1439),
    ),
    min_size=1,
    max_size=3,
).map(tuple)
TITLES = {"lg-clients": "LGWAN系端末", "evil": "=1+1"}
DATES = st.dates(dt.date(2020, 1, 1), DAY), st.dates(DAY, dt.date(2099, 12, 31))
COMMON = {
    "title": PROSE,
    "ports": PORTS,
    "reason": PROSE,
    "owner": PROSE,
    "approver": PROSE,
    "approved_on": DATES[0],
    "expires_on": DATES[1],
    "document": PROSE,
    "assumed": st.booleans(),
}
ROWS = st.one_of(
    st.fixed_dictionaries(
        {**COMMON, "kind": st.just("service"), "from": st.just("lg-clients"), "to": st.just("lgwan-asp")}
    ),
    st.fixed_dictionaries(
        {**COMMON, "kind": st.just("dmz"), "from": st.just("net-clients"), "to": st.just("the-internet")}
    ),
    st.fixed_dictionaries(
        {
            **COMMON,
            "kind": st.just("sanitised"),
            "from": st.just("net-clients"),
            "to": st.just("sanitiser"),
            "gateway": st.just("hall-lg-gate"),
            "sanitised_by": st.sampled_from(["screen-transfer", "mail-text", "file"]),
        }
    ),
    st.fixed_dictionaries(
        {
            **COMMON,
            "kind": st.just("maintenance"),
            "from": st.just("lg-clients"),
            "to": st.just("lgwan-asp"),
            "window": WINDOWS,
        }
    ),
).map(Flow.model_validate)


def without_contradictions(flows: Mapping[str, Flow]) -> dict[str, Flow]:
    """A register that is accepted: of rows for the same packets on different conditions, the first."""
    kept: dict[str, Flow] = {}
    for key, row in flows.items():
        same_ends = (
            other for other in kept.values() if ends(other) == ends(row) and conditions(other) != conditions(row)
        )
        if not any(meet(one, two) for other in same_ends for one in other.ports for two in row.ports):
            kept[key] = row
    return kept


def ends(row: Flow) -> tuple[str, str]:
    return row.source, row.destination


def conditions(row: Flow) -> tuple[object, ...]:
    return row.gateway, row.sanitised_by, row.window


def meet(one: ProtocolPort, two: ProtocolPort) -> bool:
    return one.protocol == two.protocol and one.low <= two.high and two.low <= one.high


KEYS = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,4})?", fullmatch=True)
REGISTERS = st.dictionaries(KEYS, ROWS, max_size=6).map(without_contradictions)


def read(folder: Path, suffix: str, content: bytes) -> Sheet:
    file = folder / f"register{suffix}"
    file.write_bytes(content)
    return read_sheet(file)


def plain(flows: Mapping[str, Flow]) -> list[tuple[str, dict[str, object]]]:
    return [(key, row.model_dump(exclude={"origin"})) for key, row in flows.items()]


@pytest.mark.parametrize("suffix", SUFFIXES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(flows=REGISTERS)
def test_what_goes_out_comes_back(tmp_path: Path, suffix: str, flows: dict[str, Flow]) -> None:
    sheet = read(tmp_path, suffix, sheet_bytes(suffix, cells(flows), TITLES))
    assert plain(imported(read_source(MINI), sheet, DAY).city.flows) == plain(flows)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_yasu_comes_back_as_it_is(tmp_path: Path, suffix: str) -> None:
    yasu = load_city("yasu", DAY)
    sheet = read(tmp_path, suffix, sheet_bytes(suffix, cells(yasu.flows), TITLES))
    source = read_source(Path(__file__).parents[3] / "inventory" / "cities" / "yasu")
    assert plain(imported(source, sheet, DAY).city.flows) == plain(yasu.flows)


@settings(max_examples=60, deadline=None)
@given(flows=REGISTERS)
def test_the_written_file_is_read_as_the_same_register(flows: dict[str, Flow]) -> None:
    reading = read_yaml(register_text(flows), "flows.yaml")
    assert reading.findings == ()
    assert reading.root is not None
    source = read_source(MINI)
    source.top["flows"] = reading.root.table["flows"]
    city = judge(source, DAY).city
    assert city is not None
    assert plain(city.flows) == plain(flows)


DANGEROUS = ("=1+1", "+81", "-1", "@SUM(A1)", "\t=1", "'=1", "''=1", "'quoted", '=cmd|"/c calc"!A1')


def test_csv_runs_nothing() -> None:
    flows = {f"r{n}": flow("lg-clients", "lgwan-asp", "tcp/1", title=text) for n, text in enumerate(DANGEROUS)}
    data = sheet_bytes(".csv", cells(flows), TITLES)
    assert data.startswith(b"\xef\xbb\xbf")
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig"))):
        assert all(not text.startswith(("=", "+", "-", "@", "\t", "\r")) for text in row)


def test_a_workbook_runs_nothing(tmp_path: Path) -> None:
    flows = {f"r{n}": flow("lg-clients", "lgwan-asp", "tcp/1", title=text) for n, text in enumerate(DANGEROUS)}
    (tmp_path / "r.xlsx").write_bytes(sheet_bytes(".xlsx", cells(flows), TITLES))
    worksheet = load_workbook(tmp_path / "r.xlsx")["通信登録簿"]
    assert [cell.value for cell in worksheet[1]] == list(HEADINGS)
    for row, text in zip(worksheet.iter_rows(min_row=2), DANGEROUS, strict=True):
        assert {cell.data_type for cell in row} <= {"s", "n"}
        assert row[2].value == text
        assert row[2].quotePrefix == (text != "'quoted")


def test_a_workbook_lists_the_groups_to_choose_from(tmp_path: Path) -> None:
    (tmp_path / "r.xlsx").write_bytes(sheet_bytes(".xlsx", (), TITLES))
    worksheet = load_workbook(tmp_path / "r.xlsx")["ホストグループ"]
    assert [tuple(row) for row in worksheet.values] == [("名前", "名称"), *TITLES.items()]
    assert worksheet["B3"].data_type == "s"


def test_excels_own_csv_is_read(tmp_path: Path) -> None:
    yasu = load_city("yasu", DAY)
    text = sheet_bytes(".csv", cells(yasu.flows), TITLES).decode("utf-8-sig").replace("2026-04-01", "2026/4/1")
    sheet = read(tmp_path, ".csv", text.encode("cp932"))
    source = read_source(Path(__file__).parents[3] / "inventory" / "cities" / "yasu")
    assert plain(imported(source, sheet, DAY).city.flows) == plain(yasu.flows)


def workbook(*titles: str) -> bytes:
    book = Workbook()
    book.remove(book.worksheets[0])
    for title in titles:
        book.create_sheet(title)["A1"] = "番号"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("r.xls", b"", ".xlsx として保存"),
        ("r", b"", "拡張子なし"),
        ("r.csv", b"", "行がありません"),
        ("r.csv", '番号\n"x'.encode(), "r.csv:2 を CSV として読めません"),
        ("r.csv", b"a\n\x81\xff\n", "r.csv:2 は UTF-8 でも CP932 でもありません"),
        ("r.xlsx", b"no zip", "XLSX のブックとして読めません"),
        ("r.xlsx", b"PK\x05\x06" + b"\0" * 18, "XLSX のブックとして読めません"),
        ("r.xlsx", workbook("一", "二"), "一, 二"),
    ],
)
def test_what_is_no_sheet_is_told(tmp_path: Path, name: str, content: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(SheetFileError) as caught:
        read_sheet(tmp_path / name)
    assert words in caught.value.say("ja")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SheetFileError, match="cannot be read: No such file"):
        read_sheet(tmp_path / "r.csv")


def test_a_control_sign_that_no_workbook_holds_is_told() -> None:
    flows = {"r1": flow("lg-clients", "lgwan-asp", "tcp/1", title="a\x07b")}
    with pytest.raises(SheetFileError, match="row r1, 件名"):
        sheet_bytes(".xlsx", cells(flows), TITLES)


def test_the_register_is_chosen_among_worksheets(tmp_path: Path) -> None:
    assert read(tmp_path, ".xlsx", workbook("説明", "通信登録簿")).name == "register.xlsx!通信登録簿"


def test_differences_are_told_row_by_row() -> None:
    old = {key: flow("lg-clients", "lgwan-asp", "tcp/1", title=key) for key in ("a", "b", "c")}
    new = {"c": old["c"], "b": old["b"].model_copy(update={"owner": "総務課"}), "d": old["a"]}
    assert [line.say("ja") for line in difference(old, new)] == [
        "- a  a",
        "~ b  所管課: 情報政策課 → 総務課",
        "+ d  a",
        "~ 行の並び順 (番号)",
    ]
    assert list(difference(old, old)) == []
