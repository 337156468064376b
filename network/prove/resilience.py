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

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from inventory.model import City
from inventory.text import Text
from inventory.words import listed, tied
from network.prove.findings import Finding, Hop, Verdict
from network.prove.paths.ends import Path
from network.prove.paths.failures import Failure, failures
from network.prove.paths.families import Paths
from network.prove.paths.itinerary import Itinerary
from network.prove.paths.losses import Loss
from network.prove.paths.passages import Way, Ways
from network.prove.sets.packets import Packet
from network.prove.subject import Subject

MOST_NAMES = 4


class Shown(NamedTuple):
    """The packet of a path that breaks, and its way."""

    packet: Packet | None
    hops: tuple[Hop, ...]


class Weakness(NamedTuple):
    """What breaks in one family when a thing fails; nothing but values, so that it can come from another process."""

    rows: frozenset[str]
    cut: frozenset[str]
    """The sites and peers that are cut off."""
    shown: Shown | None
    """If it was asked for."""


Weaknesses = Mapping[int, Weakness]
"""Place of a failure among all of them → what breaks."""


def resilience(subject: Subject, families: Iterable[Paths]) -> tuple[Verdict, tuple[Finding, ...]]:
    """Every single point of failure, in the order of the inventory."""
    found: list[Weaknesses] = []
    every: Iterable[Failure] = ()
    for paths in families:
        every = paths.ways.asked.failures
        found.append(weaknesses(paths, {place for other in found for place in other}))
    return _single_points(subject, found, every)


def weaknesses(paths: Paths, told: Collection[int] = ()) -> Weaknesses:
    """What breaks in one family; of failures that are `told` already no path is shown."""
    found: dict[int, Weakness] = {}
    for place, failure in enumerate(paths.ways.asked.failures):
        loss = paths.losses.of(failure.down)
        if loss is not None:
            found[place] = Weakness(loss.rows, loss.cut, None if place in told else _shown(paths.ways, failure, loss))
    return found


def _shown(ways: Ways, failure: Failure, loss: Loss) -> Shown:
    hops = Itinerary(ways, failure.down).hops(loss.first.first, _standing_way(ways, loss.first))
    return Shown(ways.asked.packet(loss.first.first), hops)


def single_points(subject: Subject, families: Sequence[Weaknesses]) -> tuple[Verdict, tuple[Finding, ...]]:
    """The findings about what breaks in one family or the other."""
    return _single_points(subject, families, failures(subject.fabric))


def _single_points(
    subject: Subject, families: Sequence[Weaknesses], every: Iterable[Failure]
) -> tuple[Verdict, tuple[Finding, ...]]:
    city = subject.fabric.city
    order = _Order(_numbers(city.flows), _numbers(city.sites))
    found: list[Finding] = []
    for place, failure in enumerate(every):
        lost = [each[place] for each in families if place in each]
        if lost:
            found.append(_finding(city, failure, lost, order))
    if found:
        return "findings", tuple(found)
    return ("not-proved" if any(subject.unknown.values()) else "proved"), ()


class _Order(NamedTuple):
    """Where each row and each site stands in the inventory."""

    rows: Mapping[str, int]
    sites: Mapping[str, int]


def _numbers(names: Iterable[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names)}


def _finding(city: City, failure: Failure, lost: Sequence[Weakness], order: _Order) -> Finding:
    rows = sorted({row for each in lost for row in each.rows}, key=order.rows.__getitem__)
    cut = {name for each in lost for name in each.cut}
    sites = sorted(cut & order.sites.keys(), key=order.sites.__getitem__)
    peers = [key for key in city.peers if f"peer:{key}" in cut]
    shown = next(each.shown for each in lost if each.shown)
    return Finding(
        kind="spof",
        subject=failure.name,
        what=_what(failure, rows, _names(city, sites, peers)),
        packet=shown.packet,
        hops=shown.hops,
        origins=failure.origins,
        hint=failure.advice,
    )


def _standing_way(ways: Ways, path: Path) -> Way:
    """The way that is shown: the first that holds."""
    names = ways.firewalls(path.first.source.zone, path.first.destination.zone)
    every = (ways.way(name, path.first) for name in names)
    holding = (way for way in every if not way.stops and all(leg.holds() for leg in way.legs))
    return next(way for way in holding if path.steered is None or path.steered.lost(way.firewall) is None)


def _names(city: City, sites: list[str], peers: list[str]) -> Text:
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
