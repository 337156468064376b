"""The lab's own Open vSwitch, which splits trunks, and the empty database each switch node starts with."""

from __future__ import annotations

import os
from pathlib import Path

from network.lab.commands import run

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"


_FIRST = -10


def hurry(pid: int) -> None:
    """Let a process run before others: frames must not wait for what the devices' processors are busy with."""
    os.setpriority(os.PRIO_PROCESS, pid, _FIRST)
    group = Path(f"/proc/{pid}/autogroup")
    if group.exists():  # where the kernel groups processes by session, a priority counts within its group only
        group.write_text(str(_FIRST), encoding="ascii")


class Splitter:
    """One ovs-vswitchd in user space for every trunk between a router and a switch."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.socket = f"unix:{folder}/db.sock"
        self.environment = {**os.environ, "OVS_RUNDIR": str(folder), "OVS_LOGDIR": str(folder), "MALLOC_ARENA_MAX": "1"}

    def create_database(self) -> bytes:
        """An empty database, as a switch has it before its first configuration."""
        self.folder.mkdir()
        database = self.folder / "conf.db"
        run(["ovsdb-tool", "create", str(database), SCHEMA])
        return database.read_bytes()

    def start(self) -> None:
        daemon = ["--pidfile", "--detach", "--no-chdir", "-vconsole:off"]
        self._run(["ovsdb-server", f"{self.folder}/conf.db", f"--remote=p{self.socket}", *daemon])
        self.transact(["--no-wait", "init"])
        self._run(["ovs-vswitchd", self.socket, *daemon])
        hurry(int((self.folder / "ovs-vswitchd.pid").read_text(encoding="ascii")))

    def transact(self, words: list[str]) -> None:
        """One `ovs-vsctl` call."""
        if words:
            self._run(["ovs-vsctl", f"--db={self.socket}", "--timeout=60", *words])

    def _run(self, command: list[str]) -> None:
        run(command, environment=self.environment)
