"""What the compiler makes of the flow register: rules, announcements, and nothing else."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest

from inventory.generate import generate_city
from inventory.model import City
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.state import DeviceState, NftChain, NftRule, NftTable

DAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def main(mini_fabric: Fabric) -> DeviceState:
    return compile_fabric(mini_fabric, DAY)["hall-fw1"]


@pytest.fixture(scope="module")
def standby(mini_fabric: Fabric) -> DeviceState:
    return compile_fabric(mini_fabric, DAY)["dc-fw1"]


def chain(state: DeviceState, name: str) -> NftChain:
    (table,) = state.tables
    return next(item for item in table.chains if item.name == name)


def accepted(state: DeviceState) -> list[NftRule]:
    return [rule for rule in chain(state, "forward").rules if rule.verdict == "accept" and not rule.ct_states]


def announced(state: DeviceState, name: str) -> set[str]:
    return {
        str(entry.prefix) for item in state.prefix_lists if item.name == name for entry in item.entries if entry.permit
    }


def elements(table: NftTable, name: str) -> set[str]:
    return {str(element) for item in table.sets if item.name == name for element in item.elements}


def changed(city: City, **more: object) -> DeviceState:
    return compile_fabric(build_fabric(city.model_copy(update=more)), DAY)["hall-fw1"]


def test_every_chain_denies_by_default(main: DeviceState) -> None:
    assert chain(main, "input").policy == "drop"
    assert chain(main, "forward").policy == "drop"


def test_every_rule_that_lets_through_is_a_row_of_the_register(main: DeviceState, mini_fabric: Fabric) -> None:
    rules = accepted(main)
    assert {rule.id for rule in rules} == set(mini_fabric.city.flows)
    for rule in rules:
        assert rule.counter
        assert rule.origin == mini_fabric.city.flows[rule.id].origin
        assert all((rule.iif, rule.oif, rule.src, rule.dst, rule.protocol))


def test_a_row_is_one_rule_a_family_and_protocol(main: DeviceState) -> None:
    web = [(rule.src, rule.protocol, rule.dports, rule.icmp_types) for rule in accepted(main) if rule.id == "f002"]
    assert web == [
        (f"@group_net-clients_{family}", *match)
        for family in (4, 6)
        for match in (
            ("tcp", ((80, 80), (443, 443)), ()),
            ("udp", ((443, 443),), ()),
            ("icmp", (), ("echo-request",)),
        )
    ]


def test_a_group_is_a_named_set(main: DeviceState) -> None:
    assert elements(main.tables[0], "group_mn-core_4") == {"10.16.32.10/32"}
    assert elements(main.tables[0], "zone_lgwan") == {"eth1.2002", "eth2.2002"}
    assert elements(main.tables[0], "peer_lgwan") == {"eth5"}


@pytest.mark.parametrize(
    "change",
    [
        {"expires_on": DAY - dt.timedelta(days=1)},
        {"approved_on": DAY + dt.timedelta(days=1)},
        {"approved_on": None},
    ],
)
def test_a_row_not_in_force_is_left_out_with_its_routes(mini_fabric: Fabric, change: dict[str, dt.date | None]) -> None:
    city = mini_fabric.city
    flows = city.flows | {"f004": city.flows["f004"].model_copy(update=change)}
    state = changed(city, flows=flows)
    assert "f004" not in {rule.id for rule in accepted(state)}
    assert not announced(state, "into-mynumber")


def test_a_row_is_in_force_on_its_first_and_last_day(mini_fabric: Fabric) -> None:
    city = mini_fabric.city
    flows = city.flows | {"f004": city.flows["f004"].model_copy(update={"approved_on": DAY, "expires_on": DAY})}
    assert "f004" in {rule.id for rule in accepted(changed(city, flows=flows))}


def test_sources_are_held_to_their_zone_before_anything_else(main: DeviceState) -> None:
    assert chain(main, "forward").rules[0].target == "antispoof"
    rules = {(rule.iif, rule.src, rule.negate_src) for rule in chain(main, "antispoof").rules}
    assert ("@zone_mynumber", "@from_zone_mynumber_6", True) in rules
    assert ("@peer_lgwan", "@from_peer_lgwan_4", True) in rules
    assert ("@peer_security-cloud", "@not_from_peer_security-cloud_4", False) in rules
    assert all(rule.verdict == "drop" for rule in chain(main, "antispoof").rules)


def test_a_peer_that_announces_everything_keeps_what_it_announces_by_name(
    main: DeviceState, mini_fabric: Fabric
) -> None:
    name = "not_from_peer_security-cloud_4"
    assert elements(main.tables[0], name) == {"10.16.0.0/12", "10.32.0.0/13", "172.20.0.0/16"}
    peers = mini_fabric.city.peers
    prefixes = (*peers["internet"].prefixes4, IPv4Network("172.20.128.0/17"))
    other = changed(
        mini_fabric.city, peers={**peers, "internet": peers["internet"].model_copy(update={"prefixes4": prefixes})}
    )
    assert elements(other.tables[0], name) == {"10.16.0.0/12", "10.32.0.0/13", "172.20.0.0/17"}


def test_known_connections_pass_between_zones_while_a_row_in_force_has_opened_them(main: DeviceState) -> None:
    (known,) = [rule for rule in chain(main, "forward").rules if rule.ct_states == ("established", "related")]
    assert (known.iif, known.oif, known.ct_marks) == ("@zones", "@zones", "@live")
    table = main.tables[0]
    assert elements(table, "zones") == {f"eth{n}.200{m}" for n in (1, 2) for m in (1, 2, 3)} | {"eth5", "eth6"}
    assert elements(table, "live") == {str(rule.set_mark) for rule in accepted(main)}


def test_no_row_moves_the_mark_of_another(main: DeviceState, mini_fabric: Fabric) -> None:
    """Nor do words about a row move its own: only what it permits does."""
    flows = mini_fabric.city.flows
    said = flows["f001"].model_copy(update={"reason": "別の理由", "expires_on": DAY})
    ports = flows["f003"].model_copy(update={"ports": flows["f004"].ports})
    state = changed(mini_fabric.city, flows={"f001": said, "f003": ports, "f004": flows["f004"]})
    before, after = ({rule.id: rule.set_mark for rule in accepted(one)} for one in (main, state))
    assert (after["f001"], after["f004"]) == (before["f001"], before["f004"])
    assert after["f003"] != before["f003"]
    assert len(set(before.values())) == len(flows)


def test_only_what_the_firewall_needs_comes_in(main: DeviceState) -> None:
    (ssh,) = [rule for rule in chain(main, "input").rules if rule.dports == ((22, 22),)]
    assert ssh.iif == ("eth0",)
    bgp = [rule for rule in chain(main, "input").rules if rule.dports == ((179, 179),)]
    assert {rule.src for rule in bgp} == {"@neighbors_4", "@neighbors_6"}
    discovery = [rule for rule in chain(main, "input").rules if "nd-neighbor-solicit" in rule.icmp_types]
    assert discovery[0].family == 6
    assert ("established", "related") in {rule.ct_states for rule in chain(main, "input").rules}


def test_snmp_comes_in_from_management_where_the_city_has_it(main: DeviceState, mini_fabric: Fabric) -> None:
    (snmp,) = [rule for rule in chain(main, "input").rules if rule.dports == ((161, 161),)]
    assert (snmp.iif, snmp.protocol) == (("eth0",), "udp")
    without = mini_fabric.city.management.model_copy(update={"snmp": None})
    rules = chain(changed(mini_fabric.city, management=without), "input").rules
    assert not [rule for rule in rules if rule.dports == ((161, 161),)]


def test_a_segment_learns_exactly_what_it_talks_to(main: DeviceState) -> None:
    assert announced(main, "into-mynumber") == {"10.24.17.11/32", "fd5a:1:2:101::b/128"}
    assert announced(main, "into-lgwan") == {
        *("10.16.32.10/32", "10.32.16.0/24", "172.20.0.0/16"),
        *("fd00:20::/32", "fd5a:1:1:200::a/128", "fd5a:1:3:100::/64"),
    }


def test_a_peer_learns_its_segment_or_the_translated_address(main: DeviceState) -> None:
    assert announced(main, "to-peer-lgwan") == {"172.31.10.1/32", "fd5a:1:2::/48"}
    assert announced(main, "to-peer-security-cloud") == {"10.32.0.0/13", "fd5a:1:3::/48"}


def test_a_peer_that_no_flow_names_learns_nothing(mini_fabric: Fabric) -> None:
    flows = {name: flow for name, flow in mini_fabric.city.flows.items() if name != "f001"}
    state = changed(mini_fabric.city, flows=flows)
    assert not announced(state, "to-peer-lgwan")
    assert [rule.id for rule in accepted(state)].count("f001") == 0


def test_what_the_register_narrows_stands_on_what_the_peer_announces(main: DeviceState) -> None:
    (table,) = main.vrfs
    routes = {route.prefix: route.via for route in table.static_routes}
    assert routes[IPv4Network("203.0.113.0/24")] == IPv4Address("192.0.0.8")
    assert table.resolve_via_default
    assert IPv4Network("172.20.0.0/16") not in routes


def test_the_translated_address_comes_from_the_cores(mini_fabric: Fabric, main: DeviceState) -> None:
    address = IPv4Network("172.31.10.1/32")
    core = compile_fabric(mini_fabric, DAY)["hall-core1"]
    assert [process.vrf for process in core.bgp if address in process.networks] == ["lgwan"]
    assert str(address) in announced(main, "own-lgwan")
    assert address not in main.bgp[0].networks
    (rule,) = chain(main, "postrouting").rules
    assert (rule.verdict, rule.oif, rule.src, rule.to) == ("snat", "@peer_lgwan", "@own_4", IPv4Address("172.31.10.1"))


def test_a_second_line_is_less_preferred_both_ways(main: DeviceState, standby: DeviceState) -> None:
    def of_peer(state: DeviceState) -> tuple[str, str]:
        neighbor = next(n for n in state.bgp[0].neighbors if n.remote_as == 64600)
        return neighbor.route_map_in, neighbor.route_map_out

    assert of_peer(main) == ("preference-200", "")
    assert of_peer(standby) == ("preference-100", "lengthen-1")
    maps = {item.name: item.entries[0] for item in standby.route_maps}
    assert maps["lengthen-1"].set_as_path_prepend == (64521, 64521)
    assert maps["preference-100"].set_local_preference == 100


def test_a_firewall_has_rules_only_for_the_zones_it_stands_in(standby: DeviceState) -> None:
    assert {rule.id for rule in accepted(standby)} == {"f001", "f003", "f004"}


def test_what_a_peer_announces_is_never_narrowed_by_a_route_of_ours(mini_fabric: Fabric) -> None:
    """Such a route would outlive the peer's line, since next hops may be found over the default route."""
    city = mini_fabric.city
    member = city.groups["lgwan-asp"].members[0].model_copy(update={"prefixes": (IPv4Network("172.20.10.0/24"),)})
    groups = city.groups | {"lgwan-asp": city.groups["lgwan-asp"].model_copy(update={"members": (member,)})}
    state = changed(city, groups=groups)
    assert "172.20.0.0/16" in announced(state, "into-lgwan")
    assert {route.via for route in state.vrfs[0].static_routes} == {IPv4Address("192.0.0.8"), IPv6Address("100::1")}


def test_a_whole_segment_goes_as_two_halves(mini_fabric: Fabric) -> None:
    """A firewall that originated the supernet would stop believing the cores about it."""
    city = mini_fabric.city
    member = city.groups["mn-core"].members[0].model_copy(update={"server": None, "segment": "mynumber"})
    groups = city.groups | {"mn-core": city.groups["mn-core"].model_copy(update={"members": (member,)})}
    state = changed(city, groups=groups)
    assert {"10.16.0.0/14", "10.20.0.0/14", "fd5a:1:1::/49"} <= announced(state, "into-lgwan")
    assert IPv4Network("10.16.0.0/13") not in state.bgp[0].networks


def test_the_internet_is_a_marker_and_a_default_route_that_stands_on_it() -> None:
    fabric = build_fabric(generate_city(24))
    states = compile_fabric(fabric, DAY)
    marker = fabric.city.segments["internet"].ipv4.supernet.network_address
    firewall, core = states["hall-fw1"], states["hall-core1"]
    assert f"{marker}/32" in announced(firewall, "into-internet")
    assert not any(prefix in announced(firewall, "into-internet") for prefix in ("0.0.0.0/0", "::/0"))
    defaults = {vrf.name: {str(route.prefix): route.via for route in vrf.static_routes} for vrf in core.vrfs}
    assert defaults["internet"]["0.0.0.0/0"] == marker
    assert {name for name, routes in defaults.items() if routes} == {"internet"}


def test_my_number_never_gets_a_default_route(mini_fabric: Fabric) -> None:
    """Not even when a row asks for it, which the checks refuse."""
    city = mini_fabric.city
    everything = city.groups["the-internet"].members[0].model_copy(update={"peer": "security-cloud"})
    groups = city.groups | {"the-internet": city.groups["the-internet"].model_copy(update={"members": (everything,)})}
    row = city.flows["f002"].model_copy(update={"source": "mn-core"})
    fabric = build_fabric(city.model_copy(update={"groups": groups, "flows": city.flows | {"f009": row}}))
    states = compile_fabric(fabric, DAY)
    for state in states.values():
        for vrf in state.vrfs:
            routes = {route.prefix for route in vrf.static_routes}
            assert vrf.name != "mynumber" or not routes & {IPv4Network("0.0.0.0/0"), IPv6Network("::/0")}
    assert announced(states["hall-fw1"], "into-mynumber") == {"10.24.17.11/32", "fd5a:1:2:101::b/128"}
