"""One change to every router of a city: by `sanso apply`, by ansible-core, and by nornir with napalm and our driver.

    sudo .venv/bin/python benchmarks/apply.py [CITY] [ROUNDS]

ansible-core stands in a virtual environment of its own:

    python3 -m venv .venv-bench && .venv-bench/bin/pip install -r requirements-bench.txt

The change gives every circuit another OSPF cost, so each router is touched. All start from the same running lab,
use the same SSH, and are timed as whole processes, turn and turn about: there and back again. Beside the seconds stands
the processor time of the tool itself and of the whole machine: in the lab all devices share the machine's processors,
in a city each has its own. The machine's holds whatever else runs on it, and what the lab takes when nothing is done to
it (printed below). The phases of `sanso apply` are those its journal tells.

* sanso: `sanso apply` of an approved plan: stage all, commit all with revert timers, check, confirm all, journal.
* ansible-core: copies the new frr.conf and runs Debian's frr-reload.py where it changed; forks = number of routers,
  pipelining and persistent connections on, no fact gathering. No checks, no way back. Its texts name each VRF's network
  namespace, else frr-reload.py takes the lab's VRFs away and ospfd dies.
* ansible-core, safely: the same playbook written to be as sure as `sanso apply` of these routers alone: running
  configuration and neighbours read before, a revert timer armed, read back, neighbours as before, then disarmed. A
  fleet's way back, a plan, a journal and recovery it still lacks.
* nornir: nornir_napalm's `napalm_configure(replace=True)`, a thread a router. No checks, no way back.
* nornir, safely: what its user writes to be as sure as `sanso apply` of these routers alone: neighbours read before,
  commit with a revert timer, read back, neighbours as before, then confirmed on all. No plan, no journal, no recovery.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from city_lab import city_lab

from deploy.journal import Journal, journal_url
from inventory.loader import load_city
from inventory.source import CITIES
from network.build import build_fabric
from network.compile import compile_fabric
from network.lab import Lab
from network.render import render

BIN = Path(sys.executable).parent
PEER = Path(__file__).parents[1] / ".venv-bench/bin/ansible-playbook"
COSTS = (10, 12)
IDLE_S = 10
"""How long the machine is watched before anything is done."""
PLAYBOOK = """
- hosts: all
  gather_facts: false
  tasks:
    - name: configuration
      ansible.builtin.copy: {src: "{{ texts }}/{{ inventory_hostname }}", dest: /etc/frr/frr.conf, mode: "0640"}
      register: file
    - name: reload
      ansible.builtin.command: /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf
      when: file.changed
"""
PLAYBOOK_SAFELY = """
- hosts: all
  gather_facts: false
  vars:
    neighbours: >-
      vtysh -c 'show ip ospf vrf all neighbor' -c 'show ipv6 ospf6 vrf all neighbor' |
      awk '/Full/ { print $1, $(NF > 9 ? NF - 3 : NF) }';
      vtysh -c 'show bfd peers brief' | awk '$NF == "up" { print $3 }'
    back: cp -p /etc/frr/frr.conf.before /etc/frr/frr.conf && /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf
  tasks:
    - name: what it runs before
      ansible.builtin.command: vtysh -c 'show running-config'
      register: running
      changed_when: false
    - name: neighbours before
      ansible.builtin.shell: "{{ neighbours }}"
      register: before
      failed_when: not before.stdout_lines
      changed_when: false
    - name: configuration
      ansible.builtin.copy: {src: "{{ texts }}/{{ inventory_hostname }}", dest: /etc/frr/frr.conf.new, mode: "0640"}
    - name: timer
      ansible.builtin.shell: >-
        cp -p /etc/frr/frr.conf /etc/frr/frr.conf.before;
        setsid sh -c 'sleep 300; {{ back }}' > /dev/null 2>&1 < /dev/null & echo $!
      register: timer
    - name: reload
      ansible.builtin.shell: >-
        mv /etc/frr/frr.conf.new /etc/frr/frr.conf && /usr/lib/frr/frr-reload.py --reload /etc/frr/frr.conf
    - name: what it runs now
      ansible.builtin.command: vtysh -c 'show running-config'
      register: now
      failed_when: now.stdout == running.stdout
      changed_when: false
    - name: neighbours as before
      ansible.builtin.shell: "{{ neighbours }}"
      register: after
      until: before.stdout_lines is subset(after.stdout_lines)
      retries: 45
      delay: 2
      changed_when: false
    - name: confirm
      ansible.builtin.shell: kill -- -{{ timer.stdout }}
"""
NORNIR = """
import sys
import time
from pathlib import Path
from nornir.core import Nornir
from nornir.core.inventory import ConnectionOptions, Defaults, Groups, Host, Hosts, Inventory
from nornir.core.plugins.connections import ConnectionPluginRegister
from nornir.plugins.runners import ThreadedRunner
from nornir_napalm.plugins.tasks import napalm_configure

texts, key, known = sys.argv[1:4]
addresses = dict(pair.split("=") for pair in sys.argv[4:])
ConnectionPluginRegister.auto_register()
options = {"napalm": ConnectionOptions(extras={"optional_args": {"key_file": key, "known_hosts_file": known}})}
login = {"username": "root", "password": "", "platform": "frr", "connection_options": options}
hosts = Hosts({name: Host(name, address, **login) for name, address in addresses.items()})
nornir = Nornir(inventory=Inventory(hosts, Groups(), Defaults()), runner=ThreadedRunner(num_workers=len(hosts)))
WAY
nornir.close_connections()
for name, failed in result.failed_hosts.items():
    print(name, failed[-1].exception, file=sys.stderr)
sys.exit(bool(result.failed))
"""
PLAINLY = """
result = nornir.run(lambda task: napalm_configure(task, filename=str(Path(texts) / task.host.name), replace=True))
"""
SAFELY = """
before = {}

def neighbours(device):
    ospf = {(row["vrf"], row["interface"], row["version"]) for row in device.get_ospf_neighbors() if row["is_full"]}
    bfd = {(row["vrf"], row["address"]) for row in device.get_bfd_neighbors() if row["is_up"]}
    tables = device.get_bgp_neighbors().items()
    bgp = {(vrf, name) for vrf, table in tables for name, peer in table["peers"].items() if peer["is_up"]}
    return ospf, bfd, bgp

def commit(task):
    device = task.host.get_connection("napalm", task.nornir.config)
    before[task.host.name] = neighbours(device)
    device.load_replace_candidate(filename=str(Path(texts) / task.host.name))
    assert device.compare_config()
    device.commit_config(revert_in=300)

def check(task):
    device = task.host.get_connection("napalm", task.nornir.config)
    device.get_config("running")
    until = time.monotonic() + 90
    while any(then - now for then, now in zip(before[task.host.name], neighbours(device))):
        assert time.monotonic() < until
        time.sleep(2)
    assert device.has_pending_commit()

for step in (commit, check, lambda task: task.host.get_connection("napalm", task.nornir.config).confirm_commit()):
    result = nornir.run(step)
    if result.failed:
        break
"""


def variant(city: str, cost: int, folder: Path) -> Path:
    """A copy of the city in which every circuit has `cost`."""
    copy = folder / f"cost-{cost}"
    shutil.copytree(CITIES / city, copy)
    file = copy / "circuits.yaml"
    rows = re.sub(r", cost: \d+", "", file.read_text(encoding="utf-8"))
    file.write_text(re.sub(r"(\bbandwidth: \w+)", rf"\1, cost: {cost}", rows), encoding="utf-8")
    return copy


def write_texts(city: Path, folder: Path) -> dict[str, str]:
    """Every router's configuration, a file a router; name → management address."""
    fabric = build_fabric(load_city(city))
    states = compile_fabric(fabric, dt.datetime.now(tz=dt.UTC).date())
    folder.mkdir()
    routers = {name: device for name, device in fabric.devices.items() if device.spec.platform == "frr"}
    for name in routers:
        (folder / name).write_text(render(states[name]), encoding="utf-8")
    return {name: str(device.management.ip) for name, device in routers.items()}


class Cost(NamedTuple):
    """What one run took: seconds on the clock, and on the processors of the tool's own processes and of all."""

    seconds: float
    processor: float
    machine: float


def machine_s() -> float:
    """Seconds that the machine's processors have worked so far."""
    user, nice, system, _idle, _wait, irq, softirq, *_ = map(int, Path("/proc/stat").read_text("ascii").split()[1:9])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")


class Bench:
    """The three ways, on one running lab."""

    def __init__(self, lab: Lab, folder: Path, cities: dict[int, Path]) -> None:
        self.folder = folder
        self.cities = cities
        self.state = lab.folder.parent
        self.access = lab.access()
        self.inside = ["nsenter", f"--net={lab.netns('operator')}", "--"]
        self.addresses = {cost: write_texts(city, folder / f"texts-{cost}") for cost, city in cities.items()}[COSTS[0]]
        for cost in cities:
            (folder / f"reload-{cost}").mkdir()
            for file in (folder / f"texts-{cost}").iterdir():
                text = re.sub(r"(?m)^vrf (\S+)$", r"\g<0>\n netns /run/netns/\1", file.read_text(encoding="utf-8"))
                (folder / f"reload-{cost}" / file.name).write_text(text, encoding="utf-8")
        for name, playbook in (("plainly", PLAYBOOK), ("safely", PLAYBOOK_SAFELY)):
            (folder / f"ansible_{name}.yaml").write_text(playbook, encoding="utf-8")
        for name, way in (("plainly", PLAINLY), ("safely", SAFELY)):
            (folder / f"nornir_{name}.py").write_text(NORNIR.replace("WAY", way), encoding="utf-8")
        rows = [f"{name} ansible_host={address}" for name, address in self.addresses.items()]
        (folder / "hosts").write_text("\n".join(rows) + "\n", encoding="utf-8")

    def timed(self, command: list[str], **environment: str) -> Cost:
        """Run a command to its end."""
        start, before, all_before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN), machine_s()
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **environment})
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        own = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Cost(time.monotonic() - start, own, machine_s() - all_before)

    def sanso(self, cost: int) -> Cost:
        """An approved plan, applied; the plan and the approval are not timed."""
        plan = str(self.folder / f"plan-{time.monotonic_ns()}.json")
        sanso = str(BIN / "sanso")
        state = {"SANSO_STATE": str(self.state)}
        self.timed(
            [sanso, "--lab", "plan", str(self.cities[cost]), "-o", plan, "--without-servers", "--author", "bench"],
            **state,
        )
        self.timed([sanso, "--lab", "approve", plan, "--as", "second"], **state)
        return self.timed([sanso, "--lab", "apply", plan], **state)

    def phases(self) -> dict[str, float]:
        """Seconds that each phase of the last `sanso apply` took, by the step it ends with."""
        (file,) = self.state.glob("lab-records/*/journal.db")
        with Journal(journal_url(file.parent)) as book:
            rows = book.rows()
        last = [row for row in rows if row.change == rows[-1].change]
        times = [dt.datetime.fromisoformat(row.at).timestamp() for row in last]
        return {row.step: end - start for row, start, end in zip(last[1:], times, times[1:], strict=False)}

    def ansible(self, how: str, cost: int) -> Cost:
        """ansible-playbook, as fast as its own settings make it, "plainly" or "safely"."""
        options = f"-o UserKnownHostsFile={self.access.known_hosts} -o ControlMaster=auto -o ControlPersist=60"
        return self.timed(
            [
                *self.inside, str(PEER), "-i", str(self.folder / "hosts"), "-u", "root",
                "--private-key", str(self.access.key), "-e", f"texts={self.folder}/reload-{cost}",
                str(self.folder / f"ansible_{how}.yaml"),
            ],
            ANSIBLE_FORKS=str(len(self.addresses)),
            ANSIBLE_PIPELINING="True",
            ANSIBLE_SSH_COMMON_ARGS=options,
            ANSIBLE_PYTHON_INTERPRETER="/usr/bin/python3",
        )  # fmt: skip

    def nornir(self, how: str, cost: int) -> Cost:
        """Nornir with nornir_napalm and the driver `frr`, "plainly" or "safely"."""
        pairs = [f"{name}={address}" for name, address in self.addresses.items()]
        script = [sys.executable, str(self.folder / f"nornir_{how}.py"), str(self.folder / f"texts-{cost}")]
        return self.timed([*self.inside, *script, str(self.access.key), str(self.access.known_hosts), *pairs])


def main(city: str = "yasu", rounds: str = "3") -> None:
    """Boot the city, go there and back again, print medians and ratios."""
    if not PEER.exists():
        sys.exit(f"{PEER} is missing; the head of this file tells how to install it.")
    with tempfile.TemporaryDirectory(prefix="sanso-bench-") as name:
        folder = Path(name)
        cities = {cost: variant(city, cost, folder) for cost in COSTS}
        with city_lab(str(cities[COSTS[0]])) as (_, lab):
            bench = Bench(lab, folder, cities)
            ways: dict[str, Callable[[int], Cost]] = {
                "sanso apply": bench.sanso,
                "ansible-core": partial(bench.ansible, "plainly"),
                "ansible-core, safely": partial(bench.ansible, "safely"),
                "nornir, plainly": partial(bench.nornir, "plainly"),
                "nornir, safely": partial(bench.nornir, "safely"),
            }
            before = machine_s()
            time.sleep(IDLE_S)
            idle = (machine_s() - before) / IDLE_S
            costs: dict[str, list[Cost]] = {way: [] for way in ways}
            phases: list[dict[str, float]] = []
            cost = COSTS[0]
            for _ in range(int(rounds)):
                for way, run in ways.items():
                    cost = COSTS[1] if cost == COSTS[0] else COSTS[0]
                    costs[way].append(run(cost))
                    if run == bench.sanso:
                        phases.append(bench.phases())
        routers = len(bench.addresses)
    middle = {way: Cost(*map(statistics.median, zip(*found, strict=True))) for way, found in costs.items()}
    base = middle["sanso apply"]
    print(f"{city}: one change to {routers} routers, whole processes, {rounds} rounds\n")
    print(
        f"{'way':<20} {'median s':>9} {'min':>7} {'max':>7} {'x sanso':>8} {'own CPU s':>10} {'x sanso':>8}"
        f" {'all CPU s':>10} {'x sanso':>8}"
    )
    for way, found in costs.items():
        walls = [cost.seconds for cost in found]
        seconds, own, machine = middle[way]
        print(
            f"{way:<20} {seconds:>9.2f} {min(walls):>7.2f} {max(walls):>7.2f} {seconds / base.seconds:>8.2f}"
            f" {own:>10.2f} {own / base.processor:>8.2f} {machine:>10.2f} {machine / base.machine:>8.2f}"
        )
    print(f"\nwith nothing done to the lab the machine's processors work {idle:.2f} s a second")
    parts = (f"{step} {statistics.median(phase[step] for phase in phases):.2f}" for step in phases[-1])
    print(f"sanso apply, seconds until each step of the journal: {', '.join(parts)}; the first look comes before")


if __name__ == "__main__":
    main(*sys.argv[1:])
