"""Flows tried from the servers they come from, over SSH."""

from __future__ import annotations

import errno
import math
from collections.abc import Sequence
from pathlib import Path as File

from inventory.text import Text
from monitoring.exporter import onserver
from monitoring.exporter.answer import LATE, Deadline, LateError
from monitoring.exporter.attempt import Outcome, Reply, said, told_by
from monitoring.exporter.errands import Errands
from monitoring.exporter.model import SourceServer
from monitoring.exporter.paths import Path
from monitoring.exporter.places import TRIES, NoPlaceError
from monitoring.exporter.sessions import Sessions
from network.drivers.errors import DeviceError
from network.drivers.ssh import Output

_SHORTEST_S = 0.3
_SPARE_S = 1.5
"""For the server to start its Python and to answer."""
_ENDING_S = 2
_LAST_WORDS = 160
_SCRIPT = File(onserver.__file__).read_text(encoding="utf-8")


class There:
    """A server: `onserver` goes to its Python over SSH, with what is to be tried, and ends by itself soon after."""

    def __init__(self, server: SourceServer, sessions: Sessions, errands: Errands) -> None:
        self._server = server
        self._sessions = sessions
        self._errands = errands

    def outcomes(self, row: str, paths: Sequence[Path], deadline: Deadline) -> Sequence[Outcome]:
        try:
            return self._errands.run(f"flow {row}", lambda: self._tried(paths, deadline), deadline)
        except LateError:
            raise NoPlaceError(LATE) from None
        except DeviceError as error:
            raise NoPlaceError(
                Text("{name}: {what}", "{name}: {what}").format(
                    name=self._server.name, what=Text(error.trouble.say("en"), error.trouble.say("ja"))
                )
            ) from None

    def close(self) -> None:
        self._sessions.close()

    def _tried(self, paths: Sequence[Path], deadline: Deadline) -> Sequence[Outcome]:
        patience = max(_SHORTEST_S, (deadline.left() - _SPARE_S) / TRIES)
        orders = [self._order(path) for path in paths]
        text = f"{_SCRIPT}\n\nmain({orders!r}, {patience!r}, {TRIES})\n"
        longest = math.ceil(patience * TRIES) + _ENDING_S
        command = f"exec timeout -k 1 {longest} python3 -IBS -"
        output = self._sessions.run(self._server.name, command, text.encode(), longest + _ENDING_S)
        lines = [line for line in output.text.splitlines() if line.startswith(onserver.PATH)]
        if output.code or len(lines) != len(paths):
            raise NoPlaceError(_nothing(self._server.name, output))
        return [_outcome(line) for line in lines]

    def _order(self, path: Path) -> onserver.Order:
        source = self._server.source(path.family)
        return (str(source), str(path.address), path.port, path.protocol, *said(path.address, path.protocol, path.port))


def _outcome(line: str) -> Outcome:
    word, _, seconds = line.removeprefix(onserver.PATH).partition(" ")
    return Outcome(_REPLIES.get(word) or told_by(getattr(errno, word, 0)), float(seconds))


_REPLIES: dict[str, Reply] = {
    onserver.ANSWERED: "answered",
    onserver.SILENT: "silent",
    onserver.FORBIDDEN: "forbidden",
}


def _nothing(name: str, output: Output) -> Text:
    words = (output.text.strip().splitlines() or [""])[-1][:_LAST_WORDS]
    return Text(
        f"{name}: nothing can be tried there (exit code {output.code}): {words}",
        f"{name}: 通信を試せません (終了コード {output.code}): {words}",
    )
