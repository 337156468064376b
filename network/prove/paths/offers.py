"""Routes that firewalls tell, and how the other side hears them: the values that `routes` works with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from network.prove.paths.adjacency import Line, Session
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import Head, Ready, head
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

    def of(self, wanted: Head) -> Iterator[int]:
        """The places of the prefixes that hold every address of `wanted`, the widest first."""
        longest, bits = wanted
        for length in self._lengths:
            if length <= longest:
                yield from self._places.get((length, bits >> (longest - length)), ())


Said = tuple[bool, ...]
"""What each of some prefix lists says of a prefix."""

Marker = tuple[Network, frozenset[Node], Offer]
"""A static route whose next hop an offer leads to, the routers of a core's VRF that have it, and that offer."""


class Shelf:
    """The routes that the far sides of attachments take, found by what they cover.

    Places count the offers first, and then the markers.
    """

    def __init__(self, offers: tuple[Offer, ...], markers: tuple[Marker, ...], asked: tuple[Ready, ...]) -> None:
        """`asked`: the lists that have a say in how far the routes spread."""
        self.offers, self.markers = offers, markers
        self._asked = asked
        self._covering = Covering((*(offer.head for offer in offers), *(head(route) for route, _, _ in markers)))
        self._alike: dict[Head, tuple[object, ...]] = {}

    def places(self, wanted: Head) -> Iterable[int]:
        """Where the routes to a prefix are: offers first, and the widest first."""
        places = self._covering.of(wanted)
        return sorted(places, key=lambda place: place >= len(self.offers)) if self.markers else places

    def alike(self, wanted: Head) -> tuple[object, ...]:
        """All of the routes to a prefix that makes a difference to how they are heard over an attachment."""
        if wanted not in self._alike:
            self._alike[wanted] = tuple(map(self._kind, self.places(wanted)))
        return self._alike[wanted]

    def _kind(self, place: int) -> object:
        if place >= len(self.offers):
            return place
        offer = self.offers[place]
        return offer.stands, said(self._asked, offer.head)


@dataclass(frozen=True, slots=True, eq=False)
class Stem:
    """What a tree grows from: its root, whether it spreads beyond it, and the nodes it does not enter."""

    root: Node
    spread: bool
    shut: frozenset[Node]


@dataclass(frozen=True, slots=True, eq=False)
class Heard:
    """How a route is heard over an attachment: what it stands on, and which routers of the segment hold it."""

    stands: tuple[Attachment, ...] | None
    stem: Stem | None
    """None at a peer: it is one place."""


def said(asked: tuple[Ready, ...], prefix: Head) -> Said:
    """What is said of a prefix by lists that are asked."""
    return tuple([item.permits(prefix) for item in asked]) if asked else ()
