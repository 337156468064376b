"""The process in which pyinfra runs: one greenlet a server, told what to do by JSON lines, answering by JSON lines.

It is started by `crew` only. It ends when nobody speaks to it any more, so it never outlives the command. Nothing is
printed but answers: what pyinfra would log may name what is brought.
"""

# ruff: noqa: E402 gevent has to patch before anything else is imported

from gevent import monkey

monkey.patch_all()

import json
import logging
import os
import shlex
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

import gevent
from gevent.fileobject import FileObject
from gevent.lock import Semaphore
from paramiko import SSHException
from pyinfra.api.config import Config
from pyinfra.api.exceptions import ConnectError, PyinfraError
from pyinfra.api.host import Host
from pyinfra.api.inventory import Inventory
from pyinfra.api.state import State
from pyinfra.context import ctx_host, ctx_state
from pyinfra.operations import apt

from deploy.servers.facts import Managed, MissingPackages
from network.drivers.platforms import device_file

NO_START = "/usr/sbin/policy-rc.d"
"""Debian's own switch: while it says 101, a package that is installed starts no daemon."""
LONG_S = 120
"""Seconds that a guard may be busy."""
_OURS = "# until sanso has installed its packages"
_HOLD = (
    f"[ -e {NO_START} ] || (umask 022; printf '#!/bin/sh\\n{_OURS}\\nexit 101\\n' >{NO_START} && chmod 755 {NO_START})"
)
_RELEASE = f"! grep -qsx '{_OURS}' {NO_START} || rm -f {NO_START}"


class RefusalError(Exception):
    """The server answered, and it is not to be done."""


class Worker:
    """Its hosts, by name."""

    def __init__(self, order: Mapping[str, Any]) -> None:
        hosts = [(name, data) for name, data in order["hosts"].items()]
        # Operations and facts go by the configuration; a plain command has to be told.
        self._sudo = {"_sudo": True} if order["sudo"] else {}
        self._seconds: float = order["timeout_s"]
        inventory = Inventory((hosts, {}))  # type: ignore[no-untyped-call]
        config = Config(PARALLEL=max(len(hosts), 1), SUDO=order["sudo"])  # type: ignore[no-untyped-call]
        state = State(inventory, config)
        state.is_executing = True
        ctx_state.set(state)  # type: ignore[no-untyped-call]
        self._hosts: dict[str, Host] = {host.name: host for host in inventory}
        self.doing: dict[str, Callable[..., Any]] = {
            "connect": self.connect,
            "run": self.run,
            "read": self.read,
            "missing": self.missing,
            "install": self.install,
        }

    def connect(self, host: Host) -> None:
        """Log in; the host's key is checked."""
        host.connected = False
        with gevent.Timeout(self._seconds * 2, TimeoutError):
            host.connect(show_errors=False, raise_exceptions=True)
        host.state.activate_host(host)

    def run(self, host: Host, command: str, stdin: str, timeout_s: float) -> dict[str, Any]:
        """A shell command: exit code, and both streams together. `stdin` is base64."""
        given: dict[str, Any] = {"_timeout": timeout_s, **self._sudo}
        if stdin:
            # Not by `files.put`, which looks, sends and looks again: this is one visit.
            given["_stdin"] = textwrap.wrap(stdin, 4096)
            command = f"base64 -d | ({command}\n)"
        _, said = host.run_shell_command(f"{{ ({command}\n) 2>&1; printf '\\n%d' $?; }}", **given)
        if not said.stdout_lines:
            raise EOFError("the connection was lost before the command ended")  # noqa: TRY003, EM101 told as it is
        *lines, code = said.stdout_lines
        return {"code": int(code), "text": "\n".join(lines)}

    def read(self, host: Host, paths: list[str], daemons: list[str], *, closely: bool) -> Any:  # noqa: ANN401 becomes JSON
        """See `facts.Managed`."""
        seconds = self._seconds * 3 + (LONG_S if closely else 0)
        return host.get_fact(Managed, paths=paths, daemons=daemons, closely=closely, _timeout=seconds)

    def missing(self, host: Host, packages: list[str]) -> list[str]:
        """Those that are not installed."""
        return host.get_fact(MissingPackages, packages=packages, _timeout=self._seconds)

    def install(
        self, host: Host, packages: list[str], paths: list[str], daemons: list[str], quieted: list[str]
    ) -> None:
        """Install Debian packages without starting `daemons`, now or at boot, and without their files at `paths`.

        `quieted` are commands that do the same for what else they bring.
        """
        self._must(host, _HOLD)
        try:
            done = apt.packages(packages=packages, update=True, no_recommends=True, _timeout=600)
        finally:
            released = self.run(host, _RELEASE, "", self._seconds)
        if not done.did_succeed():
            raise RefusalError(done.stderr or done.stdout)
        if released["code"]:
            raise RefusalError(released["text"])
        idle = f"for daemon in {shlex.join(daemons)}; do ! at_boot $daemon || boots disable $daemon; done"
        lines = device_file("debian").decode(), "set -e", idle, f"rm -f -- {shlex.join(paths)}", *quieted
        self._must(host, "\n".join(lines))

    def _must(self, host: Host, command: str) -> None:
        """A shell command without which it does not go on."""
        done = self.run(host, command, "", self._seconds)
        if done["code"]:
            last = command.rstrip().rpartition("\n")[2]
            raise RefusalError(done["text"].strip() or f"exit code {done['code']} of {last}")

    def answer(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is asked; what came of it, or the trouble."""
        host = self._hosts[asked["host"]]
        try:
            with ctx_host.use(host):
                return {"id": asked["id"], "ok": self.doing[asked["do"]](host, **asked["with"])}
        except ConnectError as error:
            return _trouble(asked, "unreachable", error)
        except (OSError, EOFError, TimeoutError, SSHException) as error:
            return _trouble(asked, "unreachable", error)
        except (RefusalError, PyinfraError) as error:
            return _trouble(asked, "refused", error)
        except Exception as error:  # noqa: BLE001 it is told by name, on the other side
            return _trouble(asked, "failed", error)


def _trouble(asked: Mapping[str, Any], kind: str, error: BaseException) -> dict[str, Any]:
    text = " ".join(str(error).split()) or type(error).__name__
    return {"id": asked["id"], "error": kind, "text": text, "name": type(error).__name__}


def main() -> None:
    """Speak over standard input and output until the other side is gone."""
    told = FileObject(os.dup(0), "rb")
    answers = FileObject(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    logging.disable(logging.CRITICAL)
    worker = Worker(json.loads(told.readline()))
    alone = Semaphore()

    def work(asked: Mapping[str, Any]) -> None:
        line = json.dumps(worker.answer(asked)).encode() + b"\n"
        with alone:
            answers.write(line)
            answers.flush()

    for line in told:
        gevent.spawn(work, json.loads(line))
    os._exit(0)


if __name__ == "__main__":
    main()
