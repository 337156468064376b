"""Start a lab: check the machine, draw the blueprint, start the supervisor, follow it until all runs."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from inventory.text import Text
from network.fabric import Fabric
from network.lab.agent import POLLERS, AgentUser
from network.lab.blueprint import Backend, Blueprint
from network.lab.design import draw
from network.lab.errors import LabError
from network.lab.handle import Lab
from network.lab.keys import known_hosts, new_key
from network.lab.place import STARTED, claim, clear, folder_of, kill
from network.lab.requirements import check_machine, kernel_backend

Progress = Callable[[Text, int, int], None]
"""Told each step with what is done of how much."""

STEPS = {
    "disks": Text("Disks", "ディスクの用意"),
    "nodes": Text("Nodes", "ノードの作成"),
    "wires": Text("Cables", "配線"),
    "services": Text("Services", "サービスの起動"),
    "routes": Text("Routes", "経路の収束"),
}
_ROOT = Path(__file__).parents[2]
_BARE = (
    "import sys; sys.path.insert(0, sys.argv.pop(1)); "
    "from network.lab.supervisor import main; main(*map(int, sys.argv[1:]))"
)


def _silent(_step: Text, _done: int, _total: int) -> None:
    """Tell nobody."""


def boot(
    fabric: Fabric,
    configurations: Mapping[str, str] | None = None,
    state_dir: Path | None = None,
    progress: Progress = _silent,
    *,
    backend: Backend | None = None,
) -> Lab:
    """Start the lab of `fabric` and return it when every service runs and, if configured, every route is there.

    `configurations` (device → text as `network.render` writes it) is what devices start with; None: factory state.
    LabError when it cannot be; an interrupt or the death of this process leaves nothing behind.
    """
    check_machine()
    folder = folder_of(state_dir)
    folder.mkdir(parents=True, exist_ok=True)
    with claim(folder) as claimed:
        blueprint = draw(fabric, configurations, backend or kernel_backend())
        return _start(blueprint, folder, claimed, progress)


def _start(blueprint: Blueprint, folder: Path, claimed: int, progress: Progress) -> Lab:
    keys = {node.name: new_key() for node in blueprint.nodes}
    user, agent_user = new_key(), AgentUser()
    polled = {POLLERS: agent_user.for_pollers()} if any(node.agent for node in blueprint.nodes) else {}
    ours, theirs = socket.socketpair()
    with ours, _supervisor(theirs, claimed) as process:
        pid = _hello(ours)
        record = _record(blueprint, pid)
        try:
            addressed = ((node.name, node.management.partition("/")[0], keys[node.name]) for node in blueprint.nodes)
            order = {
                "blueprint": blueprint.to_json(),
                "keys": {name: key.private for name, key in keys.items()},
                "users": {"authorized": f"{user.public} lab\n", "agent": agent_user.for_agents()},
                "state": {
                    "key": user.private,
                    "key.pub": f"{user.public} lab\n",
                    "known_hosts": known_hosts(addressed),
                    "lab.json": json.dumps(record),
                    **polled,
                },
            }
            ours.sendall(json.dumps(order).encode() + b"\n")
            missing = _follow(ours, progress)
            ours.sendall(b"keep\n")
        except BaseException:
            kill(pid)
            clear(claimed)
            raise
        STARTED[pid] = process
        return Lab(folder, record, missing)


@contextmanager
def _supervisor(theirs: socket.socket, claimed: int) -> Iterator[subprocess.Popen[bytes]]:
    """The supervisor in namespaces of its own, child of a small process that lives and dies with it."""
    log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600, dir_fd=claimed)
    command = ["/usr/bin/unshare", "--pid", "--mount", "--net", "--ipc", "--uts", "--fork", "--kill-child", "--"]
    command += [sys.executable, "-ISc", _BARE, str(_ROOT), str(theirs.fileno()), str(claimed)]
    with theirs:
        process = subprocess.Popen(  # noqa: S603 our own supervisor
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(theirs.fileno(), claimed),
            start_new_session=True,
            cwd="/",
        )
    os.close(log)
    try:
        yield process
    except BaseException:
        process.kill()
        process.wait()
        raise


def _hello(ours: socket.socket) -> int:
    """The supervisor's process id, as the kernel itself tells it."""
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    _, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(struct.calcsize("3i")), socket.MSG_PEEK)
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_CREDENTIALS:
            return int(struct.unpack("3i", data[: struct.calcsize("3i")])[0])
    raise LabError(Text("The lab's supervisor did not start.", "ラボの管理プロセスが起動しませんでした。"))


def _follow(ours: socket.socket, progress: Progress) -> tuple[str, ...]:
    """Hear the supervisor until the lab is up; the nodes whose routes did not all come."""
    for line in ours.makefile(encoding="utf-8"):
        message: dict[str, Any] = json.loads(line)
        if "step" in message:
            progress(STEPS[message["step"]], message["done"], message["total"])
        elif "error" in message:
            raise LabError(Text(message["error"], message["ja"]))
        elif "ready" in message:
            return tuple(dict.fromkeys(row["node"] for row in message["missing"]))
    raise LabError(Text("The lab was stopped while it started.", "ラボは起動中に停止されました。"))


def _record(blueprint: Blueprint, pid: int) -> dict[str, Any]:
    """What later commands read of the lab."""
    return {
        "city": blueprint.city,
        "backend": blueprint.backend,
        "pid": pid,
        "started": f"{datetime.now(UTC):%Y%m%dT%H%M%S}",
        "nodes": {node.name: {"kind": node.kind, "management": node.management} for node in blueprint.nodes},
        "wires": {
            cable.name: [f"{cable.a.node}:{cable.a.port}", f"{cable.b.node}:{cable.b.port}"]
            for cable in blueprint.cables
        },
    }
