"""A running lab, as every other process sees it."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from inventory.text import Text
from network.access import Access
from network.lab import syscalls
from network.lab.agent import POLLERS
from network.lab.blueprint import OPERATOR, Backend
from network.lab.errors import NODE, WIRE, LabError, unknown
from network.lab.place import alive, claim, folder_of, kill

_CONTROL = "mnt/control"
_NAMESPACES = ("mount", "net", "pid", "uts", "ipc")
_FILES = {"mount": "mnt"}
_AS_ON_A_NODE = ("/usr/bin/setpriv", f"--bounding-set={','.join(f'-{name}' for name in syscalls.FORBIDDEN)}", "--")
"""What enters a node from outside may do no more than what was started on it."""


@dataclass(frozen=True)
class LabNode:
    """A node as it is now."""

    name: str
    kind: str
    management: str
    """Address without prefix length."""
    pid: int | None
    """Of its first process, in the lab's own pid namespace; None: it is stopped."""
    up: bool
    """Its services run."""


class Lab:
    """A running lab. `missing` names devices whose routes had not all come when it was started."""

    def __init__(self, folder: Path, record: dict[str, Any], missing: tuple[str, ...] = ()) -> None:
        self.folder = folder
        self.city: str = record["city"]
        self.backend: Backend = record["backend"]
        self.pid: int = record["pid"]
        self.identity = f"{self.city}-{record['started']}"
        """No other lab has it: what was recorded of one lab's devices holds for no later one."""
        self.missing = missing
        self.wires: dict[str, tuple[str, str]] = {name: (a, b) for name, (a, b) in record["wires"].items()}
        self._nodes: dict[str, dict[str, str]] = record["nodes"]

    @classmethod
    def find(cls, state_dir: Path | None = None) -> Lab | None:
        """The lab under a state directory, None when none is up there."""
        folder = folder_of(state_dir)
        record = _record_in(folder)
        if record is None:
            return None
        try:
            return cls(folder, record)
        except KeyError as error:
            raise LabError(
                Text(
                    f"The lab in {folder.parent} was started by another version of sanso.",
                    f"{folder.parent} のラボは別の版の sanso が起動したものです。",
                ),
                Text("Take it down: sanso lab down", "停止してください: sanso lab down"),
            ) from error

    @classmethod
    def get(cls, state_dir: Path | None = None) -> Lab:
        """The lab under a state directory; LabError when none is up."""
        lab = cls.find(state_dir)
        place = folder_of(state_dir).parent
        if lab is None:
            raise LabError(
                Text(f"No lab is up in {place}.", f"{place} ではラボが動いていません。"),
                Text("Start one: sanso lab up CITY", "起動してください: sanso lab up 都市名"),
            )  # fmt: skip
        return lab

    @property
    def nodes(self) -> dict[str, LabNode]:
        """Every node as it is now."""
        running = self.ask({"do": "status"})["nodes"]
        return {
            name: LabNode(
                name,
                row["kind"],
                row["management"].partition("/")[0],
                running[name]["pid"] if name in running else None,
                name in running and running[name]["up"],
            )
            for name, row in self._nodes.items()
        }

    def faults(self) -> dict[str, str]:
        """Wires at fault: "cut" or "silent"."""
        return dict(self.ask({"do": "status"})["faults"])

    def access(self) -> Access:
        """SSH to any node: user, key, host keys. Only from the operator station (see `enter_operator`)."""
        return Access("root", self.folder / "key", self.folder / "known_hosts")

    def address(self, node: str) -> str:
        """Management address of a node."""
        self._known(node)
        return self._nodes[node]["management"].partition("/")[0]

    def netns(self, node: str, vrf: str | None = None) -> Path:
        """A node's network namespace, or that of one of its VRFs: a path to open and hand to setns."""
        root = self._process(node)
        if vrf is None or self.backend != "netns" or self._nodes[node]["kind"] != "router":
            return root / "ns/net"
        path = root / "root/run/netns" / vrf
        if not path.exists():
            raise LabError(Text(f"{node} has no VRF {vrf}.", f"{node} に VRF {vrf} はありません。"))
        return path

    def agent_credential(self) -> Path | None:
        """What the nodes' SNMP agents are asked with, as an exporter reads it; None: the city has none."""
        file = self.folder / POLLERS
        return file if file.exists() else None

    def enter_operator(self) -> None:
        """Stand at the operator station, from where nodes are reached: the calling thread and those it starts later."""
        syscalls.enter_network(self.netns(OPERATOR))

    def command(self, node: str, argv: Sequence[str], vrf: str | None = None) -> list[str]:
        """The command line that runs `argv` on a node (in a VRF), as root and without SSH."""
        root = self._process(node)
        flags = [f"--{kind}={root}/ns/{_FILES.get(kind, kind)}" for kind in _NAMESPACES]
        words = list(argv)
        if vrf is not None and self._nodes[node]["kind"] == "router":
            self.netns(node, vrf)
            words = ["ip", *(["netns"] if self.backend == "netns" else ["vrf"]), "exec", vrf, *words]
        return ["/usr/bin/nsenter", *flags, "--", *_AS_ON_A_NODE, *words]

    def station_command(self, argv: Sequence[str]) -> list[str]:
        """The command line that runs `argv` at the operator station, on the machine's files. It ends with the lab."""
        root = self._process(OPERATOR)
        return ["/usr/bin/nsenter", f"--net={root}/ns/net", f"--pid={root}/ns/pid", "--", *_AS_ON_A_NODE, *argv]

    def processes(self, node: str) -> dict[int, list[str]]:
        """Everything that runs on a node: process id as the machine counts → command line."""
        home = (self._process(node) / "ns/pid").readlink()
        found: dict[int, list[str]] = {}
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError):
                if entry.name.isdigit() and (entry / "ns/pid").readlink() == home:
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    found[int(entry.name)] = [word.decode(errors="replace") for word in words[:-1]]
        return found

    def run(
        self,
        node: str,
        argv: Sequence[str],
        *,
        input: str | None = None,  # noqa: A002 subprocess.run's own word
        timeout: float = 30.0,
        vrf: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command on a node. subprocess.TimeoutExpired after `timeout` seconds, with nothing left of it."""
        process = subprocess.Popen(  # noqa: S603 what the caller asks for
            self.command(node, argv, vrf),
            stdin=subprocess.PIPE if input is not None else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(input, timeout)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return subprocess.CompletedProcess(list(argv), process.returncode, out, err)

    def cut(self, wire: str, *, silent: bool = False) -> None:
        """Cut a wire: both ports lose carrier, or (`silent`) all seems well and nothing arrives."""
        self._wire(wire)
        self.ask({"do": "fault", "wire": wire, "fault": "silent" if silent else "cut"})

    def heal(self, wire: str) -> None:
        """Mend a wire."""
        self._wire(wire)
        self.ask({"do": "fault", "wire": wire, "fault": ""})

    def stop(self, node: str) -> None:
        """Take a node's power away; returns when it is off."""
        self._known(node)
        self.ask({"do": "stop", "node": node})

    def start(self, node: str) -> None:
        """Power a node on; returns when it has booted from its startup configuration and its services run."""
        self._known(node)
        self.ask({"do": "start", "node": node})

    def down(self) -> None:
        """End the lab: processes, namespaces, mounts and files."""
        end(self.folder.parent)

    def _known(self, node: str) -> None:
        if node not in self._nodes:
            raise unknown(NODE, node, self._nodes)

    def _wire(self, wire: str) -> None:
        if wire not in self.wires:
            raise unknown(WIRE, wire, self.wires)

    def _process(self, node: str) -> Path:
        """/proc of a node's first process, as seen from outside the lab."""
        self._known(node)
        running = self.ask({"do": "status"})["nodes"]
        if node not in running:
            raise LabError(
                Text(f"Node {node} is stopped.", f"ノード {node} は停止しています。"),
                Text(f"Start it: sanso lab start {node}", f"起動してください: sanso lab start {node}"),
            )
        return self._root / "proc" / str(running[node]["pid"])

    @cached_property
    def _root(self) -> Path:
        return Path(f"/proc/{self.pid}/root")

    def ask(self, request: dict[str, Any]) -> Any:  # noqa: ANN401 each request has its own answer
        """One request to the supervisor."""
        try:
            with socket.socket(socket.AF_UNIX) as control:
                control.connect(str(self._root / _CONTROL))
                control.sendall(json.dumps(request).encode() + b"\n")
                answer = json.loads(control.makefile(encoding="utf-8").readline() or "{}")
        except (FileNotFoundError, ConnectionError):
            answer = {}
        except PermissionError:
            raise LabError(Text("The lab needs root.", "ラボの操作には root 権限が必要です。")) from None
        if "done" not in answer:
            gone = Text("The lab is no longer up.", "ラボは既に動いていません。")
            raise LabError(Text(answer["error"], answer["ja"]) if "error" in answer else gone)
        return answer["done"]


def _record_in(folder: Path) -> dict[str, Any] | None:
    """What is recorded of the lab that lives in the folder, None when none does."""
    file = folder / "lab.json"
    if not alive(folder) or not file.exists():
        return None
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def end(state_dir: Path | None = None) -> bool:
    """Take the lab under a state directory down, or what is left of one. Whether there was anything."""
    folder = folder_of(state_dir)
    if not folder.is_dir():
        return False
    there = any(folder.iterdir())
    record = _record_in(folder)
    if record is not None:
        kill(record["pid"])
    with claim(folder):
        pass
    with contextlib.suppress(OSError):
        folder.rmdir()
        folder.parent.rmdir()
    return there
