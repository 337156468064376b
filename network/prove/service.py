"""Second claim: every registered flow has a path in the intended routing.

For each row of the register in force, each family, and every two places of its groups: the hosts' frames reach their
gateway (`switched`), routing brings both ends to a firewall and back (`adjacency`, `routes`), policy routes on the way
bring them there too (`steering`), and the firewall's filter lets all packets of the row and their answers through
(`gates`). What these model, and what not, is told there. A server that does not run, a policy on a host, and what a
peer does with our packets are beyond this claim.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from inventory.text import Text
from inventory.words import tied
from network.fabric import Fabric
from network.prove.findings import Finding, Verdict
from network.prove.paths.asked import Demand
from network.prove.paths.families import Paths
from network.prove.paths.obstacles import Obstacle, Obstacles
from network.prove.paths.passages import Ways
from network.prove.paths.places import place_title
from network.prove.subject import Subject
from network.state import Family


class Example(NamedTuple):
    """One pair of places without a path, and what is in the way."""

    source: Text
    destination: Text
    obstacle: Obstacle


class Lost(NamedTuple):
    """A row without a path between some of its places; `example` is of the first of them, if it was asked for."""

    pairs: int
    example: Example | None


class Shortfall(NamedTuple):
    """What has no path in one family; nothing but values, so that it can come from another process."""

    family: Family
    asked: Mapping[str, int]
    """Row → how many pairs of places it stands between."""
    lost: Mapping[str, Lost]


def service(subject: Subject, families: Iterable[Paths]) -> tuple[Verdict, tuple[Finding, ...]]:
    """Every row without a path between some of its places, in the order of the register."""
    found: list[Shortfall] = []
    for paths in families:
        found.append(shortfall(paths, {row for other in found for row in other.lost}))
    return unserved(subject, found)


def shortfall(paths: Paths, told: Collection[str] = ()) -> Shortfall:
    """What has no path in one family; of rows that are `told` already no example is asked for."""
    asked: dict[str, int] = {}
    first: dict[str, Demand] = {}
    pairs: dict[str, int] = {}
    for live, mine in paths.rows:
        asked[live.row] = asked.get(live.row, 0) + len(mine)
        without = [path for path in mine if not path.stands]
        if without:
            first.setdefault(live.row, Demand(live, without[0].pair.source, without[0].pair.destination))
            pairs[live.row] = pairs.get(live.row, 0) + len(without)
    obstacles = Obstacles(paths.ways)
    lost = {
        row: Lost(pairs[row], None if row in told else _example(paths.ways, demand, obstacles))
        for row, demand in first.items()
    }
    return Shortfall(paths.ways.family, asked, lost)


def _example(ways: Ways, demand: Demand, obstacles: Obstacles) -> Example:
    obstacle = obstacles.first(demand) or Obstacle(Text("", ""))
    source, destination = (place_title(ways.subject.fabric, place) for place in (demand.source, demand.destination))
    return Example(source, destination, replace(obstacle, packet=obstacle.packet or ways.asked.packet(demand)))


def unserved(subject: Subject, families: Sequence[Shortfall]) -> tuple[Verdict, tuple[Finding, ...]]:
    """The findings about what has no path in one family or the other."""
    lost = {row for each in families for row in each.lost}
    found = tuple(_finding(subject.fabric, row, families) for row in subject.fabric.city.flows if row in lost)
    if found:
        return "findings", found
    return ("not-proved" if any(subject.unknown.values()) else "proved"), ()


def _finding(fabric: Fabric, row: str, families: Sequence[Shortfall]) -> Finding:
    mine = [each for each in families if row in each.lost]
    source, destination, obstacle = next(found for each in mine if (found := each.lost[row].example) is not None)
    flow, pairs = fabric.city.flows[row], sum(each.lost[row].pairs for each in mine)
    asked = sum(each.asked.get(row, 0) for each in families)
    names = [f"IPv{each.family}" for each in mine]
    return Finding(
        kind="unserved",
        subject=row,
        what=Text(
            f"Row {row} ({flow.title}) has no path for {pairs} of {asked} pairs of places "
            f"({', '.join(names)}), such as from {source.en} to {destination.en}: {obstacle.what.en}",
            f"登録通信 {row}({flow.title})は {asked} 組中 {pairs} 組({'・'.join(names)})で経路がありません。"
            f"例: {tied(source.ja, 'から')}{destination.ja}。原因: {obstacle.what.ja}",
        ),
        packet=obstacle.packet,
        hops=obstacle.hops,
        origins=tuple(dict.fromkeys((*obstacle.origins, flow.origin))),
    )
