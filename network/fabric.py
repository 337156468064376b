"""The fabric: a city with every derived fact computed once: names, addresses, tags, paths.

`network.build.build_fabric(city)` makes it. Everything downstream (compile, lab, probe, documents) reads the fabric and
never derives an address on its own.

Where an address comes from:

* a site's block in a segment is the segment's supernet cut into /site_prefix, taken at the site's number;
* a VLAN's IPv4 prefix is the site's block cut into /prefix4, taken at the VLAN's slot; its IPv6 /64 likewise;
* the gateway is the first address of the prefix, a server or terminal the address at its number;
* a routed link takes, in every segment it carries, the /31 and the /127 of the segment's transit prefix at its index:
  site number x 16 + link number inside a site, circuit number counted back from the end between sites; the `a` end is
  the lower address;
* a management address is the site's management block at the device's number (1-63) or the server's (64-254); the lab's
  terminals come after 256, by position: they exist in the lab only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Literal

from inventory.model import City, Device
from inventory.origin import NOWHERE, Origin
from inventory.values import PortRef


@dataclass(frozen=True, slots=True)
class FabricDevice:
    """A device under its full name (`hall-core1`)."""

    name: str
    site: str
    spec: Device
    management: IPv4Interface
    router_id: IPv4Address
    asn: int | None
    segments: tuple[str, ...]
    """Segments it carries, in the inventory's order: a core or firewall carries all, an edge those of its site."""
    origin: Origin = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Lan:
    """A VLAN of a site with its subnets."""

    name: str
    """`<site>/<vlan>`"""
    site: str
    vlan: str
    segment: str
    tag: int
    ipv4: IPv4Network
    ipv6: IPv6Network
    gateway: str
    """Full name of the router."""
    gateway_interface: str
    """Its sub-interface, such as eth2.210."""
    gateway4: IPv4Interface
    gateway6: IPv6Interface
    switches: tuple[str, ...]
    """Full names of every access switch the VLAN stands on or passes."""
    wireless: bool
    title: str = ""
    origin: Origin = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Wire:
    """A cable or circuit between two device ports, with the 802.1Q tags on it."""

    name: str
    """`<site>/<link>` in a site, the circuit's name between sites, `<peer>/<attachment>` to a peer."""
    kind: Literal["routed", "switched", "peer"]
    a: PortRef
    b: PortRef
    tags: tuple[int, ...]
    """Every VLAN ID on the wire, sorted; empty on a peer's line, which is untagged."""
    segments: tuple[str, ...] = ()
    circuit: str | None = None
    index: int | None = None
    """Transit index, on routed wires."""
    cost: int = 10
    bandwidth: int | None = None
    risks: tuple[str, ...] = ()
    origin: Origin = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class TransitEnd:
    """One end of a routed wire in one segment."""

    device: str
    interface: str
    """eth1.2003"""
    ipv4: IPv4Interface
    ipv6: IPv6Interface


@dataclass(frozen=True, slots=True)
class Transit:
    """A routed wire seen in one segment."""

    wire: str
    segment: str
    a: TransitEnd
    b: TransitEnd
    cost: int
    origin: Origin = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Host:
    """A server, or the terminal that stands for its group in the lab."""

    name: str
    """`<site>-<server>` or `<site>-<terminal group>`"""
    site: str
    segment: str
    lan: str
    kind: Literal["server", "terminal"]
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    gateway4: IPv4Address
    gateway6: IPv6Address
    switch: str
    port: str
    management: IPv4Interface
    terminal_class: str | None = None
    title: str = ""
    origin: Origin = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class PeerLine:
    """An attachment of a peer to one of our firewalls."""

    name: str
    """`<peer>/<attachment>`"""
    peer: str
    device: str
    interface: str
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    peer_ipv4: IPv4Interface
    peer_ipv6: IPv6Interface
    peer_asn: int
    preference: int
    origin: Origin = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A host group resolved: where it stands and the prefixes it covers, each list minimal and sorted."""

    group: str
    zone: str
    """A segment's name, or `peer:<name>`: the zone of the firewall the group is behind."""
    ipv4: tuple[IPv4Network, ...]
    ipv6: tuple[IPv6Network, ...]


@dataclass(frozen=True)
class Fabric:
    """A city's derived facts. Dictionaries keep the inventory's order."""

    city: City
    devices: dict[str, FabricDevice]
    lans: dict[str, Lan]
    wires: dict[str, Wire]
    transits: tuple[Transit, ...]
    hosts: dict[str, Host]
    peer_lines: dict[str, PeerLine]
    endpoints: dict[str, Endpoint]

    @cached_property
    def transits_of(self) -> dict[str, tuple[tuple[Transit, TransitEnd, TransitEnd], ...]]:
        """Device → (transit, its own end, the other end), in the order of the wires."""
        found: dict[str, list[tuple[Transit, TransitEnd, TransitEnd]]] = {name: [] for name in self.devices}
        for transit in self.transits:
            found[transit.a.device].append((transit, transit.a, transit.b))
            found[transit.b.device].append((transit, transit.b, transit.a))
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def lans_of(self) -> dict[str, tuple[Lan, ...]]:
        """Gateway router → the LANs it is the gateway of."""
        found: dict[str, list[Lan]] = {}
        for lan in self.lans.values():
            found.setdefault(lan.gateway, []).append(lan)
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def wires_of(self) -> dict[str, tuple[tuple[Wire, str], ...]]:
        """Device → (wire, its own port)."""
        found: dict[str, list[tuple[Wire, str]]] = {name: [] for name in self.devices}
        for wire in self.wires.values():
            for end in (wire.a, wire.b):
                found.setdefault(end.device, []).append((wire, end.port))
        return {name: tuple(rows) for name, rows in found.items()}

    @cached_property
    def hosts_of(self) -> dict[str, tuple[Host, ...]]:
        """LAN → its hosts."""
        found: dict[str, list[Host]] = {name: [] for name in self.lans}
        for host in self.hosts.values():
            found[host.lan].append(host)
        return {name: tuple(rows) for name, rows in found.items()}
