"""Rows tried from the server they come from, in the running town: by the management exporter, over SSH."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from lab_exporter import OPERATOR, Running, do, rule, running, station
from scraping import DAY, TOWN, Reply, linted, until

from monitoring.exporter.configuration import configurations, inside
from network.fabric import Fabric
from network.lab import Lab

pytestmark = pytest.mark.lab
SERVER = "hall-lg-gate"
"""The source of row f004; the segment's watch is another machine."""
UP, SOURCE = "sanso_flow_up", "sanso_flow_source_up"


@pytest.fixture(scope="module")
def operator(town_lab: Lab, town_fabric: Fabric) -> Iterator[Running]:
    place = station(town_lab, str(TOWN))
    with running(town_lab, OPERATOR, configurations(town_fabric, DAY, place)["management"]) as found:
        yield found


def tried(operator: Running, timeout: float = 6) -> Reply:
    return operator.probe("flow", "f004", timeout)


def is_well(operator: Running) -> bool:
    reply = tried(operator)
    return reply.value("sanso_probe_success") == reply.value(SOURCE) == 1


def ours(lab: Lab, word: str) -> list[int]:
    """Processes on the server with this in their command line."""
    return [pid for pid, words in lab.processes(SERVER).items() if any(word in one for one in words)]


@contextmanager
def no_login(lab: Lab) -> Iterator[None]:
    """The server's SSH killed, with the sessions it has."""
    for pid in ours(lab, "sshd"):
        os.kill(pid, signal.SIGKILL)
    try:
        yield
    finally:
        do(lab, SERVER, "/usr/sbin/sshd")


def test_a_flow_is_up_from_its_own_server_and_nothing_stays_there(operator: Running, town_lab: Lab) -> None:
    until(lambda: is_well(operator))
    do(town_lab, SERVER, "touch", "/run/before")
    reply = tried(operator)
    linted(reply)
    labels = {"destination": "dc-mn-core", "protocol": "tcp", "port": "8443"}
    assert set(reply.values(UP, **labels).values()) == {1}
    assert {dict(row)["family"] for row in reply.values(UP)} == {"4", "6"}
    assert set(reply.values("sanso_flow_service_up").values()) == {0}  # nobody listens
    until(lambda: not ours(town_lab, "python3"))
    places = ("/etc", "/home", "/root", "/tmp", "/var/lib", "/var/tmp")  # noqa: S108 looked at only
    found = do(town_lab, SERVER, "find", *places, "-xdev", "-newer", "/run/before", "-type", "f")
    assert found == ""


def test_a_cut_path_is_down_while_the_poller_is_well(operator: Running, town_lab: Lab) -> None:
    until(lambda: is_well(operator))
    with rule(town_lab, "ip saddr 10.24.17.11 tcp dport 8443 drop"):
        reply = tried(operator)
        linted(reply)
        assert (reply.value(UP, family="4"), reply.value(UP, family="6")) == (0, 1)
        assert (reply.value(SOURCE), reply.value("sanso_probe_success")) == (1, 0)
    for circuit in ("dc-a", "dc-b"):
        town_lab.cut(circuit)
    try:
        until(lambda: set(tried(operator).values(UP).values()) == {0})
        assert tried(operator).value(SOURCE) == 1
        assert operator.probe("device", "hall-fw1").value("sanso_device_up") == 1
    finally:
        for circuit in ("dc-a", "dc-b"):
            town_lab.heal(circuit)
    until(lambda: is_well(operator), 120)


def test_a_server_that_lets_nobody_in_says_nothing_of_its_flows(
    operator: Running, town_lab: Lab, town_fabric: Fabric
) -> None:
    until(lambda: is_well(operator))
    with running(town_lab, SERVER, inside(town_fabric, town_fabric.hosts[SERVER], DAY)) as itself, no_login(town_lab):
        reply = tried(operator)
        linted(reply)
        assert (reply.value(SOURCE), reply.value("sanso_probe_success")) == (0, 0)
        assert not reply.values(UP)
        assert set(itself.probe("flow", "f004").values(UP).values()) == {1}  # the flow is well
        assert operator.probe("device", "hall-fw1").value("sanso_device_up") == 1
    until(lambda: is_well(operator))


def test_what_is_interrupted_ends_on_the_server_too(operator: Running, town_lab: Lab) -> None:
    until(lambda: is_well(operator))
    replies: list[Reply] = []
    with rule(town_lab, "tcp dport 8443 drop"):
        asking = threading.Thread(target=lambda: replies.append(tried(operator, 12)))
        asking.start()
        until(lambda: bool(ours(town_lab, "python3")))
        with no_login(town_lab):
            asking.join()
            assert (replies[0].value(SOURCE), replies[0].values(UP)) == (0, {})
            until(lambda: not ours(town_lab, "python3"))
    until(lambda: is_well(operator))


def test_a_server_without_python_says_nothing_of_its_flows_either(operator: Running, town_lab: Lab) -> None:
    until(lambda: is_well(operator))
    do(town_lab, SERVER, "mv", "/usr/bin/python3", "/usr/bin/python3.away")
    try:
        reply = tried(operator)
        assert (reply.value(SOURCE), reply.value("sanso_probe_success"), reply.values(UP)) == (0, 0, {})
    finally:
        do(town_lab, SERVER, "mv", "/usr/bin/python3.away", "/usr/bin/python3")
    until(lambda: is_well(operator))
