"""Drill both scenarios live in the town's lab, and tell what was measured: loss beside BFD, the clocks, what was lost.

    sudo .venv/bin/python benchmarks/drills.py [CITY] [circuit] [site] [loss]

The city's servers are deployed and its watch runs. Without a word all is measured:

* circuit: drill (a), three times. It cuts the first circuit silently; its loss stands beside BFD's negotiated detection
  time.
* site: drill (b) loses the data center: its clocks, and what became of its marker. Once with synchronous replication;
  once without, with replication cut off as the drill begins, as it is when a site goes down piece by piece.
* loss: without a drill. One client issues certificates as fast as it can until the power goes; then the standby is
  promoted and every acknowledged one is asked for. With synchronous replication that is cut off 3 s before, without it
  likewise, and without it as it comes.

"Cut off": the primary sends nothing to its standby any more (a black hole in its routes); clients reach it as before.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core_cut import detection_s

from inventory.loader import load_city
from network.build import build_fabric
from network.fabric import Fabric
from network.lab import Lab

PROGRAM = Path(sys.executable).parent / "sanso"
TOWN = "tests/cities/town"
CLIENT = "sanso-certificates"
PARTS = ("circuit", "site", "loss")


class Town:
    """The city's lab, deployed and watched, in a state directory of its own."""

    def __init__(self, city: str, folder: Path) -> None:
        self.city = city
        self.folder = folder
        password = folder / "password"
        password.write_text("a-password-for-benchmarks\n", encoding="utf-8")
        password.chmod(0o600)
        self.environment = {
            **os.environ,
            "SANSO_STATE": str(folder / "state"),
            "SANSO_VAULT_PASSWORD_FILE": str(password),
            "LANG": "C.UTF-8",
        }

    def sanso(self, *words: str, code: int = 0) -> None:
        done = subprocess.run(
            [PROGRAM, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode != code:
            sys.exit(f"{words}: {done.stdout}{done.stderr}")

    @property
    def lab(self) -> Lab:
        return Lab.get(self.folder / "state")

    def up(self) -> None:
        plan = str(self.folder / "plan.json")
        self.sanso("lab", "up", self.city)
        self.sanso("--lab", "secrets", "init", self.city)
        self.sanso("--lab", "plan", self.city, "-o", plan)
        self.sanso("--lab", "approve", plan, "--as", "benchmark-approver")
        self.sanso("--lab", "apply", plan)
        self.sanso("monitoring", "up", self.city)

    def drill(self, scenario: str, code: int = 0) -> dict[str, Any]:
        """The last row of the drill's journal, with the fault's moment."""
        record = self.folder / scenario
        words = ["drill", "run", scenario, self.city, "--decide-automatically", "-o", str(record)]
        self.sanso("--lab", *words, code=code)
        rows = [json.loads(line) for line in (record / "journal.jsonl").read_text(encoding="utf-8").splitlines()]
        fault = next(
            row["body"]["at"]
            for row in reversed(rows)
            if row["step"] == "drill-fault" and row["body"]["state"] == "begun"
        )
        survived = json.loads((record / "drill.json").read_text(encoding="utf-8"))["survived"]
        return {**rows[-1]["body"], "fault": fault, "survived": survived}


def shell(lab: Lab, node: str, *words: str) -> str:
    """What a command on a node says."""
    done = lab.run(node, list(words), timeout=90)
    if done.returncode:
        sys.exit(f"{node}: {words}: {done.stderr}")
    return done.stdout.strip()


def ask(lab: Lab, node: str, query: str) -> str:
    """What PostgreSQL on a node says."""
    return shell(lab, node, "runuser", "-u", "postgres", "--", "psql", "-XAtc", query, "postgres")


@dataclass(frozen=True)
class Workload:
    """The certificates: who is in charge, its standby (and its address), and a client."""

    lab: Lab
    first: str
    second: str
    address: str
    client: str

    def cut_off(self) -> None:
        """The primary sends nothing to its standby any more."""
        shell(self.lab, self.first, "ip", "route", "add", "blackhole", self.address)

    def replicate(self, *, synchronously: bool) -> None:
        """Commit only what the standby has, or do not wait for it; streaming when it returns."""
        name = self.second if synchronously else "none"
        shell(self.lab, self.first, "/usr/local/lib/sanso/certificates-synchronous", name)
        wanted = f"streaming {'sync' if synchronously else 'async'}"
        end = time.monotonic() + 60
        while (
            said := ask(self.lab, self.first, "SELECT state || ' ' || sync_state FROM pg_stat_replication")
        ) != wanted:
            if time.monotonic() > end:
                sys.exit(f"{self.second} does not follow {self.first}: {said!r}")
            time.sleep(0.5)

    def lost(self, cut_off_s: float) -> tuple[int, int]:
        """Acknowledged and lost certificates: power off under full load, promotion, then every number asked for."""
        numbers: list[int] = []
        ending = threading.Event()

        def issue() -> None:
            while not ending.is_set():
                said = self.lab.run(self.client, [CLIENT, "issue", "benchmark"], timeout=60)
                if said.returncode == 0:
                    numbers.append(json.loads(said.stdout)["number"])

        writer = threading.Thread(target=issue)
        writer.start()
        time.sleep(5)
        if cut_off_s:
            self.cut_off()
            time.sleep(cut_off_s)
        self.lab.stop(self.first)
        ending.set()
        writer.join()
        ask(self.lab, self.second, "SELECT pg_promote()")
        shell(self.lab, self.second, "/usr/local/lib/sanso/certificates-synchronous", "none")
        missing = sum(
            self.lab.run(self.client, [CLIENT, "read", str(number)], timeout=60).returncode != 0 for number in numbers
        )
        return len(numbers), missing


def back(town: Town, first: str) -> None:
    """Both hosts as they were, the first in charge and the second following: by the runbooks."""
    town.lab.start(first)
    town.sanso("--lab", "runbook", "run", "certificates-rejoin", town.city)
    town.sanso("--lab", "runbook", "approve", "certificates-failback", town.city, "--as", "benchmark-approver")
    town.sanso("--lab", "runbook", "run", "certificates-failback", town.city)


def main(*words: str) -> None:
    """Drill, measure, print."""
    parts = [word for word in words if word in PARTS] or list(PARTS)
    city = next((word for word in words if word not in PARTS), TOWN)
    fabric = build_fabric(load_city(city))
    first, second = fabric.city.workloads["certificates"].hosts[:2]
    client = next(name for name in fabric.hosts if name.endswith(("mn-infra", "mn-dns")))
    with tempfile.TemporaryDirectory(prefix="sanso-bench-") as folder:
        town = Town(city, Path(folder))
        town.up()
        try:
            workload = Workload(town.lab, first, second, str(fabric.hosts[second].ipv4.ip), client)
            print(f"load average {os.getloadavg()[0]:.0f}")
            if "circuit" in parts:
                measure_circuit(town, fabric)
            if "site" in parts:
                measure_site(town, workload)
            if "loss" in parts:
                measure_loss(town, workload)
        finally:
            town.sanso("lab", "down")


def measure_circuit(town: Town, fabric: Fabric) -> None:
    """Drill (a), three times."""
    circuit = next(name for name, wire in fabric.wires.items() if wire.circuit is not None)
    detection = detection_s(town.lab, next(transit for transit in fabric.transits if transit.wire == circuit))
    print(f"(a) BFD detection time (negotiated) {detection * 1000:.0f} ms")
    for number in range(1, 4):
        cut = town.drill("circuit-cut")
        for hole in cut["measured"]["holes"]:
            ratio = hole["seconds"] / detection
            print(
                f"(a) run {number}, {hole['way']}: {hole['seconds'] * 1000:.0f} ms lost, {hole['lost']} packets,"
                f" {ratio:.2f} x BFD"
            )
        print(f"(a) run {number}: {told(cut)}")


def measure_site(town: Town, workload: Workload) -> None:
    """Drill (b), with synchronous replication and without."""
    print(f"(b) synchronous: {told(town.drill('data-center-lost'))}")
    workload.replicate(synchronously=False)
    workload.cut_off()
    # It misses its RPO of 0, as it should.
    print(f"(b) asynchronous, cut off as the drill began: {told(town.drill('data-center-lost', code=1))}")


def measure_loss(town: Town, workload: Workload) -> None:
    """Every way of replication, without a drill."""
    for name, synchronously, cut_off_s in (
        ("synchronous, cut off for 3 s", True, 3.0),
        ("asynchronous, cut off for 3 s", False, 3.0),
        ("asynchronous, as it comes", False, 0.0),
    ):
        workload.replicate(synchronously=synchronously)
        issued, missing = workload.lost(cut_off_s)
        print(f"{name}: {missing} of {issued} acknowledged certificates lost")
        back(town, workload.first)


def told(drill: dict[str, Any]) -> str:
    """Clocks since the fault, and what was lost."""
    clocks = {clock: drill["clocks"][clock] - drill["fault"] for clock in ("detected", "decided", "executed", "green")}
    survived = drill["survived"]
    marker = "kept" if survived["marker_kept"] else f"lost, RPO {survived['rpo_s']:.1f} s"
    said = ", ".join(f"{clock} {seconds:.1f} s" for clock, seconds in clocks.items())
    return f"{said}; {len(survived['lost'])} of {survived['issued']} acknowledged certificates lost; marker {marker}"


if __name__ == "__main__":
    main(*sys.argv[1:])
