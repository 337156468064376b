"""The probes on a running lab: it agrees with the register; each path opened or closed by hand is found and named."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

import pytest

from inventory.errors import EXIT_FINDINGS, EXIT_OK
from network.fabric import Fabric
from network.lab import Lab
from network.probe import Report, Settings, judge, measure, plan_of
from network.probe.command import Question, run

pytestmark = pytest.mark.lab
DAY = dt.date(2026, 11, 20)
MINI = "tests/cities/mini"
Probe = Callable[[], Report]


@pytest.fixture
def probe(mini_fabric: Fabric, mini_lab_configured: Lab) -> Probe:
    plan = plan_of(mini_fabric, DAY)

    def tried() -> Report:
        measured = measure(mini_fabric, plan, cache(mini_lab_configured.netns), Settings(patience=0.7, settle=0))
        return judge("mini", DAY.isoformat(), plan, measured)

    return tried


def do(lab: Lab, node: str, *argv: str, vrf: str | None = None) -> str:
    done = lab.run(node, argv, vrf=vrf)
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def rule(lab: Lab, text: str) -> Iterator[None]:
    """A rule put by hand before all others of the main firewall."""
    told = do(lab, "hall-fw1", "nft", "--echo", "--handle", "insert", "rule", "inet", "sanso", "forward", *text.split())
    try:
        yield
    finally:
        handle = told.split("# handle ")[1].split()[0]
        do(lab, "hall-fw1", "nft", "delete", "rule", "inet", "sanso", "forward", "handle", handle)


def leaks(report: Report) -> set[tuple[str, str, str]]:
    return {(one.source, one.destination, one.protocol) for one in report.violations if one.leak}


def test_a_lab_as_compiled_agrees_with_the_register(probe: Probe) -> None:
    report = probe()
    assert not report.violations
    assert not report.blind
    assert report.canaries > 0
    assert report.canaries_lost == 0


def test_it_goes_on_when_all_is_answered(mini_fabric: Fabric, mini_lab_configured: Lab) -> None:
    """It has patience once: for what must not come. Ten seconds tell once from twice on a busy machine, too."""
    settings = Settings(patience=10, settle=0)
    measured = measure(mini_fabric, plan_of(mini_fabric, DAY), cache(mini_lab_configured.netns), settings)
    assert settings.patience <= measured.seconds < 2 * settings.patience


def test_a_rule_opened_by_hand_is_found(mini_lab_configured: Lab, probe: Probe) -> None:
    opened = "iifname @zone_internet oifname @zone_lgwan meta l4proto { tcp, udp } th dport 7 accept"
    with rule(mini_lab_configured, opened):
        report = probe()
    assert leaks(report) == {("hall-net-pc", "hall-lg-gate", protocol) for protocol in ("tcp", "udp")}
    assert {(one.family, one.port, one.row) for one in report.violations} == {(4, 7, "no row"), (6, 7, "no row")}


def test_a_leak_that_nobody_answers_is_found(mini_lab_configured: Lab, probe: Probe) -> None:
    with rule(mini_lab_configured, "iifname @zone_mynumber oifname @zone_lgwan accept"):
        report = probe()
    one_way = {one for one in report.violations if one.source == "hall-mn-pc" and one.seen == "arrived"}
    assert {one.destination for one in one_way} == {"hall-lg-gate"}
    assert all(one.source_zone == "mynumber" and one.destination_zone == "lgwan" for one in report.violations)


def test_a_registered_flow_that_is_stopped_is_found(mini_lab_configured: Lab, probe: Probe) -> None:
    with rule(mini_lab_configured, "oifname @peer_lgwan tcp dport 443 meta nfproto ipv6 drop"):
        report = probe()
    assert {(one.source, one.destination, one.family, one.row, one.seen) for one in report.violations} == {
        (source, "lgwan/asp1", 6, "f001", "nothing") for source in ("hall-lg-pc", "north-lg-pc")
    }


def test_a_port_in_another_vlan_is_found(mini_lab_configured: Lab, probe: Probe) -> None:
    do(mini_lab_configured, "hall-acc1", "ovs-vsctl", "set", "port", "eth5", "tag=201")
    try:
        report = probe()
    finally:
        do(mini_lab_configured, "hall-acc1", "ovs-vsctl", "set", "port", "eth5", "tag=101")
    assert {("hall-mn-pc", "hall-lg-pc", "ethernet"), ("hall-lg-pc", "hall-mn-pc", "ethernet")} <= leaks(report)
    assert {one.source for one in report.violations if not one.leak and one.destination == "hall-core1"} == {
        "hall-mn-pc"
    }


def test_a_route_leaked_between_segments_of_a_router_is_found(
    mini_lab_configured: Lab, mini_fabric: Fabric, probe: Probe
) -> None:
    lab, node = mini_lab_configured, "north-edge1"
    there = {
        vrf: mini_fabric.lans[f"north/{lan}"].ipv4 for vrf, lan in (("mynumber", "mn-counter"), ("lgwan", "lg-office"))
    }
    do(
        lab,
        node,
        "ip",
        "link",
        "add",
        "leak0",
        "type",
        "veth",
        "peer",
        "name",
        "leak1",
        "netns",
        "lgwan",
        vrf="mynumber",
    )
    try:
        for vrf, port, own, other, far in (
            ("mynumber", "leak0", "192.0.2.0/31", "192.0.2.1", there["lgwan"]),
            ("lgwan", "leak1", "192.0.2.1/31", "192.0.2.0", there["mynumber"]),
        ):
            do(lab, node, "ip", "address", "add", own, "dev", port, vrf=vrf)
            do(lab, node, "ip", "link", "set", port, "up", vrf=vrf)
            do(lab, node, "ip", "route", "add", str(far), "via", other, vrf=vrf)
        report = probe()
    finally:
        do(lab, node, "ip", "link", "delete", "leak0", vrf="mynumber")
    assert {("north-mn-pc", "north-lg-pc", protocol) for protocol in ("tcp", "udp", "icmp")} <= leaks(report)
    assert ("north-mn-pc", "north-edge1(lgwan)", "icmp") in leaks(report)
    assert {one.family for one in report.violations} == {4}


def test_a_dead_host_is_told_as_blind(mini_lab_configured: Lab, probe: Probe) -> None:
    mini_lab_configured.cut("hall-net-pc:eth1")
    try:
        report = probe()
    finally:
        mini_lab_configured.heal("hall-net-pc:eth1")
    assert report.blind == ("hall-net-pc", "internet/web")
    assert not report.good


def test_the_command_tells_a_person_and_a_machine(mini_lab_configured: Lab, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(mini_lab_configured, Question(MINI, DAY)) == EXIT_OK
    assert "Every registered flow passes and nothing else does" in capsys.readouterr().out
    with rule(mini_lab_configured, "iifname @zone_mynumber accept"):
        assert run(mini_lab_configured, Question(MINI, DAY, as_json=True)) == EXIT_FINDINGS
    data = json.loads(capsys.readouterr().out)
    assert data["good"] is False
    assert {violation["source_zone"] for violation in data["violations"]} == {"mynumber"}
