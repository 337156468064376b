"""Who knows a route to what: which routers of a segment learn what firewalls, cores and peers tell each other.

A route comes into a segment over a BGP session with a firewall: the firewall has it (a network of its own, a static
route that it redistributes while its next hop resolves, or what a peer's line brings), both ends' prefix lists and
route maps permit it, the core carries it into OSPF, and each router on the way takes it into its table. A router may
also hold a static route whose next hop such a route resolves: the exit marker. The way back stands on the networks
that cores announce, and on the gateway's subnet in OSPF. A firewall takes any core that announces a subnet to it: so
each of them must be able to deliver.

Not modelled: which of several usable routes is preferred (so both directions are taken to pass the same firewall, as
the configured preferences have it), metrics, AS-path loops between firewalls, VRF leaks, other redistributions than
static into a firewall's BGP, BGP into OSPF, and connected subnets into OSPF.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from network.compile.intent import covers
from network.prove.paths.adjacency import Adjacency, Line, Session
from network.prove.paths.announcements import Announcements
from network.prove.paths.known import Known
from network.prove.paths.offers import Attachment, Heard, Marker, Offer, Said, Shelf, Stem, said
from network.prove.paths.reach import Node, Tree
from network.prove.paths.route_policy import Head, Ready, RoutePolicy
from network.state import Network, PrefixList, Redistribute


class Routes:
    """What is known where, in one family; every answer is worked out once.

    With the routes of the same city `before`, what nothing has touched since is taken from there; `same` tells whether
    only trees may have changed.
    """

    def __init__(self, adjacency: Adjacency, before: Routes | None = None) -> None:
        self.adjacency = adjacency
        known = Known(adjacency)
        self.same = before is not None and before.known.alike(known)
        self.known: Known = before.known if before is not None and self.same else known
        self._vrfs = known.vrfs
        self._policies = {name: RoutePolicy(state, adjacency.family) for name, state in known.telling.items()}
        self._announcements = Announcements(adjacency, self.known, known.vrfs, self._policies)
        self._filtered: dict[str, list[Node]] = {}
        for node, vrf in known.vrfs.items():
            if vrf.rib_filters:
                self._filtered.setdefault(node[1], []).append(node)
        self._lists: dict[Node, tuple[Ready, ...]] = {}
        self._spreads: dict[tuple[Node, frozenset[Node], Said], Stem] = {}
        self._carriers: dict[tuple[Node, bool, Said], Stem] = {}
        self._trees: dict[Stem, Tree] = {}
        self._kin: dict[tuple[bool, str, frozenset[Node]], Tree] = {}
        """Spread, VRF and shut nodes → the first tree of these; others may have all nodes in common with it."""
        self.kept = self.same
        """Whether every tree is as it was, too."""
        self.strayed: frozenset[Node] = frozenset()
        """The nodes that are in a tree and were not before, or were and are not."""
        if before is not None and self.same:
            self._regrow(before._trees)  # noqa: SLF001 the same class

    def _regrow(self, before: Mapping[Stem, Tree]) -> None:
        """Take the trees that no change of adjacencies touched, and grow the others anew."""
        strayed: set[Node] = set()
        for stem, tree in before.items():
            if tree.nodes.isdisjoint(self.adjacency.changed):
                self._trees[stem] = tree
            else:
                self.kept = False
                strayed |= tree.nodes ^ self.tree(stem).nodes
        self.strayed = frozenset(strayed)

    def heard(self, over: Attachment, wanted: Head) -> tuple[Heard, ...]:
        """How the far side of an attachment learns from the firewall where `wanted` is."""
        shelf = self._shelf(over)
        return tuple(self._hear(over, shelf, place) for place in shelf.places(wanted))

    def alike(self, over: Attachment, wanted: Head) -> tuple[object, ...]:
        """The same for all prefixes that are heard in the same way over an attachment."""
        return self._shelf(over).alike(wanted)

    def announces(self, over: Attachment, wanted: Head) -> bool:
        """Whether the far side tells the firewall where `wanted` is."""
        return any(True for _ in self._announcements.told(over)[1].of(wanted))

    def carriers(self, session: Session, subnet: Head, *, announced: bool) -> Stem:
        """The routers from which `session`'s core knows the way to a subnet; announced: it is in OSPF."""
        core = session.core
        key = core, announced, said(self._asked(core), subnet)
        if key not in self._carriers:
            shut = self._refusing(core[1], subnet, None)
            self._carriers[key] = self._stem(core, announced and core not in shut, shut - {core})
        return self._carriers[key]

    def tree(self, stem: Stem) -> Tree:
        """The tree that grows from a stem."""
        if stem not in self._trees:
            neighbours = self.adjacency.neighbours if stem.spread else {}
            kin = self._kin.get((stem.spread, stem.root[1], stem.shut))
            tree = Tree(stem.root, neighbours, stem.shut, kin if kin and stem.root in kin else None)
            self._trees[stem] = tree
            self._kin.setdefault((stem.spread, stem.root[1], stem.shut), tree)
        return self._trees[stem]

    def _shelf(self, over: Attachment) -> Shelf:
        """All that the far side takes from the firewall."""
        if over not in self.known.shelves:
            self.known.shelves[over] = self._filled(over)
        return self.known.shelves[over]

    def _filled(self, over: Attachment) -> Shelf:
        if isinstance(over, Session):
            offers, asked = self._announcements.taken(over), self._asked(over.core)
            markers = tuple(self._markers(over, offers))
            if markers:
                return Shelf(offers, markers, asked)
        else:
            offers, asked = self._announcements.told_out(over), ()
        return self.known.shared.setdefault((id(offers), asked), Shelf(offers, (), asked))

    def _markers(self, over: Session, offers: Iterable[Offer]) -> Iterator[Marker]:
        """The static routes of a core whose next hop an offer leads to."""
        rows = self.known.statics.get(over.core[1], {})
        for offer in offers:
            for (route, via), nodes in rows.items():
                if over.core in nodes and via in offer.prefix and not _holds(offer.prefix, route):
                    yield route, frozenset(nodes), offer

    def _hear(self, over: Attachment, shelf: Shelf, place: int) -> Heard:
        if isinstance(over, Line):
            return Heard(shelf.offers[place].stands, None)
        marker = place - len(shelf.offers)
        if marker < 0:
            offer, shut = shelf.offers[place], frozenset[Node]()
        else:
            _, nodes, offer = shelf.markers[marker]
            shut = frozenset(self.known.nodes[over.core[1]] - nodes)
        return Heard(offer.stands, self._spread(over.core, offer.head, shut))

    def _spread(self, core: Node, prefix: Head, shut: frozenset[Node]) -> Stem:
        """A route that a core hears, as far as OSPF carries it to routers that can use it."""
        key = core, shut, said(self._asked(core), prefix)
        if key not in self._spreads:
            carried, tag = self._carried(core, prefix)
            beyond = shut | self._refusing(core[1], prefix, tag)
            self._spreads[key] = self._stem(core, carried, beyond - {core})
        return self._spreads[key]

    def _asked(self, core: Node) -> tuple[Ready, ...]:
        """Every list that has a say in how far a core spreads a prefix: if they say the same, prefixes spread alike."""
        if core not in self._lists:
            ready = self.known.lists
            self._lists[core] = tuple(ready.setdefault(row, Ready(row)) for row in dict.fromkeys(self._asking(core)))
        return self._lists[core]

    def _asking(self, core: Node) -> Iterator[PrefixList]:
        row = self._redistributing(core)
        if row is not None:
            yield from self._policies[core[0]].asking(row.route_map)
        for node in self._filtered.get(core[1], ()):
            for rib in self._vrfs[node].rib_filters:
                yield from self._policies[node[0]].asking(rib.route_map)

    def _carried(self, core: Node, prefix: Head) -> tuple[bool, int | None]:
        """Whether a core carries a route from BGP into OSPF, and the tag it gives it."""
        row = self._redistributing(core)
        return self._policies[core[0]].mapped(row.route_map, prefix) if row else (False, None)

    def _redistributing(self, core: Node) -> Redistribute | None:
        process = self.adjacency.speakers[core[0]].ospf.get(core[1] or None)
        return next((row for row in process.redistribute if row.protocol == "bgp"), None) if process else None

    def _refusing(self, vrf: str, prefix: Head, tag: int | None) -> frozenset[Node]:
        """The routers that do not take a route of OSPF into their tables."""
        protocol = "ospf" if self.adjacency.family == 4 else "ospf6"  # noqa: PLR2004 the IP version
        return frozenset(
            node
            for node in self._filtered.get(vrf, ())
            for row in self._vrfs[node].rib_filters
            if row.protocol == protocol
            and row.family == self.adjacency.family
            and not self._policies[node[0]].mapped(row.route_map, prefix, tag)[0]
        )

    def _stem(self, root: Node, spread: bool, shut: frozenset[Node]) -> Stem:  # noqa: FBT001 private
        key = root, spread, shut
        return self.known.stems.setdefault(key, Stem(*key))


def _holds(outer: Network, inner: Network) -> bool:
    return outer.version == inner.version and covers(outer, inner)
