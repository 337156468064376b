"""What must hold of the reference city of Yasu: its size, and what its published plan states."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from inventory.loader import load_city
from inventory.model import Circuit, City
from inventory.source import CITIES
from network.build import build_fabric
from network.fabric import Fabric

TODAY = dt.date(2026, 11, 20)
STATED_BY_THE_PLAN = {"hall", "dc", "disaster", "backup"}


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("yasu")


@pytest.fixture(scope="module")
def fabric(city: City) -> Fabric:
    return build_fabric(city)


@pytest.mark.parametrize("city", ["yasu", "yasu-mesh"])
def test_every_file_names_its_schema(city: str) -> None:
    files = sorted((CITIES / city).glob("*.yaml"))
    assert files
    for file in files:
        first = file.read_text(encoding="utf-8").splitlines()[0]
        prefix = "# yaml-language-server: $schema="
        assert first.startswith(prefix), file
        assert (file.parent / first.removeprefix(prefix)).resolve() == CITIES.parent / "schema" / "city.schema.json"


def test_sizes(city: City, fabric: Fabric) -> None:
    roles = Counter(device.spec.role for device in fabric.devices.values())
    terminals = Counter[str]()
    for site in city.sites.values():
        for group in site.terminals.values():
            terminals[city.terminal_classes[group.class_].kind] += group.count
    assert len(city.sites) == 30
    assert roles == {"core": 6, "edge": 26, "access": 46, "firewall": 2}
    assert terminals["pc"] == 800
    assert terminals["access-point"] == 60
    assert len({segment.vrf for segment in city.segments.values()}) == 6
    assert 80 <= len(fabric.lans) <= 100
    assert 20 <= len(city.flows) <= 30


def test_every_segment_of_every_site_has_a_host_in_the_lab(fabric: Fabric) -> None:
    with_lan = {(lan.site, lan.segment) for lan in fabric.lans.values()}
    with_host = {(host.site, host.segment) for host in fabric.hosts.values()}
    assert with_lan == with_host
    assert all(fabric.hosts_of[lan] for lan in fabric.lans)


def test_the_only_line_to_the_internet_is_the_security_cloud(city: City, fabric: Fabric) -> None:
    exits = [line for line in fabric.peer_lines.values() if city.peers[line.peer].prefixes4[0].prefixlen == 0]
    assert [line.peer for line in exits] == ["security-cloud"]
    assert city.peers["internet"].behind == "security-cloud"
    assert not city.peers["internet"].attachments


def test_lgwan_has_a_second_line_at_the_data_center(city: City) -> None:
    lines = city.peers["lgwan"].attachments
    assert {line.device.device for line in lines.values()} == {"hall-fw1", "dc-fw1"}
    preferred = max(lines.values(), key=lambda line: line.preference)
    assert preferred.device.device == "hall-fw1"


def test_hall_and_data_center_are_joined_twice_over_different_ground(city: City) -> None:
    lines = [c for c in city.circuits.values() if {end.device.split("-")[0] for end in (c.a, c.b)} == {"hall", "dc"}]
    assert len(lines) == 2
    assert not set(lines[0].risks) & set(lines[1].risks)


def test_the_alternate_office_reaches_the_data_center_without_the_hall(city: City, fabric: Fabric) -> None:
    reached, grown = set[str](), {"disaster-core1"}
    while grown - reached:
        reached |= grown
        for wire in fabric.wires.values():
            ends = {wire.a.device, wire.b.device}
            if wire.kind == "routed" and ends & reached and not any(end.startswith("hall-") for end in ends):
                grown |= ends
    assert {"dc-core1", "dc-fw1"} <= reached
    assert {"mynumber", "lgwan"} <= {vlan.segment for vlan in city.sites["disaster"].vlans.values()}


def test_the_star_concentrates_in_some_facilities(city: City) -> None:
    circuits = Counter(c.a.device for c in city.circuits.values())
    assert {"disaster-core1", "north-core1"} <= {device for device, count in circuits.items() if count >= 5}
    shared = Counter(risk for c in city.circuits.values() for risk in c.risks)
    assert sum(count > 1 for count in shared.values()) >= 5


def test_servers_that_matter_stand_in_pairs(city: City) -> None:
    for key in ("mn-dns", "lg-dns", "lg-ad", "lg-file", "net-proxy", "net-dns", "voice-pbx"):
        assert key in city.sites["hall"].servers, key
        assert key in city.sites["dc"].servers, key


def test_my_number_is_wired_and_has_no_guest_or_equipment(city: City) -> None:
    for site in city.sites.values():
        mine = {key for key, vlan in site.vlans.items() if vlan.segment == "mynumber"}
        assert all(site.vlans[key].medium == "wired" for key in mine)
        for group in site.terminals.values():
            if set(group.vlans) & mine:
                assert city.terminal_classes[group.class_].kind == "pc"


def test_every_flow_is_approved_and_live(city: City) -> None:
    kinds = Counter(flow.kind for flow in city.flows.values())
    assert set(kinds) == {"specified", "sanitised", "service", "breakout", "maintenance"}
    for key, flow in city.flows.items():
        assert flow.reason, key
        assert flow.owner, key
        assert flow.approver, key
        assert flow.document, key
        assert flow.approved_on is not None, key
        assert flow.expires_on is not None, key
        assert flow.approved_on <= TODAY < flow.expires_on, key


def test_flows_of_my_number_are_specified_and_never_reach_the_internet(fabric: Fabric) -> None:
    outside = {"internet", "guest", "peer:security-cloud"}
    for key, flow in fabric.city.flows.items():
        zones = {fabric.endpoints[flow.source].zone, fabric.endpoints[flow.destination].zone}
        assert len(zones) == 2, key
        if "mynumber" in zones:
            assert flow.kind == "specified", key
            assert not zones & outside, key


def test_lgwan_meets_the_internet_only_through_sanitised_flows_and_named_servers(fabric: Fabric) -> None:
    for key, flow in fabric.city.flows.items():
        source, destination = fabric.endpoints[flow.source], fabric.endpoints[flow.destination]
        if {source.zone, destination.zone} != {"lgwan", "internet"}:
            continue
        if flow.kind == "sanitised":
            assert flow.gateway is not None, key
            assert any(
                fabric.hosts[flow.gateway].ipv4.ip in network for end in (source, destination) for network in end.ipv4
            ), key
        else:
            assert flow.kind in {"service", "maintenance"}, key
            assert all(network.prefixlen == 32 for network in destination.ipv4), key


def test_what_the_plan_does_not_state_is_marked_as_assumed(city: City) -> None:
    for key, site in city.sites.items():
        assert site.assumed is (key not in STATED_BY_THE_PLAN), key
        if not site.assumed:
            parts = (*site.devices.values(), *site.links.values(), *site.servers.values(), *site.terminals.values())
            assert all(part.assumed for part in parts), key
    for segment in city.segments.values():
        assert segment.ipv4.assumed
        assert segment.ipv6.assumed
    assert all(c.assumed for key, c in city.circuits.items() if key not in {"dc-a", "dc-b"})


def test_site_numbers_leave_room_and_none_repeats(city: City) -> None:
    numbers = [site.number for site in city.sites.values()]
    assert len(set(numbers)) == len(numbers)
    assert max(numbers) < 120


def test_the_mesh_differs_from_the_star_by_what_it_adds(city: City) -> None:
    mesh = load_city("yasu-mesh", TODAY)
    assert (mesh.name, mesh.extends) == ("yasu-mesh", "yasu")
    for table in ("sites", "flows", "groups", "segments", "peers"):
        assert list(getattr(mesh, table)) == list(getattr(city, table))
    assert set(mesh.circuits) > set(city.circuits)
    assert set(mesh.risk_groups) - set(city.risk_groups) == {"conduit-ring-south", "conduit-ring-north"}
    assert set(mesh.peers["security-cloud"].attachments) == {"main", "second"}


def test_every_branch_of_the_mesh_has_two_circuits_that_share_no_risk() -> None:
    mesh = load_city("yasu-mesh", TODAY)
    lines: dict[str, list[Circuit]] = {}
    for circuit in mesh.circuits.values():
        lines.setdefault(circuit.b.device, []).append(circuit)
    edges = [f"{key}-{name}" for key, site in mesh.sites.items() for name in site.devices if name.startswith("edge")]
    assert len(edges) == 26
    for edge in edges:
        first, second = lines[edge]
        assert not set(first.risks) & set(second.risks)
        assert first.a.device != second.a.device


def test_what_a_variant_leaves_as_it_is_cites_the_other_city() -> None:
    mesh = load_city("yasu-mesh", TODAY)
    assert str(mesh.circuits["north"].origin).startswith("../yasu/circuits.yaml:")
    assert str(mesh.circuits["north-2"].origin).startswith("circuits.yaml:")
