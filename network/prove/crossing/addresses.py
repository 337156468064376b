"""Examples that an engineer can picture: packets between addresses that the ends really have."""

from __future__ import annotations

from collections.abc import Iterable

from network.fabric import Fabric
from network.prove.register import PEER, Register
from network.prove.sets.packets import ALL_PACKETS, Packet, Packets, Span, packets
from network.state import Address

MOST_HOSTS = 256
"""Of a zone, as examples."""

Choices = tuple[tuple[Span, ...], ...]
"""Addresses to take an example from; the first that fit are taken."""


def plausible(found: Packets, sources: Choices, destinations: Choices) -> Packet | None:
    """The most ordinary packet of a set, with the first of these addresses that the set has."""
    for source in [*(packets(source=spans) for spans in sources), ALL_PACKETS]:
        mine = found & source
        for destination in [*(packets(destination=spans) for spans in destinations), ALL_PACKETS]:
            example = mine & destination
            if example:
                return example.witness()
    return None


def spans_of(fabric: Fabric, register: Register, zone: str, node: str = "") -> Choices:
    """The addresses of a host if `node` is one, those of the zone's hosts, and all of the zone's."""
    if zone.startswith(PEER):
        members = [p for key, p in fabric.city.peers.items() if zone.removeprefix(PEER) in {key, p.behind}]
        at_peer = [(host.ipv4, host.ipv6) for peer in members for host in peer.hosts.values()]
        return _spans(at_peer), register.addresses(zone)
    hosts = [host for host in fabric.hosts.values() if host.segment == zone]
    one = [host for host in hosts if host.name == node]
    return (*(_spans((host.ipv4.ip, host.ipv6.ip) for host in some) for some in (one, hosts)), register.addresses(zone))


def _spans(pairs: Iterable[tuple[Address, Address]]) -> tuple[Span, ...]:
    addresses = [address for pair in pairs for address in pair]
    return tuple((address, address) for address in addresses[:MOST_HOSTS])
