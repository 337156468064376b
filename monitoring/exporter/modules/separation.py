"""The module `separation`: forbidden paths tried all the time, at a bounded rate; a scrape tells how it stands.

A path is blocked when nothing came back from the machine behind it; see `attempt` for what that can and cannot tell.
What gets through and is not answered is noticed where it arrives, when that is the host of another segment's exporter
(see `witness`): there the path has a row too, from the arrival on and for as long as the attempts go on arriving.
That nothing comes back means nothing while the exporter itself is cut off, so its own gateways are tried as well: as
long as `sanso_separation_control_up` is 0 in a family, the rows of that family prove nothing, and the probe does not
succeed. An open path is tried again every second, so that its closing is seen at once.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections.abc import Collection, Iterator

from inventory.text import Text
from monitoring.exporter.answer import Answer, Deadline, Labels, counter, gauge
from monitoring.exporter.attempt import REACHED, attempt
from monitoring.exporter.errands import Loop
from monitoring.exporter.model import Configuration, Separation, Source
from monitoring.exporter.paths import FAMILIES, Path, paths_of
from monitoring.exporter.tally import Tally
from monitoring.exporter.witness import Arrival, Witness

_AGAIN_S = 1.0
_MS = 1000
_JUST_BEGUN = Text("it has only just begun to try", "試行を開始したばかりです")
_NO_CONTROL = Text(
    "its own gateway does not answer, so nothing can be concluded", "自身のゲートウェイが応答せず、判定できません"
)


class SeparationModule:
    """Tries from the moment it is made until it is closed."""

    def __init__(self, found: Configuration, wanted: Separation, source: Source, loop: Loop, tally: Tally) -> None:
        self._segment = found.segment
        self._host = found.host
        self._source = source
        self._pause_s = 1 / wanted.rate
        self._patience_s = wanted.patience_ms / _MS
        self._paths = list(paths_of(wanted.destinations))
        random.Random(0).shuffle(self._paths)  # noqa: S311 spreads the load over the destinations; no secret
        self._tally = tally
        self._witness = Witness(wanted.strangers)
        self._strangers = wanted.strangers
        self._blocked: dict[Path, bool] = {}
        self._tried: dict[Path, float] = {}
        self._controls: dict[int, bool] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._work = loop.start(self._run())

    @property
    def targets(self) -> Collection[str]:
        return (self._segment,)

    def close(self) -> None:
        self._work.cancel()

    def probe(self, target: str, deadline: Deadline) -> Answer:
        del target, deadline  # everything was tried before
        now = time.monotonic()
        blocked, tried, controls = dict(self._blocked), dict(self._tried), dict(self._controls)
        rows = [
            gauge(
                "sanso_separation_path_blocked",
                "Whether a forbidden path was blocked when it was last tried (0: it is open).",
                [
                    *(
                        ({"destination_segment": path.segment, **path.labels}, stopped)
                        for path, stopped in sorted(blocked.items(), key=lambda row: _order(row[0]))
                    ),
                    *((self._here(arrival), 0) for arrival in self._witness.recent()),
                ],
            ),
            counter(
                "sanso_separation_arrivals_total",
                "Forbidden packets that came here from the exporters of other segments.",
                ((self._labels(arrival), count) for arrival, count in self._witness.arrivals.items()),
            ),
            counter(
                "sanso_separation_attempts_total",
                "Forbidden paths tried since the exporter started.",
                [({}, self._tally.attempts)],
            ),
            counter(
                "sanso_separation_unsent_total",
                "Forbidden paths that could not even be tried from here.",
                [({}, self._tally.unsent)],
            ),
            counter(
                "sanso_separation_breaches_total",
                "Attempts that came through although the path is forbidden, here or from other segments.",
                [({}, self._tally.breaches)],
            ),
            gauge("sanso_separation_paths", "Forbidden paths that are tried.", [({}, len(self._paths))]),
            gauge(
                "sanso_separation_untried_paths",
                "Forbidden paths without a verdict yet.",
                [({}, len(self._paths) - len(blocked))],
            ),
            gauge(
                "sanso_separation_oldest_attempt_age_seconds",
                "How long ago the path was tried whose turn was longest ago.",
                [({}, now - min(tried.values(), default=now))],
            ),
            gauge(
                "sanso_separation_control_up",
                "Whether the gateway of the exporter answers; while it does not, a blocked path proves nothing.",
                (({"family": str(family)}, up) for family, up in sorted(controls.items())),
            ),
        ]
        if len(controls) < len(FAMILIES):
            return Answer(tuple(rows), _JUST_BEGUN)
        return Answer(tuple(rows), None if all(controls.values()) else _NO_CONTROL)

    def _here(self, arrival: Arrival) -> Labels:
        """The path of an arrival, as others are told."""
        return {
            "destination_segment": self._segment,
            "destination": self._host,
            "protocol": arrival.protocol,
            "port": str(arrival.port),
            "family": str(arrival.source.version),
        }

    def _labels(self, arrival: Arrival) -> Labels:
        name = self._witness.names[arrival.source]
        return {
            "source_segment": self._strangers[name].segment,
            "source": name,
            "protocol": arrival.protocol,
            "port": str(arrival.port),
            "family": str(arrival.source.version),
        }

    def _hear(self) -> None:
        self._tally.breaches += self._witness.listen()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._witness.ear, self._hear)
        control = asyncio.create_task(self._control())
        self._tasks.add(control)
        turns = self._turns()
        due = time.monotonic()
        try:
            while self._paths:
                task = asyncio.create_task(self._try(next(turns)))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                due = max(due + self._pause_s, time.monotonic() - self._pause_s)
                await asyncio.sleep(due - time.monotonic())
            await control
        finally:
            loop.remove_reader(self._witness.ear)
            self._witness.close()
            for task in list(self._tasks):
                task.cancel()

    def _turns(self) -> Iterator[Path]:
        """Every path in turn, and in between those that are open and were tried a while ago."""
        for path in itertools.cycle(self._paths):
            yield path
            now = time.monotonic()
            again = (one for one, blocked in self._blocked.items() if not blocked and now - self._tried[one] > _AGAIN_S)
            yield from itertools.islice(list(again), 1)

    async def _try(self, path: Path) -> None:
        self._tried[path] = time.monotonic()
        source = self._source.address(path.family)
        outcome = await attempt(source, path.address, path.protocol, path.port, self._patience_s)
        if outcome.reply == "unsent":
            self._tally.unsent += 1
            return
        self._tally.attempts += 1
        self._tally.breaches += outcome.reply in REACHED
        self._blocked[path] = outcome.reply not in REACHED

    async def _control(self) -> None:
        while True:
            for family in FAMILIES:
                source, gateway = self._source.address(family), self._source.gateway(family)
                outcome = await attempt(source, gateway, "icmp", 0, self._patience_s)
                self._controls[family] = outcome.reply in REACHED
            await asyncio.sleep(_AGAIN_S)


def _order(path: Path) -> tuple[str, str, int, str, int]:
    return path.segment, path.destination, path.family, path.protocol, path.port
