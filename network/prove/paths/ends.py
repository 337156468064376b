"""The paths of a family: every two places with rows between them, their ends, and the firewalls that let the rows pass.

Rows between the same two places that pass the same firewalls, with the same addresses, make one path. What holds of a
path is told by masks of firewalls: it stands when one of them is in the masks of both ends and lets its rows through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import NamedTuple

from network.compile.flows import LiveFlow
from network.prove.paths.asked import Demand, Pair
from network.prove.paths.courses import Choice, Course, End, Kinds, Lane
from network.prove.paths.down import NOTHING_DOWN, Down
from network.prove.paths.offers import Attachment
from network.prove.paths.passages import Ways
from network.prove.paths.places import Place
from network.prove.paths.reach import Node
from network.prove.paths.route_policy import Head, head
from network.prove.paths.steered import Steered, steered
from network.state import Network

Translated = tuple[Network | None, ...]
"""What a row's sources are translated to, for each attachment of each firewall at its destination; () is nowhere."""


@dataclass(frozen=True, slots=True, eq=False)
class Path:
    """Two places with the rows between them that pass the same firewalls; `ends` is None when one stands nowhere."""

    number: tuple[int, int]
    """Its place among all paths: that of its first row in the register, and that of its pair in the row."""
    pair: Pair
    ends: tuple[End, End] | None
    passing: int
    """The firewalls that let all of its rows through."""
    mask: int
    """Those over which it holds while nothing is down, if policy routes let it."""
    translated: Translated
    rows: list[LiveFlow]
    steered: Steered | None
    """Of a row that policy routes have to do with; no other row shares its path."""
    bits: Mapping[str, int]

    @property
    def stands(self) -> bool:
        """Whether it holds while nothing is down."""
        return self.arriving(NOTHING_DOWN, self.mask) != 0

    def arriving(self, down: Down, firewalls: int) -> int:
        """Those of some firewalls over which policy routes let its rows arrive while something is down."""
        if self.steered is None or not firewalls:
            return firewalls
        there = ((bit, name) for name, bit in self.bits.items() if bit & firewalls)
        return sum(bit for bit, name in there if self.steered.lost(name, down) is None)

    @property
    def key(self) -> Key:
        """All rows that are alike in this share the path, but for steered ones."""
        return self.pair, self.passing, self.translated

    @property
    def places(self) -> tuple[Place, Place]:
        return self.pair.source, self.pair.destination

    @property
    def first(self) -> Demand:
        return Demand(self.rows[0], self.pair.source, self.pair.destination)


Key = tuple[Pair, int, Translated]


class _Lets(NamedTuple):
    """The firewalls that let a row through, between each of its pairs of places or (one number) between any."""

    passing: int | tuple[int, ...]
    translated: Translated

    def keys(self, pairs: tuple[Pair, ...]) -> Iterator[Key]:
        """What the row's path between each pair is known by."""
        masks = self.passing if isinstance(self.passing, tuple) else (self.passing,) * len(pairs)
        return ((pair, mask, self.translated) for pair, mask in zip(pairs, masks, strict=True))


Rows = tuple[tuple[LiveFlow, tuple[Path, ...]], ...]
"""Every row with its paths, in the order of its pairs of places."""


class Ends:
    """Finds the ends of places, and the paths between them; each is made once for all that share it."""

    def __init__(self, ways: Ways, before: Ends | None = None) -> None:
        """`before`: of another subject of the same city and day."""
        self._ways = ways
        self.bits = {name: 1 << number for number, name in enumerate(ways.subject.fabric.devices)}
        self._heard: dict[tuple[str, Place, Translated], tuple[Course, ...]] = {}
        self._told: dict[Place, tuple[Node | None, tuple[Course, ...]]] = {}
        """Place → its node, and how each firewall of its zone delivers there."""
        self._courses: dict[tuple[tuple[Choice, ...], bool], Course] = {}
        self._sent: dict[tuple[tuple[Attachment, ...], tuple[tuple[object, ...], ...]], Course] = {}
        self._lanes: dict[tuple[tuple[Course, ...], tuple[Course, ...]], tuple[Lane, ...]] = {}
        self._kinds = Kinds()
        self._met: dict[tuple[tuple[Node | None, tuple[Course, ...]], tuple[Course, ...]], End] = {}
        places = ways.asked.places
        self._nowhere = {place for place in places if place.lan is not None and not ways.ground(place).firm}
        if before is not None and ways.routes.same:
            self._heard, self._courses = before._heard, before._courses  # noqa: SLF001 the same class
            self._sent, self._lanes, self._kinds = before._sent, before._lanes, before._kinds  # noqa: SLF001 likewise
            self._told = {place: told for place, told in before._told.items() if ways.stayed(place)}  # noqa: SLF001 likewise
        self._lets: list[_Lets] = self._all_lets(before)
        self._known: dict[Key, Path] = {}
        if before is not None and ways.steady:
            self._known |= before._known  # noqa: SLF001 the same class
            self.rows: Rows = self._mended(self._regrouped(before))
        else:
            self.rows = tuple(self._paths())

    @property
    def paths(self) -> AbstractSet[Path]:
        """Each path once."""
        if self._ways.steering.met:
            return {path for _, mine in self.rows for path in mine}
        return set(self._known.values())

    def _paths(self) -> Iterator[tuple[LiveFlow, tuple[Path, ...]]]:
        steering = bool(self._ways.steering.met)
        for row, ((live, pairs), lets) in enumerate(zip(self._ways.asked.rows, self._lets, strict=True)):
            mine: list[Path] = []
            for place, key in enumerate(lets.keys(pairs)):
                turned = steered(self._ways, Demand(live, key[0].source, key[0].destination)) if steering else None
                path = self._known.get(key) if turned is None else None
                if path is None:
                    path = self._path(key, (row, place), turned)
                    if turned is None:
                        self._known[key] = path
                path.rows.append(live)
                mine.append(path)
            yield live, tuple(mine)

    def _path(self, key: Key, number: tuple[int, int], turned: Steered | None = None) -> Path:
        pair, passing, translated = key
        ends = self._ends(pair, translated)
        return Path(number, pair, ends, passing, _mask(ends, passing), translated, [], turned, self.bits)

    def _regrouped(self, before: Ends) -> Rows:
        """The paths of before, with others for the rows that firewalls let through in another way."""
        rows, places = self._ways.asked.rows, self._ways.asked.numbers
        both = zip(self._lets, before._lets, strict=True)
        other = [place for place, (lets, there) in enumerate(both) if lets != there]
        if not other:
            return before.rows
        serving: dict[Key, set[int]] = {}
        for place in other:
            for key in (*(path.key for path in before.rows[place][1]), *self._lets[place].keys(rows[place][1])):
                if key not in serving:
                    known = self._known.get(key)
                    serving[key] = {places[live.row] for live in known.rows} - set(other) if known else set()
            for key in self._lets[place].keys(rows[place][1]):
                serving[key].add(place)
        for key, numbers in serving.items():
            self._known.pop(key, None)
            if numbers:
                first = min(numbers)
                path = self._known[key] = self._path(key, (first, rows[first][1].index(key[0])))
                path.rows.extend(rows[place][0] for place in sorted(numbers))
        found = list(before.rows)
        for place in {*other, *(place for numbers in serving.values() for place in numbers)}:
            live, pairs = rows[place]
            found[place] = live, tuple(self._known[key] for key in self._lets[place].keys(pairs))
        return tuple(found)

    def _mended(self, rows: Rows) -> Rows:
        """These paths, with other ends where a place meets the routers in another way than before."""
        ways, strayed = self._ways, self._ways.routes.strayed
        touched = {place for place in ways.asked.places if not ways.stayed(place) or ways.ground(place).node in strayed}
        other: dict[Path, Path] = {}
        for path in (path for _, mine in rows for path in mine) if touched else ():
            if path not in other and (path.pair.source in touched or path.pair.destination in touched):
                ends = self._ends(path.pair, path.translated)
                if ends != path.ends:
                    other[path] = replace(path, ends=ends, mask=_mask(ends, path.passing))
        if not other:
            return rows
        self._known |= {path.key: path for path in other.values()}
        return tuple(
            (live, mine if other.keys().isdisjoint(mine) else tuple(other.get(path, path) for path in mine))
            for live, mine in rows
        )

    def _all_lets(self, before: Ends | None) -> list[_Lets]:
        """What lets each row through; where no firewall between its zones does otherwise than before, as before."""
        rows = self._ways.asked.rows
        if before is None or not self._ways.steady:
            return [self._let(live, pairs) for live, pairs in rows]
        if self._ways.alike:
            return before._lets  # noqa: SLF001 the same class
        ways, there = self._ways, before._ways  # noqa: SLF001 the same class
        return [
            known if ways.lets_as(there, live.source.zone, live.destination.zone) else self._let(live, pairs)
            for (live, pairs), known in zip(rows, before._lets, strict=True)  # noqa: SLF001 the same class
        ]

    def _let(self, live: LiveFlow, pairs: tuple[Pair, ...]) -> _Lets:
        passing, stopped = self._passing(live)
        if not stopped:
            return _Lets(passing, self._translated(live))
        masks = tuple(passing & ~self._stopping(live, pair, stopped) for pair in pairs)
        return _Lets(masks, self._translated(live))

    def _passing(self, live: LiveFlow) -> tuple[int, list[str]]:
        """The firewalls between the zones of a row, and those of them that stop some of it."""
        names = self._ways.firewalls(live.source.zone, live.destination.zone)
        return sum(self.bits[name] for name in names), [name for name in names if self._ways.row_stops(name, live)]

    def _stopping(self, live: LiveFlow, pair: Pair, names: list[str]) -> int:
        demand = Demand(live, pair.source, pair.destination)
        return sum(self.bits[name] for name in names if self._ways.stopped(name, demand))

    def _translated(self, live: LiveFlow) -> Translated:
        zone = live.destination.zone
        if not self._ways.translates(live.source.zone, zone):
            return ()
        found = tuple(
            self._ways.translated(live, over)
            for name in self._ways.adjacency.firewalls(zone)
            for over in self._ways.attachments(name, zone)
        )
        return found if any(found) else ()

    def _ends(self, pair: Pair, translated: Translated) -> tuple[End, End] | None:
        source, destination = pair.source, pair.destination
        if source in self._nowhere or destination in self._nowhere:
            return None
        return self._end(source, destination, ()), self._end(destination, source, translated)

    def _end(self, place: Place, other: Place, translated: Translated) -> End:
        key = place.zone, other, translated
        sent = self._heard.get(key)
        if sent is None:
            sent = self._heard[key] = tuple(self._sending(place.zone, other, translated))
        told = self._told.get(place)
        if told is None:
            told = self._told[place] = self._ways.ground(place).node, tuple(self._delivered(place))
        end = self._met.get((told, sent))
        if end is None:
            lanes = self._lanes_of(place.zone, sent, told[1])
            end = self._met[told, sent] = self._kinds.end(told[0], lanes, self._ways.routes)
        return end

    def _lanes_of(self, zone: str, sent: tuple[Course, ...], delivered: tuple[Course, ...]) -> tuple[Lane, ...]:
        key = sent, delivered
        if key not in self._lanes:
            names = self._ways.adjacency.firewalls(zone)
            rows = zip((self.bits[name] for name in names), names, sent, delivered, strict=True)
            self._lanes[key] = tuple(Lane(*row) for row in rows)
        return self._lanes[key]

    def _sending(self, zone: str, other: Place, translated: Translated) -> Iterator[Course]:
        """For each firewall of a zone, how its nodes hear where another place is."""
        number, there = 0, head(other.prefix)
        for name in self._ways.adjacency.firewalls(zone):
            rows = self._ways.attachments(name, zone)
            mine = translated[number : number + len(rows)] if translated else (None,) * len(rows)
            number += len(rows)
            yield self._sent_over(rows, [there if prefix is None else head(prefix) for prefix in mine])

    def _sent_over(self, rows: tuple[Attachment, ...], wanted: Sequence[Head]) -> Course:
        """How the nodes at some attachments hear over each of them where a prefix is."""
        routes = self._ways.routes
        key = rows, tuple(map(routes.alike, rows, wanted))
        if key not in self._sent:
            found = ((over, one) for over, to in zip(rows, wanted, strict=True) for one in routes.heard(over, to))
            choices = [Choice(over, one.stands, one.stem) for over, one in found]
            self._sent[key] = self._course(choices, every=False)
        return self._sent[key]

    def _delivered(self, place: Place) -> Iterator[Course]:
        """For each firewall of a place's zone, how it delivers there."""
        for name in self._ways.adjacency.firewalls(place.zone):
            choices = [Choice(over, None, stem) for over, stem in self._ways.announcing(name, place)]
            yield self._course(choices, every=place.lan is not None)

    def _course(self, choices: list[Choice], *, every: bool) -> Course:
        key = tuple(choices), every
        return self._courses.setdefault(key, Course(*key))


def _mask(ends: tuple[End, End] | None, passing: int) -> int:
    return ends[0].kind.fate[0] & ends[1].kind.fate[0] & passing if ends else 0
