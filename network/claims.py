"""Sources that a peer may not claim, though it announces everything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory.model import City, Peer
from network.endpoints import peer_zone
from network.state import Family, Network


def foreign(city: City, zone: str, family: Family) -> tuple[Network, ...]:
    """The prefixes that are not those of a peer's zone: our segments', and what other peers announce by name.

    What the zone's own peers announce by name stays theirs. Of a zone that does not announce everything the firewalls
    know all that it may claim, so that for such a one this is our segments' prefixes only.
    """
    plans = (row.ipv4 if family == 4 else row.ipv6 for row in city.segments.values())  # noqa: PLR2004 the IP version
    ours: list[Network] = [plan.supernet for plan in plans]
    mine = [p for name, peer in city.peers.items() if peer_zone(city, name) == zone for p in _announced(peer, family)]
    if all(prefix.prefixlen for prefix in mine):
        return tuple(ours)
    named = [prefix for prefix in mine if prefix.prefixlen]
    others = [
        prefix
        for name, peer in city.peers.items()
        if peer_zone(city, name) != zone
        for prefix in _announced(peer, family)
        if prefix.prefixlen
    ]
    return (*ours, *(part for prefix in others for part in _without(prefix, named)))


def _announced(peer: Peer, family: Family) -> Iterable[Network]:
    return peer.prefixes4 if family == 4 else peer.prefixes6  # noqa: PLR2004 the IP version


def _without(network: Network, holes: Iterable[Network]) -> Iterator[Network]:
    """A prefix less others of its family."""
    hole = next((hole for hole in holes if hole.overlaps(network)), None)
    if hole is None:
        yield network
    elif hole.prefixlen > network.prefixlen:
        for half in network.subnets():
            yield from _without(half, holes)
