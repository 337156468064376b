"""A worker whose host is this machine, where apt has nothing to do and no switch of Debian's is touched.

It runs in a process of its own: what it imports changes how threads work. Standard input: the commands that keep quiet
what a package brings, and the two of Debian's switch. Standard output: the worker's answer.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from deploy.servers import worker as module


class Installed:
    """What pyinfra says of packages that were installed."""

    stdout = stderr = ""

    def did_succeed(self) -> bool:
        return True


def here(_: object, command: str, stdin: str, timeout_s: float) -> dict[str, Any]:
    assert not stdin
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, check=False, timeout=timeout_s)
    return {"code": done.returncode, "text": done.stdout + done.stderr}


def main() -> None:
    asked = json.load(sys.stdin)
    module._HOLD, module._RELEASE = asked["hold"], asked["release"]  # noqa: SLF001 else it would touch this machine's own
    module.apt.packages = lambda **_: Installed()
    worker = module.Worker({"hosts": {"server": {"ssh_hostname": "127.0.0.1"}}, "sudo": False, "timeout_s": 10})
    worker.run = here  # type: ignore[method-assign, assignment]
    order = {"packages": ["unbound"], "paths": ["/nowhere/at/all"], "daemons": [], "quieted": asked["quieted"]}
    sys.stdout.write(json.dumps(worker.answer({"id": 1, "host": "server", "do": "install", "with": order})))


if __name__ == "__main__":
    main()
