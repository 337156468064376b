"""DeviceState: the one middle model, vendor-neutral and frozen, between a city and configuration text.

`network.compile` makes it from a city, `network.render` writes it as text, `network.parse` reads it back, and for
every platform `parse(render(state)).state == state`. Provenance (`origin`) never takes part in a comparison.

Canonical form: sequences that have no order in the device are sorted by the key named in their docstring
(`canonical()` sorts a hand-made state); sequences whose order matters (rules, prefix-list entries) keep it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Literal

from inventory.origin import NOWHERE, Origin

Family = Literal[4, 6]
Address = IPv4Address | IPv6Address
Interface_ = IPv4Interface | IPv6Interface
Network = IPv4Network | IPv6Network


def _origin() -> Origin:
    return field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class BfdProfile:
    """BFD timers in milliseconds; detection time = `multiplier` × `receive_ms`."""

    name: str
    receive_ms: int = 300
    transmit_ms: int = 300
    multiplier: int = 3
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class OspfInterface:
    """OSPF on an interface; for v2 and v3 alike. `bfd` names a profile, "" is none."""

    area: IPv4Address = IPv4Address(0)
    cost: int | None = None
    point_to_point: bool = False
    passive: bool = False
    bfd: str = ""


@dataclass(frozen=True, slots=True)
class Interface:
    """A layer-3 interface. `eth1.10` is VLAN 10 on port eth1; `vrf` None is the default table.

    `policy` names the policy map that routes what comes in here, "" is none. Interfaces are sorted by
    `(vrf or "", name)`, addresses by `(version, address)`.
    """

    name: str
    vrf: str | None = None
    description: str = ""
    addresses: tuple[Interface_, ...] = ()
    ospf: OspfInterface | None = None
    ospf6: OspfInterface | None = None
    shutdown: bool = False
    policy: str = ""
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class RibFilter:
    """Routes of `protocol` enter the VRF's table only if `route_map` lets them (`ip protocol ospf route-map X`)."""

    family: Family
    protocol: Literal["ospf", "ospf6", "bgp", "static", "connected"]
    route_map: str


@dataclass(frozen=True, slots=True)
class StaticRoute:
    """A static route of a VRF. `via` is a next hop; `interface` a device name, "blackhole" or "".

    `nexthop_vrf` names another VRF when the route leaks into it.
    Sorted by `(family, prefix, distance, via, interface)`.
    """

    prefix: Network
    via: Address | None = None
    interface: str = ""
    nexthop_vrf: str | None = None
    distance: int | None = None
    tag: int | None = None
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class Vrf:
    """A VRF and what is written in its stanza; `name` None is the default table (its static routes stand at top level).

    `resolve_via_default` lets a next hop be found over a default route (`ip nht resolve-via-default` and the IPv6
    twin, always both). Sorted by `name or ""`.
    """

    name: str | None
    rib_filters: tuple[RibFilter, ...] = ()
    static_routes: tuple[StaticRoute, ...] = ()
    resolve_via_default: bool = False
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class Redistribute:
    """Routes of `protocol` carried into another protocol. Sorted by `protocol`."""

    protocol: Literal["connected", "static", "bgp", "ospf", "ospf6"]
    metric: int | None = None
    metric_type: Literal[1, 2] | None = None
    route_map: str = ""


@dataclass(frozen=True, slots=True)
class Ospf:
    """An OSPF process of a VRF: `family` 4 is OSPFv2, 6 is OSPFv3. Sorted by `(family, vrf or "")`."""

    family: Family
    vrf: str | None
    router_id: IPv4Address
    redistribute: tuple[Redistribute, ...] = ()
    default_originate: bool = False
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class BgpNeighbor:
    """A BGP neighbour; it speaks the family of its address only. Sorted by `(version, address)`.

    `prefixes_in` and `prefixes_out` name prefix lists, `route_map_in` and `route_map_out` route maps; "" is none.
    """

    address: Address
    remote_as: int
    description: str = ""
    bfd: str = ""
    prefixes_in: str = ""
    prefixes_out: str = ""
    route_map_in: str = ""
    route_map_out: str = ""
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class Bgp:
    """A BGP process of a VRF. `networks` are announced whether or not a route exists (no network import-check).

    `distance` is the administrative distance of external, internal and local routes, both families.
    `import_vrfs` leaks the routes of other VRFs into this one. Sorted by `vrf or ""`; networks by (version, network).
    """

    vrf: str | None
    asn: int
    router_id: IPv4Address
    neighbors: tuple[BgpNeighbor, ...] = ()
    networks: tuple[Network, ...] = ()
    redistribute4: tuple[Redistribute, ...] = ()
    redistribute6: tuple[Redistribute, ...] = ()
    distance: tuple[int, int, int] | None = None
    import_vrfs: tuple[str, ...] = ()
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class PrefixListEntry:
    """`seq` orders the entries; `ge` and `le` bound the length of what matches."""

    seq: int
    permit: bool
    prefix: Network
    ge: int | None = None
    le: int | None = None
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class PrefixList:
    """Sorted by `(family, name)`; entries by `seq`. What no entry matches is denied."""

    family: Family
    name: str
    entries: tuple[PrefixListEntry, ...]


@dataclass(frozen=True, slots=True)
class RouteMapEntry:
    """One entry of a route map. `match_prefixes4/6` name prefix lists; None and "" mean "not there"."""

    seq: int
    permit: bool
    match_prefixes4: str = ""
    match_prefixes6: str = ""
    match_tag: int | None = None
    set_tag: int | None = None
    set_metric: int | None = None
    set_local_preference: int | None = None
    set_as_path_prepend: tuple[int, ...] = ()
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class RouteMap:
    """Sorted by `name`; entries by `seq`. What no entry matches is denied."""

    name: str
    entries: tuple[RouteMapEntry, ...]


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """A rule of a policy map (`pbr-map`): what it matches, and where it sends that. None and "" mean "not there".

    `via`, `interface` and `nexthop_vrf` are the next hop; without `nexthop_vrf` FRR looks for it in the default table.
    `vrf` names the VRF whose table is asked instead, or is "unchanged".
    """

    seq: int
    src: Network | None = None
    dst: Network | None = None
    sport: int | None = None
    dport: int | None = None
    protocol: Literal["tcp", "udp", ""] = ""
    via: Address | None = None
    interface: str = ""
    nexthop_vrf: str | None = None
    vrf: str | None = None
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class PolicyMap:
    """Policy routes: the first rule that matches sends a packet on, past the routes of its VRF. Sorted by `name`."""

    name: str
    rules: tuple[PolicyRule, ...]


@dataclass(frozen=True, slots=True)
class Tunnel:
    """What a tunnel port of a switch wraps its frames in, and for whom; `key` tells tunnels between two ends apart."""

    kind: Literal["geneve", "gre", "vxlan"]
    remote: Address
    key: int | None = None


@dataclass(frozen=True, slots=True)
class SwitchPort:
    """A port of an Open vSwitch bridge. Sorted by port number, then name.

    access: `tag` set, no `trunks`. trunk: `trunks` are the allowed VLANs, () is every VLAN; `tag` None, or the native
    VLAN when `native` is "untagged" or "tagged". `peer` names the patch port that this one is joined to, on whatever
    bridge of the switch; it is joined if that one names this one.
    """

    name: str
    mode: Literal["access", "trunk"]
    tag: int | None = None
    trunks: tuple[int, ...] = ()
    native: Literal["", "untagged", "tagged"] = ""
    description: str = ""
    peer: str = ""
    tunnel: Tunnel | None = None
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class Bridge:
    """An Open vSwitch bridge; `userspace` is `datapath_type=netdev`. Sorted by `name`."""

    name: str
    ports: tuple[SwitchPort, ...] = ()
    userspace: bool = True
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class NftSet:
    """A named set of nftables. Elements are sorted: interface names as text, prefixes by (version, network), marks.

    `kind` "ifname" holds names, "ipv4" and "ipv6" hold prefixes (flags interval), "mark" marks of connections.
    """

    name: str
    kind: Literal["ifname", "ipv4", "ipv6", "mark"]
    elements: tuple[str, ...] | tuple[Network, ...] | tuple[int, ...]
    origin: Origin = _origin()


PortRangePair = tuple[int, int]
"""Low and high, both included."""


@dataclass(frozen=True, slots=True)
class NftRule:
    """A rule: every given match must hold. () and "" mean "any".

    `iif`, `oif`, `src`, `dst`, `ct_marks` hold literal values (sorted), or one string "@name" for a named set. `family`
    narrows a rule without addresses; with addresses it follows from them. `protocol` "icmp" with `icmp_types` (names as
    nft writes them) is ICMP under family 4 and ICMPv6 under family 6. `verdict` "jump" and "goto" go to chain `target`;
    "snat" and "dnat" translate to address `to` (and `to_port`). `id` is the flow register's row, written in the
    comment; `counter` tells whether the rule counts; `log` is a log prefix. `ct_marks` looks at the mark of the
    packet's connection, `set_mark` gives it one: numbers of 32 bits, 0 until one is given. `days` (0 is Sunday) and
    `hours` (first and last second of the day, None is all day) limit the rule in time; both are UTC.
    """

    verdict: Literal["accept", "drop", "reject", "jump", "goto", "return", "snat", "dnat", "masquerade"]
    iif: tuple[str, ...] | str = ()
    oif: tuple[str, ...] | str = ()
    family: Literal[4, 6] | None = None
    src: tuple[Network, ...] | str = ()
    dst: tuple[Network, ...] | str = ()
    negate_src: bool = False
    protocol: Literal["tcp", "udp", "icmp", ""] = ""
    sports: tuple[PortRangePair, ...] = ()
    dports: tuple[PortRangePair, ...] = ()
    icmp_types: tuple[str, ...] = ()
    ct_states: tuple[str, ...] = ()
    ct_marks: tuple[int, ...] | str = ()
    days: tuple[int, ...] = ()
    hours: tuple[int, int] | None = None
    target: str = ""
    to: Address | None = None
    to_port: int | None = None
    counter: bool = False
    log: str = ""
    set_mark: int | None = None
    id: str = ""
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class NftChain:
    """A chain; a base chain has `kind`, `hook`, `priority` and `policy`. Rules keep their order."""

    name: str
    rules: tuple[NftRule, ...] = ()
    kind: Literal["filter", "nat", ""] = ""
    hook: Literal["input", "forward", "output", "prerouting", "postrouting", ""] = ""
    priority: int = 0
    policy: Literal["accept", "drop", ""] = ""
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class NftTable:
    """A table of family `inet`. Tables and sets are sorted by `name`; chains keep their order."""

    name: str
    sets: tuple[NftSet, ...] = ()
    chains: tuple[NftChain, ...] = ()
    origin: Origin = _origin()


@dataclass(frozen=True, slots=True)
class DeviceState:
    """All that a device is configured to do."""

    hostname: str
    platform: Literal["frr", "nftables", "openvswitch"]
    vrfs: tuple[Vrf, ...] = ()
    interfaces: tuple[Interface, ...] = ()
    bfd_profiles: tuple[BfdProfile, ...] = ()
    ospf: tuple[Ospf, ...] = ()
    bgp: tuple[Bgp, ...] = ()
    prefix_lists: tuple[PrefixList, ...] = ()
    route_maps: tuple[RouteMap, ...] = ()
    policy_maps: tuple[PolicyMap, ...] = ()
    bridges: tuple[Bridge, ...] = ()
    tables: tuple[NftTable, ...] = ()


@dataclass(frozen=True, slots=True)
class UnknownLine:
    """A configuration line the parser does not understand: what it may do is not known.

    `beside`: it is no configuration, but tells what stands in the device's kernel beside it.
    """

    origin: Origin
    text: str
    beside: bool = False


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a configuration text says, and the lines that were not understood."""

    state: DeviceState
    unknown: tuple[UnknownLine, ...] = ()
