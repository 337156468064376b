"""What a watch asks of a router in one round trip: parsed as FRR 8.4 prints it, also when a daemon has died."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from napalm import get_network_driver

from network.drivers.base import InterfaceVitals
from network.drivers.ssh import Output

COUNTERS = '{"rx": {"bytes": 7, "errors": 1}, "tx": {"bytes": 8, "errors": 2}}'
LINKS = (
    "\t[]\n"
    f'lgwan\t[{{"ifname": "eth1.10", "flags": ["UP", "LOWER_UP"], "stats64": {COUNTERS}}},'
    f' {{"ifname": "eth2.10", "flags": ["UP"], "stats64": {COUNTERS}}}]\n'
)


def summary(vrf: str, routes: int) -> str:
    head = f"Route Source         Routes               FIB  (vrf {vrf})\nospf      9          {routes}\n"
    return f"{head}------\nTotals               12                   {routes}                    \n\n"


SUMMARIES = summary("default", 1) + summary("lgwan", 7) + summary("default", 2) + summary("lgwan", 9)
OSPF2 = '{"lgwan": {"neighbors": {"1.1.1.1": [{"ifaceName": "eth1.10:10.0.0.1", "nbrState": "Full/DR"}]}}}\n'
OSPF3 = '{"neighbors": [{"neighborId": "1.1.1.1", "interfaceName": "eth1.10", "state": "Init"}]}\n'
BFD = (
    '[{"vrf": "lgwan", "interface": "eth1.10", "peer": "10.0.0.2", "status": "down", "receive-interval": 300,'
    ' "transmit-interval": 300}]\n'
)


class Told:
    """A connection that answers from a script of (part of the command, answer); it counts the round trips."""

    def __init__(self, *script: tuple[str, str]) -> None:
        self.script = script
        self.visits = 0

    def outputs(self, commands: Sequence[str]) -> tuple[Output, ...]:
        self.visits += 1
        return tuple(Output(0, self._answer(command)) for command in commands)

    def _answer(self, command: str) -> str:
        return next(answer for part, answer in self.script if part in command)


def asked(told: Told, platform: str = "frr") -> Any:  # noqa: ANN401 whatever the driver answers
    driver = get_network_driver(platform)("r1", "root", "")
    driver.device = told
    return driver.get_vitals()


@pytest.mark.parametrize("platform", ["frr", "nftables"])
def test_a_router_in_one_round_trip(platform: str) -> None:
    told = Told(("ip ${ns", LINKS), ("summary", SUMMARIES + OSPF2 + OSPF3 + BFD))
    vitals = asked(told, platform)
    assert told.visits == 1
    counted = {"receive_bytes": 7, "transmit_bytes": 8, "receive_errors": 1, "transmit_errors": 2}
    assert vitals.interfaces == (
        InterfaceVitals("eth1.10", "lgwan", is_up=True, **counted),
        InterfaceVitals("eth2.10", "lgwan", is_up=False, **counted),
    )
    assert vitals.routes == {("default", 4): 1, ("lgwan", 4): 7, ("default", 6): 2, ("lgwan", 6): 9}
    assert [(item["version"], item["vrf"], item["is_full"]) for item in vitals.neighbors["ospf"]] == [
        (2, "lgwan", True),
        (3, "lgwan", False),
    ]
    assert [(item["address"], item["is_up"]) for item in vitals.neighbors["bfd"]] == [("10.0.0.2", False)]
    assert vitals.neighbors["bgp"] == {}


def test_a_dead_daemon_does_not_hide_the_others() -> None:
    told = Told(
        ("ip ${ns", LINKS), ("summary", SUMMARIES), ("ip ospf", OSPF2), ("ospf6", OSPF3), ("bfd", BFD), ("bgp", "")
    )
    vitals = asked(told)
    assert told.visits == 2
    assert len(vitals.neighbors["ospf"]) == 2
    assert len(vitals.neighbors["bfd"]) == 1
    assert vitals.routes["lgwan", 6] == 9


def test_a_switch_has_interfaces_only() -> None:
    vitals = asked(Told(("ip ${ns", LINKS)), "openvswitch")
    assert len(vitals.interfaces) == 2
    assert not vitals.neighbors
    assert not vitals.routes
