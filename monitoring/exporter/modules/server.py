"""The module `server`: whether a server can be logged in to over the management network, and does what it is told.

That is what is asked of a network device too: a machine whose kernel still answers and which starts no program any more
is down. Sessions stay open from scrape to scrape. A server that hangs costs one thread and one session.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from prometheus_client.metrics_core import Metric

from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, LateError, gauge
from monitoring.exporter.errands import Errands
from monitoring.exporter.model import Login, Node
from monitoring.exporter.sessions import Sessions
from network.drivers.errors import DeviceError

_QUESTION = "true"


class ServerModule:
    """The servers of a city."""

    def __init__(self, servers: Mapping[str, Node], login: Login, errands: Errands) -> None:
        self._names = tuple(servers)
        self._sessions = Sessions({name: str(server.address) for name, server in servers.items()}, login)
        self._patience_s = login.timeout_s
        self._errands = errands

    @property
    def targets(self) -> Collection[str]:
        return self._names

    def close(self) -> None:
        self._sessions.close()

    def probe(self, target: str, deadline: Deadline) -> Answer:
        try:
            code = self._errands.run(f"server {target}", lambda: self._ask(target), deadline)
        except LateError:
            return Answer((_up(up=False),), LATE)
        except DeviceError as error:
            return Answer((_up(up=False),), Text(error.trouble.say("en"), error.trouble.say("ja")))
        return Answer((_up(up=code == 0),), _refuses(code) if code else None)

    def _ask(self, target: str) -> int:
        return self._sessions.run(target, _QUESTION, b"", self._patience_s).code


def _up(*, up: bool) -> Metric:
    return gauge("sanso_server_up", "Whether the server answers on the management network.", [({}, up)])


def _refuses(code: int) -> Text:
    return Text(
        f"it lets us in, but runs no command (exit code {code})",
        f"ログインできますが、コマンドを実行できません (終了コード {code})",
    )
