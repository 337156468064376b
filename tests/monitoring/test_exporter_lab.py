"""Exporters in the running town: what they tell when all is well, and what when something is not."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab_exporter import OPERATOR, Running, do, lay, rule, running, station
from scraping import DAY, TOWN, linted, until

from monitoring.exporter.configuration import configurations, inside
from monitoring.exporter.snmp.agents import agents
from network.fabric import Fabric
from network.lab import Lab
from network.register.tries import watchers

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def lgwan(town_lab: Lab, town_fabric: Fabric) -> Iterator[Running]:
    """The exporter of the LGWAN segment, on its server of service `watch`."""
    host = watchers(town_fabric)["lgwan"]
    with running(town_lab, host.name, inside(town_fabric, host, DAY)) as found:
        yield found


@pytest.fixture(scope="module")
def gate(town_lab: Lab, town_fabric: Fabric) -> Iterator[Running]:
    """An exporter on the sanitiser: the source of row f004, and a witness of what comes from the internet segment."""
    host, stranger = (town_fabric.hosts[name] for name in ("hall-lg-gate", "hall-net-infra"))
    with running(town_lab, host.name, inside(town_fabric, host, DAY, [host, stranger])) as found:
        yield found


@pytest.fixture(scope="module")
def operator(town_lab: Lab, town_fabric: Fabric) -> Iterator[Running]:
    """The exporter of the management segment, with what the nodes' SNMP agents are asked with."""
    credential = town_lab.agent_credential()
    assert credential is not None
    asked = agents(town_fabric, Path(lay(town_lab, OPERATOR, "snmp.yaml", credential.read_text())))
    place = station(town_lab, str(TOWN), asked)
    configuration = configurations(town_fabric, DAY, place)["management"]
    with running(town_lab, OPERATOR, configuration) as found:
        yield found


BLOCKED = "sanso_separation_path_blocked"


def all_tried(exporter: Running) -> bool:
    reply = exporter.probe("separation", "lgwan")
    return reply.value("sanso_separation_untried_paths") == 0 and reply.value("sanso_probe_success") == 1


def test_in_a_sound_city_every_forbidden_path_is_blocked(lgwan: Running) -> None:
    until(lambda: all_tried(lgwan))
    reply = lgwan.probe("separation", "lgwan")
    linted(reply)
    assert set(reply.values(BLOCKED).values()) == {1}
    assert len(reply.values(BLOCKED)) == reply.value("sanso_separation_paths") > 40
    zones = {dict(labels)["destination_segment"] for labels in reply.values(BLOCKED)}
    assert {"mynumber", "internet"} <= zones
    assert "lgwan" not in zones
    assert reply.value("sanso_separation_breaches_total") == reply.value("sanso_separation_unsent_total") == 0


@pytest.mark.parametrize(
    ("there", "back", "labels"),
    [
        (
            "ip daddr 10.16.32.10 tcp dport 22 accept",
            "ip saddr 10.16.32.10 tcp sport 22 accept",
            {"protocol": "tcp", "port": "22", "family": "4"},
        ),
        (
            "ip daddr 10.16.32.10 udp dport 40000 accept",
            "ip saddr 10.16.32.10 icmp type destination-unreachable accept",
            {"protocol": "udp", "port": "40000", "family": "4"},
        ),
        (
            "ip6 daddr fd5a:1:1:200::a meta l4proto ipv6-icmp accept",
            "ip6 saddr fd5a:1:1:200::a meta l4proto ipv6-icmp accept",
            {"protocol": "icmp", "family": "6"},
        ),
    ],
)
def test_a_forbidden_path_opened_by_hand_is_told_until_it_is_closed(
    gate: Running, town_lab: Lab, there: str, back: str, labels: dict[str, str]
) -> None:
    path = {"destination_segment": "mynumber", "destination": "dc-mn-core", **labels}
    until(lambda: all_tried(gate))
    before = gate.probe("separation", "lgwan").value("sanso_separation_breaches_total")
    with rule(town_lab, there), rule(town_lab, back):
        until(lambda: gate.probe("separation", "lgwan").value(BLOCKED, **path) == 0)
        reply = gate.probe("separation", "lgwan")
        linted(reply)
        opened = {found for found, value in reply.values(BLOCKED).items() if value == 0}
        assert opened == reply.values(BLOCKED, **path).keys()
        assert reply.value("sanso_separation_breaches_total") > before
    until(lambda: gate.probe("separation", "lgwan").value(BLOCKED, **path) == 1)


def test_a_leak_whose_answers_are_lost_is_told_where_it_arrives(
    gate: Running, town_lab: Lab, town_fabric: Fabric
) -> None:
    """One rule, one way: the sender hears nothing and calls the path blocked, the witness knows better."""
    there, here = (town_fabric.hosts[name] for name in ("hall-net-infra", "hall-lg-gate"))
    path = {"destination": here.name, "protocol": "udp", "port": "40000", "family": "4"}
    with running(town_lab, there.name, inside(town_fabric, there, DAY, [there, here])) as sender:
        until(lambda: sender.probe("separation", "internet").value("sanso_separation_untried_paths") == 0)
        assert not gate.probe("separation", "lgwan").values(BLOCKED, **path)
        with rule(town_lab, "iifname @zone_internet oifname @zone_lgwan udp dport 40000 accept"):
            until(lambda: 0 in gate.probe("separation", "lgwan").values(BLOCKED, **path).values())
            reply = gate.probe("separation", "lgwan")
            linted(reply)
            labels = {"source_segment": "internet", "source": there.name, "protocol": "udp", "port": "40000"}
            assert reply.value("sanso_separation_arrivals_total", **labels, family="4") > 0
            assert reply.value("sanso_separation_arrivals_total", **labels, family="6") >= 0
            assert reply.value("sanso_separation_breaches_total") > 0
            assert sender.probe("separation", "internet").value(BLOCKED, **path) == 1
        until(lambda: not gate.probe("separation", "lgwan").values(BLOCKED, **path))


def test_an_exporter_that_is_cut_off_does_not_call_the_city_separate(lgwan: Running, town_lab: Lab) -> None:
    until(lambda: all_tried(lgwan))
    do(town_lab, lgwan.node, "ip", "link", "set", "eth1", "down")
    try:
        until(lambda: lgwan.probe("separation", "lgwan").value("sanso_probe_success") == 0)
        reply = lgwan.probe("separation", "lgwan")
        assert reply.value("sanso_separation_control_up", family="4") == 0
    finally:
        do(town_lab, lgwan.node, "ip", "link", "set", "eth1", "up")
        routes = "ip route replace default via 10.24.17.1; ip -6 address replace fd5a:1:2:101::c/64 dev eth1 nodad"
        do(town_lab, lgwan.node, "sh", "-c", f"{routes}; ip -6 route replace default via fd5a:1:2:101::1")
    until(lambda: all_tried(lgwan))


def test_a_registered_flow_is_up_and_its_service_told_apart(gate: Running, town_lab: Lab) -> None:
    reply = gate.probe("flow", "f004", timeout=3)
    linted(reply)
    assert set(reply.values("sanso_flow_up", destination="dc-mn-core", protocol="tcp", port="8443").values()) == {1}
    assert len(reply.values("sanso_flow_up")) == 2  # IPv4 and IPv6
    assert set(reply.values("sanso_flow_service_up").values()) == {0}  # nobody listens
    listen = "nc -klN 8443 </dev/null >/dev/null 2>&1 & nc -6klN 8443 </dev/null >/dev/null 2>&1 & echo"
    do(town_lab, "dc-mn-core", "sh", "-c", listen)
    try:
        until(lambda: set(gate.probe("flow", "f004").values("sanso_flow_service_up").values()) == {1})
    finally:
        do(town_lab, "dc-mn-core", "pkill", "nc")
    assert gate.probe("flow", "f001").status == 400  # not a row it can stand for


def test_device_down_path_down_and_poller_down_are_told_apart(
    operator: Running, gate: Running, town_lab: Lab, town_fabric: Fabric
) -> None:
    with rule(town_lab, "tcp dport 8443 drop"):
        down = gate.probe("flow", "f004", timeout=3)
        linted(down)
        assert set(down.values("sanso_flow_up").values()) == {0}
        assert down.value("sanso_probe_success") == 0
        assert operator.probe("device", "hall-fw1").value("sanso_device_up") == 1
    until(lambda: set(gate.probe("flow", "f004").values("sanso_flow_up").values()) == {1})
    town_lab.stop("north-acc1")
    try:
        gone = operator.probe("device", "north-acc1", timeout=3)
        linted(gone)
        assert gone.value("sanso_device_up") == gone.value("sanso_probe_success") == 0
        assert gone.value("sanso_probe_duration_seconds") < 20
        assert operator.probe("device", "north-edge1").value("sanso_device_up") == 1
        assert gate.probe("flow", "f004").value("sanso_probe_success") == 1
    finally:
        town_lab.start("north-acc1")
    until(lambda: operator.probe("device", "north-acc1").value("sanso_device_up") == 1)
    host = town_fabric.hosts["hall-net-infra"]
    with running(town_lab, host.name, inside(town_fabric, host, DAY)) as poller:
        assert poller.answers()
        poller.kill()
        until(lambda: not poller.answers())


def test_a_dead_server_is_told_from_one_that_lives_and_from_a_path_that_is_down(
    operator: Running, town_lab: Lab
) -> None:
    def up() -> float:
        return operator.probe("server", "hall-lg-gate", timeout=6).value("sanso_server_up")

    reply = operator.probe("server", "hall-lg-gate")
    linted(reply)
    assert reply.value("sanso_server_up") == reply.value("sanso_probe_success") == 1
    with rule(town_lab, "ip saddr 10.24.17.11 drop"):
        assert up() == 1
    hung = [pid for pid, words in town_lab.processes("hall-lg-gate").items() if "sshd" in " ".join(words)]
    for pid in hung:
        os.kill(pid, signal.SIGSTOP)
    try:
        assert up() == 0  # its kernel still takes connections
    finally:
        for pid in hung:
            os.kill(pid, signal.SIGCONT)
    until(lambda: up() == 1)
    town_lab.stop("hall-lg-gate")
    try:
        gone = operator.probe("server", "hall-lg-gate", timeout=6)
        linted(gone)
        assert gone.value("sanso_server_up") == gone.value("sanso_probe_success") == 0
        assert operator.probe("server", "hall-lg-infra").value("sanso_server_up") == 1
    finally:
        town_lab.start("hall-lg-gate")
    until(lambda: up() == 1)


def test_a_router_tells_interfaces_neighbours_and_routes(operator: Running, town_lab: Lab) -> None:
    reply = operator.probe("device", "hall-core1")
    linted(reply)
    assert reply.value("sanso_device_up") == 1
    assert reply.value("sanso_interface_up", interface="eth10.2002", vrf="lgwan") == 1
    assert reply.value("sanso_interface_receive_bytes_total", interface="eth10.2002") > 0
    for version in ("2", "3"):
        labels = {"interface": "eth10.2002", "vrf": "lgwan", "version": version}
        assert reply.value("sanso_ospf_neighbor_full", **labels) == 1
    assert set(reply.values("sanso_bfd_session_up", vrf="lgwan").values()) == {1}
    assert set(reply.values("sanso_bgp_session_up").values()) == {1}
    assert reply.value("sanso_routes", vrf="lgwan", family="4") > 5
    town_lab.cut("dc-a")
    try:
        until(lambda: operator.probe("device", "hall-core1").value("sanso_interface_up", interface="eth10") == 0)
        neighbor = {"interface": "eth10.2002", "version": "2"}
        until(lambda: not operator.probe("device", "hall-core1").values("sanso_ospf_neighbor_full", **neighbor))
    finally:
        town_lab.heal("dc-a")
    until(lambda: operator.probe("device", "hall-core1").values("sanso_ospf_neighbor_full", **neighbor), 120)
    until(lambda: set(operator.probe("device", "hall-core1").values("sanso_ospf_neighbor_full").values()) == {1}, 120)


def test_firewalls_and_switches_tell_what_they_have(operator: Running) -> None:
    firewall = operator.probe("device", "hall-fw1")
    linted(firewall)
    assert not firewall.values("sanso_ospf_neighbor_full")
    assert set(firewall.values("sanso_bgp_session_up").values()) == {1}
    switch = operator.probe("device", "hall-acc1")
    linted(switch)
    assert switch.value("sanso_interface_up", interface="eth1") == 1
    assert not switch.values("sanso_routes")


def test_drift_is_counted_by_device(operator: Running, town_lab: Lab) -> None:
    reply = operator.probe("drift", "town", timeout=60)
    linted(reply)
    assert reply.value("sanso_probe_success") == 1
    assert len(reply.values("sanso_drift_differences")) == 9
    assert set(reply.values("sanso_drift_differences").values()) == {0}
    do(town_lab, "north-acc1", "ovs-vsctl", "set", "port", "eth5", "tag=999")
    try:
        moved = operator.probe("drift", "town", timeout=60)
        assert moved.value("sanso_drift_differences", device="north-acc1") == 1
        assert sum(moved.values("sanso_drift_differences").values()) == 1
    finally:
        do(town_lab, "north-acc1", "ovs-vsctl", "set", "port", "eth5", "tag=110")


@pytest.mark.parametrize(
    ("node", "port"), [("hall-core1", "eth10"), ("hall-fw1", "eth1"), ("hall-acc1", "eth1"), ("hall-lg-gate", "eth1")]
)
def test_a_node_s_own_agent_tells_its_ports(operator: Running, node: str, port: str) -> None:
    reply = operator.probe("snmp", node)
    linted(reply)
    assert reply.value("sanso_snmp_up") == 1
    assert reply.value("sanso_snmp_interface_up", interface=port) == 1


def test_the_journal_of_a_new_lab_is_empty(operator: Running) -> None:
    reply = operator.probe("journal", "town")
    linted(reply)
    assert reply.value("sanso_probe_success") == 1
