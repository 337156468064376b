"""Where a flow is tried from: this host, or a server that it comes from (see `servers`).

A place from which nothing can be tried is no verdict on the flow: it raises `NoPlaceError`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from inventory.text import Text
from monitoring.exporter.answer import Deadline
from monitoring.exporter.attempt import REACHED, Outcome, attempt
from monitoring.exporter.errands import Loop
from monitoring.exporter.model import Source
from monitoring.exporter.paths import Path

TRIES = 2
"""One packet may be lost."""
_SPARE_S = 0.2


class NoPlaceError(Exception):
    """Nothing can be tried from there: `what` says why."""

    def __init__(self, what: Text) -> None:
        super().__init__(what.en)
        self.what = what


class Place(Protocol):
    """Where paths are tried from."""

    def outcomes(self, row: str, paths: Sequence[Path], deadline: Deadline) -> Sequence[Outcome]:
        """What came of each path of a row, in their order. What is silent is tried again.

        Raises:
            NoPlaceError: nothing can be tried from there.
            LateError: the deadline came first.
        """
        ...

    def close(self) -> None: ...


class Here:
    """This host."""

    def __init__(self, source: Source, loop: Loop) -> None:
        self._source = source
        self._loop = loop

    def outcomes(self, row: str, paths: Sequence[Path], deadline: Deadline) -> Sequence[Outcome]:
        del row
        patience = max(_SPARE_S, (deadline.left() - _SPARE_S) / TRIES)
        return self._loop.run(self._all(paths, patience), deadline)

    def close(self) -> None:
        pass

    async def _all(self, paths: Sequence[Path], patience_s: float) -> list[Outcome]:
        return await asyncio.gather(*(self._one(path, patience_s) for path in paths))

    async def _one(self, path: Path, patience_s: float) -> Outcome:
        source = self._source.address(path.family)
        for _ in range(TRIES):
            outcome = await attempt(source, path.address, path.protocol, path.port, patience_s)
            if outcome.reply in REACHED:
                break
        return outcome
