"""Exporters inside the nodes of a lab, asked from the operator station as Prometheus asks them."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from scraping import SANSO, Reply, answers, get, until

from monitoring.exporter.configuration import Station, written
from monitoring.exporter.model import Configuration, Snmp
from network.lab import Lab
from network.lab.syscalls import network

HOME = "/run/sanso-exporter"
OPERATOR = "operator"
PORT = 9633


@dataclass(frozen=True)
class Running:
    lab: Lab
    node: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://{'127.0.0.1' if self.node == OPERATOR else self.lab.address(self.node)}:{PORT}"

    def probe(self, module: str, target: str, timeout: float = 20) -> Reply:
        with network(self.lab.netns(OPERATOR)):
            return get(f"{self.url}/probe?module={module}&target={target}", timeout=timeout)

    def answers(self) -> bool:
        with network(self.lab.netns(OPERATOR)):
            return answers(f"{self.url}/metrics")

    def kill(self) -> None:
        do(self.lab, self.node, "sh", "-c", f"kill -9 $(cat {HOME}/pid)")


def do(lab: Lab, node: str, *argv: str, text: str | None = None, vrf: str | None = None) -> str:
    done = lab.run(node, argv, input=text, vrf=vrf)
    assert done.returncode == 0, done.stderr
    return done.stdout


def lay(lab: Lab, node: str, name: str, text: str) -> str:
    """Write a file on a node, for its owner only; its path there."""
    do(lab, node, "sh", "-c", f"umask 077; mkdir -p {HOME}; cat >{HOME}/{name}", text=text)
    return f"{HOME}/{name}"


@contextmanager
def running(lab: Lab, node: str, configuration: Configuration) -> Iterator[Running]:
    """An exporter in a node, up when the block begins."""
    file = lay(lab, node, "exporter.yaml", written(configuration))
    address = "127.0.0.1" if node == OPERATOR else lab.address(node)
    words = [*SANSO, "exporter", "--config.file", file, "--web.listen-address", f"{address}:{PORT}"]
    process = subprocess.Popen(lab.command(node, ["sh", "-c", f'echo $$ >{HOME}/pid; exec "$@"', "sh", *words]))
    found = Running(lab, node, process)
    try:
        until(found.answers)
        yield found
    finally:
        with contextlib.suppress(AssertionError):
            found.kill()
        process.wait()


def station(lab: Lab, city: str, snmp: Snmp | None = None) -> Station:
    """The operator station of a lab: its key and the host keys are laid where its processes see them."""
    access = lab.access()
    assert access.key is not None
    assert access.known_hosts is not None
    key = lay(lab, OPERATOR, "key", access.key.read_text())
    known = lay(lab, OPERATOR, "known_hosts", access.known_hosts.read_text())
    here = replace(access, key=Path(key), known_hosts=Path(known))
    return Station(here, city, f"sqlite:///{HOME}/journal.db", snmp)


@contextmanager
def rule(lab: Lab, text: str) -> Iterator[None]:
    """A rule put by hand before all others of the main firewall."""
    told = do(lab, "hall-fw1", "nft", "--echo", "--handle", "insert", "rule", "inet", "sanso", "forward", *text.split())
    try:
        yield
    finally:
        handle = told.split("# handle ")[1].split()[0]
        do(lab, "hall-fw1", "nft", "delete", "rule", "inet", "sanso", "forward", "handle", handle)
