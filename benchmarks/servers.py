"""Names and time to all of a city's servers that give them, from nothing and again: by sanso, and by ansible-core.

    sudo .venv/bin/python benchmarks/servers.py [CITY] [ROUNDS]

Both bring the same files to the same nodes of one running lab over the same SSH, have each checked by its service's
own checker before it is put in place, start the daemons and enable them at boot. They are timed as whole processes,
turn and turn about; between two rounds the nodes are put back to what they were. In the lab all nodes share the
machine's processors, so the work that a tool causes on a server counts as its own does.

* sanso: `sanso apply` of an approved plan: look again, stage all, commit all with revert timers, see that every service
  does its work, confirm all, journal. Again: `sanso drift`, which reads all and finds no difference. Making the plan is
  told beside it: it reads and proves the whole city's network too.
* ansible-core: copy with validate, sysvinit, handlers; forks = number of servers, pipelining and persistent connections
  on, no fact gathering, packages not looked at. No check of the service, no way back, no record. Again: the same
  playbook, which finds nothing changed.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

import yaml
from city_lab import city_lab

from deploy.servers.compile import server_texts
from deploy.servers.services import CHECKERS, CHECKS
from deploy.servers.text import ServerText
from inventory.loader import load_city
from network.lab import Lab

BIN = Path(sys.executable).parent
SERVICES = ("dns", "ntp")
GOAL = 3.0
RESET = f"""
for daemon in unbound chrony; do service $daemon stop; update-rc.d $daemon remove; done
rm -rf {CHECKS} /var/lib/sanso /var/lib/sanso-commit/slot; tar -xf /root/before.tar -C /
"""


class Cost(NamedTuple):
    """What one run took: seconds on the clock; on the processors, of the tool's own processes and on the servers."""

    seconds: float
    own: float
    servers: float


def variant(city: str, folder: Path) -> Path:
    """The city with the services names and time only, so that no secrets are needed."""
    sites = load_city(city).sites
    servers = {
        name: {
            "servers": {
                key: {"services": [service for service in server.services if service in SERVICES]}
                for key, server in site.servers.items()
                if server.services
            }
        }
        for name, site in sites.items()
    }
    told = {
        "city": {"name": "bench", "extends": city},
        "sites": {name: part for name, part in servers.items() if part["servers"]},
        "workloads": None,
    }
    place = folder / "bench"
    place.mkdir()
    (place / "city.yaml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")
    return place


def playbook(texts: dict[str, ServerText], folder: Path) -> Path:
    """The playbook, and the files it copies: one folder a server."""
    for name, text in texts.items():
        for path, file in text.files.items():
            target = folder / "files" / name / path.lstrip("/")
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(file.content, encoding="utf-8")
    files = {path: file for text in texts.values() for path, file in text.files.items()}
    tasks = []
    for path, file in sorted(files.items()):
        copy = {"src": f"{folder}/files/{{{{ inventory_hostname }}}}{path}", "dest": path, "mode": file.mode}
        if path in CHECKERS:
            copy["validate"] = CHECKERS[path].format(file="%s").removesuffix(" >/dev/null")
        having = [name for name, text in texts.items() if path in text.files]
        task = {"name": path, "ansible.builtin.copy": copy, "when": f"inventory_hostname in {having}"}
        tasks.append({**task, "notify": f"restart {file.daemon}"} if file.daemon != "-" else task)
    daemons = sorted({daemon for text in texts.values() for daemon in text.daemons})
    for daemon in daemons:
        having = [name for name, text in texts.items() if daemon in text.daemons]
        state = {"name": daemon, "state": "started", "enabled": True}
        tasks.append({"name": daemon, "ansible.builtin.sysvinit": state, "when": f"inventory_hostname in {having}"})
    handlers = [
        {"name": f"restart {daemon}", "ansible.builtin.sysvinit": {"name": daemon, "state": "restarted"}}
        for daemon in daemons
    ]
    place = {"name": "checks", "ansible.builtin.file": {"path": CHECKS, "state": "directory", "recurse": False}}
    play = {"hosts": "all", "gather_facts": False, "tasks": [place, *tasks], "handlers": handlers}
    book = folder / "playbook.yaml"
    book.write_text(yaml.safe_dump([play]), encoding="utf-8")
    return book


class Bench:
    """Both ways, on one running lab."""

    def __init__(self, lab: Lab, folder: Path, city: Path, texts: dict[str, ServerText]) -> None:
        self.lab, self.folder, self.city, self.texts = lab, folder, city, texts
        self.book = playbook(texts, folder)
        access = lab.access()
        self.inside = ["nsenter", f"--net={lab.netns('operator')}", "--"]
        rows = [f"{name} ansible_host={lab.address(name)}" for name in texts]
        (folder / "hosts").write_text("\n".join(rows) + "\n", encoding="utf-8")
        self.access = access
        # The directory has to be there for ansible's copy; one task more would count against it.
        self.everywhere(
            "mkdir -p /usr/local/lib/sanso && tar -cf /root/before.tar -C / etc/unbound etc/chrony etc/default"
        )

    def everywhere(self, command: str) -> None:
        for name in self.texts:
            self.lab.run(name, ["sh", "-c", command])

    def timed(self, command: list[str], **environment: str) -> Cost:
        """Run a command to its end."""
        there = self.burnt()
        start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        seconds, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(seconds, own, self.burnt() - there)

    def burnt(self) -> float:
        """Processor seconds that all processes of the servers, living and waited for, have taken so far."""
        ticks = 0
        for name in self.texts:
            for line in self.lab.run(name, ["sh", "-c", "cat /proc/[0-9]*/stat 2>/dev/null"]).stdout.splitlines():
                ticks += sum(int(word) for word in line.rpartition(")")[2].split()[11:15])
        return ticks / os.sysconf("SC_CLK_TCK")

    def sanso(self, costs: dict[str, list[Cost]]) -> None:
        only = [word for name in self.texts for word in ("--only", name)]
        plan = str(self.folder / f"plan-{time.monotonic_ns()}.json")
        command, state = [str(BIN / "sanso"), "--lab"], {"SANSO_STATE": str(self.lab.folder.parent)}
        costs["sanso plan"].append(
            self.timed([*command, "plan", str(self.city), "-o", plan, "--author", "bench", *only], **state)
        )
        self.timed([*command, "approve", plan, "--as", "second"], **state)
        costs["sanso, from nothing"].append(self.timed([*command, "apply", plan], **state))
        costs["sanso, again"].append(self.timed([*command, "drift", str(self.city), *only], **state))

    def ansible(self, costs: dict[str, list[Cost]]) -> None:
        options = f"-o UserKnownHostsFile={self.access.known_hosts} -o ControlMaster=auto -o ControlPersist=60"
        for way in ("ansible, from nothing", "ansible, again"):
            costs[way].append(
                self.timed(
                    [
                        *self.inside, str(BIN / "ansible-playbook"), "-i", str(self.folder / "hosts"), "-u", "root",
                        "--private-key", str(self.access.key), str(self.book),
                    ],
                    ANSIBLE_FORKS=str(len(self.texts)),
                    ANSIBLE_PIPELINING="True",
                    ANSIBLE_SSH_COMMON_ARGS=options,
                    ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3",
                )
            )  # fmt: skip


def main(city: str = "yasu", rounds: str = "3") -> None:
    """Boot the city, deploy by both, print medians and ratios."""
    with tempfile.TemporaryDirectory(prefix="sanso-bench-") as name:
        folder = Path(name)
        place = variant(city, folder)
        with city_lab(str(place)) as (fabric, lab):
            bench = Bench(lab, folder, place, server_texts(fabric))
            costs: dict[str, list[Cost]] = {
                "sanso plan": [],
                **{f"{tool}, {what}": [] for what in ("from nothing", "again") for tool in ("sanso", "ansible")},
            }
            for number in range(int(rounds)):
                for tool in (bench.sanso, bench.ansible) if number % 2 == 0 else (bench.ansible, bench.sanso):
                    tool(costs)
                    bench.everywhere(RESET)
        servers = len(bench.texts)
    middle = {way: Cost(*map(statistics.median, zip(*found, strict=True))) for way, found in costs.items()}
    print(f"{city}: names and time to {servers} servers, whole processes, {rounds} rounds\n")
    print(f"{'way':<24} {'median s':>9} {'min':>7} {'max':>7} {'own CPU s':>10} {'servers CPU s':>14}")
    for way, found in costs.items():
        walls = [cost.seconds for cost in found]
        seconds, own, there = middle[way]
        print(f"{way:<24} {seconds:>9.2f} {min(walls):>7.2f} {max(walls):>7.2f} {own:>10.2f} {there:>14.2f}")
    for what in ("from nothing", "again"):
        peer, ours = middle[f"ansible, {what}"], middle[f"sanso, {what}"]
        work = (peer.own + peer.servers) / (ours.own + ours.servers)
        print(
            f"{what}: ansible-core takes {peer.seconds / ours.seconds:.1f} times as long (the goal is {GOAL:g})"
            f" and {work:.1f} times the processors"
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
