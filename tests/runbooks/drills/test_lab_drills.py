"""Drills live in the lab of the town, its servers deployed and its watch running: real faults, alerts and kills."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from network.lab import Lab
from runbooks.drills.record import verify_record
from tests.runbooks.drills.person import PROGRAM, Person

pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]
TOWN = Path(__file__).parents[2] / "cities/town"
FIRST_QUESTION = "[監視担当"


class Town:
    """The town's lab, and commands aimed at it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        password = folder / "password"
        password.write_text("a-password-for-tests\n")
        password.chmod(0o600)
        self.environment = {"SANSO_STATE": str(self.state), "SANSO_VAULT_PASSWORD_FILE": str(password)}

    def sanso(self, *words: str, code: int = 0) -> str:
        done = subprocess.run(
            [PROGRAM, *words],
            env={**os.environ, **self.environment, "LANG": "C.UTF-8"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    @property
    def lab(self) -> Lab:
        return Lab.get(self.state)

    def person(self, name: str) -> Person:
        words = ["--lab", "drill", "run", "circuit-cut", str(TOWN), "--as", "田中", "-o", str(self.folder / name)]
        return Person(words, self.environment)

    def told(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name / "drill.json").read_text(encoding="utf-8"))
        assert verify_record(self.folder / name).whole
        return found


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    found = Town(tmp_path_factory.mktemp("town"))
    found.sanso("lab", "up", str(TOWN))
    try:
        found.sanso("--lab", "secrets", "init", str(TOWN))
        plan = str(found.folder / "plan.json")
        found.sanso("--lab", "plan", str(TOWN), "-o", plan)
        found.sanso("--lab", "approve", plan, "--as", "suzuki")
        found.sanso("--lab", "apply", plan)
        found.sanso("monitoring", "up", str(TOWN))
        yield found
    finally:
        found.sanso("lab", "down")


def workers() -> list[str]:
    """Processes of runbooks that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "runbooks.procedures.worker" in line:
            found.append(line)
    return found


def test_the_circuit_is_cut_and_service_goes_on(town: Town) -> None:
    town.sanso(
        "--lab", "drill", "run", "circuit-cut", str(TOWN), "--decide-automatically", "-o", str(town.folder / "a")
    )
    found = town.told("a")
    assert (found["verdict"], found["rollback"]) == ("met", True)
    holes = json.loads((town.folder / "a/journal.jsonl").read_text().splitlines()[-1])["body"]["measured"]["holes"]
    assert holes
    assert all(hole["seconds"] is not None for hole in holes)
    assert found["survived"]["lost"] == []
    assert town.lab.faults() == {}


def test_the_data_center_is_lost_and_certificates_go_on(town: Town) -> None:
    words = ["drill", "run", "data-center-lost", str(TOWN), "--decide-automatically", "-o", str(town.folder / "b")]
    town.sanso("--lab", *words)
    found = town.told("b")
    assert (found["verdict"], found["rollback"]) == ("met", True)
    assert found["survived"]["marker_kept"]
    assert found["survived"]["lost"] == []
    clocks = [found["clocks"][name] for name in ("detected", "decided", "executed")]
    assert clocks == sorted(clocks)
    assert all(node.up for node in town.lab.nodes.values())
    issued = json.loads(town.lab.run("hall-mn-infra", ["sanso-certificates", "issue", "after"]).stdout)
    assert issued["server"] == "dc-mn-cert"
    assert workers() == []


def test_killed_it_is_taken_back(town: Town) -> None:
    person = town.person("killed")
    person.hear(FIRST_QUESTION, 300)
    person.process.send_signal(signal.SIGKILL)
    person.process.wait()
    assert list(town.lab.faults()) == ["dc-a"]
    said = town.sanso("--lab", "drill", "run", "circuit-cut", str(TOWN), "--decide-automatically", code=2)
    assert "sanso drill resume" in said
    town.sanso("--lab", "drill", "abort", "-o", str(town.folder / "killed"))
    assert town.lab.faults() == {}
    found = town.told("killed")
    assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", "abort", True)
    assert "引き継いだ" in (town.folder / "killed/index.html").read_text(encoding="utf-8")
    assert "No drill is unfinished" in town.sanso("--lab", "drill", "abort", code=2)


def test_killed_it_is_gone_on_with(town: Town) -> None:
    person = town.person("resumed")
    person.hear(FIRST_QUESTION, 300)
    person.process.send_signal(signal.SIGKILL)
    person.process.wait()
    town.sanso("--lab", "drill", "resume", "--decide-automatically", "-o", str(town.folder / "resumed"))
    assert town.lab.faults() == {}
    assert town.told("resumed")["verdict"] in {"met", "missed"}


def test_its_terminal_gone_it_goes_back(town: Town) -> None:
    person = town.person("gone")
    person.hear(FIRST_QUESTION, 300)
    os.close(person.ours)
    person.process.wait(300)
    assert town.lab.faults() == {}
    found = town.told("gone")
    assert (found["verdict"], found["rollback"]) == ("stopped", True)
    assert found["deviation"] in {"terminal", "interrupt"}


def test_prometheus_dead_it_goes_back(town: Town) -> None:
    person = town.person("blind")
    person.hear(FIRST_QUESTION, 300)
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].endswith(b"/prometheus") and any(str(town.state).encode() in word for word in words):
            os.kill(int(entry.name), signal.SIGKILL)
    end = time.monotonic() + 400
    while person.process.poll() is None and time.monotonic() < end:
        person.hear("この訓練で見つかった課題", 400)
        person.answer("")
        person.process.wait(60)
    assert town.lab.faults() == {}
    found = town.told("blind")
    assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", "monitoring", True)
    town.sanso("monitoring", "up", str(TOWN))


def test_a_site_is_taken_out_and_back(town: Town) -> None:
    def costs() -> int:
        return town.lab.run("hall-core1", ["vtysh", "-c", "show running-config"]).stdout.count("cost 65535")

    words = [str(TOWN), "-p", "site=dc"]
    assert "needs the approval" in town.sanso("--lab", "runbook", "run", "site-out", *words, code=2)
    town.sanso("--lab", "runbook", "approve", "site-out", *words, "--as", "佐藤")
    town.sanso("--lab", "runbook", "run", "site-out", *words, "--as", "田中")
    assert costs() > 0
    assert "needs the approval" in town.sanso("--lab", "runbook", "run", "site-out", *words, "--as", "田中", code=2)
    town.sanso("--lab", "runbook", "run", "site-back", *words, "--as", "田中")
    assert costs() == 0
