"""The module `workload`: is the work done? A record is made and read back by the workload's own client.

The client runs as its users' does, through the segment's network and the names of the workload's servers; each of its
commands prints one JSON object. What was read has to be what was made.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import time
from collections.abc import Collection, Mapping
from typing import Any

from prometheus_client.metrics_core import Metric

from inventory.text import Text
from monitoring.exporter.answer import LATE, Answer, Deadline, gauge
from monitoring.exporter.model import WorkloadClient

NAME = "sanso-watch"
"""In whose name records are made; whoever counts real ones leaves these out."""
_SAME = ("number", "name")


class WorkloadModule:
    """The workloads with a client on this host."""

    def __init__(self, workloads: Mapping[str, WorkloadClient]) -> None:
        self._clients = {name: workload.client for name, workload in workloads.items()}

    @property
    def targets(self) -> Collection[str]:
        return self._clients

    def close(self) -> None:
        pass

    def probe(self, target: str, deadline: Deadline) -> Answer:
        client, start = self._clients[target], time.monotonic()
        try:
            made = _asked([client, "issue", NAME], deadline)
            read = _asked([client, "read", str(made.get("number"))], deadline)
        except _Failure as failure:
            return Answer((_up(up=False),), failure.what)
        taken = time.monotonic() - start
        if any(made.get(key) != read.get(key) for key in _SAME):
            return Answer(
                (_up(up=False),),
                Text("what was read back is not what was made", "読み返した内容が登録した内容と一致しません"),
            )
        return Answer(
            (
                _up(up=True),
                gauge("sanso_workload_duration_seconds", "Time to make a record and read it back.", [({}, taken)]),
                gauge(
                    "sanso_workload_server_info",
                    "The server that did the work.",
                    [({"server": str(made.get("server", ""))}, 1)],
                ),
            )
        )


class _Failure(Exception):  # noqa: N818 control flow inside this module
    def __init__(self, what: Text) -> None:
        super().__init__(what.en)
        self.what = what


def _asked(words: list[str], deadline: Deadline) -> Mapping[str, Any]:
    """What the client printed. At the deadline it is ended, and whatever it started with it."""
    try:
        process = subprocess.Popen(  # noqa: S603 the program its configuration names
            words,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
    except OSError as error:
        reason = error.strerror or str(error)
        raise _Failure(Text(f"{words[0]} cannot be run: {reason}", f"{words[0]} を実行できません: {reason}")) from None
    try:
        out, told = process.communicate(timeout=deadline.left())
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise _Failure(LATE) from None
    if process.returncode:
        lines = told.strip().splitlines() or [f"exit code {process.returncode}"]
        raise _Failure(Text(f"{words[1]}: {lines[-1]}", f"{words[1]}: {lines[-1]}"))
    try:
        values = json.loads(out)
    except ValueError:
        values = None
    if not isinstance(values, dict):
        raise _Failure(Text(f"{words[1]}: no JSON object came", f"{words[1]}: JSON の応答がありません"))
    return values


def _up(*, up: bool) -> Metric:
    return gauge("sanso_workload_up", "Whether a record could be made and read back.", [({}, up)])
