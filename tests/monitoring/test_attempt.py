"""One path tried once, against real sockets on the loopback interface."""

from __future__ import annotations

import asyncio
import os
import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from types import ModuleType

import pytest
from scraping import LOOPBACK

from monitoring.exporter.attempt import Outcome, attempt
from network.probe.packets import Transport

V4, V6 = ip_address("127.0.0.1"), ip_address("::1")
root = pytest.mark.skipif(os.geteuid() != 0, reason="raw sockets need root")


def tried(address: str, protocol: Transport, port: int, source: str = "", patience: float = 3) -> Outcome:
    to = ip_address(address)
    return asyncio.run(attempt(ip_address(source) if source else to, to, protocol, port, patience))


@pytest.fixture
def tcp() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as door:
        yield door.getsockname()[1]


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as door:
        door.bind(("127.0.0.1", 0))
        yield door


def test_a_tcp_listener_answers(tcp: int) -> None:
    assert tried("127.0.0.1", "tcp", tcp).reply == "answered"


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_machine_refuses_a_port_on_which_nothing_listens(address: str, protocol: Transport) -> None:
    assert tried(address, protocol, 9).reply == "refused"


def test_a_udp_listener_that_answers_is_heard(udp: socket.socket) -> None:
    def echo() -> None:
        data, sender = udp.recvfrom(2048)
        udp.sendto(data, sender)

    threading.Thread(target=echo, daemon=True).start()
    assert tried("127.0.0.1", "udp", udp.getsockname()[1]).reply == "answered"


def test_a_udp_listener_that_does_not_know_the_question_is_silent(udp: socket.socket) -> None:
    assert tried("127.0.0.1", "udp", udp.getsockname()[1], patience=0.3).reply == "silent"


@root
@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_an_echo_is_answered(address: str) -> None:
    assert tried(address, "icmp", 0).reply == "answered"


@root
def test_each_echo_gets_its_own_reply() -> None:
    async def many() -> set[str]:
        outcomes = await asyncio.gather(*(attempt(V4, V4, "icmp", 0, 3) for _ in range(50)))
        return {outcome.reply for outcome in outcomes}

    assert asyncio.run(many()) == {"answered"}


def test_what_could_not_be_sent_is_no_verdict() -> None:
    """An address that is not this machine's: to take this for "blocked" would be a false all-clear."""
    assert tried("127.0.0.1", "tcp", 9, source="192.0.2.1").reply == "unsent"
    assert tried("127.0.0.1", "udp", 9, source="192.0.2.1").reply == "unsent"


def test_an_snmp_agent_answers_the_question_of_its_port(snmp_agents: ModuleType, tmp_path: Path) -> None:
    with snmp_agents.agents(tmp_path, [LOOPBACK], 161):
        assert tried(LOOPBACK, "udp", 161, source="127.0.0.1").reply == "answered"
