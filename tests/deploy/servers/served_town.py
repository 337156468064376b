"""A lab of the town whose servers `sanso` is aimed at: what it says is kept, and no secret may stand in it."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from deploy.plan import read_plan
from deploy.target import Target
from network.fabric import Fabric
from network.lab import Lab
from tests.secrecy import hidden_in

ROOT = Path(__file__).parents[3]
CITIES = ROOT / "tests" / "cities"
DAY = dt.date(2026, 11, 20)
PATIENCE_S = 400
SERVERS = ("hall-mn-cert", "hall-mn-infra", "hall-lg-infra", "hall-net-infra", "dc-mn-cert")


def eventually(what: Callable[[], object]) -> None:
    """Wait until something is so; AssertionError when it never is."""
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@dataclass
class Town:
    """A lab of the town: its network runs, its servers are bare. All that `sanso` says is kept."""

    lab: Lab
    work: Path
    fabric: Fabric
    said: list[str] = field(default_factory=list)

    @property
    def state(self) -> Path:
        return self.lab.folder.parent

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "sanso", "--lang", "en", "--lab", *words],
            cwd=ROOT,
            env={
                **os.environ,
                "SANSO_STATE": str(self.state),
                "SANSO_VAULT_PASSWORD_FILE": str(self.work / "password"),
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        told, _ = process.communicate(timeout=PATIENCE_S)
        self.said.append(told)
        assert process.returncode == code, told
        return told

    def planned(self, city: Path, *words: str) -> Path:
        """An approved plan."""
        file = self.work / "plan.json"
        self.run("plan", str(city), "-o", str(file), "--author", "sato", *words)
        self.run("approve", str(file), "--as", "suzuki")
        return file

    def on(self, node: str, command: str) -> str:
        """What a command says on a node; "" when it fails."""
        done = self.lab.run(node, ["sh", "-c", command], timeout=60)
        return done.stdout if done.returncode == 0 else ""

    def steps(self) -> list[str]:
        """Steps of the last change in the journal."""
        (file,) = self.state.rglob("journal.db")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as database:
            last = database.execute("SELECT change FROM journal WHERE step = 'begin' ORDER BY seq DESC").fetchone()
            rows = database.execute("SELECT step FROM journal WHERE change = ? ORDER BY seq", last or ("",)).fetchall()
        return [step for (step,) in rows]

    def changes(self) -> int:
        files = list(self.state.rglob("journal.db"))
        if not files:
            return 0
        with sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True, timeout=10) as database:
            return int(database.execute("SELECT count(*) FROM journal WHERE step = 'begin'").fetchone()[0])

    def applying(self, file: Path, step: str) -> subprocess.Popen[str]:
        """`sanso apply`, begun, as soon as the journal shows a step of this run."""
        begun = self.changes()
        process = self.start("apply", str(file))
        eventually(lambda: process.poll() is not None or (self.changes() > begun and step in self.steps()))
        return process

    def address(self, name: str) -> str:
        return str(self.fabric.hosts[name].ipv4.ip)

    def forwarders(self) -> dict[str, str]:
        """What the two servers that a variant of the town changes ask."""
        command = "sed -n 's/ *forward-addr: //p' /etc/unbound/unbound.conf"
        return {name: self.on(name, command).strip() for name in ("hall-lg-infra", "hall-net-infra")}


def assert_nothing_told(town: Town, heard: set[bytes]) -> None:
    """Whatever was printed, written or shown as an argument meanwhile: no secret stands in it."""
    (vault,) = town.state.rglob("secrets.yaml")
    hidden = hidden_in(vault, town.work / "password")
    files = [file for place in (town.state, town.work) for file in place.rglob("*") if file.is_file()]
    assert vault in files
    assert any(file.name == "journal.db" for file in files)
    told = {str(file): file.read_bytes() for file in files}
    told |= {f"output {number}": said.encode() for number, said in enumerate(town.said)}
    told |= {f"arguments {line!r}": line for line in heard}
    assert len(heard) > len(SERVERS)
    found = {name for name, content in told.items() for value in hidden if value in content}
    assert not found


def running(town: Town) -> dict[str, str]:
    """What every server runs, as a plan tells it."""
    file = town.work / "running.json"
    town.run("plan", str(town.work / "town"), "-o", str(file))
    plan = read_plan(file.read_bytes(), "plan")
    return {name: plan.devices[name].running for name in SERVERS}


def town_target(town: Town) -> Target:
    return Target("lab", town.lab.access(), town.state)


def as_operator(town: Town, work: Callable[[], None]) -> None:
    """Do it where the lab's nodes are reached from; this thread stays where it is."""
    failed: list[BaseException] = []

    def there() -> None:
        town.lab.enter_operator()
        try:
            work()
        except BaseException as error:  # noqa: BLE001 raised again below
            failed.append(error)

    thread = threading.Thread(target=there)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
