"""The real `sanso` on real devices: killed with SIGKILL at every step, cut off, filled up, refused, and recovered.

Every test goes from the side the small city is on to the other: the cost of circuit dc-a is 10 or 20.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from deploy.plan import digest, plan_bytes, read_plan
from network.lab import Lab

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
ENDS = ("dc-core1", "hall-core1")
STEPS = ("begin", "stage", "staged", "commit", "committed", "check", "checked", "decide", "confirmed", "settled")
LAST_OLD = STEPS.index("checked")
"""Up to this step a kill leaves every device on its way back."""
PATIENCE_S = 300
SHORT = ("--check-seconds", "5")
"""For a change that will not be checked: a device that is left alone goes back so much sooner."""


def eventually(what: Callable[[], object]) -> None:
    """Wait until something is so; AssertionError when it never is."""
    end = time.monotonic() + PATIENCE_S
    while not what():
        assert time.monotonic() < end, what
        time.sleep(0.02)


@dataclass
class Town:
    """A lab of the small city, and the two inventories a change goes between."""

    lab: Lab
    work: Path

    def start(self, *words: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "sanso", "--lang", "en", "--lab", *words],
            cwd=ROOT,
            env={**os.environ, "SANSO_STATE": str(self.lab.folder.parent)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *words: str, code: int = 0) -> str:
        process = self.start(*words)
        told, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == code, told
        return told

    def costs(self) -> set[str]:
        """The costs the two ends of circuit dc-a run."""
        return {self.cost(name, "vtysh -c 'show running-config'") for name in ENDS}

    def starting(self) -> set[str]:
        return {self.cost(name, "cat /etc/frr/frr.conf") for name in ENDS}

    def cost(self, name: str, command: str) -> str:
        shown = self.lab.run(name, ["sh", "-c", command]).stdout
        stanza = shown[shown.index("interface eth10.2001") :]
        return stanza[stanza.index("ip ospf cost ") :].split()[3]

    def planned(self) -> tuple[Path, str]:
        """An approved plan to the other side, and the cost there."""
        (here,) = self.costs()
        there = "20" if here == "10" else "10"
        file = self.work / "plan.json"
        self.run(
            "plan",
            str(self.work / f"cost{there}"),
            "-o",
            str(file),
            "--author",
            "sato",
            "--only",
            ENDS[0],
            "--only",
            ENDS[1],
        )
        self.run("approve", str(file), "--as", "suzuki")
        return file, there

    def steps(self) -> list[str]:
        """Steps of the last change in the journal."""
        (file,) = self.lab.folder.parent.rglob("journal.db")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as database:
            last = database.execute("SELECT change FROM journal WHERE step = 'begin' ORDER BY seq DESC").fetchone()
            rows = database.execute("SELECT step FROM journal WHERE change = ? ORDER BY seq", last or ("",)).fetchall()
        return [step for (step,) in rows]

    def applying(self, file: Path, step: str, *words: str) -> subprocess.Popen[str]:
        """`sanso apply`, begun, as soon as the journal shows a step of this run."""
        begun = self.changes()
        process = self.start("apply", str(file), "--check-seconds", "30", *words)
        eventually(lambda: process.poll() is not None or (self.changes() > begun and step in self.steps()))
        return process

    def changes(self) -> int:
        (file,) = self.lab.folder.parent.rglob("journal.db")
        with sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10) as database:
            return int(database.execute("SELECT count(*) FROM journal WHERE step = 'begin'").fetchone()[0])

    def assert_one_side(self, cost: str) -> None:
        assert self.costs() == {cost}
        assert self.starting() == {cost}
        for name in ENDS:
            assert self.lab.run(name, ["/usr/local/lib/sanso/guard", "status"]).stdout.split("\n")[0] in {
                "",
                "reverted",
            }


def killed(process: subprocess.Popen[str]) -> str:
    process.send_signal(signal.SIGKILL)
    return process.communicate()[0]


@pytest.fixture(scope="module")
def town(mini_lab_configured: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    work = tmp_path_factory.mktemp("change")
    mini = ROOT / "tests/cities/mini"
    for cost in ("10", "20"):
        shutil.copytree(mini, work / f"cost{cost}")
    text = (mini / "mini.yaml").read_text(encoding="utf-8")
    dearer = text.replace(
        "bandwidth: 10G, risks: [conduit-north]}", "bandwidth: 10G, risks: [conduit-north], cost: 20}"
    )
    assert dearer != text
    (work / "cost20" / "mini.yaml").write_text(dearer, encoding="utf-8")
    found = Town(mini_lab_configured, work)
    yield found
    if found.costs() != {"10"}:
        file, _ = found.planned()
        found.run("apply", str(file))


def other(cost: str) -> str:
    return "20" if cost == "10" else "10"


def test_a_change_from_plan_to_history(town: Town) -> None:
    file, new = town.planned()
    plan = read_plan(file.read_bytes(), "plan")
    assert {line.origin.split(":")[0] for device in plan.changed.values() for line in device.changes} == {"mini.yaml"}
    assert {line.en.rsplit(":", 1)[1].strip() for device in plan.changed.values() for line in device.changes} == {
        f"OSPF cost {other(new)} → {new}, OSPFv3 cost {other(new)} → {new}"
    }
    assert "Rehearsed" in town.run("apply", str(file), "--dry-run")
    assert town.costs() == {other(new)}
    assert "every device is on the new configuration" in town.run("apply", str(file))
    town.assert_one_side(new)
    assert "No drift" in town.run("drift", str(town.work / f"cost{new}"))
    drifted = town.run("drift", str(town.work / f"cost{other(new)}"), code=1)
    assert "2 of 9 devices drifted" in drifted
    assert "no longer fits" in town.run("apply", str(file), code=1)
    assert "No change" in town.run("plan", str(town.work / f"cost{new}"), "-o", str(town.work / "same.json"))
    exported = town.work / "history.json"
    exported.write_text(subprocess.check_output(
        [sys.executable, "-m", "sanso", "--lab", "history", "--json"], cwd=ROOT, text=True, stderr=subprocess.DEVNULL,
        env={**os.environ, "SANSO_STATE": str(town.lab.folder.parent)},
    ))  # fmt: skip
    assert "is whole" in town.run("history", "--verify", "--file", str(exported))
    rows = json.loads(exported.read_text())
    rows[1]["at"] = "2020-01-01T00:00:00+00:00"
    exported.write_text(json.dumps(rows))
    assert "broken at row 2" in town.run("history", "--verify", "--file", str(exported), code=1)


@pytest.mark.parametrize(
    "step",
    [step if step == "committed" else pytest.param(step, marks=pytest.mark.long) for step in STEPS],
)
def test_killed_at_a_step_then_recovered(town: Town, step: str) -> None:
    file, new = town.planned()
    killed(town.applying(file, step))
    if "end" not in town.steps():
        assert "sanso recover" in town.run("apply", str(file), code=2)
        told = town.run("recover")
        assert "every device is on" in told
    (side,) = town.costs()
    assert "end" in town.steps()
    if step in {"confirmed", "settled"}:
        assert side == new
    elif STEPS.index(step) < LAST_OLD and "decide" not in town.steps()[: town.steps().index("recover")]:
        assert side == other(new)
    town.assert_one_side(side)
    assert "Nothing to recover" in town.run("recover")


GUARD = "/usr/local/lib/sanso/guard"
HOLD_CONFIRMATIONS = f"""
mv {GUARD} {GUARD}.true
printf '#!/bin/sh\n[ "$1" != confirm ] || exec sleep 600\nexec {GUARD}.true "$@"\n' >{GUARD}
chmod 755 {GUARD}
"""


def test_killed_between_two_confirmations(town: Town) -> None:
    """One device holds its confirmation up until the other has confirmed and the program is dead."""
    file, new = town.planned()
    slow, quick = ENDS
    process = town.applying(file, "commit")
    assert town.lab.run(slow, ["sh", "-ec", HOLD_CONFIRMATIONS]).returncode == 0
    eventually(lambda: process.poll() is not None or "decide" in town.steps())
    eventually(lambda: town.lab.run(quick, [GUARD, "status"]).stdout.startswith("confirmed"))
    killed(process)
    for pid in town.lab.run(slow, ["pgrep", "-f", "^sleep 600$"]).stdout.split():
        town.lab.run(slow, ["kill", pid])
    town.lab.run(slow, ["mv", f"{GUARD}.true", GUARD])
    assert town.lab.run(slow, [GUARD, "status"]).stdout.startswith("pending")
    assert town.lab.run(quick, [GUARD, "status"]).stdout.startswith("confirmed")
    assert "the new configuration" in town.run("recover")
    town.assert_one_side(new)


def test_a_device_loses_power_in_mid_commit(town: Town) -> None:
    """It comes back on the old configuration by itself; the others were sent back; recovery closes the change."""
    file, new = town.planned()
    process = town.applying(file, "committed")
    town.lab.stop("dc-core1")
    told, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 2, told
    assert "dc-core1" in told
    assert "sanso recover" in told
    assert town.cost("hall-core1", "vtysh -c 'show running-config'") == other(new)
    assert "dc-core1" in town.run("recover", code=2)
    town.lab.start("dc-core1")
    assert "the old configuration" in town.run("recover")
    town.assert_one_side(other(new))


@pytest.mark.long
def test_a_device_is_cut_off_in_mid_commit(town: Town) -> None:
    """Nobody reaches it, and the program is dead: its own timer takes it back."""
    file, new = town.planned()
    process = town.applying(file, "committed", *SHORT)
    town.lab.run("dc-core1", ["ip", "link", "set", "eth0", "down"])
    told, _ = process.communicate(timeout=PATIENCE_S)
    town.lab.run("dc-core1", ["ip", "link", "set", "eth0", "up"])
    assert process.returncode == 2, told
    assert "the old configuration" in town.run("recover")
    town.assert_one_side(other(new))


@pytest.mark.long
def test_killed_after_the_commit_every_device_goes_back_by_itself(town: Town) -> None:
    file, new = town.planned()
    killed(town.applying(file, "committed", *SHORT))
    assert town.costs() == {new}
    eventually(lambda: town.costs() == {other(new)})
    assert "the old configuration" in town.run("recover")
    town.assert_one_side(other(new))


def test_a_device_whose_disk_is_full_stops_the_change(town: Town) -> None:
    file, new = town.planned()
    town.lab.run("dc-core1", ["sh", "-c", "cat /dev/zero >/var/lib/filler"], timeout=120)
    try:
        told = town.run("apply", str(file), code=1)
        assert "dc-core1" in told
        assert town.costs() == {other(new)}
    finally:
        town.lab.run("dc-core1", ["rm", "/var/lib/filler"])
    town.assert_one_side(other(new))


@pytest.mark.long
def test_a_disk_that_fills_up_after_the_commit_does_not_stop_the_confirmation(town: Town) -> None:
    file, new = town.planned()
    process = town.applying(file, "committed")
    town.lab.run("dc-core1", ["sh", "-c", "cat /dev/zero >/var/lib/filler"], timeout=120)
    try:
        told, _ = process.communicate(timeout=PATIENCE_S)
        assert process.returncode == 0, told
        assert town.costs() == {new}
    finally:
        town.lab.run("dc-core1", ["rm", "-f", "/var/lib/filler"])
    town.assert_one_side(new)


def test_a_line_that_one_device_rejects_stops_the_change(town: Town) -> None:
    file, new = town.planned()
    plan = read_plan(file.read_bytes(), "plan")
    bad = plan.devices["dc-core1"].candidate + "router rip everywhere\n"
    device = plan.devices["dc-core1"].model_copy(update={"candidate": bad, "candidate_hash": digest(bad)})
    file.write_bytes(
        plan_bytes(plan.model_copy(update={"id": "badbadbadbad", "devices": {**plan.devices, "dc-core1": device}}))
    )
    town.run("approve", str(file), "--as", "suzuki")
    told = town.run("apply", str(file), code=1)
    assert "dc-core1" in told
    town.assert_one_side(other(new))


def test_an_interrupt_takes_everything_back(town: Town) -> None:
    file, new = town.planned()
    process = town.applying(file, "commit")
    process.send_signal(signal.SIGINT)
    told, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in {0, 130}, told
    town.assert_one_side(other(new) if process.returncode else new)
