"""Sets of prefixes compared as the addresses they cover, however these are cut into prefixes."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import TypeVar

Network = IPv4Network | IPv6Network


def moved(before: set[str], after: set[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The prefixes that left and those that came; ValueError when a member is no prefix."""
    gone, come = ([ip_network(part) for part in parts] for parts in (before - after, after - before))
    return _without(gone, come), _without(come, gone)


def _without(these: Iterable[Network], those: Iterable[Network]) -> tuple[str, ...]:
    """What of `these` addresses is not among `those`."""
    left = list(these)
    for other in those:
        left = [part for network in left for part in _cut(network, other)]
    return tuple(str(part) for part in sorted(left, key=lambda part: (part.version, int(part[0]), part.prefixlen)))


def _cut(network: Network, other: Network) -> Iterable[Network]:
    if isinstance(network, IPv4Network) and isinstance(other, IPv4Network):
        return _parts(network, other)
    if isinstance(network, IPv6Network) and isinstance(other, IPv6Network):
        return _parts(network, other)
    return (network,)


Same = TypeVar("Same", IPv4Network, IPv6Network)


def _parts(network: Same, other: Same) -> Iterable[Same]:
    if network.subnet_of(other):
        return ()
    return network.address_exclude(other) if other.subnet_of(network) else (network,)
