"""The town's lab, its servers deployed and its watch running, and commands aimed at it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

from monitoring.prometheus.lab import LabWatch
from network.lab import Lab
from runbooks.drills.record import verify_record
from tests.runbooks.drills.person import PROGRAM, Person

CITY = Path(__file__).parents[2] / "cities/town"
FIRST_QUESTION = "[監視担当"
LAST_QUESTION = "この訓練で見つかった課題"


class Town:
    """A state directory and a lab of its own. All that `sanso` says is kept."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.said: list[str] = []
        self.heard: set[bytes] = set()
        """Argument lists seen while the servers were deployed."""
        self.people: list[Person] = []
        self.password = folder / "password"
        self.password.write_text("a-password-for-tests\n")
        self.password.chmod(0o600)
        self.environment = {"SANSO_STATE": str(self.state), "SANSO_VAULT_PASSWORD_FILE": str(self.password)}

    def sanso(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [PROGRAM, *words],
            env={**os.environ, **self.environment, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        said = done.stdout + done.stderr
        self.said.append(said)
        assert done.returncode == code, f"{words}\n{said}"
        return said

    def up(self) -> None:
        """Boot, deploy, watch."""
        plan = str(self.folder / "plan.json")
        self.sanso("lab", "up", str(CITY))
        self.sanso("--lab", "secrets", "init", str(CITY))
        self.sanso("--lab", "plan", str(CITY), "-o", plan)
        self.sanso("--lab", "approve", plan, "--as", "suzuki")
        self.sanso("--lab", "apply", plan)
        self.sanso("monitoring", "up", str(CITY))

    @property
    def lab(self) -> Lab:
        return Lab.get(self.state)

    @property
    def watch(self) -> LabWatch:
        return LabWatch(self.lab, self.state)

    def person(self, record: str, scenario: str = "circuit-cut") -> Person:
        """Somebody who runs a drill; its record comes into this folder."""
        words = ["--lab", "drill", "run", scenario, str(CITY), "--as", "田中", "--participant", "commander=佐藤"]
        self.people.append(Person([*words, "-o", str(self.folder / record)], self.environment))
        return self.people[-1]

    def send_home(self) -> None:
        """Interrupt the drills that somebody still runs, so that one test's failure is not the next one's."""
        for person in self.people:
            if person.process.poll() is None:
                person.process.send_signal(signal.SIGINT)
                person.process.wait(300)
        self.people.clear()

    def told(self, record: str) -> dict[str, Any]:
        """What a record tells, verified."""
        found: dict[str, Any] = json.loads((self.folder / record / "drill.json").read_text(encoding="utf-8"))
        assert verify_record(self.folder / record).whole
        return found

    def page(self, record: str) -> str:
        return (self.folder / record / "index.html").read_text(encoding="utf-8")

    def client(self, *words: str) -> dict[str, Any]:
        """What the certificates' client says on the counter's side."""
        done = self.lab.run("hall-mn-infra", ["sanso-certificates", *words], timeout=60)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def kill_watcher(self, name: str) -> None:
        """Kill a part of the watch."""
        pids = [pid for part in self.watch.parts if part.name == name for pid in self.watch.running(part)]
        assert pids
        for pid in pids:
            os.kill(pid, signal.SIGKILL)


def ended(person: Person, patience_s: float = 400) -> int:
    """Name no issues when asked for them at the end; the exit code."""
    person.hear(LAST_QUESTION, patience_s)
    person.answer("")
    return person.process.wait(120)
