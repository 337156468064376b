"""Hypothesis strategies for device states: every field of every element, in canonical form."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Network
from typing import Any

from hypothesis import strategies as st
from strategy_values import (
    addresses,
    addresses4,
    addresses6,
    descriptions,
    families,
    interface_names,
    interfaces4,
    interfaces6,
    names,
    networks,
    networks4,
    networks6,
    numbers32,
    object_names,
    quoted,
    texts,
    tunnels,
    unique,
    vrf_names,
)

from network.canonical import canonical
from network.nft_names import CT_STATES, ICMP_TYPES
from network.state import (
    BfdProfile,
    Bgp,
    BgpNeighbor,
    Bridge,
    DeviceState,
    Interface,
    Network,
    NftChain,
    NftRule,
    NftSet,
    NftTable,
    Ospf,
    OspfInterface,
    PolicyMap,
    PolicyRule,
    PrefixList,
    PrefixListEntry,
    Redistribute,
    RibFilter,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
    SwitchPort,
    Vrf,
)


def _ospf_interfaces() -> st.SearchStrategy[OspfInterface]:
    return st.builds(
        OspfInterface,
        area=addresses4,
        cost=st.none() | st.integers(1, 65535),
        point_to_point=st.booleans(),
        passive=st.booleans(),
        bfd=st.just("") | names,
    )


def _interfaces(vrf: st.SearchStrategy[str | None]) -> st.SearchStrategy[Interface]:
    return st.builds(
        Interface,
        name=interface_names,
        vrf=vrf,
        description=descriptions,
        addresses=st.lists(interfaces4 | interfaces6, max_size=3).map(tuple),
        ospf=st.none() | _ospf_interfaces(),
        ospf6=st.none() | _ospf_interfaces(),
        shutdown=st.booleans(),
        policy=st.just("") | names,
    )


@st.composite
def static_routes(draw: st.DrawFn) -> StaticRoute:
    prefix = draw(networks)
    kind = draw(st.sampled_from(["via", "interface", "both", "blackhole"]))
    via = draw(addresses4 if prefix.version == 4 else addresses6) if kind in {"via", "both"} else None
    interface = {"via": "", "blackhole": "blackhole"}.get(kind)
    return StaticRoute(
        prefix=prefix,
        via=via,
        interface=draw(interface_names) if interface is None else interface,
        nexthop_vrf=None if kind == "blackhole" else draw(st.none() | vrf_names),
        distance=draw(st.none() | st.integers(1, 255)),
        tag=draw(st.none() | numbers32),
    )


_rib_filters = st.tuples(families, st.sampled_from(["connected", "static", "ospf", "bgp"]), names).map(
    lambda part: RibFilter(part[0], "ospf6" if part[0] == 6 and part[1] == "ospf" else part[1], part[2])
)


def _vrfs(name: st.SearchStrategy[str | None]) -> st.SearchStrategy[Vrf]:
    return st.builds(
        Vrf,
        name=name,
        rib_filters=unique(_rib_filters, lambda item: (item.family, item.protocol)),
        static_routes=st.lists(static_routes(), max_size=4).map(tuple),
        resolve_via_default=st.booleans(),
    )


def redistributions(protocols: list[str], *, types: bool) -> st.SearchStrategy[tuple[Redistribute, ...]]:
    return unique(
        st.builds(
            Redistribute,
            protocol=st.sampled_from(protocols),
            metric=st.none() | st.integers(0, 16777214),
            metric_type=st.sampled_from([None, 1, 2]) if types else st.none(),
            route_map=st.just("") | names,
        ),
        lambda item: item.protocol,
    )


def _ospf(vrf: st.SearchStrategy[str | None]) -> st.SearchStrategy[Ospf]:
    return st.builds(
        Ospf,
        family=families,
        vrf=vrf,
        router_id=numbers32.map(IPv4Address),
        redistribute=redistributions(["connected", "static", "bgp"], types=True),
        default_originate=st.booleans(),
    )


_optional_names = st.just("") | names
_neighbors = st.builds(
    BgpNeighbor,
    address=addresses,
    remote_as=numbers32,
    description=descriptions,
    bfd=_optional_names,
    prefixes_in=_optional_names,
    prefixes_out=_optional_names,
    route_map_in=_optional_names,
    route_map_out=_optional_names,
)
_distances = st.integers(1, 255)


def _bgp(vrf: st.SearchStrategy[str | None]) -> st.SearchStrategy[Bgp]:
    return st.builds(
        Bgp,
        vrf=vrf,
        asn=numbers32,
        router_id=addresses4,
        neighbors=unique(_neighbors, lambda item: item.address),
        networks=st.lists(networks, max_size=4).map(tuple),
        redistribute4=redistributions(["connected", "static", "ospf"], types=False),
        redistribute6=redistributions(["connected", "static", "ospf6"], types=False),
        distance=st.none() | st.tuples(_distances, _distances, _distances),
        import_vrfs=st.lists(vrf_names, max_size=2).map(tuple),
    )


@st.composite
def prefix_lists(draw: st.DrawFn) -> PrefixList:
    family = draw(families)
    longest = 32 if family == 4 else 128
    entries = []
    for seq in draw(st.lists(st.integers(1, 65535), min_size=1, max_size=4, unique=True)):
        prefix = draw(networks4 if family == 4 else networks6)
        ge = draw(st.none() | st.integers(prefix.prefixlen, longest))
        le = draw(st.none() | st.integers(ge or prefix.prefixlen, longest))
        entries.append(PrefixListEntry(seq, draw(st.booleans()), prefix, ge, le))
    return PrefixList(family, draw(names), tuple(entries))


_route_map_entries = st.builds(
    RouteMapEntry,
    seq=st.integers(1, 65535),
    permit=st.booleans(),
    match_prefixes4=_optional_names,
    match_prefixes6=_optional_names,
    match_tag=st.none() | numbers32,
    set_tag=st.none() | numbers32,
    set_metric=st.none() | st.integers(0, 2**32 - 1),
    set_local_preference=st.none() | st.integers(0, 2**32 - 1),
    set_as_path_prepend=st.lists(numbers32, max_size=3).map(tuple),
)
_route_maps = st.builds(
    RouteMap,
    name=names,
    entries=st.lists(_route_map_entries, min_size=1, max_size=3, unique_by=lambda item: item.seq).map(tuple),
)


@st.composite
def policy_rules(draw: st.DrawFn) -> PolicyRule:
    prefixes, hops = draw(st.sampled_from([(networks4, addresses4), (networks6, addresses6)]))
    kind = draw(st.sampled_from(["", "via", "interface", "both", "vrf"]))
    return PolicyRule(
        seq=draw(st.integers(1, 700)),
        src=draw(st.none() | prefixes),
        dst=draw(st.none() | prefixes),
        sport=draw(st.none() | st.integers(1, 65535)),
        dport=draw(st.none() | st.integers(1, 65535)),
        protocol=draw(st.sampled_from(["", "tcp", "udp"])),
        via=draw(hops) if kind in {"via", "both"} else None,
        interface=draw(interface_names) if kind in {"interface", "both"} else "",
        nexthop_vrf=draw(st.none() | vrf_names) if kind in {"via", "interface", "both"} else None,
        vrf=draw(vrf_names | st.just("unchanged")) if kind == "vrf" else None,
    )


_policy_maps = st.builds(
    PolicyMap,
    name=names,
    rules=st.lists(policy_rules(), min_size=1, max_size=3, unique_by=lambda item: item.seq).map(tuple),
)
_profiles = st.builds(
    BfdProfile,
    name=names,
    receive_ms=st.integers(10, 60000),
    transmit_ms=st.integers(10, 60000),
    multiplier=st.integers(2, 255),
)


def _routing(vrf: st.SearchStrategy[str | None], most: int) -> dict[str, Any]:
    return {
        "hostname": st.sampled_from(["hall-core1", "dc-fw1", "north-acc1"]),
        "vrfs": unique(_vrfs(vrf), lambda item: item.name, most),
        "interfaces": unique(_interfaces(vrf), lambda item: (item.vrf, item.name), most),
        "bfd_profiles": unique(_profiles, lambda item: item.name),
        "ospf": unique(_ospf(vrf), lambda item: (item.family, item.vrf), most),
        "bgp": unique(_bgp(vrf), lambda item: item.vrf, most),
        "prefix_lists": unique(prefix_lists(), lambda item: (item.family, item.name), 2),
        "route_maps": unique(_route_maps, lambda item: item.name, 2),
        "policy_maps": unique(_policy_maps, lambda item: item.name, 2),
    }


routers = st.builds(DeviceState, platform=st.just("frr"), **_routing(st.none() | vrf_names, 3)).map(canonical)


@st.composite
def switch_ports(draw: st.DrawFn) -> SwitchPort:
    vlans = st.integers(1, 4094)
    mode, native = draw(st.sampled_from([("access", ""), ("trunk", ""), ("trunk", "untagged"), ("trunk", "tagged")]))
    end = draw(st.sampled_from(["", "patch", "tunnel"]))
    return SwitchPort(
        name=draw(interface_names),
        mode=mode,
        tag=draw(vlans) if mode == "access" or native else None,
        trunks=tuple(draw(st.lists(vlans, max_size=4))) if mode == "trunk" else (),
        native=native,
        description=draw(quoted),
        peer=draw(interface_names) if end == "patch" else "",
        tunnel=draw(tunnels) if end == "tunnel" else None,
    )


@st.composite
def switches(draw: st.DrawFn) -> DeviceState:
    ports = draw(unique(switch_ports(), lambda item: item.name, 6))
    cut = draw(st.integers(0, len(ports)))
    bridges = (
        Bridge("br0", ports[:cut], draw(st.booleans())),
        Bridge("br-lab", ports[cut:], draw(st.booleans())),
    )
    return canonical(DeviceState("north-acc1", "openvswitch", bridges=bridges[: draw(st.integers(1, 2))]))


@st.composite
def apart(draw: st.DrawFn, version: int) -> tuple[IPv4Network | IPv6Network, ...]:
    """Prefixes that do not overlap, some of them neighbours."""
    found: list[Any] = []
    for network in draw(st.lists(networks4 if version == 4 else networks6, max_size=5)):
        pair = [network]
        if network.prefixlen < network.max_prefixlen and draw(st.booleans()):
            pair = list(network.subnets())
        found.extend(new for new in pair if not any(new.overlaps(old) for old in found))
    return tuple(found)


_ports = st.lists(
    st.tuples(st.integers(0, 65535), st.integers(0, 65535)).map(lambda pair: (min(pair), max(pair))), max_size=3
).map(tuple)


marks = st.lists(st.integers(0, 2**32 - 1), max_size=12).map(tuple)
_VERDICTS = {
    "": ["accept", "drop", "reject", "return"],
    "prerouting": ["dnat", "accept"],
    "postrouting": ["snat", "masquerade", "accept"],
}


hours = st.tuples(st.integers(0, 86398), st.integers(1, 86399)).filter(lambda span: span[0] < span[1])


@st.composite
def rules(draw: st.DrawFn, sets: tuple[NftSet, ...], chains: tuple[str, ...], *, nat: str = "") -> NftRule:
    """A rule of a table with the given sets; it jumps to the given chains."""
    family = draw(st.sampled_from([None, 4, 6]))
    named = [f"@{item.name}" for item in sets if item.kind == {4: "ipv4", 6: "ipv6"}.get(family)]
    devices = [f"@{item.name}" for item in sets if item.kind == "ifname"]
    marked = [f"@{item.name}" for item in sets if item.kind == "mark"]

    def side() -> str | tuple[Network, ...]:
        if family is None or draw(st.booleans()):
            return ()
        return draw(st.sampled_from(named)) if named and draw(st.booleans()) else draw(apart(family))

    def ports_of() -> str | tuple[str, ...]:
        if devices and draw(st.booleans()):
            return draw(st.sampled_from(devices))
        return tuple(draw(st.lists(interface_names, max_size=3)))

    protocol = draw(st.sampled_from(["", "tcp", "udp", "icmp"]))
    ports = protocol in {"tcp", "udp"}
    types = protocol == "icmp" and family is not None and draw(st.sampled_from([True, True, False]))
    src = side()
    verdict = draw(st.sampled_from(_VERDICTS[nat]))
    if not nat and chains and draw(st.booleans()):
        verdict = draw(st.sampled_from(["jump", "goto"]))
    to = draw({None: addresses, 4: addresses4, 6: addresses6}[family]) if verdict in {"snat", "dnat"} else None
    return NftRule(
        verdict=verdict,
        iif=() if nat == "postrouting" else ports_of(),
        oif=() if nat == "prerouting" else ports_of(),
        family=family,
        src=src,
        dst=side(),
        negate_src=bool(src) and draw(st.booleans()),
        protocol=protocol,
        sports=draw(_ports) if ports else (),
        dports=draw(_ports) if ports else (),
        icmp_types=tuple(draw(st.sets(st.sampled_from(sorted(ICMP_TYPES[family])), min_size=1))) if types else (),
        ct_states=tuple(draw(st.sets(st.sampled_from(sorted(CT_STATES))))),
        ct_marks=draw(st.sampled_from([*marked, ()])) if draw(st.booleans()) else draw(marks),
        days=tuple(draw(st.sets(st.integers(0, 6), max_size=3))),
        hours=draw(st.none() | hours),
        target=draw(st.sampled_from(chains)) if verdict in {"jump", "goto"} else "",
        to=to,
        to_port=draw(st.none() | st.integers(1, 65535)) if to and ports else None,
        counter=draw(st.booleans()),
        log=draw(texts("$").map(lambda text: text and f"{text} ")),
        set_mark=draw(st.none() | st.integers(0, 2**32 - 1)),
        id=draw(quoted),
    )


@st.composite
def tables(draw: st.DrawFn) -> NftTable:
    set_names = draw(st.lists(object_names, max_size=4, unique=True))
    sets = []
    for set_name in set_names:
        kind = draw(st.sampled_from(["ifname", "ipv4", "ipv6", "mark"]))
        elements = {
            "ifname": st.lists(interface_names, max_size=5).map(tuple),
            "ipv4": apart(4),
            "ipv6": apart(6),
            "mark": marks,
        }
        sets.append(NftSet(set_name, kind, draw(elements[kind])))
    plain = tuple(draw(st.lists(object_names, max_size=2, unique=True)))
    chains = [
        NftChain(name, tuple(draw(st.lists(rules(tuple(sets), plain[:place]), max_size=4))))
        for place, name in enumerate(plain)
    ]
    hooks = st.tuples(
        st.sampled_from(["input", "forward", "output", "prerouting"]),
        st.integers(-400, 400),
        st.sampled_from(["accept", "drop"]),
    )
    for place, (hook, priority, policy) in enumerate(draw(st.lists(hooks, max_size=2))):
        body = tuple(draw(st.lists(rules(tuple(sets), plain), min_size=1, max_size=4)))
        chains.append(NftChain(f"base{place}", body, "filter", hook, priority, policy))
    nat_hook = draw(st.sampled_from(["", "prerouting", "postrouting"]))
    if nat_hook:
        body = tuple(draw(st.lists(rules(tuple(sets), (), nat=nat_hook), min_size=1, max_size=3)))
        chains.append(NftChain("nat", body, "nat", nat_hook, draw(st.integers(-150, 300)), "accept"))
    return NftTable(draw(object_names), tuple(sets), tuple(chains))


firewalls = st.builds(
    DeviceState,
    platform=st.just("nftables"),
    tables=unique(tables(), lambda item: item.name, 2),
    **_routing(st.none(), 1),
).map(canonical)

states = st.one_of(routers, firewalls, switches())
