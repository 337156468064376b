"""What routes depend on beside who is adjacent to whom, and what was worked out from it."""

from __future__ import annotations

from network.prove.paths.adjacency import Adjacency
from network.prove.paths.offers import Attachment, Covering, Offer, Shelf, Stem
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import Ready
from network.state import Address, DeviceState, Network, PrefixList, Vrf


class Known:
    """What routes depend on beside who is adjacent to whom, and what was worked out from it."""

    def __init__(self, adjacency: Adjacency) -> None:
        speakers = adjacency.speakers
        ends = {row.core[0] for rows in adjacency.sessions.values() for row in rows}
        self.vrfs: dict[Node, Vrf] = {}
        self.nodes: dict[str, set[Node]] = {}
        self.statics: dict[str, dict[tuple[Network, Address], set[Node]]] = {}
        """VRF → static route and next hop → the routers that have it."""
        self.telling: dict[str, DeviceState] = {}
        """The devices whose routing policy counts: all but those that take and pass on whatever OSPF brings."""
        for name, speaker in speakers.items():
            tells = name in ends or bool(speaker.state.tables) or bool(speaker.state.bgp)
            for vrf in speaker.state.vrfs:
                node = name, vrf.name or ""
                self.vrfs[node] = vrf
                self.nodes.setdefault(node[1], set()).add(node)
                tells |= bool(vrf.rib_filters)
                for route in vrf.static_routes:
                    if route.via is not None:
                        rows = self.statics.setdefault(node[1], {})
                        rows.setdefault((route.prefix, route.via), set()).add(node)
            if tells:
                self.telling[name] = speaker.routing
        self.attachments = [
            row for table in (adjacency.sessions, adjacency.lines) for rows in table.values() for row in rows
        ]
        self.shelves: dict[Attachment, Shelf] = {}
        self.shared: dict[tuple[int, tuple[Ready, ...]], Shelf] = {}
        """Offers (these very ones) and the lists that are asked about them → the shelf without markers."""
        self.lists: dict[PrefixList, Ready] = {}
        self.told: dict[Attachment, tuple[tuple[Network, ...], Covering]] = {}
        self.own: dict[tuple[str, str | None], tuple[Offer, ...]] = {}
        self.told_out: dict[tuple[str, str, str | None, str, str], tuple[Offer, ...]] = {}
        self.taken: dict[tuple[int, str, object], tuple[Offer, ...]] = {}
        """What was told (these very offers), and what the core filters it with → what it takes."""
        self.stems: dict[tuple[Node, bool, frozenset[Node]], Stem] = {}

    def alike(self, other: Known) -> bool:
        """Whether the same routes come from both."""
        return (
            self.nodes == other.nodes
            and self.statics == other.statics
            and self.telling.keys() == other.telling.keys()
            and all(other.telling[name] is state for name, state in self.telling.items())
            and len(self.attachments) == len(other.attachments)
            and all(one is two for one, two in zip(self.attachments, other.attachments, strict=True))
        )
