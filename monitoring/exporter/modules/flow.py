"""The module `flow`: does a row of the flow register let its traffic through, from this host to every destination?

The exporter can stand for a row only where the firewalls take it for a member of the row's source group;
`configuration` lists those. `sanso_flow_up` speaks of the path: a machine that refuses the port has been reached, so
the path is up, and `sanso_flow_service_up` tells that nobody serves there. Silence on UDP leaves both open unless the
port's question is known (see `attempt`): such a path has no `sanso_flow_up` row, and `sanso_flow_undecided` is 1.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping

from prometheus_client.metrics_core import Metric

from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, gauge
from monitoring.exporter.attempt import KNOWN_QUESTIONS, REACHED, Outcome, attempt
from monitoring.exporter.errands import Loop
from monitoring.exporter.model import FlowPaths, Source
from monitoring.exporter.paths import Path, paths_of

_TRIES = 2
"""One packet may be lost."""
_SPARE_S = 0.2


class FlowModule:
    """All paths of a row at once, each tried again when silent."""

    def __init__(self, flows: Mapping[str, FlowPaths], source: Source, loop: Loop) -> None:
        self._paths = {row: tuple(paths_of(flow.destinations)) for row, flow in flows.items()}
        self._source = source
        self._loop = loop

    @property
    def targets(self) -> Collection[str]:
        return self._paths

    def close(self) -> None:
        pass

    def probe(self, target: str, deadline: Deadline) -> Answer:
        paths = self._paths[target]
        patience = max(_SPARE_S, (deadline.left() - _SPARE_S) / _TRIES)
        try:
            outcomes = self._loop.run(self._all(paths, patience), deadline)
        except LateError:
            return Answer((_up((path, False) for path in paths),), LATE)
        return _judged(dict(zip(paths, outcomes, strict=True)))

    async def _all(self, paths: tuple[Path, ...], patience_s: float) -> list[Outcome]:
        return await asyncio.gather(*(self._one(path, patience_s) for path in paths))

    async def _one(self, path: Path, patience_s: float) -> Outcome:
        source = self._source.address(path.family)
        for _ in range(_TRIES):
            outcome = await attempt(source, path.address, path.protocol, path.port, patience_s)
            if outcome.reply in REACHED:
                break
        return outcome


def _judged(outcomes: Mapping[Path, Outcome]) -> Answer:
    open_ended = {
        path
        for path, outcome in outcomes.items()
        if path.protocol == "udp" and outcome.reply == "silent" and path.port not in KNOWN_QUESTIONS
    }
    decided = {path: outcome for path, outcome in outcomes.items() if path not in open_ended}
    down = [path for path, outcome in decided.items() if outcome.reply not in REACHED]
    rows = (
        _up((path, outcome.reply in REACHED) for path, outcome in decided.items()),
        gauge(
            "sanso_flow_service_up",
            "Whether somebody serves at the end of the path.",
            ((path.labels, outcome.reply == "answered") for path, outcome in decided.items()),
        ),
        gauge(
            "sanso_flow_duration_seconds",
            "Time until the machine at the end answered.",
            ((path.labels, outcome.seconds) for path, outcome in decided.items() if outcome.reply in REACHED),
        ),
        gauge(
            "sanso_flow_undecided",
            "Whether silence left open if the path is up: a UDP port whose question is not known.",
            ((path.labels, path in open_ended) for path in outcomes if path.protocol == "udp"),
        ),
    )
    return Answer(rows, _no_answer(down[0], len(down)) if down else None)


def _up(rows: Iterable[tuple[Path, bool]]) -> Metric:
    return gauge(
        "sanso_flow_up",
        "Whether the row's traffic gets through to the machine and back.",
        ((path.labels, up) for path, up in rows),
    )


def _no_answer(path: Path, count: int) -> Text:
    what = f"{path.destination} {path.protocol}/{path.port} IPv{path.family}"
    more = Text(f" and {count - 1} more", f" ほか {count - 1} 件") if count > 1 else Text("", "")
    return Text("no answer from {what}{more}", "{what}{more} から応答がありません").format(what=what, more=more)
