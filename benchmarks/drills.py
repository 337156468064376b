"""Drill both scenarios live in the town's lab, and tell what was measured: loss beside BFD, the clocks, what was lost.

    sudo .venv/bin/python benchmarks/drills.py [CITY]

The city's servers are deployed and its watch runs. Drill (a) cuts the first circuit silently; its loss stands beside
BFD's negotiated detection time. Drill (b) loses the data center, once with synchronous replication and once without:
certificates are issued as fast as one client can until the power goes, and every acknowledged one is asked for after
the failover.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from core_cut import detection_s

from inventory.loader import load_city
from network.build import build_fabric
from network.lab import Lab

PROGRAM = Path(sys.executable).parent / "sanso"
TOWN = "tests/cities/town"
CLIENT = "sanso-certificates"


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

    def sanso(self, *words: str) -> None:
        done = subprocess.run(
            [PROGRAM, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            text=True,
        )
        if done.returncode:
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

    def drill(self, scenario: str) -> dict[str, Any]:
        """The last row of the drill's journal, with the fault's moment."""
        record = self.folder / scenario
        self.sanso("--lab", "drill", "run", scenario, self.city, "--decide-automatically", "-o", str(record))
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
    return lab.run(node, list(words), timeout=60).stdout.strip()


def lost(lab: Lab, client: str, first: str, second: str) -> tuple[int, int]:
    """Acknowledged and lost certificates: power off under full load, promotion, then every number asked for.

    The standby's link is cut a moment earlier, as it is when a site goes down piece by piece.
    """
    numbers: list[int] = []
    ending = threading.Event()

    def issue() -> None:
        while not ending.is_set():
            said = lab.run(client, [CLIENT, "issue", "benchmark"], timeout=60)
            if said.returncode == 0:
                numbers.append(json.loads(said.stdout)["number"])

    writer = threading.Thread(target=issue)
    writer.start()
    ending.wait(5)
    shell(lab, second, "pkill", "-STOP", "-f", "walreceiver")
    ending.wait(3)
    lab.stop(first)
    ending.set()
    writer.join()
    shell(lab, second, "pkill", "-CONT", "-f", "walreceiver")
    shell(lab, second, "runuser", "-u", "postgres", "--", "psql", "-XAtc", "SELECT pg_promote()", "postgres")
    shell(lab, second, "/usr/local/lib/sanso/certificates-synchronous", "none")
    missing = sum(lab.run(client, [CLIENT, "read", str(number)], timeout=60).returncode != 0 for number in numbers)
    return len(numbers), missing


def back(town: Town, first: str, second: str) -> None:
    """Both hosts as they were, the first in charge and the second following: by the runbooks."""
    town.lab.start(first)
    town.sanso("--lab", "runbook", "run", "certificates-rejoin", town.city)
    town.sanso("--lab", "runbook", "approve", "certificates-failback", town.city, "--as", "benchmark-approver")
    town.sanso("--lab", "runbook", "run", "certificates-failback", town.city)
    shell(town.lab, first, "/usr/local/lib/sanso/certificates-synchronous", "none")
    state = "SELECT state || ' ' || sync_state FROM pg_stat_replication"
    said = shell(town.lab, first, "runuser", "-u", "postgres", "--", "psql", "-XAtc", state, "postgres")
    if said != "streaming async":
        sys.exit(f"{second} does not follow {first}: {said!r}")


def main(city: str = TOWN) -> None:
    """Drill, measure, print."""
    fabric = build_fabric(load_city(city))
    first, second = fabric.city.workloads["certificates"].hosts[:2]
    circuit = next(name for name, wire in fabric.wires.items() if wire.circuit is not None)
    transit = next(transit for transit in fabric.transits if transit.wire == circuit)
    client = next(name for name in fabric.hosts if name.endswith(("mn-infra", "mn-dns")))
    with tempfile.TemporaryDirectory(prefix="sanso-bench-") as folder:
        town = Town(city, Path(folder))
        town.up()
        try:
            tell_drills(town, detection_s(town.lab, transit))
            tell_loss("synchronous", lambda: lost(town.lab, client, first, second))
            back(town, first, second)
            tell_loss("asynchronous", lambda: lost(town.lab, client, first, second))
        finally:
            town.sanso("lab", "down")


def tell_drills(town: Town, detection: float) -> None:
    """Both drills."""
    cut = town.drill("circuit-cut")
    print(f"load average {os.getloadavg()[0]:.0f}; BFD detection time (negotiated) {detection * 1000:.0f} ms")
    for hole in cut["measured"]["holes"]:
        ratio = hole["seconds"] / detection
        print(f"(a) {hole['way']}: {hole['seconds'] * 1000:.0f} ms lost, {hole['lost']} packets, {ratio:.2f} x BFD")
    for name, drill in (("a", cut), ("b", town.drill("data-center-lost"))):
        clocks = {
            clock: drill["clocks"][clock] - drill["fault"] for clock in ("detected", "decided", "executed", "green")
        }
        said = ", ".join(f"{clock} {seconds:.1f} s" for clock, seconds in clocks.items())
        survived = drill["survived"]
        print(f"({name}) {said}; {len(survived['lost'])} of {survived['issued']} acknowledged certificates lost")


def tell_loss(name: str, measure: Callable[[], tuple[int, int]]) -> None:
    """One way of replication."""
    issued, missing = measure()
    print(f"{name} replication, standby stalled for 3 s before the power goes: {missing} of {issued} acknowledged lost")


if __name__ == "__main__":
    main(*sys.argv[1:])
