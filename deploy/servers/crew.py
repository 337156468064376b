"""The one pyinfra process of a command, spoken to from many threads: a call waits for its own answer."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import subprocess
import sys
import threading
from collections.abc import Iterable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from deploy.device import Station, TroubleError
from inventory.text import Text
from network.access import Access
from network.drivers.errors import ClosedError, NoAnswerError, Trouble, UnreachableError, Words
from network.drivers.ssh import Output

_GRACE_S = 30
"""Seconds beyond a step's own time-out before the worker itself is taken to be stuck."""


class Crew:
    """Starts the worker when it is first needed; it ends with the last session, or with this process."""

    def __init__(self, stations: Iterable[Station], access: Access) -> None:
        self._order = {
            "hosts": {station.name: _data(station, access) for station in stations},
            "sudo": access.user != "root",
            "timeout_s": access.timeout_s,
        }
        self._access = access
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._numbers = itertools.count()
        self._sessions = 0

    def call(self, host: str, do: str, timeout_s: float, /, **given: Any) -> Any:  # noqa: ANN401 each has its own answer
        """One thing done on a host. Raises what a driver raises, or TroubleError."""
        number = next(self._numbers)
        waiting: Future[dict[str, Any]] = Future()
        line = json.dumps({"id": number, "host": host, "do": do, "with": given}).encode() + b"\n"
        with self._lock:
            worker = self._running()
            self._waiting[number] = waiting
            assert worker.stdin is not None  # noqa: S101 it was started with one
            with contextlib.suppress(OSError):
                worker.stdin.write(line)
                worker.stdin.flush()
        try:
            answer = waiting.result(timeout_s + _GRACE_S)
        except TimeoutError as error:
            raise NoAnswerError(host, _SILENT) from error
        finally:
            self._waiting.pop(number, None)
        if "error" not in answer:
            return answer["ok"]
        raise _error(host, answer)

    def enter(self) -> None:
        with self._lock:
            self._sessions += 1

    def leave(self) -> None:
        with self._lock:
            self._sessions -= 1
            worker = self._process if not self._sessions else None
            if worker is None:
                return
            self._process = None
        assert worker.stdin is not None  # noqa: S101 it was started with one
        with contextlib.suppress(OSError):
            worker.stdin.close()
        worker.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "deploy.servers.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # Ctrl-C is for the command, which still needs its hands to go back.
                start_new_session=True,
            )
            assert self._process.stdin is not None  # noqa: S101 as above
            self._process.stdin.write(json.dumps(self._order).encode() + b"\n")
            threading.Thread(target=self._hear, args=(self._process,), daemon=True).start()
        return self._process

    def _hear(self, worker: subprocess.Popen[bytes]) -> None:
        assert worker.stdout is not None  # noqa: S101 as above
        for line in worker.stdout:
            answer = json.loads(line)
            waiting = self._waiting.get(answer["id"])
            if waiting is not None:
                waiting.set_result(answer)
        gone = {"error": "gone", "text": ""}
        for waiting in list(self._waiting.values()):
            if not waiting.done():
                waiting.set_result(gone)


class CrewConnection:
    """A host of the crew, as the drivers see a connection."""

    def __init__(self, crew: Crew, host: str, timeout_s: float) -> None:
        self.crew = crew
        self._host = host
        self._timeout_s = timeout_s
        self._alive = True
        crew.enter()
        try:
            crew.call(host, "connect", timeout_s * 2)
        except BaseException:
            self.close()
            raise

    def run(self, command: str, stdin: bytes = b"", timeout_s: float | None = None) -> Output:
        """Run one command; errors and output come together."""
        wait = timeout_s or self._timeout_s
        given = {"command": command, "stdin": base64.b64encode(stdin).decode(), "timeout_s": wait}
        said = self.call("run", wait, **given)
        return Output(said["code"], said["text"])

    def call(self, do: str, timeout_s: float | None = None, /, **given: Any) -> Any:  # noqa: ANN401 as in the crew
        try:
            return self.crew.call(self._host, do, timeout_s or self._timeout_s, **given)
        except (ClosedError, NoAnswerError, UnreachableError):
            self._alive = False
            raise

    def alive(self) -> bool:
        return self._alive

    def close(self) -> None:
        self._alive = False
        self.crew.leave()


def _data(station: Station, access: Access) -> dict[str, Any]:
    """What pyinfra's SSH connector is told of a host."""
    known = access.known_hosts or Path("~/.ssh/known_hosts").expanduser()
    return {
        "ssh_hostname": station.address,
        "ssh_user": access.user,
        "ssh_port": access.port,
        "ssh_known_hosts_file": str(known),
        "ssh_strict_host_key_checking": "yes",
        "ssh_config_file": "/dev/null",
        "ssh_allow_agent": access.key is None,
        "ssh_look_for_keys": access.key is None,
        "ssh_paramiko_connect_kwargs": {
            "timeout": access.timeout_s,
            "banner_timeout": access.timeout_s,
            "auth_timeout": access.timeout_s,
        },
        **({"ssh_key": str(access.key)} if access.key is not None else {}),
    }


_SILENT = Trouble(
    Words("the process that works on the servers does not answer", "サーバを操作するプロセスが応答しません"),
    hint=Words("run the command again", "コマンドを再実行してください"),
)
_GONE = Trouble(
    Words(
        "the process that works on the servers ended; what it did last may or may not have been done",
        "サーバを操作するプロセスが終了しました。最後の操作が実行されたかどうかは不明です",
    ),
    hint=Words("run: sanso recover", "sanso recover を実行してください"),
)


def _error(host: str, answer: dict[str, Any]) -> Exception:
    text = answer["text"]
    match answer["error"]:
        case "gone":
            return ClosedError(host, _GONE)
        case "unreachable":
            said = Words("it does not answer over SSH", "SSH で応答しません")
            hint = Words(
                "check the address, the cable, that sshd runs, and its host key",
                "アドレス・配線・sshd の稼働・ホスト鍵を確認してください",
            )
            return UnreachableError(host, Trouble(said, found=text, hint=hint))
        case "refused":
            return TroubleError(host, "refused", Text(text, text))
    told = Text(f"pyinfra failed ({answer['name']}: {text})", f"pyinfra の障害です ({answer['name']}: {text})")
    return TroubleError(host, "refused", told)
