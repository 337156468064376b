"""Routes that firewalls tell, and how the other side hears them: the values that `routes` works with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from network.prove.paths.adjacency import Line, Session
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import Head, head
from network.state import Network

Attachment = Session | Line
"""What joins a firewall to a zone."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A route that a firewall has, or is told: there while one of `stands` is up; None: always."""

    prefix: Network
    head: Head
    """The same as numbers."""
    stands: tuple[Attachment, ...] | None = None


class Covering:
    """Prefixes, asked which of them hold all of another."""

    def __init__(self, prefixes: Iterable[Head]) -> None:
        self._places: dict[Head, list[int]] = {}
        """Prefix → places in the list."""
        for place, prefix in enumerate(prefixes):
            self._places.setdefault(prefix, []).append(place)
        self._lengths = sorted({length for length, _ in self._places})

    def of(self, wanted: Network) -> Iterator[int]:
        """The places of the prefixes that hold every address of `wanted`, the widest first."""
        longest, address, bits = wanted.prefixlen, int(wanted.network_address), wanted.max_prefixlen
        for length in self._lengths:
            if length <= longest:
                yield from self._places.get((length, address >> (bits - length)), ())


class Shelf:
    """The routes that one side of an attachment takes, found by what they cover.

    Places count the offers first, and then the markers: static routes whose next hop an offer leads to, with that
    offer and the routers of the core's VRF that have them.
    """

    def __init__(self, offers: tuple[Offer, ...], markers: tuple[tuple[Network, frozenset[Node], Offer], ...]) -> None:
        self.offers = offers
        self.markers = markers
        self.covering = Covering((*(offer.head for offer in offers), *(head(route) for route, _, _ in markers)))
        self.heard: dict[int, Heard] = {}
        """Place → how it is heard, where it was asked for."""


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """What a tree grows from: its root, whether it spreads beyond it, and the nodes it does not enter."""

    root: Node
    spread: bool
    shut: frozenset[Node]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """How a route is heard over an attachment: what it stands on, and which routers of the segment hold it.

    Routes that are heard alike have the same.
    """

    stands: tuple[Attachment, ...] | None
    stem: Stem | None
    """None at a peer: it is one place."""
