from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import tempfile
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy import journal as journals
from deploy.chain import GENESIS, BrokenChainError, Row, link, read_export, verify
from deploy.journal import Journal, JournalError, OvertakenError, journal_url
from inventory.errors import SansoError

BODIES = st.dictionaries(st.text(max_size=8), st.one_of(st.integers(), st.text(max_size=8), st.booleans()), max_size=3)


PG = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path())
"""Debian's PostgreSQL server; it does not stand on the search path."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    return journal_url(tmp_path / "state")


@pytest.fixture(scope="module")
def server() -> Iterator[Path]:
    """A PostgreSQL server of the test's own, on a socket in a folder of the user it runs as."""
    with tempfile.TemporaryDirectory(prefix="pg-") as name:
        folder = Path(name)
        shutil.chown(folder, "postgres")

        def run(program: str, *words: str) -> None:
            with (folder / "log").open("ab") as out:
                subprocess.run([PG / program, *words], check=True, user="postgres", cwd="/", stdout=out, stderr=out)

        run("initdb", "-D", f"{folder}/data", "--auth=trust", "--no-sync")
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-o", f"-c listen_addresses= -k {folder}", "start")
        yield folder
        run("pg_ctl", "-D", f"{folder}/data", "-w", "-m", "immediate", "stop")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.long)])
def either(request: pytest.FixtureRequest, url: str) -> str:
    """An empty journal in each of the databases there are."""
    if request.param == "sqlite":
        return url
    folder = request.getfixturevalue("server")
    name = f"j{uuid.uuid4().hex}"
    subprocess.run([PG / "createdb", "-h", folder, "-U", "postgres", name], check=True)
    return f"postgresql://postgres@/{name}?host={folder}"


def filled(url: str, rows: int = 5) -> Journal:
    book = Journal(url)
    for number in range(rows):
        book.append("a-1", "step", {"number": number, "名": "値"})
    return book


def test_rows_come_back_as_written_and_the_chain_holds(either: str) -> None:
    with filled(either) as book:
        rows = book.rows()
        assert [row.body["number"] for row in rows] == list(range(5))
        assert rows[0].previous == GENESIS
        assert verify(rows) == rows[-1].digest
    with Journal(either) as again:
        assert again.rows() == rows


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE journal SET body = '{\"number\":9}' WHERE seq = 3",
        "UPDATE journal SET body = 'no json' WHERE seq = 3",
        "UPDATE journal SET at = '2020-01-01T00:00:00+00:00' WHERE seq = 3",
        "UPDATE journal SET change = 'b-1' WHERE seq = 3",
        "UPDATE journal SET step = 'settled' WHERE seq = 3",
        "UPDATE journal SET previous = digest WHERE seq = 3",
        "UPDATE journal SET digest = previous WHERE seq = 3",
        "DELETE FROM journal WHERE seq = 3",
    ],
)
def test_an_altered_row_is_named(url: str, change: str) -> None:
    filled(url)
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute(change)
    with Journal(url) as book, pytest.raises(BrokenChainError) as broken:
        verify(book.rows())
    assert broken.value.row == 3
    assert "row 3" in broken.value.say("en")
    assert "3 行目" in broken.value.say("ja")


def test_an_end_cut_off_is_seen_with_a_digest_noted_earlier(url: str) -> None:
    book = filled(url)
    noted = book.rows()[-1].digest
    with sqlite3.connect(url.removeprefix("sqlite:///")) as database:
        database.execute("DELETE FROM journal WHERE seq = 5")
    assert verify(book.rows())
    with pytest.raises(SansoError, match="cut off"):
        verify(book.rows(), noted)


@given(st.lists(st.tuples(st.text(max_size=5), BODIES), min_size=1, max_size=6), st.data())
def test_an_exported_chain_holds_until_any_one_row_is_touched(
    rows: list[tuple[str, dict]], data: st.DataObject
) -> None:
    chain: list[Row] = []
    for number, (step, body) in enumerate(rows, start=1):
        chain.append(link(chain[-1].digest if chain else GENESIS, number, "2026-11-20", "c", step, body))
    exported = [Row(**json.loads(json.dumps(row.as_json()))) for row in chain]
    verify(exported)
    at = data.draw(st.integers(0, len(exported) - 1))
    touched = exported[at].as_json() | {"step": exported[at].step + "x"}
    with pytest.raises(BrokenChainError) as broken:
        verify([*exported[:at], Row(**touched), *exported[at + 1 :]])
    assert broken.value.row == at + 1


def test_a_file_that_is_no_export_is_named(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    file.write_text("[{]")
    with pytest.raises(SansoError, match="not an exported journal"):
        read_export(file)


def test_writers_at_once_make_one_chain(either: str) -> None:
    Journal(either)

    def write(name: str) -> None:
        with Journal(either) as book:
            for _ in range(10):
                book.append(name, "step", {})

    threads = [threading.Thread(target=write, args=(f"c-{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with Journal(either) as book:
        assert len(book.rows()) == 40
        verify(book.rows())


def test_who_was_overtaken_may_not_write(either: str) -> None:
    with Journal(either) as book:
        first = book.append("a-1", "begin", {}, after=0)
        book.append("", "approve", {})
        book.append("a-1", "recover", {})
        with pytest.raises(OvertakenError):
            book.append("a-1", "commit", {}, after=first.seq)
        assert [row.step for row in book.rows("a-1")] == ["begin", "recover"]


def test_a_locked_journal_is_told(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LOCK_WAIT_S", 0)
    book = filled(url)
    other = sqlite3.connect(url.removeprefix("sqlite:///"))
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(JournalError, match="holds it locked"):
        book.append("a-1", "step", {})
    other.rollback()


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to look like one" * 40, b"SQLite format 3\0" + b"x" * 4096]
)
def test_a_corrupt_journal_is_told(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "journal.db"
    file.write_bytes(content)
    with pytest.raises(JournalError) as failed:
        Journal(f"sqlite:///{file}")
    assert str(file) in failed.value.say("ja")
    assert failed.value.hint is not None


def test_a_journal_without_its_directory_is_told(tmp_path: Path) -> None:
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(f"sqlite:///{tmp_path}/none/journal.db")


@pytest.mark.long
def test_a_journal_another_holds_in_postgresql_is_told(server: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "LOCK_WAIT_S", 1)
    place = f"host={server} user=postgres dbname=postgres"
    with Journal(f"postgresql://postgres@/postgres?host={server}") as book, psycopg.connect(place) as other:
        book.keep_plan("0" * 64, b"x")
        other.execute("LOCK TABLE journal")
        with pytest.raises(JournalError, match="another process holds it locked"):
            book.append("a-1", "step", {})
        other.rollback()
        assert book.append("a-1", "step", {}).seq == 1
        assert book.plan("0" * 64) == b"x"


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://sanso:himitsu@127.0.0.1:1/journal", "127.0.0.1/journal"),
        ("mysql://sanso:himitsu@db.example/journal", "SQLite or PostgreSQL, not in mysql"),
        ("himitsu", "Journal ?"),
        ("postgresql://sanso:himitsu@db.example:port/journal", "Journal ?"),
    ],
)
def test_a_database_that_is_not_there_is_told_without_its_password(url: str, told: str) -> None:
    with pytest.raises(JournalError) as failed:
        Journal(url)
    assert told in failed.value.say("en")
    assert "himitsu" not in failed.value.say("en") + failed.value.say("ja")


def test_a_full_disk_is_told(url: str) -> None:
    from sqlalchemy import event  # noqa: PLC0415 only here
    from sqlalchemy.engine import Engine  # noqa: PLC0415

    filled(url)

    def narrow(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    event.listen(Engine, "connect", narrow)
    try:
        with Journal(url) as book, pytest.raises(JournalError, match="its disk is full"):
            book.keep_plan("0" * 64, b"x" * 100_000)
    finally:
        event.remove(Engine, "connect", narrow)
