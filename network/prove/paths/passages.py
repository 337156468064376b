"""The ways that a registered flow may take: for each firewall between its zones, there and back.

A flow passes one firewall, the same in both directions. A place of its groups sends to the firewall, the firewall lets
the packet through and delivers it; the answer comes back likewise. `legs` says what holds each part, `gates` what the
firewall lets through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from network.compile.flows import LiveFlow
from network.fabric import Host
from network.prove.filtering.filters import DeviceFilter
from network.prove.filtering.kept import Filters
from network.prove.paths.adjacency import Adjacency, Line, Session
from network.prove.paths.asked import Asked, Demand
from network.prove.paths.gates import Gate, Stop, between
from network.prove.paths.legs import Leg, Option
from network.prove.paths.offers import Attachment, Stem
from network.prove.paths.places import Place
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import head
from network.prove.paths.routes import Routes
from network.prove.paths.steering import Steering
from network.prove.paths.switched import Switched
from network.prove.subject import Subject
from network.state import Family, Interface, Network

Wanted = Callable[[Attachment], Network]
"""What must be heard over an attachment."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where a subnet meets the routers: its gateway's node, whether OSPF knows it, the hosts that do not get there."""

    node: Node | None
    announced: bool = False
    astray: tuple[Host, ...] = ()

    @property
    def firm(self) -> bool:
        return self.node is not None and not self.astray


@dataclass(frozen=True, slots=True)
class Way:
    """How a demand passes one firewall; it stands when the firewall lets all of it through and every leg holds."""

    firewall: str
    stops: tuple[Stop, ...]
    sent: Leg
    delivered: Leg
    answered: Leg
    returned: Leg

    @property
    def legs(self) -> tuple[Leg, Leg, Leg, Leg]:
        """In the order in which packet and answer meet them."""
        return self.sent, self.delivered, self.answered, self.returned


class Ways:
    """Every way of every registered flow, in one family."""

    def __init__(self, subject: Subject, family: Family, before: Ways | None, filters: Filters) -> None:
        """`before`: the ways of another subject of the same city and day."""
        self.subject, self.family = subject, family
        self.asked: Asked = before.asked if before else Asked(subject.fabric, subject.day, family)
        self.adjacency: Adjacency = Adjacency(
            subject.fabric, subject.states, family, before.adjacency if before else None
        )
        self.routes: Routes = Routes(self.adjacency, before.routes if before else None)
        self.steering = Steering(self.adjacency)
        self.switched: Switched = Switched(subject.fabric, subject.states, before.switched if before else None)
        self._gates: dict[str, Gate] = before._gates.copy() if before else {}  # noqa: SLF001 the same class
        for name, state in subject.states.items():
            if state.platform == "nftables":
                self._gate(name, filters.of(name, state, subject.unknown.get(name, ())))
        self._grounds: dict[Place, Ground] = {}
        if before is not None:
            moved = self.adjacency.moved | self.switched.touched
            self._grounds = {
                place: ground
                for place, ground in before._grounds.items()  # noqa: SLF001 the same class
                if place.lan is None or moved.isdisjoint((place.lan.gateway, *(host.switch for host in place.hosts)))
            }
        self._stayed = frozenset(self._grounds)
        self.steady = before is not None and self.routes.same and not (self.steering.met or before.steering.met)
        """Whether the same routes come from the devices as before, and no policy route has a say."""
        self.alike = before is not None and self.steady and self._gates == before._gates  # noqa: SLF001 the same class
        """Whether the firewalls let the same through, too."""
        self._legs: dict[tuple[object, ...], Leg] = {}
        self._between: dict[tuple[str, str], tuple[str, ...]] = {}
        self._interfaces: dict[tuple[str, str], tuple[str, ...]] = {}
        self._translates: dict[tuple[str, str], bool] = {}
        self._lets_as: dict[tuple[str, str], bool] = {}
        self._attachments: dict[tuple[str, str], tuple[Attachment, ...]] = {}

    def stayed(self, place: Place) -> bool:
        """Whether a place meets the routers as it did before."""
        return place in self._stayed

    def _gate(self, name: str, filter_: DeviceFilter) -> None:
        known = self._gates.get(name)
        if known is None or known.filter is not filter_:
            self._gates[name] = Gate(filter_, name, self.asked.packets)

    def gate(self, firewall: str) -> Gate:
        """The filters of a firewall."""
        return self._gates[firewall]

    def firewalls(self, a: str, b: str) -> tuple[str, ...]:
        """The firewalls that stand in both zones."""
        if (a, b) not in self._between:
            there = set(self.adjacency.firewalls(b))
            self._between[a, b] = tuple(name for name in self.adjacency.firewalls(a) if name in there)
        return self._between[a, b]

    def ways(self, demand: Demand) -> tuple[Way, ...]:
        """One for each firewall between the zones, whether or not it stands."""
        names = self.firewalls(demand.source.zone, demand.destination.zone)
        return tuple(self.way(name, demand) for name in names)

    def way(self, firewall: str, demand: Demand) -> Way:
        """How a demand passes a firewall."""
        source, destination = demand.source, demand.destination
        return Way(
            firewall,
            self.stopped(firewall, demand),
            self.send(firewall, source, lambda _: destination.prefix),
            self.deliver(firewall, destination),
            self.send(firewall, destination, lambda over: self.answered_to(demand, over)),
            self.deliver(firewall, source),
        )

    def attachments(self, firewall: str, zone: str) -> tuple[Attachment, ...]:
        """What joins a firewall to a zone."""
        here = firewall, zone
        if here not in self._attachments:
            self._attachments[here] = (
                *self.adjacency.sessions.get(here, ()),
                *self.adjacency.lines.get(here, ()),
            )
        return self._attachments[here]

    def ground(self, place: Place) -> Ground:
        """Where the hosts of a place in a subnet meet the routers."""
        if place not in self._grounds:
            self._grounds[place] = self._ground(place)
        return self._grounds[place]

    def gateway(self, place: Place) -> Interface | None:
        """The interface that is up with the subnet's gateway address, where the inventory says."""
        lan = place.lan
        speaker = self.adjacency.speakers.get(lan.gateway) if lan else None
        if lan is None or speaker is None:
            return None
        port, _, tag = lan.gateway_interface.partition(".")
        found = speaker.up(port).get(tag)
        address = lan.gateway4 if self.family == 4 else lan.gateway6  # noqa: PLR2004 the IP version
        return found if found is not None and address in found.addresses else None

    def lets_as(self, before: Ways, source: str, destination: str) -> bool:
        """Whether firewalls let all rows from one zone to another through as they did before.

        `before`: the ways of another subject, to whose devices the same routes come.
        """
        key = source, destination
        if key not in self._lets_as:
            self._lets_as[key] = all(
                self._gates[name] is before._gates[name]
                or self._gates[name].lets_as(
                    before._gates[name],
                    self._doors(name, source),
                    self._doors(name, destination),
                )
                for name in self.adjacency.firewalls(destination)
            )
        return self._lets_as[key]

    def answered_to(self, demand: Demand, over: Attachment) -> Network:
        """Where the answer goes that comes by an attachment: to the source, or to what it was translated to."""
        translated = self.translated(demand.live, over)
        return demand.source.prefix if translated is None else translated

    def translates(self, source: str, destination: str) -> bool:
        """Whether some firewall may translate the sources of rows from one zone to another."""
        key = source, destination
        if key not in self._translates:
            self._translates[key] = any(
                self.gate(name).translates(self._entering(name, source), over.firewall_interface)
                for name in self.adjacency.firewalls(destination)
                for over in self.attachments(name, destination)
            )
        return self._translates[key]

    def translated(self, live: LiveFlow, over: Attachment) -> Network | None:
        """What the sources of a row are translated to when it leaves by an attachment."""
        iif = self._entering(over.firewall, live.source.zone)
        return self.gate(over.firewall).returned(live, iif, over.firewall_interface)

    def _entering(self, firewall: str, zone: str) -> str:
        """The interface by which rows of a zone come to a firewall; "" when it does not stand there."""
        return next(iter(self._doors(firewall, zone)), "")

    def send(self, firewall: str, place: Place, wanted: Wanted) -> Leg:
        """A place sends to the firewall, over attachments by which it hears where each `wanted` prefix is."""
        rows = [(over, wanted(over)) for over in self.attachments(firewall, place.zone)]
        key = ("send", firewall, place, tuple(prefix for _, prefix in rows))
        if key not in self._legs:
            options = tuple(option for over, prefix in rows for option in self._heard(place, over, prefix))
            self._legs[key] = Leg(options, every=False)
        return self._legs[key]

    def deliver(self, firewall: str, place: Place) -> Leg:
        """The firewall delivers to a place, over attachments that announce it."""
        key = ("deliver", firewall, place)
        if key not in self._legs:
            node, options = self.ground(place).node, []
            for over, stem in self.announcing(firewall, place):
                options.append(Option(over) if stem is None else Option(over, None, self.routes.tree(stem), node))
            self._legs[key] = Leg(tuple(options), every=place.lan is not None)
        return self._legs[key]

    def announcing(self, firewall: str, place: Place) -> Iterator[tuple[Attachment, Stem | None]]:
        """The attachments that announce a place to a firewall, and what the way there grows from."""
        ground, prefix = self.ground(place), head(place.prefix)
        for over in self.attachments(firewall, place.zone):
            if not self.routes.announces(over, prefix):
                continue
            if isinstance(over, Session):
                yield over, self.routes.carriers(over, prefix, announced=ground.announced)
            else:
                yield over, None

    def _heard(self, place: Place, over: Attachment, wanted: Network) -> Iterator[Option]:
        node = self.ground(place).node
        for heard in self.routes.heard(over, head(wanted)):
            if isinstance(over, Line):
                yield Option(over, heard.stands)
            elif heard.stem is not None and node in self.routes.tree(heard.stem):
                yield Option(over, heard.stands, self.routes.tree(heard.stem), node)

    def _ground(self, place: Place) -> Ground:
        lan, interface = place.lan, self.gateway(place)
        if lan is None:
            return Ground(None, announced=True)
        astray = tuple(host for host in place.hosts if not self.switched.way(host).arrives)
        if interface is None:
            return Ground(None, astray=astray)
        runs = self.adjacency.speakers[lan.gateway].runs(interface) is not None
        return Ground((lan.gateway, interface.vrf or ""), runs, astray)

    def row_stops(self, firewall: str, live: LiveFlow) -> tuple[Stop, ...]:
        """What of a row does not pass a firewall."""
        comes, goes = self._doors(firewall, live.source.zone), self._doors(firewall, live.destination.zone)
        return self.gate(firewall).stops(live, comes, goes)

    def _doors(self, firewall: str, zone: str) -> tuple[str, ...]:
        """The interfaces by which a firewall stands in a zone."""
        if (firewall, zone) not in self._interfaces:
            rows = self.attachments(firewall, zone)
            self._interfaces[firewall, zone] = tuple(row.firewall_interface for row in rows)
        return self._interfaces[firewall, zone]

    def stopped(self, firewall: str, demand: Demand) -> tuple[Stop, ...]:
        """What of a row does not pass a firewall, as far as it concerns these places."""
        ends = demand.source.prefix, demand.destination.prefix
        found = []
        for stop in self.row_stops(firewall, demand.live):
            mine = between(*(ends if stop.connection == "new" else ends[::-1]), self.family)
            if stop.packets.meets(mine):
                found.append(replace(stop, packets=stop.packets & mine))
        return tuple(found)
