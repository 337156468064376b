"""The worker that speaks to servers: what it does about commands that fail while packages are installed."""

from __future__ import annotations

import subprocess
from typing import Any

import pytest
from pyinfra.api.host import Host

from deploy.servers import worker as module
from deploy.servers.worker import Worker


class Installed:
    """What pyinfra says of packages that were installed."""

    stdout = stderr = ""

    def did_succeed(self) -> bool:
        return True


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Worker:
    """A worker whose host is this machine, where apt has nothing to do, and no switch of Debian's is touched."""

    def here(_: Host, command: str, stdin: str, timeout_s: float) -> dict[str, Any]:
        assert not stdin
        done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=timeout_s)
        return {"code": done.returncode, "text": done.stdout + done.stderr}

    monkeypatch.setattr(module.apt, "packages", lambda **_: Installed())
    monkeypatch.setattr(module, "_HOLD", "true")
    monkeypatch.setattr(module, "_RELEASE", "true")
    found = Worker({"hosts": {"server": {"ssh_hostname": "127.0.0.1"}}, "sudo": False, "timeout_s": 10})
    monkeypatch.setattr(found, "run", here)
    return found


def asked(worker: Worker, *quieted: str) -> dict[str, Any]:
    order = {"packages": ["unbound"], "paths": ["/nowhere/at/all"], "daemons": [], "quieted": list(quieted)}
    return worker.answer({"id": 1, "host": "server", "do": "install", "with": order})


def test_packages_are_installed_when_all_is_quiet(worker: Worker) -> None:
    assert asked(worker, "true", "! false") == {"id": 1, "ok": None}


@pytest.mark.parametrize(
    "quieted", [("echo the cluster would start >&2; false",), ("echo the cluster would start; false", "true")]
)
def test_what_cannot_be_kept_from_starting_is_refused(worker: Worker, quieted: tuple[str, ...]) -> None:
    told = asked(worker, *quieted)
    assert (told["error"], told["text"]) == ("refused", "the cluster would start")


def test_a_command_that_fails_and_says_nothing_is_named(worker: Worker) -> None:
    assert asked(worker, "exit 3")["text"] == "exit code 3 of exit 3"


@pytest.mark.parametrize("switch", ["_HOLD", "_RELEASE"])
def test_without_debians_own_switch_nothing_goes_on(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, switch: str
) -> None:
    monkeypatch.setattr(module, switch, "echo no such file; false")
    told = asked(worker, "true")
    assert (told["error"], told["text"]) == ("refused", "no such file")
