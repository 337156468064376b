"""Second claim: every registered flow has a path in the intended routing.

For each row of the register in force, each family, and every two places of its groups: the hosts' frames reach their
gateway (`switched`), routing brings both ends to a firewall and back (`adjacency`, `routes`), policy routes on the way
bring them there too (`steering`), and the firewall's filter lets all packets of the row and their answers through
(`gates`). What these model, and what not, is told there. A server that does not run, a policy on a host, and what a
peer does with our packets are beyond this claim.
"""

from __future__ import annotations

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


def service(subject: Subject, families: tuple[Paths, ...]) -> tuple[Verdict, tuple[Finding, ...]]:
    """Every row without a path between some of its places, in the order of the register."""
    lost: dict[str, list[tuple[Ways, Demand]]] = {}
    asked: dict[str, int] = {}
    for paths in families:
        for live, mine in paths.rows:
            asked[live.row] = asked.get(live.row, 0) + len(mine)
            without = [Demand(live, path.pair.source, path.pair.destination) for path in mine if not path.stands]
            if without:
                lost.setdefault(live.row, []).extend((paths.ways, demand) for demand in without)
    obstacles = {paths.ways: Obstacles(paths.ways) for paths in families} if lost else {}
    found = tuple(
        _finding(subject.fabric, lost[row], asked[row], obstacles) for row in subject.fabric.city.flows if row in lost
    )
    if found:
        return "findings", found
    return ("not-proved" if any(subject.unknown.values()) else "proved"), ()


def _finding(fabric: Fabric, lost: list[tuple[Ways, Demand]], asked: int, obstacles: dict[Ways, Obstacles]) -> Finding:
    ways, demand = lost[0]
    obstacle = obstacles[ways].first(demand) or Obstacle(Text("", ""))
    source, destination = (place_title(fabric, place) for place in (demand.source, demand.destination))
    row, title = demand.live.row, demand.live.flow.title
    families = "・".join(dict.fromkeys(f"IPv{each.family}" for each, _ in lost))
    return Finding(
        kind="unserved",
        subject=row,
        what=Text(
            f"Row {row} ({title}) has no path for {len(lost)} of {asked} pairs of places "
            f"({families.replace('・', ', ')}), such as from {source.en} to {destination.en}: {obstacle.what.en}",
            f"登録通信 {row}({title})は {asked} 組中 {len(lost)} 組({families})で経路がありません。"
            f"例: {tied(source.ja, 'から')}{destination.ja}。原因: {obstacle.what.ja}",
        ),
        packet=obstacle.packet or ways.asked.packet(demand),
        hops=obstacle.hops,
        origins=tuple(dict.fromkeys((*obstacle.origins, demand.live.flow.origin))),
    )
