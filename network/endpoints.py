"""Host groups resolved: where each stands, and which prefixes it covers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses

from inventory.model import City, HostGroup, Member
from network.fabric import Endpoint, Host, Lan


@dataclass(frozen=True)
class _Places:
    """What a member of a group may name."""

    city: City
    lans: dict[str, Lan]
    hosts: dict[str, Host]
    by_class: dict[str, tuple[str, ...]]
    """Terminal class → the LANs its groups stand in."""
    by_vlan: dict[str, tuple[str, ...]]
    """VLAN's key → the LANs of that key at all sites."""


def resolve_groups(city: City, lans: dict[str, Lan], hosts: dict[str, Host]) -> dict[str, Endpoint]:
    """Every host group of the city: its zone and its prefixes. ValueError when a group stands in several zones."""
    by_class: dict[str, tuple[str, ...]] = {}
    for site_key, site in city.sites.items():
        for terminals in site.terminals.values():
            found = (f"{site_key}/{vlan}" for vlan in terminals.vlans)
            by_class[terminals.class_] = (*by_class.get(terminals.class_, ()), *found)
    by_vlan: dict[str, tuple[str, ...]] = {}
    for lan in lans.values():
        by_vlan[lan.vlan] = (*by_vlan.get(lan.vlan, ()), lan.name)
    places = _Places(city, lans, hosts, by_class, by_vlan)
    return {key: _endpoint(key, group, places) for key, group in city.groups.items()}


def _endpoint(key: str, group: HostGroup, places: _Places) -> Endpoint:
    rows = [row for member in group.members for row in _member(member, places)]
    zones = {zone for zone, _ in rows}
    if len(zones) != 1:
        msg = f"group {key} stands in {len(zones)} zones: {', '.join(sorted(zones))}"
        raise ValueError(msg)
    networks = {network for _, network in rows}
    return Endpoint(
        group=key,
        zone=zones.pop(),
        ipv4=tuple(collapse_addresses(n for n in networks if isinstance(n, IPv4Network))),
        ipv6=tuple(collapse_addresses(n for n in networks if isinstance(n, IPv6Network))),
    )


def _member(member: Member, places: _Places) -> Iterator[tuple[str, IPv4Network | IPv6Network]]:
    """(zone, prefix) pairs a member stands for."""
    if member.segment is not None:
        segment = places.city.segments[member.segment]
        yield member.segment, segment.ipv4.supernet
        yield member.segment, segment.ipv6.supernet
    if member.server is not None:
        host = places.hosts[member.server]
        yield host.segment, IPv4Network(host.ipv4.ip)
        yield host.segment, IPv6Network(host.ipv6.ip)
    if member.peer is not None:
        peer = places.city.peers[member.peer]
        for prefix in member.prefixes or (*peer.prefixes4, *peer.prefixes6):
            yield peer_zone(places.city, member.peer), prefix
    for name in _lans(member, places):
        lan = places.lans[name]
        yield lan.segment, lan.ipv4
        yield lan.segment, lan.ipv6


def _lans(member: Member, places: _Places) -> tuple[str, ...]:
    if member.terminals is not None:
        return places.by_class[member.terminals]
    if member.vlan is None:
        return ()
    site, _, vlan = member.vlan.partition("/")
    return places.by_vlan[vlan] if site == "*" else (member.vlan,)


def peer_zone(city: City, peer: str) -> str:
    """The firewall zone a peer is behind: its own, or that of the peer through which it is reached."""
    behind = city.peers[peer].behind
    return f"peer:{behind or peer}"
