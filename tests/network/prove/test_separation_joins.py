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


PBR = "!\nbfd\n"


def policy(rules: str, interface: str = "eth3.301 vrf internet") -> tuple[tuple[str, str, str], ...]:
    """A policy map on an interface of the core."""
    return (
        ("hall-core1", f"interface {interface}\n", f"interface {interface}\n pbr-policy lift\n"),
        ("hall-core1", PBR, f"!\n{rules}{PBR}"),
    )


def test_a_policy_route_leaks_what_its_rule_matches(mini: Configurations) -> None:
    edits = policy(
        "pbr-map lift seq 5\n match src-ip 10.32.16.0/24\n match dst-port 8443\n"
        " set nexthop 10.16.16.1 nexthop-vrf mynumber\nexit\n"
    )
    proof = mini.proof(*edits)
    assert subjects(proof) == ["crossing internet > mynumber"]
    found = of(proof, "internet > mynumber")
    assert str(found.packet) == "tcp 10.32.16.100:49152 → 10.16.16.100:8443"
    assert "hall-core1 vrf internet → mynumber" in way(found)
    assert lines(found)[:2] == [
        mini.line("hall-core1", "pbr-map lift seq 5", *edits),
        mini.line("hall-core1", "interface eth3.301", *edits),
    ]
    assert "lift" in found.what.ja


def test_a_policy_map_counts_where_an_interface_that_is_up_names_it(mini: Configurations) -> None:
    rule = "pbr-map lift seq 5\n match src-ip 10.32.16.0/24\n set vrf mynumber\nexit\n"
    named, written = policy(rule)
    assert not mini.proof(named, written).proved
    assert mini.proof(written).proved
    assert mini.proof(named).proved
    shut = (named[0], named[1], f"{named[2]} shutdown\n")
    assert mini.proof(shut, written).proved


def test_a_policy_route_without_a_vrf_leads_into_the_default_table(mini: Configurations) -> None:
    """`pbrd` looks for such a next hop in the default table, whatever VRF the packet came from."""
    rule = "pbr-map lift seq 5\n match src-ip 10.32.16.0/24\n set nexthop 10.32.16.9\nexit\n"
    assert subjects(mini.proof(*policy(rule))) == ["crossing internet > management"]


def test_interfaces_of_one_prefix_are_ends_of_one_link(mini: Configurations) -> None:
    def tunnel(device: str, vrf: str, address: str) -> tuple[str, str, str]:
        stanza = f"interface wg0 vrf {vrf}\n ip address {address}\n ipv6 address fe80::1/64\nexit\n!\n"
        return device, "interface eth1\n", f"{stanza}interface eth1\n"

    near = tunnel("hall-core1", "internet", "10.99.9.1/24")
    proof = mini.proof(near, tunnel("north-edge1", "mynumber", "10.99.9.2/24"))
    assert "10.99.9.0/24 link" in way(of(proof, "internet > mynumber"))
    assert [item for item in subjects(proof) if item.startswith("unread")] == [
        "unread hall-core1 tunnel",
        "unread north-edge1 tunnel",
    ]
    same = mini.proof(near, tunnel("north-edge1", "mynumber", "10.99.8.2/24"))
    assert same.claims == {"separation": "not-proved"}


def vxlan(device: str, tag: int, remote: str, key: int = 7) -> tuple[str, str, str]:
    port = f"ovs-vsctl add-port br0 vx0 tag={tag}\n"
    end = f"ovs-vsctl set interface vx0 type=vxlan options:remote_ip={remote} options:key={key}\n"
    return device, "ovs-vsctl add-port br0 eth5 ", f"{port}{end}ovs-vsctl add-port br0 eth5 "


def test_a_tunnel_between_switches_is_a_cable(mini: Configurations) -> None:
    hall = vxlan("hall-acc1", 301, "10.255.20.11")
    proof = mini.proof(hall, vxlan("north-acc1", 110, "10.255.2.11"))
    assert subjects(proof) == ["crossing mynumber > internet", "crossing internet > mynumber"]
    assert "10.255.2.11 10.255.20.11 vxlan 7" in way(of(proof, "mynumber > internet"))
    assert mini.proof(hall, vxlan("north-acc1", 110, "10.255.2.11", key=8)).proved
    device, before, text = vxlan("hall-acc1", 301, "10.255.20.11")
    keyless = device, before, text.replace(" options:key=7", "")
    assert not mini.proof(keyless, vxlan("north-acc1", 110, "10.255.2.11", key=0)).proved
    assert mini.proof(hall).proved


def test_a_tunnel_ends_where_its_address_is(mini: Configurations) -> None:
    proof = mini.proof(vxlan("hall-acc1", 301, "10.16.16.100"))
    assert subjects(proof) == [
        "crossing mynumber > internet", "crossing internet > mynumber", "unread hall-acc1 tunnel",
    ]  # fmt: skip
    assert subjects(mini.proof(vxlan("hall-acc1", 301, "10.255.2.1"))) == [
        "crossing internet > management", "crossing management > internet", "unread hall-acc1 tunnel",
    ]  # fmt: skip


def patch(bridge: str, name: str, peer: str, tag: str) -> str:
    end = f"ovs-vsctl set interface {name} type=patch options:peer={peer}\n"
    return f"ovs-vsctl add-port {bridge} {name} {tag}\n{end}"


def patched(*ports: str) -> tuple[str, str, str]:
    before = "ovs-vsctl add-port br0 eth5 "
    return "hall-acc1", before, f"ovs-vsctl add-br br1\n{''.join(ports)}{before}"


def test_patch_ports_join_bridges(mini: Configurations) -> None:
    into = patch("br0", "patch0", "patch1", "tag=101"), patch("br1", "patch1", "patch0", "tag=9")
    back = patch("br1", "patch2", "patch3", "tag=9"), patch("br0", "patch3", "patch2", "tag=301")
    proof = mini.proof(patched(*into, *back))
    assert subjects(proof) == ["crossing mynumber > internet", "crossing internet > mynumber"]
    found = of(proof, "mynumber > internet")
    assert way(found)[2:5] == ["hall-acc1 patch patch0 patch1", "hall-acc1 vlan 9", "hall-acc1 patch patch2 patch3"]
    assert mini.proof(patched(*into)).proved
    deaf = patch("br1", "patch2", "patch3", "tag=9"), patch("br0", "patch3", "patch0", "tag=301")
    assert mini.proof(patched(*into, *deaf)).proved
    other = patch("br1", "patch2", "patch3", "tag=8"), patch("br0", "patch3", "patch2", "tag=301")
    assert mini.proof(patched(*into, *other)).proved


def test_trunks_without_a_list_carry_a_vlan_that_nobody_names(mini: Configurations) -> None:
    """Over two bridges that name no VLAN at all, from one access port to another."""
    through = (
        patch("br0", "patch0", "patch1", "tag=101"),
        patch("br1", "patch1", "patch0", "vlan_mode=native-untagged tag=77"),
        patch("br1", "patch2", "patch3", "vlan_mode=trunk"), "ovs-vsctl add-br br2\n",
        patch("br2", "patch3", "patch2", "vlan_mode=trunk"), patch("br2", "patch4", "patch5", "vlan_mode=trunk"),
        "ovs-vsctl add-br br3\n", patch("br3", "patch5", "patch4", "vlan_mode=trunk"),
        patch("br3", "patch6", "patch7", "tag=77"), patch("br0", "patch7", "patch6", "tag=301"),
    )  # fmt: skip
    proof = mini.proof(patched(*through))
    assert subjects(proof) == ["crossing mynumber > internet", "crossing internet > mynumber"]
    other = (part.replace("patch6 tag=77", "patch6 tag=78") for part in through)
    assert mini.proof(patched(*other)).proved
