"""The event loop of a lab's supervisor: booting nodes, sub-interfaces asked for by nodes, requests of users, deaths.

A request is one line of JSON, and so is its answer: {"done": …}, or {"error": English, "ja": Japanese}.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Protocol, cast

from inventory.text import Text
from network.lab.blueprint import Blueprint
from network.lab.errors import LabError
from network.lab.premises import Premises
from network.lab.startup import SubInterface
from network.lab.wires import Fault

AT_ONCE = 12
"""Nodes that boot at the same time."""
_PATIENCE_S = 5.0

Handler = Callable[[Any], None]


class HasFileno(Protocol):
    """What select can watch."""

    def fileno(self) -> int:
        """The file descriptor."""


class Service:
    """Answers one thing after the other, for as long as the lab lives."""

    def __init__(self, premises: Premises, control: Path) -> None:
        self.premises = premises
        self._selector = selectors.DefaultSelector()
        self._queue: list[str] = []
        self._booting: set[str] = set()
        self._dead: str = ""
        self._waiting: dict[str, socket.socket] = {}
        """Node being started or stopped → who asked for it."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_CLOEXEC)
        server.bind(str(control))
        server.listen(64)
        self._selector.register(server, selectors.EVENT_READ, self._accept)
        woken, wake = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
        self._selector.register(woken, selectors.EVENT_READ, self._reap)

    def watch(self, fileobj: int | socket.socket | HasFileno, handler: Handler) -> None:
        self._selector.register(fileobj, selectors.EVENT_READ, handler)

    def forget(self, fileobj: int | socket.socket | HasFileno) -> None:
        self._selector.unregister(fileobj)

    def turn(self) -> None:
        """Wait for something to happen and deal with it."""
        for key, _ in self._selector.select():
            key.data(key.fileobj)

    def boot(self, names: list[str], progress: Callable[[int, int], None]) -> None:
        """Let raised nodes boot, a few at a time, and return when the services of all run."""
        self._queue = list(names)
        self._feed()
        while self._queue or self._booting:
            progress(len(names) - len(self._queue) - len(self._booting), len(names))
            self.turn()
            if self._dead:
                raise LabError(
                    Text(f"Node {self._dead} died while it booted.", f"ノード {self._dead} が起動中に停止しました。")
                )
        progress(len(names), len(names))

    def _feed(self) -> None:
        while self._queue and len(self._booting) < AT_ONCE:
            self._release(self._queue.pop(0))

    def _release(self, name: str) -> None:
        running = self.premises.running[name]
        self._booting.add(name)
        self.watch(running.process.ready, partial(self._ready, name))
        if running.subif:
            self.watch(running.subif, partial(self._sub_interfaces, name))
        self.premises.release(name)

    def _ready(self, name: str, _pipe: int = -1) -> None:
        self.forget(self.premises.running[name].process.ready)
        up = self.premises.hear_ready(name)
        self._booting.discard(name)
        self._feed()
        if up:
            self._answer(self._waiting.pop(name, None), {"done": name})
        else:
            self._dead = name

    def _reap(self, woken: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(woken, 512)
        with contextlib.suppress(ChildProcessError):
            while (pid := os.waitpid(-1, os.WNOHANG)[0]) != 0:
                self._died(pid)

    def _died(self, pid: int) -> None:
        name = self.premises.whose(pid)
        if name is None:
            return
        running = self.premises.running[name]
        if running.subif:
            self.forget(running.subif)
        if name in self._booting:
            self._ready(name)
        self.premises.gone(name)
        self._answer(self._waiting.pop(name, None), {"done": name})

    def _sub_interfaces(self, name: str, server: socket.socket) -> None:
        """A node asks for sub-interfaces or gives them back: "add" or "del", then lines "eth1 2003 lgwan"."""
        connection, _ = server.accept()
        with connection, contextlib.suppress(OSError):
            connection.settimeout(_PATIENCE_S)
            answer = "ok"
            try:
                verb, *lines = connection.makefile(encoding="utf-8").read().splitlines()
                self.premises.sub_interfaces(name, verb, [_sub_interface(line) for line in lines])
            except (OSError, ValueError, KeyError, LabError) as error:
                answer = str(error).replace("\n", " ")
            connection.sendall(answer.encode() + b"\n")

    def _accept(self, server: socket.socket) -> None:
        connection, _ = server.accept()
        connection.settimeout(_PATIENCE_S)
        try:
            request = json.loads(connection.makefile(encoding="utf-8").readline())
            done = self._do(request, connection)
        except LabError as refusal:
            self._answer(connection, {"error": refusal.what.en, "ja": refusal.what.ja})
        except (OSError, ValueError, KeyError) as error:
            self._answer(
                connection,
                {"error": f"The lab could not do it: {error}.", "ja": f"ラボで実行できませんでした: {error}"},
            )
        else:
            if done is not None:
                self._answer(connection, {"done": done})

    def _do(self, request: dict[str, Any], connection: socket.socket) -> object | None:
        """Carry a request out; None: the answer comes later."""
        match request["do"]:
            case "status":
                return dict(self.premises.status())
            case "fault":
                self.premises.fault(request["wire"], cast("Fault", request["fault"]))
                return str(request["wire"])
            case "stop":
                self.premises.stop(request["node"])
                self._waiting[request["node"]] = connection
                return None
            case "start":
                self.premises.start(request["node"])
                self._waiting[request["node"]] = connection
                self._release(request["node"])
                return None
            case "plug":
                added = Blueprint.from_json(request["blueprint"])
                (node,), (cable,) = added.nodes, added.cables
                self.premises.plug_in(node, cable, added.neighbours, request["key"])
                self._waiting[node.name] = connection
                self._release(node.name)
                return None
        msg = f"no such request: {request['do']}"
        raise ValueError(msg)

    @staticmethod
    def _answer(connection: socket.socket | None, message: dict[str, object]) -> None:
        if connection is not None:
            with connection, contextlib.suppress(OSError):
                connection.sendall(json.dumps(message).encode() + b"\n")


def _sub_interface(line: str) -> SubInterface:
    port, tag, *vrf = line.split()
    return SubInterface(port, int(tag), vrf[0] if vrf else "")
