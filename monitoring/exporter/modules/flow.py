"""The module `flow`: does a row of the flow register let its traffic through, from its source to every destination?

A row is tried from this host where the firewalls take it for a member of the row's source group, else from a server of
that group, over SSH; `flow_plan` says which. `sanso_flow_up` speaks of the path: a machine that refuses the port has
been reached, so the path is up, and `sanso_flow_service_up` tells that nobody serves there. Silence on UDP leaves both
open unless the port's question is known (see `attempt`), and so does a server that lets its user send no echo: such a
path has no `sanso_flow_up` row, and `sanso_flow_undecided` is 1. Nor has any path of a row while the server it is tried
from cannot be used: `sanso_flow_source_up` is 0 then, and the flow itself may be well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from prometheus_client.metrics_core import Metric

from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, gauge
from monitoring.exporter.attempt import KNOWN_QUESTIONS, REACHED, Outcome
from monitoring.exporter.model import FlowPaths
from monitoring.exporter.paths import Path, paths_of
from monitoring.exporter.places import NoPlaceError, Place


class FlowModule:
    """All paths of a row at once. `places`: where each row is tried from."""

    def __init__(self, flows: Mapping[str, FlowPaths], places: Mapping[str, Place]) -> None:
        self._paths = {row: tuple(paths_of(flow.destinations)) for row, flow in flows.items()}
        self._remote = frozenset(row for row, flow in flows.items() if flow.server is not None)
        self._places = places

    @property
    def targets(self) -> Collection[str]:
        return self._paths

    def close(self) -> None:
        for place in self._places.values():
            place.close()

    def probe(self, target: str, deadline: Deadline) -> Answer:
        paths = self._paths[target]
        try:
            outcomes = self._places[target].outcomes(target, paths, deadline)
        except LateError:
            return Answer((_up((path, False) for path in paths),), LATE)
        except NoPlaceError as error:
            return Answer((_source_up(up=False),), error.what)
        answer = _judged(dict(zip(paths, outcomes, strict=True)))
        return Answer((_source_up(up=True), *answer.rows), answer.trouble) if target in self._remote else answer


def _judged(outcomes: Mapping[Path, Outcome]) -> Answer:
    open_ended = {path for path, outcome in outcomes.items() if _undecided(path, outcome)}
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
            "Whether it stays open if the path is up: silence on a UDP port whose question is not known, or no right "
            "to try.",
            ((path.labels, path in open_ended) for path in outcomes if path.protocol != "tcp"),
        ),
    )
    return Answer(rows, _no_answer(down[0], len(down)) if down else None)


def _undecided(path: Path, outcome: Outcome) -> bool:
    if outcome.reply == "forbidden":
        return True
    return path.protocol == "udp" and outcome.reply == "silent" and path.port not in KNOWN_QUESTIONS


def _up(rows: Iterable[tuple[Path, bool]]) -> Metric:
    return gauge(
        "sanso_flow_up",
        "Whether the row's traffic gets through to the machine and back.",
        ((path.labels, up) for path, up in rows),
    )


def _source_up(*, up: bool) -> Metric:
    return gauge("sanso_flow_source_up", "Whether the flow can be tried from the server it comes from.", [({}, up)])


def _no_answer(path: Path, count: int) -> Text:
    what = f"{path.destination} {path.protocol}/{path.port} IPv{path.family}"
    more = Text(f" and {count - 1} more", f" ほか {count - 1} 件") if count > 1 else Text("", "")
    return Text("no answer from {what}{more}", "{what}{more} から応答がありません").format(what=what, more=more)
