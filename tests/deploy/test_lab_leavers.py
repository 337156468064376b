"""A host that leaves a group of the register: what becomes of its open connections when the change goes out."""

from __future__ import annotations

import os
import select
import shutil
import socket
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from network.lab import Lab
from network.lab.syscalls import network

pytestmark = pytest.mark.lab
ROOT = Path(__file__).parents[2]
MINI = ROOT / "tests" / "cities" / "mini"
ALL, FEWER = "members: [{terminals: staff-pc}]}", "members: [{vlan: north/lg-office}]}"
ASP = ("172.20.10.10", "fd00:20::10")
OPENS_S, ARRIVES_S, STALLED_S = 30.0, 15.0, 3.0


@dataclass(frozen=True)
class Connection:
    opener: socket.socket
    other: socket.socket

    @property
    def ends(self) -> tuple[tuple[socket.socket, socket.socket], ...]:
        return ((self.opener, self.other), (self.other, self.opener))

    def goes_on(self) -> bool:
        for sender, receiver in self.ends:
            sender.sendall(b"x")
            receiver.settimeout(ARRIVES_S)
            if not receiver.recv(100):
                return False
        return True

    def stalled(self) -> bool:
        for sender, _ in self.ends:
            sender.sendall(b"x")
        return not select.select([self.opener, self.other], [], [], STALLED_S)[0]


def connected(lab: Lab, stack: ExitStack, door: socket.socket, node: str) -> Connection:
    with network(lab.netns(node)):
        near = stack.enter_context(socket.create_connection(door.getsockname()[:2], OPENS_S))
    door.settimeout(OPENS_S)
    return Connection(near, stack.enter_context(door.accept()[0]))


def door_at(lab: Lab, stack: ExitStack, address: str) -> socket.socket:
    with network(lab.netns("peer-lgwan")):
        door = stack.enter_context(socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET))
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        door.bind((address, 443))
        door.listen()
    return door


def sanso(lab: Lab, *words: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "sanso", "--lang", "en", "--lab", *words],
        cwd=ROOT,
        env={**os.environ, "SANSO_STATE": str(lab.folder.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr or done.stdout


def bring(lab: Lab, city: Path, file: Path) -> None:
    sanso(lab, "plan", str(city), "-o", str(file), "--author", "sato")
    sanso(lab, "approve", str(file), "--as", "suzuki")
    sanso(lab, "apply", str(file))


def test_a_host_that_leaves_a_group_loses_its_connections_and_nobody_else_does(
    mini_lab_configured: Lab, tmp_path: Path
) -> None:
    lab, fewer = mini_lab_configured, tmp_path / "fewer"
    shutil.copytree(MINI, fewer)
    text = (fewer / "mini.yaml").read_text(encoding="utf-8")
    assert text.count(ALL) == 1
    (fewer / "mini.yaml").write_text(text.replace(ALL, FEWER), encoding="utf-8")
    with ExitStack() as stack:
        doors = [door_at(lab, stack, address) for address in ASP]
        stay = [connected(lab, stack, door, "north-lg-pc") for door in doors]
        go = [connected(lab, stack, door, "hall-lg-pc") for door in doors]
        assert all(one.goes_on() for one in (*stay, *go))
        try:
            bring(lab, fewer, tmp_path / "fewer.json")
            assert all(one.goes_on() for one in stay)
            assert all(one.stalled() for one in go)
        finally:
            bring(lab, MINI, tmp_path / "back.json")
