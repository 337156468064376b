"""What the compiler makes of access switches."""

from __future__ import annotations

import datetime as dt

import pytest

from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.state import SwitchPort

DAY = dt.date(2026, 11, 20)


def ports(fabric: Fabric, switch: str = "hall-acc1") -> dict[str, SwitchPort]:
    (bridge,) = compile_fabric(fabric, DAY)[switch].bridges
    return {port.name: port for port in bridge.ports}


def test_a_trunk_carries_exactly_the_vlans_of_its_wire(mini_fabric: Fabric) -> None:
    assert ports(mini_fabric)["eth1"].trunks == (101, 201, 202, 301)
    assert ports(mini_fabric, "dc-acc1")["eth1"].trunks == (102, 202)


def test_the_whole_run_of_a_terminal_group_is_access_ports(mini_fabric: Fabric) -> None:
    found = ports(mini_fabric)
    assert {found[f"eth{n}"].tag for n in range(5, 9)} == {101}
    assert {found[f"eth{n}"].mode for n in range(5, 9)} == {"access"}
    assert found["eth20"].tag == 202


def test_an_unused_port_does_not_appear(mini_fabric: Fabric) -> None:
    assert set(ports(mini_fabric)) == {"eth1", "eth20", "eth21", *(f"eth{n}" for n in range(5, 17))}


def test_ports_know_their_lines(mini_fabric: Fabric) -> None:
    site = mini_fabric.city.sites["hall"]
    assert ports(mini_fabric)["eth5"].origin == site.terminals["mn-pc"].origin
    assert ports(mini_fabric)["eth20"].origin == site.servers["lg-file"].origin


def test_a_wire_without_vlans_has_no_port(mini_fabric: Fabric) -> None:
    """Open vSwitch would take a trunk without a list for a trunk of everything."""
    site = mini_fabric.city.sites["dc"]
    bare = site.model_copy(update={"vlans": {}, "servers": {}})
    city = mini_fabric.city
    kept = {name: flow for name, flow in city.flows.items() if name == "f002"}
    groups = {name: city.groups[name] for name in ("net-clients", "the-internet")}
    changed = city.model_copy(update={"sites": city.sites | {"dc": bare}, "flows": kept, "groups": groups})
    assert not ports(build_fabric(changed), "dc-acc1")


@pytest.mark.parametrize("vlans", [("lg-office", "net-office"), ("net-office", "lg-office")])
def test_a_group_in_several_vlans_gets_the_first_untagged(mini_fabric: Fabric, vlans: tuple[str, str]) -> None:
    city, site = mini_fabric.city, mini_fabric.city.sites["hall"]
    group = site.terminals["lg-pc"].model_copy(update={"vlans": vlans})
    sites = city.sites | {"hall": site.model_copy(update={"terminals": {**site.terminals, "ap": group}})}
    del sites["hall"].terminals["lg-pc"]
    groups = {name: city.groups[name] for name in ("sanitiser", "mn-core")}
    flows = {"f004": city.flows["f004"]}
    found = ports(build_fabric(city.model_copy(update={"sites": sites, "groups": groups, "flows": flows})))["eth9"]
    assert (found.mode, found.tag, found.trunks, found.native) == (
        "trunk",
        site.vlans[vlans[0]].id,
        (201, 301),
        "untagged",
    )
