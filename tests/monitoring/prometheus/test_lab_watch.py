"""`sanso monitoring up`, `status`, `show` and `down` in a running town."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from monitoring.prometheus.lab import LabWatch
from monitoring.prometheus.settings import LAB_ATTEMPTS
from network.lab import Lab

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[3]
TOWN = ROOT / "tests" / "cities" / "town"


class Command:
    """`sanso` as a person at the lab runs it."""

    def __init__(self, lab: Lab, cwd: Path) -> None:
        self._cwd = cwd
        self._environment = {**os.environ, "SANSO_STATE": str(lab.folder.parent), "PYTHONPATH": str(ROOT)}

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "sanso", "--lang", "en", *words],
            cwd=self._cwd,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def __call__(self, *words: str) -> tuple[int, str]:
        process = self.start(*words)
        out, _ = process.communicate(timeout=300)
        return process.returncode, out


@pytest.fixture
def sanso(town_lab: Lab, tmp_path: Path) -> Iterator[Command]:
    command = Command(town_lab, tmp_path)
    yield command
    command("monitoring", "down")


@pytest.fixture
def watch(town_lab: Lab) -> LabWatch:
    return LabWatch(town_lab, town_lab.folder.parent)


def running(watch: LabWatch) -> list[int]:
    return [pid for part in watch.parts for pid in watch.running(part)]


def test_it_is_started_looked_at_and_ended(sanso: Command, watch: LabWatch) -> None:
    assert sanso("monitoring", "status") == (1, "Nothing watches this lab.\n")
    code, out = sanso("monitoring", "up", str(TOWN))
    assert code == 0, out
    ahead = {part.name: {os.getpriority(os.PRIO_PROCESS, pid) for pid in watch.running(part)} for part in watch.parts}
    assert {name for name, found in ahead.items() if found == {-10}} == {"prometheus", "alertmanager"}
    exporters = sorted(watch.folder.glob("rendered/exporters/*.yaml"))
    rates = [yaml.safe_load(file.read_text("utf-8")).get("separation", {}).get("rate") for file in exporters]
    inside = [rate for rate in rates if rate is not None]
    assert inside
    assert LAB_ATTEMPTS - len(inside) < sum(inside) <= LAB_ATTEMPTS
    assert "6 processes watch the lab." in out
    assert "Flows tried end to end: 1 of 4." in out
    code, out = sanso("monitoring", "status", "--json")
    told = json.loads(out)
    assert code == 0
    assert {name: part["node"] for name, part in told["parts"].items()} == {
        "exporter-mynumber": "hall-mn-infra",
        "exporter-lgwan": "hall-lg-infra",
        "exporter-internet": "hall-net-infra",
        "exporter-management": "operator",
        "alertmanager": "operator",
        "prometheus": "operator",
    }
    assert all(part["ready"] for part in told["parts"].values())
    assert len(running(watch)) == 6
    os.kill(
        next(pid for part in watch.parts if part.name == "alertmanager" for pid in watch.running(part)), signal.SIGKILL
    )
    code, out = sanso("monitoring", "status")
    assert code == 1
    assert "× alertmanager (operator): does not answer" in out
    assert sanso("monitoring", "down") == (0, "The watch has ended.\n")
    assert running(watch) == []
    assert sanso("monitoring", "down") == (0, "Nothing watched this lab.\n")


def test_an_interrupt_leaves_nothing_running(sanso: Command, watch: LabWatch) -> None:
    process = sanso.start("monitoring", "up", str(TOWN))
    while not running(watch):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=120)
    assert (process.returncode, "Interrupted." in out) == (130, True), out
    assert running(watch) == []


@pytest.mark.long
def test_what_was_killed_half_way_is_ended_by_the_next(sanso: Command, watch: LabWatch) -> None:
    process = sanso.start("monitoring", "up", str(TOWN))
    while not running(watch):
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate(timeout=120)
    assert sanso("monitoring", "down") == (0, "The watch has ended.\n")
    assert running(watch) == []


@pytest.mark.long
def test_a_browser_on_the_machine_sees_the_wall(sanso: Command) -> None:
    assert sanso("monitoring", "up", str(TOWN))[0] == 0
    window = sanso.start("monitoring", "show", "--port", "0")
    assert window.stdout is not None
    try:
        line = window.stdout.readline()
        found = re.match(r"(http://127\.0\.0\.1:\d+/consoles/wall\.html) until Ctrl-C", line)
        assert found is not None, line
        with urllib.request.urlopen(found[1], timeout=60) as answer:  # noqa: S310 our own page
            assert "領域分離" in answer.read().decode()
    finally:
        window.send_signal(signal.SIGINT)
        window.communicate(timeout=60)
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(found[1], timeout=5)  # noqa: S310 likewise


@pytest.mark.long
def test_another_city_than_the_labs_is_refused(sanso: Command, watch: LabWatch) -> None:
    code, out = sanso("monitoring", "up", "yasu")
    assert code == 2
    assert "The lab is town, not yasu." in out
    assert running(watch) == []


def test_without_a_lab_there_is_nothing_to_watch(town_lab: Lab, tmp_path: Path) -> None:
    command = Command(town_lab, tmp_path)
    command._environment["SANSO_STATE"] = str(tmp_path)  # noqa: SLF001
    for words in (["up", str(TOWN)], ["status"], ["down"], ["show"]):
        code, out = command("monitoring", *words)
        assert code == 2
        assert "No lab is up in" in out
