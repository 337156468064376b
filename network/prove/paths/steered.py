"""Whether policy routes let a registered flow pass a firewall, there and back; see `steering`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from network.prove.paths.adjacency import Line, Session
from network.prove.paths.asked import Demand
from network.prove.paths.down import NOTHING_DOWN, Down
from network.prove.paths.gates import between
from network.prove.paths.passages import Wanted, Ways
from network.prove.paths.places import Place
from network.prove.paths.route_policy import head
from network.prove.paths.steering import Entry, Loss, Walk
from network.prove.sets.packets import Packets


class Steered:
    """A demand that meets policy routes on its way, or may meet them."""

    def __init__(self, ways: Ways, demand: Demand, packets: tuple[Packets, Packets]) -> None:
        """`packets`: the first packets between the two places, and the answers."""
        self._ways, self._demand = ways, demand
        self._forth, self._back = packets

    def lost(self, firewall: str, down: Down = NOTHING_DOWN) -> Loss | None:
        """What a rule keeps from passing a firewall in either direction, while something is down."""
        ways, demand = self._ways, self._demand
        source, destination = demand.source, demand.destination
        return (
            self._sent(self._forth, firewall, source, lambda _: destination.prefix, down)
            or self._through(self._forth, firewall, source, destination, down)
            or self._delivered(self._forth, firewall, destination, down)
            or self._sent(self._back, firewall, destination, lambda over: ways.answered_to(demand, over), down)
            or self._through(self._back, firewall, destination, source, down)
            or self._delivered(self._back, firewall, source, down)
        )

    def _sent(self, packets: Packets, firewall: str, place: Place, wanted: Wanted, down: Down) -> Loss | None:
        """From a place to the firewall: by one of the ways that hold, all packets have to arrive."""
        node, lan = self._ways.ground(place).node, place.lan
        if node is None or lan is None:
            return None
        steering, entry = self._ways.steering, Entry(node, lan.gateway_interface)
        losses = [
            steering.walk(packets, entry, Walk(stem.root, firewall, stem.shut - {stem.root}, down))
            for over in self._ways.attachments(firewall, place.zone)
            if down.keeps(over)
            for heard in self._ways.routes.heard(over, head(wanted(over)))
            if (stem := heard.stem) is not None
            and down.connects(self._ways.routes.tree(stem), node)
            and (heard.stands is None or any(down.keeps(row) for row in heard.stands))
        ]
        return None if None in losses else next(iter(losses), None)

    def _through(self, packets: Packets, firewall: str, source: Place, to: Place, down: Down) -> Loss | None:
        """Through the firewall: whatever it comes by, its rules send it only where the firewall delivers anyway."""
        there = {self._far(over) for over, _ in self._ways.announcing(firewall, to) if down.keeps(over)}
        for over in self._ways.attachments(firewall, source.zone):
            for entry in self._entries(firewall, over.firewall_interface) if down.keeps(over) else ():
                for some, turn in self._ways.steering.split(packets, entry, down)[0]:
                    if turn.to is None or turn.to.node not in there:
                        return Loss(some, turn)
        return None

    def _delivered(self, packets: Packets, firewall: str, place: Place, down: Down) -> Loss | None:
        """From the firewall to a place: by each core that it may choose."""
        losses = self._deliveries(packets, firewall, place, down)
        return next((loss for loss in losses if loss is not None), None)

    def _deliveries(self, packets: Packets, firewall: str, place: Place, down: Down) -> Iterator[Loss | None]:
        node = self._ways.ground(place).node
        for over, stem in self._ways.announcing(firewall, place):
            if node is not None and isinstance(over, Session) and stem is not None and down.keeps(over):
                walk = Walk(node, "", stem.shut - {node}, down)
                yield self._ways.steering.walk(packets, Entry(over.core, over.core_interface), walk)

    def _entries(self, firewall: str, interface: str) -> Iterable[Entry]:
        known = self._ways.adjacency.speakers[firewall].interfaces.get(interface)
        return () if known is None else (Entry((firewall, known.vrf or ""), interface),)

    @staticmethod
    def _far(over: Session | Line) -> tuple[str, str]:
        return over.core if isinstance(over, Session) else (over.zone, "")


def steered(ways: Ways, demand: Demand) -> Steered | None:
    """A demand whose packets some policy route is for; None: none has to do with it."""
    met = ways.steering.met
    if not met:
        return None
    forth, back = ways.asked.packets(demand.live)
    here, there = demand.source.prefix, demand.destination.prefix
    mine = forth & between(here, there, ways.family), back & between(there, here, ways.family)
    return Steered(ways, demand, mine) if any(some.meets(met) for some in mine) else None
