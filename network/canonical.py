"""The canonical form of a DeviceState: one state, one value, however it was written down.

`network.parse` returns canonical states, and `parse(render(state)).state == canonical(state)`. Besides sorting, values
that a device does not tell apart are brought to one of them: a default that equals "not given", prefixes that together
make a larger one, an interface or table about which nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network, collapse_addresses
from operator import lt
from typing import TYPE_CHECKING, Any, TypeVar

from network.nft_names import CT_STATES, ICMP_TYPES
from network.state import (
    Address,
    Bgp,
    Bridge,
    DeviceState,
    Family,
    Interface,
    Interface_,
    Network,
    NftChain,
    NftRule,
    NftSet,
    NftTable,
    Ospf,
    PortRangePair,
    Redistribute,
    StaticRoute,
    Vrf,
)

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DEFAULT_VRF = "default"
"""What FRR calls the default table where a name is needed."""

_PROTOCOLS = ("connected", "static", "ospf", "ospf6", "bgp")
_Named = TypeVar("_Named", Vrf, Bgp)
_Value = TypeVar("_Value")
_Item = TypeVar("_Item", bound="DataclassInstance")


def canonical(state: DeviceState) -> DeviceState:
    """Sort `state` and bring equivalent values to one form."""
    vrfs = (_vrf(vrf) for vrf in state.vrfs)
    tables = (_table(table) for table in state.tables)
    return replace(
        state,
        vrfs=_by_vrf(
            vrf
            for vrf in vrfs
            if vrf.name is not None or vrf.rib_filters or vrf.static_routes or vrf.resolve_via_default
        ),
        interfaces=tuple(
            sorted((_interface(i) for i in state.interfaces if _says_something(i)), key=lambda i: (i.vrf or "", i.name))
        ),
        bfd_profiles=tuple(sorted(state.bfd_profiles, key=lambda profile: profile.name)),
        ospf=tuple(sorted((_ospf(process) for process in state.ospf), key=lambda o: (o.family, o.vrf or ""))),
        bgp=_by_vrf(_bgp(process) for process in state.bgp),
        prefix_lists=tuple(
            _with(item, entries=tuple(sorted(item.entries, key=lambda entry: entry.seq)))
            for item in sorted(state.prefix_lists, key=lambda item: (item.family, item.name))
            if item.entries
        ),
        route_maps=tuple(
            _with(item, entries=tuple(sorted(item.entries, key=lambda entry: entry.seq)))
            for item in sorted(state.route_maps, key=lambda item: item.name)
            if item.entries
        ),
        policy_maps=tuple(
            _with(item, rules=tuple(sorted(item.rules, key=lambda rule: rule.seq)))
            for item in sorted(state.policy_maps, key=lambda item: item.name)
            if item.rules
        ),
        bridges=tuple(_bridge(bridge) for bridge in sorted(state.bridges, key=lambda bridge: bridge.name)),
        tables=tuple(sorted(tables, key=lambda table: table.name)),
    )


def address_key(address: Address) -> tuple[int, int]:
    """Sorts addresses of both families: IPv4 first."""
    return address.version, int(address)


def network_key(network: Network) -> tuple[int, int, int]:
    """Sorts prefixes of both families: IPv4 first, then by address, the shorter prefix first."""
    return network.version, int(network.network_address), network.prefixlen


def interface_key(address: Interface_) -> tuple[int, int, int]:
    """Sorts interface addresses: IPv4 first, then by address."""
    return address.version, int(address), address.network.prefixlen


def minimal(networks: Iterable[Network]) -> tuple[Network, ...]:
    """The fewest prefixes that cover the same addresses, sorted."""
    wanted = tuple(networks)
    if len(wanted) < 2:  # noqa: PLR2004 nothing to join
        return wanted
    v4 = collapse_addresses(n for n in wanted if isinstance(n, IPv4Network))
    v6 = collapse_addresses(n for n in wanted if isinstance(n, IPv6Network))
    return (*v4, *v6)


def merged(ports: Iterable[PortRangePair]) -> tuple[PortRangePair, ...]:
    """The fewest port ranges that cover the same ports, sorted."""
    wanted = tuple(ports)
    if len(wanted) < 2:  # noqa: PLR2004 nothing to join
        return wanted
    found: list[PortRangePair] = []
    for low, high in sorted(wanted):
        if found and low <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return tuple(found)


def distinct(values: Iterable[_Value], key: Callable[[_Value], Any] | None = None) -> tuple[_Value, ...]:
    """Each value once, sorted."""
    found = tuple(values)
    if len(found) < 2:  # noqa: PLR2004 nothing to sort
        return found
    keys: tuple[Any, ...] = found if key is None else tuple(map(key, found))
    if all(map(lt, keys, keys[1:])):  # so they are already, as nearly always; hashing addresses would cost much more
        return found
    return tuple(sorted(set(found), key=key))  # type: ignore[type-var, arg-type]


def trailing_number(text: str) -> int:
    """The number at the end of a port's name; 0 if there is none."""
    return int(text[len(text.rstrip("0123456789")) :] or 0)


def set_families(table: NftTable) -> dict[str, Family]:
    """Reference ("@name") → family, for the sets of addresses of a table."""
    return {f"@{s.name}": 4 if s.kind == "ipv4" else 6 for s in table.sets if s.kind in {"ipv4", "ipv6"}}


def rule_family(rule: NftRule, families: Mapping[str, Family]) -> Family | None:
    """The family a rule is limited to: by its addresses, literal or in a set, else by `family`."""
    for value in (rule.src, rule.dst):
        if isinstance(value, str) and value:
            return families.get(value)
        if value and not isinstance(value, str):
            return 4 if isinstance(value[0], IPv4Network) else 6
    return rule.family


def _with(item: _Item, **fields: object) -> _Item:
    """An element with these values; itself where it has them already, as what is in canonical form does."""
    for name, value in fields.items():
        if getattr(item, name) != value:
            return replace(item, **fields)
    return item


def _by_vrf(items: Iterable[_Named]) -> tuple[_Named, ...]:
    return tuple(sorted(items, key=lambda item: (item.name if isinstance(item, Vrf) else item.vrf) or ""))


def _vrf(vrf: Vrf) -> Vrf:
    routes = {_static(route, vrf.name) for route in vrf.static_routes}
    return _with(
        vrf,
        rib_filters=tuple(sorted(vrf.rib_filters, key=lambda f: (_PROTOCOLS.index(f.protocol), f.family))),
        static_routes=tuple(sorted(routes, key=_static_key)),
    )


def _static(route: StaticRoute, vrf: str | None) -> StaticRoute:
    own = route.nexthop_vrf == (vrf or DEFAULT_VRF)
    return _with(
        route,
        nexthop_vrf=None if own else route.nexthop_vrf,
        distance=None if route.distance == 1 else route.distance,
        tag=route.tag or None,
    )


def _static_key(route: StaticRoute) -> tuple[object, ...]:
    via = (0, 0) if route.via is None else address_key(route.via)
    return (*network_key(route.prefix), route.distance or 1, via, route.interface, route.nexthop_vrf or "")


def _says_something(interface: Interface) -> bool:
    """FRR does not print an interface without configuration."""
    said = interface.description, interface.addresses, interface.ospf, interface.ospf6, interface.policy
    return interface.shutdown or any(said)


def _interface(interface: Interface) -> Interface:
    return _with(interface, addresses=distinct(interface.addresses, interface_key))


def _redistributed(items: Iterable[Redistribute]) -> tuple[Redistribute, ...]:
    plain = (_with(item, metric_type=None) if item.metric_type == 2 else item for item in items)  # noqa: PLR2004 type 2 is OSPF's default
    return tuple(sorted(plain, key=lambda item: item.protocol))


def _ospf(process: Ospf) -> Ospf:
    return _with(process, redistribute=_redistributed(process.redistribute))


def _bgp(process: Bgp) -> Bgp:
    return _with(
        process,
        neighbors=tuple(sorted(process.neighbors, key=lambda neighbor: address_key(neighbor.address))),
        networks=distinct(process.networks, network_key),
        redistribute4=_redistributed(process.redistribute4),
        redistribute6=_redistributed(process.redistribute6),
        import_vrfs=distinct(process.import_vrfs),
    )


def _bridge(bridge: Bridge) -> Bridge:
    ports = (_with(port, trunks=distinct(port.trunks)) if port.trunks else port for port in bridge.ports)
    return _with(bridge, ports=tuple(sorted(ports, key=lambda port: (trailing_number(port.name), port.name))))


def _table(table: NftTable) -> NftTable:
    return _with(
        table,
        sets=tuple(_set(item) for item in sorted(table.sets, key=lambda item: item.name)),
        chains=tuple(_chain(chain, set_families(table)) for chain in table.chains),
    )


def _set(item: NftSet) -> NftSet:
    if item.kind == "ifname":
        return _with(item, elements=distinct(element for element in item.elements if isinstance(element, str)))
    if item.kind == "mark":
        return _with(item, elements=distinct(element for element in item.elements if isinstance(element, int)))
    networks = (element for element in item.elements if not isinstance(element, str | int))
    return _with(item, elements=distinct(networks, network_key))


def _chain(chain: NftChain, families: Mapping[str, Family]) -> NftChain:
    policy = chain.policy or "accept" if chain.hook else chain.policy
    return _with(chain, policy=policy, rules=tuple(_rule(rule, families) for rule in chain.rules))


def _rule(rule: NftRule, families: Mapping[str, Family]) -> NftRule:
    if _plain(rule):
        return rule
    types = ICMP_TYPES[rule_family(rule, families) or 4]
    return _with(
        rule,
        iif=rule.iif if isinstance(rule.iif, str) else distinct(rule.iif),
        oif=rule.oif if isinstance(rule.oif, str) else distinct(rule.oif),
        family=None if rule.src or rule.dst else rule.family,
        src=rule.src if isinstance(rule.src, str) else minimal(rule.src),
        dst=rule.dst if isinstance(rule.dst, str) else minimal(rule.dst),
        sports=merged(rule.sports),
        dports=merged(rule.dports),
        icmp_types=distinct(rule.icmp_types, lambda name: types.get(name, len(types))),
        ct_states=distinct(rule.ct_states, lambda name: CT_STATES.get(name, 0)),
        ct_marks=rule.ct_marks if isinstance(rule.ct_marks, str) else distinct(rule.ct_marks),
        days=distinct(rule.days),
    )


def _plain(rule: NftRule) -> bool:
    """Whether no match of a rule holds several values that could be sorted or joined, as is so for most."""
    matches = rule.iif, rule.oif, rule.src, rule.dst, rule.ct_marks
    values = rule.sports, rule.dports, rule.icmp_types, rule.ct_states, rule.days
    return (
        (rule.family is None or not (rule.src or rule.dst))
        and all(isinstance(match, str) or len(match) < 2 for match in matches)  # noqa: PLR2004 no several
        and max(map(len, values)) < 2  # noqa: PLR2004 no several
    )
