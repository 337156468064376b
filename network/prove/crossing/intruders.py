"""Packets that slip into a connection from a third zone.

A firewall knows a connection by addresses and ports, not by interfaces. So a packet of a zone that claims the address
of one end of somebody else's connection counts as part of it, unless the firewall holds each zone to its own sources
before it lets known connections through. For each zone it is asked which packets into it pass in the states
`established` and `related`, whatever their connection's mark: those of its registered connections may come from the
other end's zone only.

What passes as a first packet, too, is no intruder's: whether it may is asked by `network.prove.crossing.crossings`.

Asked about are intruders from segments, peers and the management network. A peer that announces everything owns all
addresses but ours and those that other peers announce by name; of two such peers each may claim what the other may.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from inventory.text import Text
from network.prove.crossing.addresses import plausible, spans_of
from network.prove.crossing.causes import Intended
from network.prove.crossing.crossings import decision_lines, rule_text
from network.prove.crossing.firewall import Firewall, Group
from network.prove.crossing.plant import Plant
from network.prove.filtering.filters import Connection
from network.prove.filtering.nft_table import Doubt
from network.prove.findings import Finding, Hop
from network.prove.register import PEER, Register
from network.prove.sets.boxes import Box
from network.prove.sets.fields import ALL_EXTRAS, ICMP, PORTED, PROTOCOL_BITS, services_of
from network.prove.sets.intervals import join, meet, pairs
from network.prove.sets.packets import Packets, packets, union

KNOWN: tuple[Connection, ...] = ("established", "related")
_SLIPS = Text(
    "Packets from {source} slip into connections of {destination} with others at {device}: {rule}.",
    "{device} で、{source} からのパケットが {destination} と他の領域との接続に紛れ込めます。原因: {rule}。",
)
_HINT = Text(
    "Hold every zone to its own source addresses before letting known connections through.",
    "既存の接続を許可する規則より前で、領域ごとに送信元アドレスを確かめてください。",
)


@dataclass(frozen=True)
class Intruders:
    """Asks firewalls for them."""

    plant: Plant
    register: Register
    intended: Intended
    doubts: list[tuple[str, Doubt]]
    """Noted are what the answers depend on and is in doubt."""

    def findings(self, firewall: Firewall, groups: tuple[Group, ...]) -> Iterator[Finding]:
        """A finding for each pair of zones."""
        told: set[tuple[str, str]] = set()
        for entry, leave in product(groups, repeat=2):
            source, destination = self._zone(entry), self._zone(leave)
            if source in {"", destination} or not destination or (source, destination) in told:
                continue
            found = self._slipping(firewall, entry, leave, source, destination)
            if found is not None:
                told.add((source, destination))
                yield found

    def _zone(self, group: Group) -> str:
        """The zone behind interfaces; "" where there is none, or several, which is a finding of its own."""
        zones = self.plant.areas.zones_at(group.door.place)
        return zones[0] if len(zones) == 1 else ""

    def _slipping(
        self, firewall: Firewall, entry: Group, leave: Group, source: str, destination: str
    ) -> Finding | None:
        honest = self.register.own(source)
        asked = ((connection, mark) for connection in KNOWN for mark in firewall.filter.marks(connection))
        for connection, mark in asked:
            passing = firewall.filter.passing("forward", entry.door.name, leave.door.name, connection, mark=mark)
            if firewall.filter.memo.within(passing.packets, honest):
                continue
            opening = firewall.filter.passing("forward", entry.door.name, leave.door.name)
            strangers = self._strangers(source, destination) - honest - opening.packets
            slipping = passing.certain & strangers
            if not slipping:
                if passing.doubts and passing.packets.meets(strangers):
                    self.doubts.extend((firewall.name, doubt) for doubt in passing.doubts)
                continue
            fabric = self.plant.ground.fabric
            ends = spans_of(fabric, self.register, destination)
            packet = plausible(slipping, (), ends)
            if packet is None:
                continue
            decision = firewall.explain(packet, entry, leave, connection)
            lines = decision_lines(firewall, decision, self.intended, self.plant)
            what = _SLIPS.format(source=source, destination=destination, device=firewall.name, rule=rule_text(decision))
            place = f"forward {entry.door.name} → {leave.door.name}"
            hops = (
                Hop(source, entry.door.name, Text("sends with a false source", "送信元を偽って送る")),
                Hop(firewall.name, place, rule_text(decision), lines),
            )
            return Finding("crossing", f"{source} > {destination}", what, packet, hops, lines, _HINT)
        return None

    def _strangers(self, source: str, destination: str) -> Packets:
        """Packets into a zone that belong to its connections with zones other than `source`."""
        found: list[Packets] = []
        for row in self.register.rows.values():
            if row.destination == destination and row.source != source:
                found.append(row.packets)
            elif row.source == destination and row.destination != source:
                answers = answering(row.packets)
                foreign = self.register.foreign(row.destination) if row.destination.startswith(PEER) else ()
                found.append(answers - packets(source=foreign) if foreign else answers)
        strangers = union(found)
        mine = self.register.between(source, destination) | answering(self.register.between(destination, source))
        return strangers - mine


def answering(opening: Packets) -> Packets:
    """The answers to packets that open connections: ends and ports change places; an echo is answered by its reply."""
    return Packets(answer for box in opening.boxes for answer in _answers(box))


def _answers(box: Box) -> Iterator[Box]:
    source, destination, services, extras = box
    for number in PORTED.values():
        mine = meet(services, services_of(number))
        if mine:
            base = number << PROTOCOL_BITS
            ports = join([tuple(end - base for end in mine)])
            yield destination, source, services_of(number, list(pairs(extras))), ports
    for number, reply in ((ICMP[4], 0), (ICMP[6], 129)):
        if meet(services, services_of(number)):
            yield destination, source, services_of(number, [(reply, reply)]), ALL_EXTRAS
