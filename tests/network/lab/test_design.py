"""What a lab is to be, drawn from a city: no root, no kernel."""

from __future__ import annotations

import json
import shlex
from ipaddress import IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.text import Text
from network.build import build_fabric
from network.fabric import Fabric
from network.lab.blueprint import Blueprint, End
from network.lab.design import draw, sections
from network.lab.errors import NODE, unknown
from network.lab.neighbours import link_local
from network.lab.peers import peer_configuration, peer_nodes
from network.lab.startup import SubInterface, implied_by
from network.lab.wires import Wires, bridge_commands

NAMES = st.from_regex(r"[a-z][a-z0-9-]{0,10}", fullmatch=True)
TAGGED = st.builds(
    SubInterface, st.from_regex(r"eth[1-9][0-9]?", fullmatch=True), st.integers(2, 4094), st.one_of(st.just(""), NAMES)
)


@pytest.fixture(scope="session")
def blueprint(mini_fabric: Fabric) -> Blueprint:
    return draw(mini_fabric, None, "netns")


def test_every_device_host_and_peer_is_a_node_and_every_wire_a_cable(mini_fabric: Fabric, blueprint: Blueprint) -> None:
    names = [node.name for node in blueprint.nodes]
    peers = [f"peer-{name}" for name in mini_fabric.city.peers]
    assert names == [*mini_fabric.devices, *mini_fabric.hosts, *peers, "operator"]
    cables = {cable.name for cable in blueprint.cables}
    assert cables == {*mini_fabric.wires, *(f"{name}:eth1" for name in mini_fabric.hosts), "internet/behind"}


def test_no_two_nodes_share_a_management_address_or_a_port(blueprint: Blueprint) -> None:
    addresses = [node.management for node in blueprint.nodes]
    assert len(set(addresses)) == len(addresses)
    ends = [end for cable in blueprint.cables for end in (cable.a, cable.b)]
    assert len(set(ends)) == len(ends)


def test_devices_and_servers_have_agents_in_a_city_with_snmp(mini_fabric: Fabric, blueprint: Blueprint) -> None:
    servers = [name for name, host in mini_fabric.hosts.items() if host.kind == "server"]
    assert [node.name for node in blueprint.nodes if node.agent] == [*mini_fabric.devices, *servers]
    city = mini_fabric.city
    silent = city.model_copy(update={"management": city.management.model_copy(update={"snmp": None})})
    assert not [node for node in draw(build_fabric(silent), None, "netns").nodes if node.agent]


def test_a_blueprint_survives_json(blueprint: Blueprint) -> None:
    assert Blueprint.from_json(json.loads(json.dumps(blueprint.to_json()))) == blueprint


def test_only_trunks_between_a_router_and_a_switch_are_split(blueprint: Blueprint) -> None:
    wires = Wires(blueprint)
    split = {name for name, wire in wires.by_name.items() if wire.bridge}
    assert split == {"hall/down1", "dc/down1", "north/down1"}
    assert not any(wire.bridge for wire in Wires(draw_kernel(blueprint)).by_name.values())


def draw_kernel(blueprint: Blueprint) -> Blueprint:
    return Blueprint.from_json({**blueprint.to_json(), "backend": "kernel"})


def test_both_ends_of_a_tag_meet_on_one_link(blueprint: Blueprint) -> None:
    wires = Wires(blueprint)
    wire = wires.by_name["hall/cores"]
    made = [*wires.lay_tag(wire, "a", 2003), *wires.lay_tag(wire, "b", 2003)]
    assert sum("type veth" in line for line in made) == 1
    assert wires.lift_tag(wire, "a", 2003) == []
    assert wires.lift_tag(wire, "b", 2003) == [wire.lower("b", 2003)]


def test_a_split_trunk_has_an_access_port_for_each_tag(blueprint: Blueprint) -> None:
    wires = Wires(blueprint)
    wire = wires.by_name["hall/down1"]
    list(wires.lay_tag(wire, "a", 201))
    words = bridge_commands(wire)
    assert words[-1] == "tag=201"
    assert words.count("add-port") == 3


def test_link_names_fit_the_kernel_in_the_largest_city(blueprint: Blueprint) -> None:
    wires = Wires(blueprint)
    wire = wires.by_name["hall/down1"]
    wire.number = 99_999
    assert len(wire.other("a", 4094)) <= 15


def test_hardware_addresses_are_each_ports_own(blueprint: Blueprint) -> None:
    wires = Wires(blueprint)
    macs = [wires.mac(end) for end in wires.at] + [wires.mac(End(node.name, "eth0")) for node in blueprint.nodes]
    assert len(set(macs)) == len(macs)
    assert all(IPv6Address(link_local(mac)).is_link_local for mac in macs)


def test_the_link_local_address_is_that_of_the_hardware_address() -> None:
    assert ip_address(link_local("02:5a:00:0b:00:01")) == ip_address("fe80::5a:ff:fe0b:1")


@given(st.lists(TAGGED, unique=True))
def test_what_a_configuration_implies_is_what_it_names(subs: list[SubInterface]) -> None:
    text = "hostname x\n" + "".join(
        f"interface {sub.port}.{sub.tag}{f' vrf {sub.vrf}' if sub.vrf else ''}\n description y\nexit\n" for sub in subs
    )
    implied = implied_by(text)
    assert set(implied.sub_interfaces) == set(subs)
    assert set(implied.vrfs) == {sub.vrf for sub in subs} - {""}


def test_the_sections_of_a_firewalls_text_go_to_their_files() -> None:
    text = "# ==> /etc/nftables.conf\ntable inet a {\n}\n# ==> /etc/frr/frr.conf\nhostname x\n"
    assert sections(text) == {"/etc/nftables.conf": "table inet a {\n}\n", "/etc/frr/frr.conf": "hostname x\n"}


def test_a_switch_starts_with_its_commands_in_one_transaction(mini_fabric: Fabric) -> None:
    texts = dict.fromkeys(mini_fabric.devices, "") | {"hall-acc1": 'add-br br0\nset port eth5 "tag=101"\n'}
    (switch,) = [node for node in draw(mini_fabric, texts, "netns").nodes if node.name == "hall-acc1"]
    words = shlex.split(switch.files["/etc/sanso-lab/first-boot"])
    assert words == ["ovs-vsctl", "--no-wait", "--", "add-br", "br0", "--", "set", "port", "eth5", "tag=101"]


def test_peers_announce_their_prefixes_and_answer_for_their_hosts(mini_fabric: Fabric) -> None:
    nodes, cables = peer_nodes(mini_fabric)
    text = {node.peer: peer_configuration(node) for node in nodes}
    assert "  network 172.20.0.0/16\n" in text["lgwan"]
    assert " neighbor 172.31.0.0 remote-as 64520\n" in text["lgwan"]
    assert " neighbor 172.31.0.2 bfd\n" in text["lgwan"]
    assert " ip address 203.0.113.80/32\n" in text["internet"]
    assert " neighbor 198.18.0.0 remote-as 64700\n" in text["internet"]
    assert [cable.name for cable in cables] == ["internet/behind"]


def test_an_unknown_name_brings_the_likeliest() -> None:
    error = unknown(NODE, "hall-cor1", ["hall-core1", "dc-fw1"])
    assert error.say("ja") == "ラボにノード hall-cor1 はありません。\n  ヒント: hall-core1 ではありませんか。"
    assert unknown(NODE, "x", ["hall-core1"]).hint is None
    assert Text("node", "ノード") == NODE
