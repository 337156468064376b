"""Real daemons on the compiled small city: flows survive the loss of a line or firewall, and come back."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable
from functools import cache

import pytest

from network.fabric import Fabric
from network.lab import Lab
from network.probe import Report, Settings, judge, measure, plan_of

pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]
DAY = dt.date(2026, 11, 20)
PATIENCE = 60.0
INTERNET_ONLY_AT_THE_HALL = "f002"
"""The security cloud's one line is at the hall's firewall."""

Probe = Callable[[], Report]


@pytest.fixture
def probe(mini_fabric: Fabric, mini_lab_configured: Lab) -> Probe:
    plan = plan_of(mini_fabric, DAY)

    def tried() -> Report:
        measured = measure(mini_fabric, plan, cache(mini_lab_configured.netns), Settings(patience=0.7, settle=0))
        return judge("mini", DAY.isoformat(), plan, measured)

    return tried


def settle(probe: Probe, *but: str) -> None:
    """Wait until the lab agrees with the register, the rows `but` left aside."""
    deadline = time.monotonic() + PATIENCE
    while True:
        wrong = [one for one in probe().violations if one.row not in but]
        if not wrong:
            return
        assert time.monotonic() < deadline, wrong


def routes(lab: Lab, node: str, vrf: str) -> dict[str, str]:
    """Prefix → protocol of the selected route."""
    found = {}
    for family in ("ip", "ipv6"):
        told = lab.run(node, ["vtysh", "-c", f"show {family} route vrf {vrf} json"]).stdout
        for prefix, rows in json.loads(told).items():
            found.update((prefix, row["protocol"]) for row in rows if row.get("selected"))
    return found


def until(happens: Callable[[], bool]) -> None:
    """Wait for something that no event tells."""
    deadline = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < deadline
        time.sleep(0.5)


def test_every_session_is_up_in_every_vrf(mini_lab_configured: Lab, mini_fabric: Fabric, probe: Probe) -> None:
    settle(probe)
    for name, device in mini_fabric.devices.items():
        if device.spec.platform == "openvswitch":
            continue
        peers = json.loads(mini_lab_configured.run(name, ["vtysh", "-c", "show bfd peers json"]).stdout)
        lines = [line for line in mini_fabric.peer_lines.values() if line.device == name]
        assert len(peers) == 2 * (len(mini_fabric.transits_of[name]) + len(lines))
        assert {peer["status"] for peer in peers} == {"up"}


def test_the_standby_firewall_takes_over_and_gives_back(mini_lab_configured: Lab, probe: Probe) -> None:
    lab = mini_lab_configured
    settle(probe)
    before = routes(lab, "dc-core1", "lgwan")
    assert before["172.20.0.0/16"] == "ospf"
    for wire in ("hall/fw-a", "hall/fw-b"):
        lab.cut(wire)
    try:
        settle(probe, INTERNET_ONLY_AT_THE_HALL)
        assert routes(lab, "dc-core1", "lgwan")["172.20.0.0/16"] == "bgp"
    finally:
        for wire in ("hall/fw-a", "hall/fw-b"):
            lab.heal(wire)
    settle(probe)
    until(lambda: routes(lab, "dc-core1", "lgwan") == before)


@pytest.mark.parametrize("silent", [False, True])
def test_the_second_lgwan_line_takes_over_and_gives_back(
    mini_lab_configured: Lab, probe: Probe, *, silent: bool
) -> None:
    lab = mini_lab_configured
    settle(probe)
    lab.cut("lgwan/main", silent=silent)
    try:
        settle(probe)
        assert routes(lab, "dc-core1", "lgwan")["172.20.0.0/16"] == "bgp"
        assert routes(lab, "dc-core1", "lgwan")["10.16.32.10/32"] == "ospf"
    finally:
        lab.heal("lgwan/main")
    settle(probe)
    until(lambda: routes(lab, "dc-core1", "lgwan")["172.20.0.0/16"] == "ospf")


@pytest.mark.parametrize("wire", ["dc-a", "dc-b", "hall/cores", "hall/fw-a"])
def test_any_one_core_link_may_fail(mini_lab_configured: Lab, probe: Probe, wire: str) -> None:
    settle(probe)
    mini_lab_configured.cut(wire)
    try:
        settle(probe)
    finally:
        mini_lab_configured.heal(wire)
    settle(probe)


def test_routes_do_not_oscillate(mini_lab_configured: Lab, probe: Probe) -> None:
    """The standby core announces nothing while the main one does, whichever is asked first."""
    settle(probe)
    seen = {json.dumps(routes(mini_lab_configured, "dc-core1", "lgwan"), sort_keys=True) for _ in range(20)}
    assert len(seen) == 1
