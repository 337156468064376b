"""The watch of a lab: exporters on the servers of the segments, Prometheus and Alertmanager at the operator station.

Everything runs in the lab's own process namespaces and ends with it. The folder `lab-monitoring` of the state directory
holds what was rendered, what was measured, and what each process says.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.journal import journal_url
from deploy.pki import Pair
from deploy.plan import write_whole
from deploy.target import Target
from inventory.errors import SansoError
from inventory.text import Text
from monitoring.exporter.configuration import MANAGEMENT, Station, configurations
from monitoring.exporter.snmp.agents import agents
from monitoring.prometheus.certificates import issue
from monitoring.prometheus.folder import RENDERED, files
from monitoring.prometheus.settings import ALERTMANAGER, EXPORTER_PORT, LAB_ATTEMPTS, PROMETHEUS, Settings
from monitoring.prometheus.watchers import watchers
from network.documents import write_folder
from network.fabric import Fabric, Host
from network.lab import Lab, LabError
from network.lab.blueprint import OPERATOR
from network.lab.syscalls import network

PROGRAMS = {"prometheus": "/usr/bin/prometheus", "alertmanager": "/usr/bin/prometheus-alertmanager"}
_AHEAD = ("sh", "-c", 'exec 2>&-; echo -10 >/proc/self/autogroup; exec nice -n -10 "$@" 2>&1', "sh")
"""In a city they have a machine of their own; here they must not wait behind all the devices."""
_ON_NODE = "/etc/sanso-exporter"
_PATIENCE_S = 60.0
_ENDING_S = 10.0
_POLL_S = 0.1


@dataclass(frozen=True, slots=True)
class Part:
    """One process of the watch."""

    name: str
    """`prometheus`, `alertmanager`, or `exporter-<segment>`."""
    node: str
    mark: str
    """A word of its command line that no other process on the node has."""
    address: str
    path: str
    """Answers 200 to a request for this when it is ready."""
    tls: bool = False


@dataclass(frozen=True, slots=True)
class WatchPlan:
    """What is watched and how often."""

    city: str
    """The city's name or directory, for what reads the inventory again."""
    on: dt.date
    """The day whose flows are tried."""
    interval: int
    """Seconds between two looks."""


class LabWatch:
    """The watch of one running lab. `state` is the state directory the lab was started under."""

    def __init__(self, lab: Lab, state: Path) -> None:
        self._lab = lab
        self.folder = state.absolute() / "lab-monitoring"
        self._rendered = self.folder / "rendered"
        self._record = self.folder / "watch.json"

    @property
    def parts(self) -> tuple[Part, ...]:
        """Everything that was started for this lab, whether it still runs or not."""
        try:
            record = json.loads(self._record.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()
        return tuple(Part(**part) for part in record["parts"]) if record["lab"] == self._lab.identity else ()

    def up(self, fabric: Fabric, target: Target, plan: WatchPlan) -> None:
        """Start everything anew, and return when all of it answers; measured values of the same lab are kept.

        Raises:
            SansoError: a program is missing, or does not start. Nothing is left running then, nor after an interrupt.
        """
        _check_programs()
        if fabric.city.name != self._lab.city:
            raise LabError(
                Text(
                    f"The lab is {self._lab.city}, not {fabric.city.name}.",
                    f"動いているラボは {self._lab.city} で、{fabric.city.name} ではありません。",
                )
            )
        self.down()
        try:
            self._prepare(fabric, target, plan)
            for part in self.parts:
                self._start(part)
            for part in self.parts:
                self._wait(part)
        except BaseException:
            self.down()
            raise

    def down(self) -> bool:
        """End everything. Whether anything ran."""
        there = [pid for part in self.parts for pid in self.running(part)]
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal(there, number)
            until = time.monotonic() + _ENDING_S
            while _alive(there) and time.monotonic() < until:
                time.sleep(_POLL_S)
        return bool(there)

    def running(self, part: Part) -> list[int]:
        """Process ids of a part, as the machine counts; none while its node is off."""
        if not self._lab.nodes[part.node].up:
            return []
        return [pid for pid, words in self._lab.processes(part.node).items() if part.mark in words]

    def ready(self, part: Part) -> bool:
        """Whether a part answers."""
        return self.ask(part.address, part.path, tls=part.tls) is not None

    def ask(self, address: str, path: str, *, tls: bool = False) -> bytes | None:
        """The answer to a request made at the operator station; None when there is none, or no good one."""
        host, _, port = address.partition(":")
        with network(self._lab.netns(OPERATOR)), contextlib.suppress(OSError, http.client.HTTPException):
            connection = (
                http.client.HTTPSConnection(host, int(port), timeout=5, context=self._trust())
                if tls
                else http.client.HTTPConnection(host, int(port), timeout=5)
            )
            with contextlib.closing(connection):
                connection.request("GET", path)
                answer = connection.getresponse()
                body = answer.read()
                return body if answer.status == http.client.OK else None
        return None

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "ca.pem"))

    def targets(self) -> dict[str, Counter[str]]:
        """Scrape job → how many of its targets are `up`, `down`, or not looked at yet (`unknown`)."""
        told = self.ask(PROMETHEUS, "/api/v1/targets?state=active")
        rows: list[dict[str, str]] = json.loads(told)["data"]["activeTargets"] if told else []
        found: dict[str, Counter[str]] = {}
        for row in rows:
            found.setdefault(row["scrapePool"], Counter())[row["health"]] += 1
        return found

    def _prepare(self, fabric: Fabric, target: Target, plan: WatchPlan) -> None:
        if not self.parts:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        hosts = watchers(fabric)
        rate = LAB_ATTEMPTS // max(1, len(hosts))
        asked = agents(fabric, self._lab.agent_credential())
        station = Station(target.access, plan.city, journal_url(target.state), asked, rate)
        authority, pairs = issue({host.name: host.management.ip for host in hosts.values()}, dt.datetime.now(dt.UTC))
        (self.folder / "ca.pem").write_text(authority, encoding="utf-8")
        settings = Settings.lab(plan.interval, self.folder / "ca.pem", len(fabric.devices))
        written = files(fabric, configurations(fabric, plan.on, station), settings)
        write_folder(self._rendered, written, RENDERED)
        for segment, host in hosts.items():
            self._furnish(host.name, written[f"exporters/{segment}.yaml"], pairs[host.name])
        record = {"lab": self._lab.identity, "parts": [asdict(part) for part in self._parts(hosts)]}
        write_whole(self._record, json.dumps(record, indent=1).encode())

    def _parts(self, hosts: Mapping[str, Host]) -> Iterator[Part]:
        """Exporters first, so that what asks them finds them."""
        for segment, host in hosts.items():
            address = f"{host.management.ip}:{EXPORTER_PORT}"
            yield Part(f"exporter-{segment}", host.name, f"{_ON_NODE}/exporter.yaml", address, "/metrics", tls=True)
        own = str(self._rendered / f"exporters/{MANAGEMENT}.yaml")
        yield Part(f"exporter-{MANAGEMENT}", OPERATOR, own, f"127.0.0.1:{EXPORTER_PORT}", "/metrics")
        yield Part("alertmanager", OPERATOR, PROGRAMS["alertmanager"], ALERTMANAGER, "/-/ready")
        yield Part("prometheus", OPERATOR, PROGRAMS["prometheus"], PROMETHEUS, "/-/ready")

    def _furnish(self, node: str, configuration: str, pair: Pair) -> None:
        """Lay an exporter's files on its node."""
        web = "tls_server_config: {cert_file: exporter.crt, key_file: exporter.key}\n"
        there = {"exporter.yaml": configuration, "web.yaml": web}
        there |= {"exporter.crt": pair.certificate, "exporter.key": pair.key}
        for name, text in there.items():
            script = f"umask 077 && mkdir -p {_ON_NODE} && cat >{_ON_NODE}/{name}"
            done = self._lab.run(node, ["/bin/sh", "-c", script], input=text)
            if done.returncode:
                raise LabError(
                    Text(
                        f"{node}: the exporter's files cannot be written: {done.stderr.strip()}",
                        f"{node}: エクスポータのファイルを書き込めません: {done.stderr.strip()}",
                    )
                )

    def _start(self, part: Part) -> None:
        words = self._words(part)
        words = self._lab.station_command(words) if part.node == OPERATOR else self._lab.command(part.node, words)
        if part.name in PROGRAMS:
            words = [*_AHEAD, *words]
        with (self.folder / f"{part.name}.log").open("ab") as log:
            subprocess.Popen(  # noqa: S603 our own programs
                words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _words(self, part: Part) -> list[str]:
        if part.name == "prometheus":
            options: Mapping[str, object] = {
                "config.file": self._rendered / "prometheus.yml",
                "storage.tsdb.path": self.folder / "prometheus",
                "web.listen-address": PROMETHEUS,
                "web.console.templates": self._rendered / "consoles",
                "web.console.libraries": self._rendered / "console_libraries",
            }
            return [PROGRAMS[part.name], *_flags(options)]
        if part.name == "alertmanager":
            options = {
                "config.file": self._rendered / "alertmanager.yml",
                "storage.path": self.folder / "alertmanager",
                "web.listen-address": ALERTMANAGER,
                "cluster.listen-address": "",
            }
            return [PROGRAMS[part.name], *_flags(options)]
        words = [sys.executable, "-m", "sanso", "exporter", "--config.file", part.mark]
        words += ["--web.listen-address", part.address]
        return [*words, "--web.config.file", f"{_ON_NODE}/web.yaml"] if part.node != OPERATOR else words

    def _wait(self, part: Part) -> None:
        until = time.monotonic() + _PATIENCE_S
        while not self.ready(part):
            if time.monotonic() > until or not self._begins(part, until):
                log = self.folder / f"{part.name}.log"
                lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
                said = lines[0] if lines else ""
                raise LabError(
                    Text(f"{part.name} on {part.node} does not start. {said}".rstrip(),
                         f"{part.node} の {part.name} が起動しません。{said}".rstrip()),
                    Text(f"Its whole output is in {log}.", f"出力の全体は {log} にあります。"),
                )  # fmt: skip
            time.sleep(_POLL_S)

    def _begins(self, part: Part, until: float) -> bool:
        """Whether it still runs; at first it may not have become itself yet."""
        return bool(self.running(part)) or time.monotonic() < until - _PATIENCE_S + _ENDING_S


def _flags(options: Mapping[str, object]) -> Iterator[str]:
    return (f"--{name}={value}" for name, value in options.items())


def _check_programs() -> None:
    missing = [name for name, program in PROGRAMS.items() if not os.access(program, os.X_OK)]
    if missing:
        packages = " ".join("prometheus-alertmanager" if name == "alertmanager" else name for name in missing)
        raise SansoError(
            Text(f"Not installed: {packages}.", f"インストールされていません: {packages}"),
            Text(f"apt-get install {packages}", f"apt-get install {packages}"),
        )


def _signal(pids: list[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _alive(pids: list[int]) -> bool:
    return any(Path(f"/proc/{pid}").exists() for pid in pids)
