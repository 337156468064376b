"""What the compiler makes of routers: VRFs, OSPF, BGP, and how a standby core stays behind."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Interface, IPv6Interface

import pytest

from network.compile import compile_fabric
from network.fabric import Fabric
from network.state import DeviceState, RibFilter

DAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def states(mini_fabric: Fabric) -> dict[str, DeviceState]:
    return compile_fabric(mini_fabric, DAY)


def test_every_device_has_a_state(states: dict[str, DeviceState], mini_fabric: Fabric) -> None:
    assert list(states) == list(mini_fabric.devices)
    assert all(state.hostname == name for name, state in states.items())


def test_a_core_has_a_vrf_a_segment_and_both_ospfs_in_each(states: dict[str, DeviceState]) -> None:
    core = states["hall-core1"]
    assert [vrf.name for vrf in core.vrfs] == ["internet", "lgwan", "mynumber"]
    assert [(process.family, process.vrf) for process in core.ospf] == [
        (family, vrf) for family in (4, 6) for vrf in ("internet", "lgwan", "mynumber")
    ]


def test_an_edge_has_only_the_segments_of_its_site_and_no_bgp(states: dict[str, DeviceState]) -> None:
    edge = states["north-edge1"]
    assert [vrf.name for vrf in edge.vrfs] == ["lgwan", "mynumber"]
    assert not edge.bgp
    assert not any(process.redistribute for process in edge.ospf)


def test_a_transit_runs_ospf_with_bfd_and_names_the_far_end(states: dict[str, DeviceState]) -> None:
    (wire,) = [i for i in states["hall-core1"].interfaces if i.name == "eth10.2002"]
    assert wire.vrf == "lgwan"
    assert wire.addresses == (
        IPv4Interface("10.31.255.254/31"),
        IPv6Interface("fd5a:1:2:ff00:ffff:ffff:ffff:fffe/127"),
    )
    assert wire.ospf == wire.ospf6
    assert wire.ospf is not None
    assert wire.ospf.point_to_point
    assert wire.ospf.bfd == "near"
    assert wire.description == "lgwan to dc-core1 wire dc-a"
    assert wire.origin.line


def test_timers_towards_a_site_are_patient(states: dict[str, DeviceState]) -> None:
    (wire,) = [i for i in states["north-edge1"].interfaces if i.name == "eth1.2001"]
    assert wire.ospf is not None
    assert wire.ospf.bfd == "far"
    profiles = {profile.name: profile for profile in states["hall-core1"].bfd_profiles}
    assert profiles["near"].receive_ms * profiles["near"].multiplier == 900
    assert profiles["far"].receive_ms * profiles["far"].multiplier == 3000


def test_a_gateway_speaks_to_no_neighbour_on_its_lan(states: dict[str, DeviceState]) -> None:
    (lan,) = [i for i in states["hall-core1"].interfaces if i.name == "eth3.201"]
    assert lan.ospf is not None
    assert lan.ospf.passive
    assert lan.description == "lgwan gateway of hall/lg-office"


def test_no_segment_has_its_firewall_wires_in_ospf(states: dict[str, DeviceState]) -> None:
    to_firewall = [i for i in states["hall-core1"].interfaces if i.name.startswith("eth2.")]
    assert len(to_firewall) == 3
    assert all(interface.ospf is None and interface.ospf6 is None for interface in to_firewall)


def test_a_core_announces_its_own_segment_only_and_takes_no_default(states: dict[str, DeviceState]) -> None:
    core = states["hall-core1"]
    lists = {(item.family, item.name): item.entries for item in core.prefix_lists}
    for process in core.bgp:
        for neighbor in process.neighbors:
            family = neighbor.address.version
            own = [entry.prefix for entry in lists[family, neighbor.prefixes_out]]
            assert own == [network for network in process.networks if network.version == family]
            taken = lists[family, neighbor.prefixes_in]
            default = next(entry for entry in taken if entry.prefix.prefixlen == 0 and entry.le is None)
            assert not default.permit


def test_only_a_standby_core_hides_behind_the_main_one(states: dict[str, DeviceState]) -> None:
    main, standby = states["hall-core1"], states["dc-core1"]
    assert all(process.distance is None for process in main.bgp)
    assert all(process.distance == (200, 200, 200) for process in standby.bgp)
    assert not any(vrf.rib_filters for vrf in main.vrfs)
    for vrf in standby.vrfs:
        assert vrf.rib_filters == (RibFilter(4, "ospf", "not-standby"), RibFilter(6, "ospf6", "not-standby"))
    (carried,) = {process.redistribute for process in standby.ospf}
    (own,) = {process.redistribute for process in main.ospf}
    assert (own[0].metric_type, carried[0].metric_type) == (1, None)
    maps = {item.name: item.entries for item in standby.route_maps}
    assert maps["mark-standby"][0].set_tag == maps["not-standby"][0].match_tag
    assert not maps["not-standby"][0].permit
    assert maps["not-standby"][1].permit


def test_no_default_route_where_the_register_names_less_than_everything(states: dict[str, DeviceState]) -> None:
    assert not any(vrf.static_routes for state in states.values() if state.platform == "frr" for vrf in state.vrfs)
