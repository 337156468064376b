"""Every way in which segments can be joined past the firewalls is seen, with its packet, its way and its lines."""

from __future__ import annotations

import pytest
from mutated import Configurations, cites, lines, of, subjects, way

from network.fabric import Fabric

ETH15 = "add-port br0 eth15 vlan_mode=access tag=301"
ETH9 = "add-port br0 eth9 vlan_mode=access tag=201"
TRUNK = "eth1 vlan_mode=trunk trunks=101,201,202,301"
ROUTE = "vrf internet\n ip route 10.16.32.0/24 10.16.32.1 nexthop-vrf mynumber\n"


@pytest.fixture(scope="module")
def mini(mini_fabric: Fabric) -> Configurations:
    return Configurations(mini_fabric)


def inventory(fabric: Fabric, kind: str, name: str) -> str:
    """`mini.yaml:line` of a thing of the inventory."""
    site, _, key = name.partition("/")
    return str(getattr(fabric.city.sites[site], kind)[key].origin)


def test_an_interface_in_the_wrong_vrf(mini: Configurations) -> None:
    edit = ("hall-core1", "interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet")
    proof = mini.proof(edit)
    assert proof.claims == {"separation": "findings"}
    assert subjects(proof) == ["crossing lgwan > internet", "crossing internet > lgwan"]
    found = of(proof, "lgwan > internet")
    assert str(found.packet) == "tcp 10.24.16.100:49152 → 10.32.16.100:443"
    assert "hall-core1 vrf internet" in way(found)
    line = mini.line("hall-core1", "interface eth3.201", edit)
    assert cites(found, [line, inventory(mini.fabric, "vlans", "hall/lg-office")])
    assert "VRF internet" in found.what.ja


def test_an_access_port_in_the_wrong_vlan(mini: Configurations) -> None:
    edit = ("hall-acc1", ETH15, ETH15.replace("301", "101"))
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing mynumber > internet", "crossing internet > mynumber"]
    found = of(proof, "internet > mynumber")
    assert str(found.packet) == "tcp 10.32.16.100:49152 → 10.16.16.100:443"
    assert way(found) == ["hall-net-pc eth15", "hall-acc1 vlan 101", "hall-mn-pc eth5"]
    line = mini.line("hall-acc1", "ovs-vsctl add-port br0 eth15", edit)
    assert cites(found, [line, inventory(mini.fabric, "terminals", "hall/net-pc")])


def test_each_cause_between_two_zones_is_told(mini: Configurations) -> None:
    edits = (
        ("hall-acc1", ETH15, ETH15.replace("301", "101")),
        ("hall-core1", "interface eth3.301 vrf internet", "interface eth3.301 vrf mynumber"),
    )
    proof = mini.proof(*edits)
    found = [item for item in proof.findings if item.subject == "internet > mynumber"]
    causes = {
        mini.line("hall-acc1", "ovs-vsctl add-port br0 eth15", *edits),
        mini.line("hall-core1", "interface eth3.301", *edits),
    }
    assert {line for item in found for line in lines(item)} >= causes
    assert len(found) == 2


def test_a_vlan_in_two_vrfs(mini: Configurations) -> None:
    edit = (
        "hall-core1",
        "interface eth3.201 vrf lgwan\n",
        "interface eth3.201 vrf internet\n ip address 10.99.0.1/24\nexit\n!\ninterface eth3.201 vrf lgwan\n",
    )
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing lgwan > internet", "crossing internet > lgwan"]
    line = mini.line("hall-core1", "interface eth3.201 vrf internet", edit)
    assert cites(of(proof, "lgwan > internet"), [line])


def test_a_native_vlan_that_the_other_end_takes_for_another(mini: Configurations) -> None:
    edits = (
        ("hall-acc1", TRUNK, "eth1 vlan_mode=native-untagged tag=101 trunks=101,201,202,301"),
        ("hall-core1", "interface eth3\n", "interface eth3 vrf lgwan\n"),
    )
    proof = mini.proof(*edits)
    assert subjects(proof) == ["crossing mynumber > lgwan", "crossing lgwan > mynumber"]
    found = of(proof, "mynumber > lgwan")
    assert "hall/down1 untagged" in way(found)
    wanted = [
        mini.line("hall-acc1", "ovs-vsctl add-port br0 eth1 ", *edits),
        mini.line("hall-core1", "interface eth3 vrf", *edits),
    ]
    assert cites(found, wanted)


def test_a_native_vlan_that_meets_the_default_table(mini: Configurations) -> None:
    """Untagged frames end in the router's default table, where its management port is."""
    proof = mini.proof(("hall-acc1", TRUNK, "eth1 vlan_mode=native-untagged tag=101 trunks=101,201,202,301"))
    assert subjects(proof) == ["crossing mynumber > management", "crossing management > mynumber"]


def test_the_allowed_list_decides(mini: Configurations) -> None:
    """A sub-interface in the wrong VRF joins nothing while the switch does not let its tag onto the cable."""
    wrong = ("hall-core1", "interface eth3.201 vrf lgwan", "interface eth3.201 vrf internet")
    assert not mini.proof(wrong).proved
    closed = mini.proof(wrong, ("hall-acc1", TRUNK, "eth1 vlan_mode=trunk trunks=101,202,301"))
    assert "hall-acc1 vlan 201" not in way(of(closed, "lgwan > internet"))
    assert mini.proof(("hall-acc1", TRUNK, "eth1 vlan_mode=trunk trunks=101,202,301")).proved


def test_a_shut_interface_joins_nothing(mini: Configurations) -> None:
    wrong = "interface eth3.201 vrf internet\n"
    edit = ("hall-core1", "interface eth3.201 vrf lgwan\n", wrong + " shutdown\n")
    assert mini.proof(edit).proved


def test_a_cable_between_access_ports_bridges_two_vlans(mini: Configurations) -> None:
    proof = mini.proof(
        ("hall-acc1", TRUNK, "eth1 vlan_mode=access tag=101"),
        ("hall-core1", "interface eth3\n", "interface eth3 vrf internet\n"),
    )
    assert subjects(proof) == ["crossing mynumber > internet", "crossing internet > mynumber"]


def test_a_host_that_gets_a_second_vlan(mini: Configurations) -> None:
    edit = ("hall-acc1", ETH9, "add-port br0 eth9 vlan_mode=native-untagged tag=201 trunks=201,301")
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing lgwan > internet", "crossing internet > lgwan"]
    found = of(proof, "lgwan > internet")
    assert "hall-acc1 port eth9" in way(found)
    line = mini.line("hall-acc1", "ovs-vsctl add-port br0 eth9 ", edit)
    assert cites(found, [line, inventory(mini.fabric, "terminals", "hall/lg-pc")])


def test_a_free_port_with_vlans_of_two_segments(mini: Configurations) -> None:
    port = "ovs-vsctl add-port br0 eth40 vlan_mode=trunk trunks=101,301"
    edit = ("hall-acc1", "ovs-vsctl add-port br0 eth5", f"{port}\novs-vsctl add-port br0 eth5")
    found = of(mini.proof(edit), "mynumber > internet")
    assert "hall-acc1 port eth40" in way(found)
    assert cites(found, [mini.line("hall-acc1", "ovs-vsctl add-port br0 eth40", edit)])


def test_a_static_route_into_another_vrf_leaks_one_way_for_its_prefix(mini: Configurations) -> None:
    edit = ("hall-core1", "vrf internet\n", ROUTE)
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing internet > mynumber"]
    found = of(proof, "internet > mynumber")
    assert str(found.packet) == "tcp 10.32.16.100:49152 → 10.16.32.10:443"
    assert "hall-core1 vrf internet → mynumber" in way(found)
    assert lines(found)[0] == mini.line("hall-core1", "ip route 10.16.32.0/24", edit)


def test_a_static_route_to_an_interface_of_another_vrf(mini: Configurations) -> None:
    edit = ("hall-core1", "vrf internet\n", "vrf internet\n ip route 10.16.0.0/13 eth3.101\n")
    found = of(mini.proof(edit), "internet > mynumber")
    assert lines(found)[0] == mini.line("hall-core1", "ip route 10.16.0.0/13", edit)


def test_a_static_route_within_its_vrf_is_no_leak(mini: Configurations) -> None:
    assert mini.proof(("hall-core1", "vrf internet\n", "vrf internet\n ip route 10.32.0.0/13 eth3.301\n")).proved


def test_routes_imported_from_another_vrf(mini: Configurations) -> None:
    text = mini.texts["hall-core1"]
    start = text.index("router bgp 64512 vrf internet")
    block = text[start : text.index("!\nrouter", start)]
    changed = block.replace("unicast\n", "unicast\n  import vrf mynumber\n")
    found = of(mini.proof(("hall-core1", block, changed)), "internet > mynumber")
    assert "hall-core1 vrf internet → mynumber" in way(found)
    assert lines(found)[0].startswith("hall-core1:")


def test_segments_that_meet_on_a_vrf_of_no_segment(mini: Configurations) -> None:
    """Two leaks over an instance that belongs to nobody: the packet is followed through it."""
    between = "vrf between\n ip route 10.16.0.0/13 10.16.32.1 nexthop-vrf mynumber\nexit-vrf\n!\n"
    into = "vrf internet\n ip route 10.16.32.0/24 10.0.0.1 nexthop-vrf between\n"
    found = of(mini.proof(("hall-core1", "vrf internet\n", between + into)), "internet > mynumber")
    assert [hop for hop in way(found) if "→" in hop] == [
        "hall-core1 vrf internet → between",
        "hall-core1 vrf between → mynumber",
    ]


def test_the_management_network_joined_to_a_segment(mini: Configurations) -> None:
    edit = (
        "hall-core1",
        "interface eth1\n",
        "interface eth0 vrf lgwan\n description joined\nexit\n!\ninterface eth1\n",
    )
    proof = mini.proof(edit)
    assert subjects(proof) == ["crossing lgwan > management", "crossing management > lgwan"]
    assert cites(of(proof, "lgwan > management"), [mini.line("hall-core1", "interface eth0", edit)])


def test_a_segment_on_a_peers_line(mini: Configurations) -> None:
    """A firewall is the only device at a peer's line, and its interfaces are told apart by its filter."""
    edit = ("hall-fw1", 'elements = { "eth5" }', 'elements = { "eth5", "eth1.2003" }')
    found = [item for item in mini.proof(edit).findings if item.subject == "lgwan > internet"]
    assert found
    assert "tcp 10.24.16.100:49152 → " in str(found[0].packet)
