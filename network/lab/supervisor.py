"""The first process of a lab: it builds what the blueprint says, keeps it, and takes it all along when it dies.

It runs as process 1 of namespaces of its own, in a bare interpreter, and hears its starter over one socket (see
`network.lab.launch`) and later requests over another (`network.lab.handle`). Standard library only.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import resource
import signal
import socket
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from network.lab import syscalls
from network.lab.blueprint import Blueprint, Routes
from network.lab.convergence import Watch
from network.lab.disk import Users
from network.lab.errors import LabError
from network.lab.premises import Premises
from network.lab.service import Service

HOME = Path("/mnt")
"""The lab's tmpfs, seen by the supervisor only: disks of the nodes, its Open vSwitch, its control socket."""
CONTROL = "control"
CONVERGENCE_SECONDS = 120.0


class Starter:
    """The process that asked for the lab. Until it says "keep" the lab dies with it, and leaves no file."""

    def __init__(self, fd: int, folder: int) -> None:
        self._socket = socket.socket(fileno=fd)
        self._folder = folder
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._last = ("", 0, 0)

    def order(self) -> dict[str, Any]:
        """What to build."""
        self.say({"hello": True})
        return json.loads(self._lines.readline() or self.lost())  # type: ignore[no-any-return]

    def say(self, message: dict[str, Any]) -> None:
        try:
            self._socket.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self.lost()

    def step(self, name: str) -> Callable[[int, int], None]:
        """A progress function for one step."""

        def tell(done: int, total: int) -> None:
            if self._last != (name, done, total):
                self._last = (name, done, total)
                self.say({"step": name, "done": done, "total": total})
            self.check()

        return tell

    def check(self) -> None:
        """Stop everything if the starter is gone."""
        with contextlib.suppress(BlockingIOError):
            if not self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT):
                self.lost()

    def fileno(self) -> int:
        return self._socket.fileno()

    def keep(self) -> None:
        """Wait for the starter's last word."""
        if self._lines.readline() != "keep\n":
            self.lost()
        self._socket.close()

    def lost(self) -> str:
        """The starter died: leave nothing behind."""
        for name in os.listdir(self._folder):  # noqa: PTH208 only a descriptor reaches this folder from here
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self._folder)
        os._exit(1)

    def write(self, name: str, text: str) -> None:
        """Write a file of the lab's state directory, whole or not at all."""
        fd = os.open(f".{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600, dir_fd=self._folder)
        with os.fdopen(fd, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(f".{name}", name, src_dir_fd=self._folder, dst_dir_fd=self._folder)


def main(starter_fd: int, folder_fd: int) -> None:
    """Process 1 of the lab."""
    starter = Starter(starter_fd, folder_fd)
    try:
        order = starter.order()
        service = _build(_establish(order), starter)
        still = _converge(service.premises, starter)
        for name, text in order["state"].items():
            starter.write(name, text)
        starter.say({"ready": True, "missing": [vars(row) for row in still]})
        starter.keep()
    except LabError as refusal:
        starter.say({"error": refusal.what.en, "ja": refusal.what.ja})
        starter.lost()
    except OSError as error:
        traceback.print_exc()
        full = error.errno == errno.ENOSPC
        starter.say(
            {
                "error": "The lab's memory file system is full." if full else f"The lab could not be built: {error}.",
                "ja": "ラボのメモリ上のファイルシステムが満杯です。"
                if full
                else f"ラボを構築できませんでした: {error}",
            }
        )
        starter.lost()
    while True:
        service.turn()


def _establish(order: dict[str, Any]) -> Premises:
    """Make the lab's own surroundings: limits, /proc, its tmpfs, its name."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    syscalls.mount("proc", "/proc", "proc", syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC)
    syscalls.mount("lab", HOME, "tmpfs", syscalls.MS_NOSUID, "mode=700")
    socket.sethostname(f"lab-{order['blueprint']['city']}")
    return Premises(Blueprint.from_json(order["blueprint"]), order["keys"], Users(**order["users"]), HOME)


def _build(premises: Premises, starter: Starter) -> Service:
    """Everything from an empty namespace to running services on every node."""
    service = Service(premises, HOME / CONTROL)
    service.watch(starter, lambda _: starter.check())
    premises.prepare()
    premises.furnish(starter.step("disks"))
    premises.raise_nodes(list(premises.nodes), starter.step("nodes"))
    starter.step("wires")(0, len(premises.wires.by_name))
    premises.cable()
    service.boot(list(premises.nodes), starter.step("services"))
    service.forget(starter)
    return service


def _converge(premises: Premises, starter: Starter) -> list[Routes]:
    if not premises.blueprint.routes:
        return []
    watch = Watch(premises.blueprint.routes, premises.namespace, premises.table)
    return watch.wait(CONVERGENCE_SECONDS, starter.step("routes"))
