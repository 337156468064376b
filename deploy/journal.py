"""The journal: an append-only, hash-chained record of every change, in SQLite or, by URL, PostgreSQL.

A row is on disk when `append` returns (SQLite with `synchronous=EXTRA` and no write-ahead log). What a step is about
to do is written before it, what came of it after it, so that whoever reads the journal knows how far a change can
have got.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UnicodeText,
    create_engine,
    event,
    exc,
    make_url,
    select,
)

from deploy.chain import GENESIS, Row, canonical, link
from inventory.errors import SansoError
from inventory.text import Text

LOCK_WAIT_S = 10
_metadata = MetaData()
_rows = Table(
    "journal",
    _metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(32), nullable=False),
    Column("change", String(64), nullable=False, index=True),
    Column("step", String(32), nullable=False),
    Column("body", UnicodeText, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)
_plans = Table(
    "plans", _metadata, Column("digest", String(64), primary_key=True), Column("content", LargeBinary, nullable=False)
)


class JournalError(SansoError):
    """The journal cannot be read or written."""


class OvertakenError(JournalError):
    """Another `sanso` wrote to the same change in the meantime: this one must stop."""

    def __init__(self, change: str) -> None:
        super().__init__(
            Text(
                f"Another sanso has taken over change {change}; this one stops here.",
                f"別の sanso が変更 {change} を引き継いだため、この処理を停止します。",
            ),
            Text("See `sanso history` for what it did.", "経過は `sanso history` で確認してください。"),
        )


class Journal:
    """An open journal. Use it as a context manager; one process writes at a time, any number read."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._engine = _engine(url)
            _metadata.create_all(self._engine)
        except (exc.SQLAlchemyError, OSError, ValueError) as error:
            raise _told(url, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def append(self, change: str, step: str, body: Mapping[str, Any], *, after: int | None = None) -> Row:
        """Write one row and bring it to disk.

        Args:
            change: the change it belongs to, or "".
            step: what it tells of, such as "commit" or "settled".
            body: plain JSON values.
            after: `seq` of the change's last row as the writer knows it (0: none); OvertakenError when it is another.
        """
        try:
            with self._writing() as connection:
                last = connection.execute(
                    select(_rows.c.seq, _rows.c.digest).order_by(_rows.c.seq.desc()).limit(1)
                ).first()
                if after is not None and self._last_of(connection, change) != after:
                    raise OvertakenError(change)
                now = dt.datetime.now(dt.UTC).isoformat(timespec="milliseconds")
                seq, previous = (last.seq + 1, last.digest) if last else (1, GENESIS)
                row = link(previous, seq, now, change, step, json.loads(canonical(body)))
                connection.execute(_rows.insert().values(**{**row.as_json(), "body": canonical(row.body)}))
        except exc.IntegrityError:
            raise OvertakenError(change) from None
        except (exc.SQLAlchemyError, OSError) as error:
            raise _told(self.url, error) from error
        return row

    def rows(self, change: str | None = None) -> list[Row]:
        """Every row, or those of one change, oldest first."""
        query = select(_rows).order_by(_rows.c.seq)
        if change is not None:
            query = query.where(_rows.c.change == change)
        try:
            with self._engine.connect() as connection:
                found = connection.execute(query).mappings().all()
        except (exc.SQLAlchemyError, OSError) as error:
            raise _told(self.url, error) from error
        return [Row(**{**row, "body": _body(row["body"])}) for row in found]

    def keep_plan(self, digest: str, content: bytes) -> None:
        """Keep a plan's bytes under their SHA-256, so that recovery never depends on the plan file."""
        try:
            with self._writing() as connection:
                known = connection.execute(select(_plans.c.digest).where(_plans.c.digest == digest)).first()
                if known is None:
                    connection.execute(_plans.insert().values(digest=digest, content=content))
        except (exc.SQLAlchemyError, OSError) as error:
            raise _told(self.url, error) from error

    def plan(self, digest: str) -> bytes:
        """The bytes of a plan kept earlier."""
        try:
            with self._engine.connect() as connection:
                content = connection.execute(select(_plans.c.content).where(_plans.c.digest == digest)).scalar()
        except (exc.SQLAlchemyError, OSError) as error:
            raise _told(self.url, error) from error
        if content is None:
            raise JournalError(
                Text(f"The journal holds no plan {digest[:12]}.", f"変更記録に計画 {digest[:12]} がありません。")
            )
        return bytes(content)

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        """A transaction no other writer is in; readers are not disturbed."""
        with self._engine.begin() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.exec_driver_sql("LOCK TABLE journal IN EXCLUSIVE MODE")
            yield connection

    @staticmethod
    def _last_of(connection: Connection, change: str) -> int:
        query = select(_rows.c.seq).where(_rows.c.change == change).order_by(_rows.c.seq.desc()).limit(1)
        return int(connection.execute(query).scalar() or 0)


def journal_url(state: Path, url: str | None = None) -> str:
    """The journal's URL: the one given, else SQLite in the state directory, which is made if missing."""
    if url:
        return url
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise _told(str(state), error) from error
    return f"sqlite:///{state.absolute() / 'journal.db'}"


def _engine(url: str) -> Engine:
    place = make_url(url)
    if place.drivername == "postgresql":
        settings = f"-c lock_timeout={LOCK_WAIT_S * 1000} -c synchronous_commit=on"
        return create_engine(
            place.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            connect_args={"connect_timeout": LOCK_WAIT_S, "options": settings},
        )
    if place.drivername != "sqlite":
        raise JournalError(
            Text(
                f"A journal is kept in SQLite or PostgreSQL, not in {place.drivername}.",
                f"変更記録に使えるのは SQLite か PostgreSQL です ({place.drivername} は使えません)。",
            ),
            Text("Give a URL such as postgresql://USER@HOST/NAME.", "例: postgresql://ユーザー@ホスト/データベース名"),
        )
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S})

    @event.listens_for(engine, "connect")
    def settle(connection: Any, _record: object) -> None:  # noqa: ANN401 the database driver's own
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=DELETE")
        connection.execute("PRAGMA synchronous=EXTRA")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _body(text: str) -> Any:  # noqa: ANN401 whatever JSON holds
    """A row's body; text that is no JSON any more stays text, so that verification names the row."""
    try:
        return json.loads(text)
    except ValueError:
        return text


_RESTORE = Text("Restore it from a backup; never start over silently.", "バックアップから復元してください。")
_HELD = (
    Text("another process holds it locked", "別のプロセスがロックしています"),
    Text("Wait for the other sanso to finish.", "他の sanso の終了を待ってください。"),
)
_CAUSES = (
    (
        "disk is full",
        Text("its disk is full", "ディスクの空きがありません"),
        Text(
            "Free some space, then `sanso recover` if a change was under way.",
            "空き容量を確保し、変更の途中であれば `sanso recover` を実行してください。",
        ),
    ),
    ("locked", *_HELD),
    ("lock timeout", *_HELD),
    ("not a database", Text("it is not a journal", "変更記録のファイルではありません"), _RESTORE),
    ("malformed", Text("the file is damaged", "ファイルが破損しています"), _RESTORE),
    (
        "readonly",
        Text("it may not be written", "書き込みが許可されていません"),
        Text("Check its owner and mode.", "所有者と権限を確認してください。"),
    ),
    (
        "unable to open",
        Text("it cannot be opened", "開くことができません"),
        Text(
            "Check the path, owner and mode of its directory.", "ディレクトリのパス・所有者・権限を確認してください。"
        ),
    ),
)


def _told(url: str, error: Exception) -> JournalError:
    where = _where(url)
    for mark, what, hint in _CAUSES:
        if mark in str(error):
            return JournalError(
                Text("Journal {where}: {what}.", "変更記録 {where}: {what}。").format(where=where, what=what), hint
            )
    reason = str(getattr(error, "orig", None) or error).splitlines()[0]
    return JournalError(Text(f"Journal {where}: {reason}.", f"変更記録 {where}: {reason}。"))


def _where(url: str) -> str:
    """The place a URL names, without the user and the password."""
    try:
        place = make_url(url)
    except (exc.ArgumentError, ValueError):
        return "?"
    return f"{place.host}/{place.database}" if place.host else str(place.database)
