"""Routes that firewalls tell, and how the other side hears them: the values that `routes` works with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from network.prove.paths.adjacency import Line, Session
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import head
from network.state import Network

Attachment = Session | Line
"""What joins a firewall to a zone."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A route that a firewall has, or is told: there while one of `stands` is up; None: always."""

    prefix: Network
    stands: tuple[Attachment, ...] | None = None


class Covering:
    """Prefixes, asked which of them hold all of another."""

    def __init__(self, prefixes: Iterable[Network]) -> None:
        self.heads: dict[tuple[int, int], list[int]] = {}
        """Length and first bits → places in the list."""
        for place, prefix in enumerate(prefixes):
            self.heads.setdefault(head(prefix), []).append(place)
        self._lengths = sorted({length for length, _ in self.heads})

    def of(self, wanted: Network) -> Iterator[int]:
        """The places of the prefixes that hold every address of `wanted`, the widest first."""
        longest, address, bits = wanted.prefixlen, int(wanted.network_address), wanted.max_prefixlen
        for length in self._lengths:
            if length <= longest:
                yield from self.heads.get((length, address >> (bits - length)), ())


class Shelf:
    """The routes that one side of an attachment takes, found by what they cover.

    Places count the offers first, and then the markers: static routes whose next hop an offer leads to, with that
    offer and the routers of the core's VRF that have them.
    """

    def __init__(self, offers: tuple[Offer, ...], markers: tuple[tuple[Network, frozenset[Node], Offer], ...]) -> None:
        self.offers = offers
        self.markers = markers
        self.covering = Covering((*(offer.prefix for offer in offers), *(route for route, _, _ in markers)))
        self.heard: dict[tuple[int, ...], tuple[Heard, ...]] = {}
        """Places → how they are heard together, where it was asked for."""
        self.each: dict[int, Heard] = {}
        """Place → how it is heard, likewise."""


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """What a tree grows from: its root, whether it spreads beyond it, and the nodes it does not enter."""

    root: Node
    spread: bool
    shut: frozenset[Node]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """A route heard over an attachment, and the routers of the segment that hold it."""

    offer: Offer
    stem: Stem | None = None
    """None at a peer: it is one place."""
