"""The process that runs one playbook: process 1 of a pid namespace, with a private directory in memory.

The directory lies over one that every machine has and no file of a user is in, seen by this mount namespace alone: so
not even an empty folder is left of a run, however it ends.

It hears its order as one line of JSON on standard input, and writes what happens as lines of JSON on standard output.
When standard input ends, its starter is gone or has lost patience: it dies, and the kernel takes along every process
it ever started and the private directory with all that ansible-runner has written.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

from network.lab import syscalls

PRIVATE = Path("/proc/driver")
KEPT = ("task", "play", "host", "processed", "ok", "dark", "failures", "ignored", "artifact_data")
"""What is told of an event; results of tasks are told only where one failed, without what `no_log` hides."""
SHOWN = ("msg", "stderr", "unreachable", "censored")


def main() -> None:
    """Run the order."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    order = json.loads(sys.stdin.readline())
    threading.Thread(target=_die_with_starter, daemon=True).start()
    private = PRIVATE
    syscalls.mount("sanso", private, "tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, "mode=700")
    for name in ("home", "tmp"):
        (private / name).mkdir()
    os.chdir(private)

    import ansible_runner  # noqa: PLC0415 it looks at the environment when it is imported

    def hear(event: dict[str, Any]) -> bool:
        told = _brief(event)
        if told is not None:
            out.write(json.dumps(told, ensure_ascii=False) + "\n")
        return False

    runner = ansible_runner.run(
        private_data_dir=str(private),
        playbook=order["playbook"],
        inventory=order["inventory"],
        envvars=_environment(order, private),
        suppress_env_files=True,
        quiet=True,
        event_handler=hear,
    )
    out.write(json.dumps({"event": "status", "status": runner.status}) + "\n")
    out.close()
    os._exit(0)


def _die_with_starter() -> None:
    while sys.stdin.read(4096):
        pass
    os._exit(1)


def _environment(order: dict[str, Any], private: Path) -> dict[str, str]:
    """What ansible is told by its environment: host keys are checked, and nothing is written outside of `private`."""
    return {
        "ANSIBLE_HOME": str(private / "home"),
        "ANSIBLE_LOCAL_TEMP": str(private / "tmp"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(private / "home/cp"),
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_RETRY_FILES_ENABLED": "False",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_TIMEOUT": str(order["timeout_s"]),
        "ANSIBLE_LIBRARY": order["modules"],
        "ANSIBLE_NOCOWS": "1",
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "LC_ALL": "C.UTF-8",
    }


def _brief(event: dict[str, Any]) -> dict[str, Any] | None:
    """What the starter wants to know of an event; None: nothing."""
    kind, data = str(event.get("event", "")), event.get("event_data") or {}
    if not kind.startswith(("playbook_on_task_start", "playbook_on_stats", "runner_on_")):
        return None
    told: dict[str, Any] = {"event": kind, **{key: data[key] for key in KEPT if key in data}}
    if kind in {"runner_on_failed", "runner_on_unreachable"}:
        result = data.get("res") or {}
        told["why"] = {key: str(result[key])[:400] for key in SHOWN if result.get(key)}
    return told


if __name__ == "__main__":
    main()
