"""Run a playbook by ansible-runner so that nothing of it outlives the run, and gather what it did."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from inventory.errors import SansoError
from inventory.text import Text

Ending = Literal["successful", "failed", "timeout", "interrupted", "died"]
"""How the run ended; `successful` says no more than that ansible said so."""

MODULES = Path(__file__).parents[1] / "library/modules"
_UNSHARE = ("/usr/bin/unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
_TICK_S = 0.2
_CONNECT_S = 10


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: the playbook, ansible's inventory as JSON, and for how long at most, in seconds."""

    playbook: Path
    inventory: Mapping[str, Any]
    limit_s: float


@dataclass(slots=True)
class Run:
    """What came of a run: how it ended, ansible's statistics (None: it never came to them), and what failed where."""

    ending: Ending
    stats: Mapping[str, Any] | None = None
    failed: list[Mapping[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def evidence(self) -> Mapping[str, Any]:
        """What the playbook has set by `set_stats`."""
        found = (self.stats or {}).get("artifact_data")
        return found if isinstance(found, dict) else {}


def execute(order: Order, hear: Callable[[Mapping[str, Any]], None], stop: Callable[[], bool] = lambda: False) -> Run:
    """Run it. `hear` is told each event as it comes; as soon as `stop()` is true, or its time is over, it is ended.

    When this returns, or this process dies in whatever way, no process of the run is left, and no file.
    """
    begun = time.monotonic()
    run = Run("died")
    with _worker() as process:
        if process.stdin is None or process.stdout is None:
            raise SansoError(Text("The playbook could not be started.", "プレイブックを起動できませんでした。"))
        line = {
            "playbook": str(order.playbook),
            "inventory": order.inventory,
            "timeout_s": _CONNECT_S,
            "modules": str(MODULES),
        }
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(json.dumps(line).encode() + b"\n")
            process.stdin.flush()
        waiting = b""
        descriptor = process.stdout.fileno()
        while True:
            if stop():
                run.ending = "interrupted"
                break
            if time.monotonic() - begun > order.limit_s:
                run.ending = "timeout"
                break
            if not select.select([descriptor], [], [], _TICK_S)[0]:
                continue
            block = os.read(descriptor, 65536)
            if not block:
                break
            *lines, waiting = (waiting + block).split(b"\n")
            for each in lines:
                _take(run, json.loads(each), hear)
    run.seconds = time.monotonic() - begun
    return run


@contextlib.contextmanager
def _worker() -> Any:  # noqa: ANN401 contextmanager of a Popen
    """The worker, in namespaces of its own; killed, with all it started, when the block is left."""
    alone = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', os.defpath)}"
    process = subprocess.Popen(  # noqa: S603 our own worker
        [*_UNSHARE, *alone, "--", sys.executable, "-m", "runbooks.procedures.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"PATH": path, "HOME": os.environ.get("HOME", "/"), "PYTHONPATH": str(Path(__file__).parents[2])}
        | {key: value for key, value in os.environ.items() if key in {"SSH_AUTH_SOCK", "COVERAGE_PROCESS_START"}},
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the worker, not who waits for it: that one ends once all that the worker started is gone, too."""
    first: list[str] = []
    with contextlib.suppress(OSError):
        first = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text(encoding="ascii").split()
        for child in first:
            os.kill(int(child), signal.SIGKILL)
    if not first:
        process.kill()
    process.communicate()


def _take(run: Run, event: Mapping[str, Any], hear: Callable[[Mapping[str, Any]], None]) -> None:
    kind = event["event"]
    if kind == "status":
        run.ending = "successful" if event["status"] == "successful" else "failed"
    elif kind == "playbook_on_stats":
        run.stats = event
    elif kind in {"runner_on_failed", "runner_on_unreachable"}:
        run.failed.append(event)
    hear(event)
