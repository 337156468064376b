"""Many devices at once: one piece of work on each, in parallel; a device's failure is a value, not an exception."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor, as_completed
from types import TracebackType
from typing import Self, TypeVar

from deploy.device import Driver, Station, TroubleError, trouble
from inventory.errors import SansoError
from inventory.text import Text

WORKERS = 32
Result = TypeVar("Result")
Opener = Callable[[Station], Driver]
Progress = Callable[[Text, int, int], None]
"""Told (what is being done, devices done, devices in all)."""


class Fleet:
    """The devices of a change. Sessions are opened when first needed and kept; use it as a context manager."""

    def __init__(
        self,
        stations: Iterable[Station],
        opener: Opener,
        *,
        executor: Executor | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.stations: Mapping[str, Station] = {station.name: station for station in stations}
        self._opener = opener
        self._executor = executor or ThreadPoolExecutor(min(WORKERS, max(1, len(self.stations))), "device")
        self._progress = progress or (lambda _what, _done, _total: None)
        self._sessions: dict[str, Driver] = {}
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None or issubclass(kind, Exception):
            for _ in self._executor.map(self._drop, list(self._sessions)):
                pass
        self._executor.shutdown(wait=kind is None, cancel_futures=True)

    def each(
        self, names: Iterable[str], what: Text, work: Callable[[str, Driver], Result]
    ) -> dict[str, Result | TroubleError]:
        """Do `work(name, session)` on every named device; the result or the trouble of each, in the order of the names.

        A device whose session broke gets a new one the next time it is asked.
        """
        wanted = list(names)
        self._progress(what, 0, len(wanted))
        futures: dict[Future[Result | TroubleError], str] = {
            self._executor.submit(self._one, name, work): name for name in wanted
        }
        found: dict[str, Result | TroubleError] = {}
        for future in as_completed(futures):
            found[futures[future]] = future.result()
            self._progress(what, len(found), len(wanted))
        return {name: found[name] for name in wanted}

    def _one(self, name: str, work: Callable[[str, Driver], Result]) -> Result | TroubleError:
        station = self.stations[name]
        try:
            return work(name, self._session(station))
        except Exception as error:  # noqa: BLE001 whatever a driver raises is this device's trouble, told by name
            found = trouble(station, error)
            if found.kind == "unreachable":
                self._drop(name)
            return found

    def _session(self, station: Station) -> Driver:
        with self._lock:
            session = self._sessions.get(station.name)
        if session is None:
            session = self._opener(station)
            with self._lock:
                self._sessions[station.name] = session
        return session

    def _drop(self, name: str) -> None:
        with self._lock:
            session = self._sessions.pop(name, None)
        if session is not None:
            with contextlib.suppress(Exception):
                session.close()


def split(results: Mapping[str, Result | TroubleError]) -> tuple[dict[str, Result], dict[str, TroubleError]]:
    """Results and troubles apart."""
    good = {name: result for name, result in results.items() if not isinstance(result, TroubleError)}
    bad = {name: result for name, result in results.items() if isinstance(result, TroubleError)}
    return good, bad


LONGEST_LINE = 400


def _brief(text: Text) -> Text:
    """A line a person reads to its end; the journal keeps the whole."""
    en, ja = (line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]} …" for line in (text.en, text.ja))
    return Text(en, ja)


class FleetError(SansoError):
    """Some devices could not do what was needed: all of them at once, one line each."""

    def __init__(self, what: Text, troubles: Mapping[str, TroubleError], hint: Text | None = None) -> None:
        lines = [_brief(error.what) for error in troubles.values()]
        super().__init__(
            Text(
                "\n  ".join([what.en, *(line.en for line in lines)]),
                "\n  ".join([what.ja, *(line.ja for line in lines)]),
            ),
            hint,
        )
        self.troubles = troubles
