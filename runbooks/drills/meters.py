"""Meters look at the city all the time, each in a thread of its own, and keep what they have seen on disk."""

from __future__ import annotations

import csv
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO


@dataclass(frozen=True, slots=True)
class Sample:
    """What was seen at a moment (seconds since 1970): good, bad, or None: it could not be told. `note` for machines."""

    at: float
    good: bool | None
    note: str = ""


class Samples:
    """Samples in memory and, a line each, in a file that a crash does not take along."""

    def __init__(self, file: Path) -> None:
        self._lock = threading.Lock()
        self._rows = list(read_samples(file))
        self._file: IO[str] = file.open("a", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file)

    def add(self, sample: Sample) -> None:
        with self._lock:
            self._rows.append(sample)
            self._writer.writerow([f"{sample.at:.3f}", _SIGNS[sample.good], sample.note])
            self._file.flush()

    @property
    def rows(self) -> list[Sample]:
        with self._lock:
            return list(self._rows)

    def close(self) -> None:
        self._file.close()


_SIGNS = {True: "1", False: "0", None: ""}
_MEANING = {sign: good for good, sign in _SIGNS.items()}


def read_samples(file: Path) -> Iterator[Sample]:
    """The samples of a file; a last line cut short by a crash is left out."""
    if not file.exists():
        return
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines):
            if len(row) == 3 and row[1] in _MEANING:  # noqa: PLR2004 the three columns
                yield Sample(float(row[0]), _MEANING[row[1]], row[2])


class Meter(threading.Thread):
    """Looks every `every_s` seconds until it is stopped. `look` never raises: what it cannot tell is None."""

    def __init__(self, name: str, every_s: float, look: Callable[[], Sample], folder: Path) -> None:
        super().__init__(name=name, daemon=True)
        self.every_s = every_s
        self._look = look
        self._ending = threading.Event()
        self.samples = Samples(folder / f"{name}.csv")

    def run(self) -> None:
        while not self._ending.is_set():
            begun = time.monotonic()
            self.samples.add(self._look())
            self._ending.wait(max(0.05, self.every_s - (time.monotonic() - begun)))

    def stop(self) -> None:
        """End it, and wait until it has."""
        self._ending.set()
        self.join()
        self.samples.close()

    @property
    def last(self) -> Sample | None:
        rows = self.samples.rows
        return rows[-1] if rows else None

    def blind_since(self) -> float | None:
        """Since when it cannot tell (a moment); None: it can, or has never looked."""
        since = None
        for sample in reversed(self.samples.rows):
            if sample.good is not None:
                break
            since = sample.at
        return since


@dataclass(frozen=True, slots=True)
class Outage:
    """A time in which the service was not there; `end` None: it has not come back. `begin` is the last good moment."""

    begin: float
    end: float | None

    def seconds(self, now: float) -> float:
        return (now if self.end is None else self.end) - self.begin


def outages(rows: list[Sample]) -> list[Outage]:
    """The outages in samples: each from the last good sample before it to the first good one after it."""
    found: list[Outage] = []
    last_good: float | None = None
    begin: float | None = None
    for row in rows:
        if row.good and begin is not None:
            found.append(Outage(begin, row.at))
            begin = None
        elif row.good is False and begin is None:
            begin = row.at if last_good is None else last_good
        if row.good:
            last_good = row.at
    if begin is not None:
        found.append(Outage(begin, None))
    return found
