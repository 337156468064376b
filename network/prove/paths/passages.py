"""The ways that a registered flow may take: for each firewall between its zones, there and back.

A flow passes one firewall, the same in both directions. A place of its groups sends to the firewall, the firewall lets
the packet through and delivers it; the answer comes back likewise. `legs` says what holds each part, `gates` what the
firewall lets through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from network.compile.flows import LiveFlow, live_flows
from network.fabric import Host
from network.prove.paths.adjacency import Adjacency, Line, Session
from network.prove.paths.gates import Gates, Stop, between
from network.prove.paths.legs import Leg, Option
from network.prove.paths.places import Place, Places
from network.prove.paths.reach import Node
from network.prove.paths.routes import Attachment, Routes
from network.prove.paths.switched import Switched
from network.prove.subject import Subject
from network.state import Family, Interface, Network

FAMILIES: tuple[Family, Family] = (4, 6)
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
class Demand:
    """A row of the register between two of its places."""

    live: LiveFlow
    source: Place
    destination: Place


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


class Families:
    """The ways of a subject in both families, worked out once for all claims that ask for them."""

    def __init__(self) -> None:
        self._subject: Subject | None = None
        self._ways: tuple[Ways, ...] = ()

    def __call__(self, subject: Subject) -> tuple[Ways, ...]:
        if self._subject is not subject:
            self._subject, self._ways = subject, tuple(Ways(subject, family) for family in FAMILIES)
        return self._ways


class Ways:
    """Every way of every registered flow, in one family."""

    def __init__(self, subject: Subject, family: Family) -> None:
        self.subject, self.family = subject, family
        self.adjacency = Adjacency(subject.fabric, subject.states, family)
        self.routes = Routes(self.adjacency)
        self.gates = Gates(subject, family)
        self.switched = Switched(subject.fabric, subject.states)
        self.places = Places(subject.fabric, family)
        self._grounds: dict[Place, Ground] = {}
        self._legs: dict[tuple[object, ...], Leg] = {}
        self._alike: dict[tuple[tuple[Option, ...], bool], Leg] = {}
        self._between: dict[tuple[str, str], tuple[str, ...]] = {}
        self._stops: dict[tuple[str, str], tuple[Stop, ...]] = {}

    def demands(self) -> Iterator[Demand]:
        """Every row of the register in force between every two of its places."""
        for live in live_flows(self.subject.fabric, self.subject.day):
            destinations = self.places.of(live.destination)
            for source in self.places.of(live.source):
                for destination in destinations:
                    yield Demand(live, source, destination)

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
            self._stopped(firewall, demand),
            self.send(firewall, source, lambda _: destination.prefix),
            self.deliver(firewall, destination),
            self.send(firewall, destination, lambda over: self.answered_to(demand, over)),
            self.deliver(firewall, source),
        )

    def attachments(self, firewall: str, zone: str) -> tuple[Attachment, ...]:
        """What joins a firewall to a zone."""
        here = firewall, zone
        return (*self.adjacency.sessions.get(here, ()), *self.adjacency.lines.get(here, ()))

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

    def answered_to(self, demand: Demand, over: Attachment) -> Network:
        """Where the answer goes that comes by an attachment: to the source, or to what it was translated to."""
        comes = self.attachments(over.firewall, demand.source.zone)
        iif = comes[0].firewall_interface if comes else ""
        translated = self.gates.returned(over.firewall, demand.live, iif, over.firewall_interface)
        return demand.source.prefix if translated is None else translated

    def send(self, firewall: str, place: Place, wanted: Wanted) -> Leg:
        """A place sends to the firewall, over attachments by which it hears where each `wanted` prefix is."""
        rows = [(over, wanted(over)) for over in self.attachments(firewall, place.zone)]
        key = ("send", firewall, place, tuple(prefix for _, prefix in rows))
        if key not in self._legs:
            options = tuple(option for over, prefix in rows for option in self._heard(place, over, prefix))
            self._legs[key] = self._leg(options, every=False)
        return self._legs[key]

    def deliver(self, firewall: str, place: Place) -> Leg:
        """The firewall delivers to a place, over attachments that announce it."""
        key = ("deliver", firewall, place)
        if key not in self._legs:
            ground = self.ground(place)
            options = []
            for over in self.attachments(firewall, place.zone):
                if not self.routes.announces(over, place.prefix):
                    continue
                if isinstance(over, Session):
                    tree = self.routes.carriers(over, place.prefix, announced=ground.announced)
                    options.append(Option(over, None, tree, ground.node))
                else:
                    options.append(Option(over))
            self._legs[key] = self._leg(tuple(options), every=place.lan is not None)
        return self._legs[key]

    def _leg(self, options: tuple[Option, ...], *, every: bool) -> Leg:
        """One leg for all prefixes that are heard in the same way."""
        return self._alike.setdefault((options, every), Leg(options, every))

    def _heard(self, place: Place, over: Attachment, wanted: Network) -> Iterator[Option]:
        node = self.ground(place).node
        for heard in self.routes.heard(over, wanted):
            if isinstance(over, Line):
                yield Option(over, heard.offer.stands)
            elif heard.tree is not None and node in heard.tree:
                yield Option(over, heard.offer.stands, heard.tree, node)

    def _ground(self, place: Place) -> Ground:
        lan, interface = place.lan, self.gateway(place)
        if lan is None:
            return Ground(None, announced=True)
        astray = tuple(host for host in place.hosts if not self.switched.way(host).arrives)
        if interface is None:
            return Ground(None, astray=astray)
        runs = self.adjacency.speakers[lan.gateway].runs(interface) is not None
        return Ground((lan.gateway, interface.vrf or ""), runs, astray)

    def _stopped(self, firewall: str, demand: Demand) -> tuple[Stop, ...]:
        """What of the row does not pass the firewall, as far as it concerns these places."""
        key = firewall, demand.live.row
        if key not in self._stops:
            ends = (demand.source.zone, demand.destination.zone)
            comes, goes = ([row.firewall_interface for row in self.attachments(firewall, zone)] for zone in ends)
            self._stops[key] = self.gates.stops(firewall, demand.live, comes, goes)
        ends_new = demand.source.prefix, demand.destination.prefix
        found = []
        for stop in self._stops[key]:
            mine = between(*(ends_new if stop.connection == "new" else ends_new[::-1]), self.family)
            if stop.packets.meets(mine):
                found.append(replace(stop, packets=stop.packets & mine))
        return tuple(found)
