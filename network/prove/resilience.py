"""Third claim: every registered flow keeps a path when any one thing fails.

What fails is in `failures`: a device, a wire, a power feed, a shared risk. A flow keeps its path between two places of
its groups when some firewall still passes it there and back (`passages`). What survives a failure is exactly what
routing finds again: adjacencies, sessions and routes that do not touch what is lost.

Assumption, and limit: a subnet stands where its gateway router, its access switches and the cables between them stand.
The inventory can name one gateway for a VLAN and one way to it, so the loss of a part of these (or of the power of all
of them) is the loss of the place itself and no finding; so is the loss of a host. A city that wants to know what goes
with a branch's own router reads its parameter sheet. Peers never fail, only the lines to them do. A finding names a
thing whose loss breaks a path between two places that are both left standing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inventory.text import Text
from inventory.words import listed, tied
from network.prove.findings import Finding, Verdict
from network.prove.paths.down import Down
from network.prove.paths.failures import Failure, failures
from network.prove.paths.itinerary import Itinerary
from network.prove.paths.legs import Leg, Thing
from network.prove.paths.passages import Demand, Way, Ways
from network.prove.paths.places import Place
from network.prove.subject import Subject

MOST_NAMES = 4


def resilience(subject: Subject, families: tuple[Ways, ...]) -> tuple[Verdict, tuple[Finding, ...]]:
    """Every single point of failure, in the order of the inventory."""
    paths = _Paths(families)
    found = tuple(finding for failure in failures(subject.fabric) for finding in paths.spof(failure))
    if found:
        return "findings", found
    return ("not-proved" if any(subject.unknown.values()) else "proved"), ()


@dataclass(frozen=True, slots=True, eq=False)
class _Path:
    """Two places with the rows between them that pass the same firewalls, and their ways while nothing is down."""

    ways: Ways
    demands: list[Demand]
    firewalls: tuple[Way, ...]

    @property
    def first(self) -> Demand:
        return self.demands[0]

    @property
    def standing(self) -> Way:
        """The way that is shown: the first that holds."""
        return next(way for way in self.firewalls if all(leg.holds() for leg in way.legs))

    def taken(self, down: Down) -> bool:
        """Whether one of the places itself is lost."""
        ends = (self.first.source.lan, self.first.destination.lan)
        return any(lan is not None and lan.gateway in down.devices for lan in ends)


class _Paths:
    """Every path that holds, found by the things it passes."""

    def __init__(self, families: Iterable[Ways]) -> None:
        self._paths: list[_Path] = []
        self._by_thing: dict[Thing, list[int]] = {}
        things: dict[Leg, frozenset[Thing]] = {}
        for path in (path for ways in families for path in _paths(ways)):
            way = path.standing
            passed: set[Thing] = {("device", way.firewall)}
            for leg in way.legs:
                if leg not in things:
                    things[leg] = leg.things()
                passed |= things[leg]
            for thing in passed:
                self._by_thing.setdefault(thing, []).append(len(self._paths))
            self._paths.append(path)

    def spof(self, failure: Failure) -> Iterator[Finding]:
        """The finding about a failure, if it breaks a path."""
        down = failure.down
        things: list[Thing] = [("device", name) for name in down.devices]
        things += [("wire", name) for name in down.wires]
        touched = sorted({number for thing in things for number in self._by_thing.get(thing, ())})
        known: dict[Leg, bool] = {}
        broken = [path for path in map(self._paths.__getitem__, touched) if _breaks(path, down, known)]
        if broken:
            yield _finding(failure, broken, known)


def _paths(ways: Ways) -> Iterator[_Path]:
    """The paths that hold now; one that does not is the business of the claim before."""
    found: dict[tuple[Place, Place, tuple[str, ...]], _Path] = {}
    for demand in ways.demands():
        if not all(place.lan is None or ways.ground(place).firm for place in (demand.source, demand.destination)):
            continue
        firewalls = tuple(way for way in ways.ways(demand) if not way.stops)
        key = demand.source, demand.destination, tuple(way.firewall for way in firewalls)
        if key in found:
            found[key].demands.append(demand)
        elif any(all(leg.holds() for leg in way.legs) for way in firewalls):
            found[key] = _Path(ways, [demand], firewalls)
    yield from found.values()


def _breaks(path: _Path, down: Down, known: dict[Leg, bool]) -> bool:
    return not path.taken(down) and not any(
        way.firewall not in down.devices and all(_holds(leg, down, known) for leg in way.legs) for way in path.firewalls
    )


def _holds(leg: Leg, down: Down, known: dict[Leg, bool]) -> bool:
    if leg not in known:
        known[leg] = leg.holds(down)
    return known[leg]


def _finding(failure: Failure, broken: list[_Path], known: dict[Leg, bool]) -> Finding:
    first = broken[0]
    ways = first.ways
    city = ways.subject.fabric.city
    concerned = {demand.live.row for path in broken for demand in path.demands}
    rows = [row for row in city.flows if row in concerned]
    cut = {place.lan.site if place.lan else place.name for path in broken for place in _cut(path, failure.down, known)}
    sites = [key for key in city.sites if key in cut]
    peers = [key for key in city.peers if f"peer:{key}" in cut]
    itinerary = Itinerary(ways, failure.down)
    return Finding(
        kind="spof",
        subject=failure.name,
        what=_what(failure, rows, _names(ways, sites, peers)),
        packet=itinerary.packet(first.first),
        hops=itinerary.hops(first.first, first.standing),
        origins=failure.origins,
        hint=failure.advice,
    )


def _cut(path: _Path, down: Down, known: dict[Leg, bool]) -> tuple[Place, ...]:
    """The ends that no firewall delivers to any more; when none is told apart so, peers before subnets."""
    ends = path.first.source, path.first.destination
    left = [way for way in path.firewalls if way.firewall not in down.devices]
    legs = [way.returned for way in left], [way.delivered for way in left]
    cut = tuple(
        place
        for place, mine in zip(ends, legs, strict=True)
        if left and not any(_holds(leg, down, known) for leg in mine)
    )
    return cut or tuple(place for place in ends if place.lan is None) or ends


def _names(ways: Ways, sites: list[str], peers: list[str]) -> Text:
    city = ways.subject.fabric.city
    en, ja = [], []
    if sites:
        row = listed(sites, MOST_NAMES)
        titles = listed((city.sites[key].title for key in sites), MOST_NAMES)
        en.append(f"{len(sites)} site{'s'[: len(sites) != 1]} ({row.en})")
        ja.append(f"{len(sites)} 拠点({titles.ja})")
    if peers:
        en.append(f"peer {listed(peers, MOST_NAMES).en}")
        ja.append(f"外部接続先「{listed((city.peers[key].title for key in peers), MOST_NAMES).ja}」")
    return Text(" and ".join(en), "と".join(ja))


def _what(failure: Failure, rows: list[str], cut: Text) -> Text:
    few = listed(rows, MOST_NAMES)
    name, subject = failure.title.en, tied(failure.title.ja, "は").replace(") は", ")は")
    return Text(
        f"{name[0].upper()}{name[1:]} is a single point of failure: without it {cut.en} "
        f"cannot use {len(rows)} row{'s'[: len(rows) != 1]} of the register ({few.en})",
        f"{subject}単一障害点です。失われると、{cut.ja}で登録通信 {len(rows)} 件({few.ja})が使えなくなります",
    )
