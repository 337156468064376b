"""The agents of a running town as Prometheus sees them: all of them, real traffic, and one that dies."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import signal
import urllib.parse
from collections.abc import Iterator
from pathlib import Path

import pytest
from scraping import until

from deploy.target import lab_target
from monitoring.prometheus.lab import LabWatch, WatchPlan
from monitoring.prometheus.settings import PROMETHEUS
from network.fabric import Fabric
from network.lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.long]
DAY = dt.date(2026, 11, 20)
TOWN = Path(__file__).parents[2] / "cities" / "town"
PATIENCE_S = 180
Labels = dict[str, str]


class Asked:
    """Prometheus, by its own query language."""

    def __init__(self, watch: LabWatch) -> None:
        self._watch = watch

    def rows(self, query: str) -> list[tuple[Labels, float]]:
        told = self._watch.ask(PROMETHEUS, f"/api/v1/query?query={urllib.parse.quote(query)}")
        found = json.loads(told)["data"]["result"] if told else []
        return [(row["metric"], float(row["value"][1])) for row in found]

    def devices(self, query: str) -> set[str]:
        return {labels["device"] for labels, _ in self.rows(query)}

    def firing(self, alert: str) -> set[str]:
        return self.devices(f'ALERTS{{alertname="{alert}",alertstate="firing"}}')

    def value(self, query: str) -> float:
        return sum(value for _, value in self.rows(query))


@pytest.fixture(scope="module")
def prometheus(town_lab: Lab, town_fabric: Fabric) -> Iterator[Asked]:
    state = town_lab.folder.parent
    watch = LabWatch(town_lab, state)
    watch.up(town_fabric, lab_target(town_lab, state), WatchPlan(str(TOWN), DAY, 2))
    yield Asked(watch)
    watch.down()
    shutil.rmtree(watch.folder)  # other files have the same lab


def test_every_device_and_server_is_polled(prometheus: Asked, town_fabric: Fabric) -> None:
    places = {name: device.site for name, device in town_fabric.devices.items()}
    places |= {name: host.site for name, host in town_fabric.hosts.items() if host.kind == "server"}
    answer = 'up{job="sanso-snmp"} == 1 and on (device) sanso_snmp_up == 1'
    until(lambda: prometheus.devices(answer) == set(places), PATIENCE_S)
    assert {labels["device"]: labels["site"] for labels, _ in prometheus.rows(answer)} == places
    assert prometheus.devices("sanso_snmp_memory_available_bytes > 0") == set(places)


@pytest.mark.parametrize(
    "counter",
    [
        'sanso_snmp_interface_transmit_bytes_total{device="hall-lg-gate",interface="eth1"}',
        'sanso_snmp_interface_receive_bytes_total{device="hall-acc1",interface="eth21"}',
    ],
    ids=["the server that sends", "the switch it hangs on"],
)
def test_a_counter_grows_with_real_packets(prometheus: Asked, town_lab: Lab, town_fabric: Fabric, counter: str) -> None:
    until(lambda: bool(prometheus.rows(counter)), PATIENCE_S)
    before = prometheus.value(counter)
    gateway = str(town_fabric.hosts["hall-lg-gate"].gateway4)
    sent = town_lab.run("hall-lg-gate", ["ping", "-c", "200", "-i", "0.01", "-s", "1400", gateway])
    assert sent.returncode == 0, sent.stdout
    until(lambda: prometheus.value(counter) - before > 200 * 1400, PATIENCE_S)


def test_a_dead_agent_is_told_from_a_dead_device(prometheus: Asked, town_lab: Lab) -> None:
    victim = "north-acc1"
    (agent,) = [pid for pid, words in town_lab.processes(victim).items() if words[:1] == ["/usr/sbin/snmpd"]]
    os.kill(agent, signal.SIGKILL)
    until(lambda: prometheus.firing("SnmpDown") == {victim}, PATIENCE_S)
    assert prometheus.value(f'sanso_device_up{{device="{victim}"}}') == 1
    assert prometheus.firing("DeviceDown") == set()
    town_lab.stop(victim)
    try:
        until(lambda: prometheus.firing("DeviceDown") == {victim}, PATIENCE_S)
        until(lambda: prometheus.firing("SnmpDown") == set(), PATIENCE_S)
    finally:
        town_lab.start(victim)
    until(lambda: prometheus.value(f'sanso_snmp_up{{device="{victim}"}}') == 1, PATIENCE_S)
    until(lambda: prometheus.firing("DeviceDown") == set(), PATIENCE_S)
