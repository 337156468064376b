"""What a round of trying a city's registered flows from the servers they come from costs, in processor time.

    benchmarks/flows.py [CITY]        default: yasu; needs root

The exporter of the management network runs at the lab's operator station and is asked for every row that it tries, one
after the other, as Prometheus would in one interval. Counted are the exporter's own processor time and, on the
servers, that of their SSH sessions and of all that ran in these. The first round, with the logins, is told apart.
"""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from city_lab import city_lab

from deploy.target import lab_target
from monitoring.exporter.configuration import MANAGEMENT, Station, configurations, written
from monitoring.exporter.model import Configuration
from network.lab import Lab
from network.lab.blueprint import OPERATOR
from network.lab.syscalls import network

ADDRESS = "127.0.0.1:9633"
ROUNDS = 5
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_S = 60


def spent(pid: int) -> float:
    """Processor seconds of a process and of its children that have ended."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS


def on_servers(lab: Lab, servers: set[str]) -> float:
    """Processor seconds of all SSH sessions on the servers, and of what ran in them."""
    pids = [pid for name in servers for pid, words in lab.processes(name).items() if words and "sshd:" in words[0]]
    return sum(spent(pid) for pid in pids)


def asked(lab: Lab, path: str) -> str:
    """The exporter's answer; "" when it does not listen."""
    try:
        with network(lab.netns(OPERATOR)), urllib.request.urlopen(f"http://{ADDRESS}{path}", timeout=30) as answer:
            return str(answer.read().decode())
    except OSError:
        return ""


def rounds(lab: Lab, found: Configuration, exporter: int) -> None:
    """Ask for every row, again and again, and tell what it cost."""
    servers = {flow.server.name for flow in found.flows.values() if flow.server}
    print(f"{len(found.flows)} rows from {len(servers)} servers")
    for number in range(ROUNDS + 1):
        begun, own, there = time.monotonic(), spent(exporter), on_servers(lab, servers)
        answers = [asked(lab, f"/probe?module=flow&target={row}") for row in found.flows]
        wall, own, there = time.monotonic() - begun, spent(exporter) - own, on_servers(lab, servers) - there
        well = sum("sanso_probe_success 1.0" in answer for answer in answers)
        name = "with the logins" if not number else f"round {number}"
        print(f"{name}: {well} rows are up; {own:.2f} s exporter + {there:.2f} s servers, {wall:.1f} s by the clock")


def main(city: str) -> None:
    """Boot the city, try its rows, tell."""
    with city_lab(city) as (fabric, lab):
        station = Station(lab_target(lab, lab.folder).access, city, "sqlite:///nowhere.db")
        found = configurations(fabric, dt.datetime.now(tz=dt.UTC).date(), station)[MANAGEMENT]
        file = lab.folder / "exporter.yaml"
        file.write_text(written(found), encoding="utf-8")
        words = [sys.executable, "-m", "sanso", "exporter", "--config.file", str(file)]
        command = lab.station_command([*words, "--web.listen-address", ADDRESS])
        with subprocess.Popen(command, start_new_session=True) as process:
            try:
                end = time.monotonic() + PATIENCE_S
                while not asked(lab, "/metrics") and time.monotonic() < end:
                    time.sleep(0.2)
                pid = next(pid for pid, seen in lab.processes(OPERATOR).items() if str(file) in seen)
                rounds(lab, found, pid)
            finally:
                process.terminate()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "yasu")
