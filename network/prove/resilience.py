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

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from inventory.text import Text
from inventory.words import listed, tied
from network.prove.findings import Finding, Verdict
from network.prove.paths.courses import End
from network.prove.paths.down import Down
from network.prove.paths.ends import Path
from network.prove.paths.failures import Failure, failures
from network.prove.paths.families import Paths
from network.prove.paths.itinerary import Itinerary
from network.prove.paths.passages import Way, Ways
from network.prove.paths.places import Place
from network.prove.subject import Subject

MOST_NAMES = 4


def resilience(subject: Subject, families: tuple[Paths, ...]) -> tuple[Verdict, tuple[Finding, ...]]:
    """Every single point of failure, in the order of the inventory."""
    standing = [_Standing(paths) for paths in families]
    places = {row: number for number, row in enumerate(subject.fabric.city.flows)}
    found: list[Finding] = []
    for failure in failures(subject.fabric):
        broken = [path for each in standing for path in each.broken(failure.down)]
        if broken:
            found.append(_finding(failure, broken, places))
    if found:
        return "findings", tuple(found)
    return ("not-proved" if any(subject.unknown.values()) else "proved"), ()


@dataclass(frozen=True, slots=True)
class _Broken:
    """A path that a failure breaks, the firewalls that are left, and to which of its ends they still deliver."""

    path: Path
    left: int
    delivered: tuple[bool, ...]

    def cut(self) -> tuple[Place, ...]:
        """The ends that no firewall delivers to any more; when none is told apart so, peers before subnets."""
        places = self.path.pair.source, self.path.pair.destination
        cut = tuple(place for place, still in zip(places, self.delivered, strict=True) if self.left and not still)
        return cut or tuple(place for place in places if place.lan is None) or places


class _Standing:
    """Every path of a family that holds now; one that does not is the business of the claim before."""

    def __init__(self, paths: Paths) -> None:
        self._crowd, self._bits = paths.crowd, paths.ends.bits
        every = dict.fromkeys(path for _, mine in paths.rows for path in mine)
        self._paths = [path for path in every if path.stands]
        self._of: dict[End, list[int]] = {}
        for number, path in enumerate(self._paths):
            for end in path.ends or ():
                self._of.setdefault(end, []).append(number)
        self._steered = {number for number, path in enumerate(self._paths) if path.steered}
        self._firewalls = frozenset(lane.firewall for end in self._of for lane in end.lanes)

    def broken(self, down: Down) -> Iterator[_Broken]:
        """The paths that do not hold while something is down, though both their places are left."""
        changed = self._crowd.changed(down)
        lost = self._firewalls & down.devices
        up = ~sum(self._bits[name] for name in lost)
        touched: Iterable[int] = range(len(self._paths))
        if not lost:
            touched = sorted({number for end in changed for number in self._of.get(end, ())} | self._steered)
        known = dict(changed)
        for path in map(self._paths.__getitem__, touched):
            left = path.passing & up
            ends = path.ends or ()
            standing = [changed[end][0] if end in changed else end.mask for end in ends]
            if path.arriving(down, standing[0] & standing[1] & left) or _taken(path, down):
                continue
            for end in ends:
                if end not in known:
                    known[end] = end.masks(path.ways.routes, down)
            yield _Broken(path, left, tuple(bool(known[end][1] & left) for end in ends))


def _taken(path: Path, down: Down) -> bool:
    """Whether one of the places itself is lost."""
    lans = (path.pair.source.lan, path.pair.destination.lan)
    return any(lan is not None and lan.gateway in down.devices for lan in lans)


def _finding(failure: Failure, broken: list[_Broken], places: Mapping[str, int]) -> Finding:
    """`places`: where each row stands in the register."""
    path = broken[0].path
    ways = path.ways
    city = ways.subject.fabric.city
    rows = sorted({live.row for each in broken for live in each.path.rows}, key=places.__getitem__)
    cut = {place.lan.site if place.lan else place.name for each in broken for place in each.cut()}
    sites = [key for key in city.sites if key in cut]
    peers = [key for key in city.peers if f"peer:{key}" in cut]
    itinerary = Itinerary(ways, failure.down)
    return Finding(
        kind="spof",
        subject=failure.name,
        what=_what(failure, rows, _names(ways, sites, peers)),
        packet=itinerary.packet(path.first),
        hops=itinerary.hops(path.first, _standing_way(path)),
        origins=failure.origins,
        hint=failure.advice,
    )


def _standing_way(path: Path) -> Way:
    """The way that is shown: the first that holds."""
    ways = (way for way in path.ways.ways(path.first) if not way.stops and all(leg.holds() for leg in way.legs))
    return next(way for way in ways if path.steered is None or path.steered.lost(way.firewall) is None)


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
