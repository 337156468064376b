"""What is sent to a server, run as there: by a Python of its own from standard input, against real sockets."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path

import pytest

from monitoring.exporter import onserver
from monitoring.exporter.attempt import said
from network.probe.packets import Transport

SCRIPT = Path(onserver.__file__).read_text(encoding="utf-8")
PYTHON = ["/usr/bin/python3", "-IBS", "-"]
root = pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")


def order(address: str, protocol: Transport, port: int, source: str = "") -> onserver.Order:
    return (source or address, address, port, protocol, *said(ip_address(address), protocol, port))


def told(*orders: onserver.Order, patience: float = 3, prefix: tuple[str, ...] = ()) -> list[str]:
    """The word for each order."""
    text = f"{SCRIPT}\n\nmain({list(orders)!r}, {patience}, 2)\n"
    done = subprocess.run([*prefix, *PYTHON], input=text, capture_output=True, text=True, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert all(line.startswith("=") and float(line.split()[1]) >= 0 for line in lines)
    return [line[1:].split()[0] for line in lines]


@pytest.fixture
def tcp() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door.getsockname()[1]


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        yield door


def test_every_path_gets_its_own_word(tcp: int, udp: socket.socket) -> None:
    words = told(
        order("127.0.0.1", "tcp", tcp),
        order("127.0.0.1", "tcp", 9),
        order("::1", "tcp", 9),
        order("127.0.0.1", "udp", 9),
        order("::1", "udp", 9),
        order("127.0.0.1", "udp", udp.getsockname()[1]),
        order("127.0.0.1", "tcp", tcp, source="192.0.2.1"),
        patience=0.3,
    )
    refused = ["ECONNREFUSED"] * 4
    assert words == ["answered", *refused, "silent", "EADDRNOTAVAIL"]


def test_what_was_lost_once_is_sent_again(udp: socket.socket) -> None:
    def answer_the_second() -> None:
        udp.recvfrom(2048)
        udp.sendto(*udp.recvfrom(2048))

    threading.Thread(target=answer_the_second, daemon=True).start()
    assert told(order("127.0.0.1", "udp", udp.getsockname()[1]), patience=1) == ["answered"]


@root
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_echoes_are_answered_each_to_its_own(address: str) -> None:
    assert told(*(order(address, "icmp", 0) for _ in range(20))) == ["answered"] * 20


@root
def test_a_user_without_the_right_to_send_echoes_says_so(tcp: int) -> None:
    nobody = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")
    allowed = Path("/proc/sys/net/ipv4/ping_group_range").read_text().split()
    may = int(allowed[0]) <= 65534 <= int(allowed[1])
    words = told(order("127.0.0.1", "icmp", 0), order("127.0.0.1", "tcp", tcp), prefix=nobody)
    assert words == ["answered" if may else "forbidden", "answered"]
