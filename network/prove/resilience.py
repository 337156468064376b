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

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from inventory.text import Text
from inventory.words import listed, tied
from network.prove.findings import Finding, Verdict
from network.prove.paths.ends import Path
from network.prove.paths.failures import Failure, failures
from network.prove.paths.families import Paths
from network.prove.paths.itinerary import Itinerary
from network.prove.paths.losses import Loss
from network.prove.paths.passages import Way, Ways
from network.prove.subject import Subject

MOST_NAMES = 4


def resilience(subject: Subject, families: tuple[Paths, ...]) -> tuple[Verdict, tuple[Finding, ...]]:
    """Every single point of failure, in the order of the inventory."""
    city = subject.fabric.city
    order = _Order(_numbers(city.flows), _numbers(city.sites))
    found: list[Finding] = []
    for failure in failures(subject.fabric):
        lost = [(paths.ways, loss) for paths in families if (loss := paths.losses.of(failure.down)) is not None]
        if lost:
            found.append(_finding(failure, lost, order))
    if found:
        return "findings", tuple(found)
    return ("not-proved" if any(subject.unknown.values()) else "proved"), ()


class _Order(NamedTuple):
    """Where each row and each site stands in the inventory."""

    rows: Mapping[str, int]
    sites: Mapping[str, int]


def _numbers(names: Iterable[str]) -> Mapping[str, int]:
    return {name: number for number, name in enumerate(names)}


def _finding(failure: Failure, lost: list[tuple[Ways, Loss]], order: _Order) -> Finding:
    ways, path = lost[0][0], lost[0][1].first
    city = ways.subject.fabric.city
    rows = sorted({row for _, loss in lost for row in loss.rows}, key=order.rows.__getitem__)
    cut = {name for _, loss in lost for name in loss.cut}
    sites = sorted(cut & order.sites.keys(), key=order.sites.__getitem__)
    peers = [key for key in city.peers if f"peer:{key}" in cut]
    itinerary = Itinerary(ways, failure.down)
    return Finding(
        kind="spof",
        subject=failure.name,
        what=_what(failure, rows, _names(ways, sites, peers)),
        packet=ways.asked.packet(path.first),
        hops=itinerary.hops(path.first, _standing_way(ways, path)),
        origins=failure.origins,
        hint=failure.advice,
    )


def _standing_way(ways: Ways, path: Path) -> Way:
    """The way that is shown: the first that holds."""
    names = ways.firewalls(path.first.source.zone, path.first.destination.zone)
    every = (ways.way(name, path.first) for name in names)
    holding = (way for way in every if not way.stops and all(leg.holds() for leg in way.legs))
    return next(way for way in holding if path.steered is None or path.steered.lost(way.firewall) is None)


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
