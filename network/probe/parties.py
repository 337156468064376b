"""Who takes part in a measurement: every host of the lab, every machine at a peer, and the addresses of devices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from network.build import peer_node
from network.endpoints import peer_zone
from network.fabric import Fabric
from network.state import Address

PEER = "peer:"


@dataclass(frozen=True, slots=True)
class Party:
    """A machine that sends and receives probes. `zone` is a segment's name, or `peer:<name>`."""

    name: str
    node: str
    """The lab node whose network it lives in."""
    zone: str
    site: str
    """The site's name; for a machine at a peer, the peer's."""
    ipv4: IPv4Address
    ipv6: IPv6Address
    lan: str = ""
    """Its VLAN as `<site>/<vlan>`; "" at a peer."""

    def address(self, family: int) -> Address:
        return self.ipv4 if family == 4 else self.ipv6  # noqa: PLR2004 IP's versions

    @property
    def inside(self) -> bool:
        """It stands in one of the city's segments."""
        return bool(self.lan)


@dataclass(frozen=True, slots=True)
class OwnAddress:
    """An address of a router or firewall in one segment: nobody of another segment may talk to it."""

    name: str
    device: str
    zone: str
    site: str
    ipv4: IPv4Address
    ipv6: IPv6Address
    firewall: bool
    """A firewall answers hosts of no segment at all."""
    node: str = ""
    lan: str = ""

    def address(self, family: int) -> Address:
        return self.ipv4 if family == 4 else self.ipv6  # noqa: PLR2004 IP's versions


def parties(fabric: Fabric) -> tuple[Party, ...]:
    """Every host, in the order of the fabric, then every machine at a peer."""
    return (*_hosts(fabric), *_at_peers(fabric))


def _hosts(fabric: Fabric) -> Iterator[Party]:
    for host in fabric.hosts.values():
        yield Party(host.name, host.name, host.segment, host.site, host.ipv4.ip, host.ipv6.ip, host.lan)


def _at_peers(fabric: Fabric) -> Iterator[Party]:
    for key, peer in fabric.city.peers.items():
        for name, host in peer.hosts.items():
            yield Party(f"{key}/{name}", peer_node(key), peer_zone(fabric.city, key), key, host.ipv4, host.ipv6)


def representatives(everybody: tuple[Party, ...], fabric: Fabric) -> tuple[Party, ...]:
    """One party for each segment of each site, a terminal where there is one; and every machine at a peer."""
    chosen: dict[tuple[str, str], Party] = {}
    for party in everybody:
        key = (party.zone, party.site)
        if not party.inside:
            chosen[(party.zone, party.name)] = party
        elif key not in chosen or _is_first_terminal(party, chosen[key], fabric):
            chosen[key] = party
    return tuple(chosen.values())


def _is_first_terminal(party: Party, chosen: Party, fabric: Fabric) -> bool:
    return fabric.hosts[party.name].kind == "terminal" and fabric.hosts[chosen.name].kind != "terminal"


def own_addresses(fabric: Fabric) -> tuple[OwnAddress, ...]:
    """One address of every router and firewall in every segment it stands in, a gateway's where it is one."""
    found: dict[tuple[str, str], OwnAddress] = {}
    for lan in fabric.lans.values():
        found.setdefault(
            (lan.gateway, lan.segment),
            _own(fabric, lan.gateway, lan.segment, lan.gateway4.ip, lan.gateway6.ip),
        )
    for transit in fabric.transits:
        for end in (transit.a, transit.b):
            key = (end.device, transit.segment)
            if key not in found:
                found[key] = _own(fabric, end.device, transit.segment, end.ipv4.ip, end.ipv6.ip)
    return tuple(found.values())


def _own(fabric: Fabric, device: str, segment: str, ipv4: IPv4Address, ipv6: IPv6Address) -> OwnAddress:
    firewall = fabric.devices[device].spec.role == "firewall"
    return OwnAddress(f"{device}({segment})", device, segment, fabric.devices[device].site, ipv4, ipv6, firewall)
