"""Zones that hang together without any filter between them.

Told are pairs of zones between which there is a way that touches no third zone, both directions, and each cause once:
when a way is found its cause is taken out and the next is looked for. Pairs joined over a third zone follow from those.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations

from inventory.origin import Origin
from inventory.text import Text
from network.prove.crossing.addresses import plausible, spans_of
from network.prove.crossing.causes import Intended
from network.prove.crossing.plant import Element, Plant
from network.prove.crossing.ways import Way, Ways, named
from network.prove.findings import Finding, Hop
from network.prove.register import Register
from network.prove.sets.packets import ALL_PACKETS

MOST_CAUSES = 20
"""Told of one pair of zones; what is left shows in the next run."""

_JOINED = Text(
    "Everything can pass from {source} to {destination} without a filter: {causes}.",
    "{source} から {destination} へ、フィルタを通らずにすべての通信が通ります。原因: {causes}。",
)
_NO_CONFIGURATION = Text("{device} has no configuration that was read", "{device} の設定が読み取れていない")
_FIX = Text(
    "Bring the device back to what the inventory intends: `sanso plan`.",
    "機器の設定をインベントリどおりに戻してください (`sanso plan`)。",
)
_FIX_INVENTORY = Text(
    "The inventory itself asks for this: correct the lines cited.",
    "インベントリの記述そのものが原因です。示された行を修正してください。",
)


def merges(plant: Plant, ways: Ways, register: Register, intended: Intended) -> Iterator[Finding]:
    """A finding for each ordered pair of zones and each cause that joins them."""
    for zones in plant.areas.zones.values():
        for source, destination in permutations(zones, 2):
            yield from _pair(plant, ways, register, intended, (source, destination))


def _pair(plant: Plant, ways: Ways, register: Register, intended: Intended, pair: tuple[str, str]) -> Iterator[Finding]:
    without: set[int] = set()
    for _ in range(MOST_CAUSES):
        way = ways.between(*pair, without)
        if way is None:
            return
        causes = tuple(item for item in way.elements if intended.foreign(*item)) or way.elements
        without |= {id(element) for _, element in causes}
        yield _finding(plant, register, intended, way, causes, ways.whole(way, without))
        if not causes:
            return


def _finding(  # noqa: PLR0913, PLR0917 all that a finding is made of
    plant: Plant,
    register: Register,
    intended: Intended,
    way: Way,
    causes: tuple[tuple[str, Element], ...],
    hops: tuple[Hop, ...],
) -> Finding:
    source, destination = way.start.zone, way.end.zone if way.end else ""
    fabric = plant.ground.fabric
    packet = plausible(
        ALL_PACKETS - register.between(source, destination),
        spans_of(fabric, register, source, hops[0].node),
        spans_of(fabric, register, destination, hops[-1].node),
    )
    texts = [named(*item) for item in causes] or [_NO_CONFIGURATION.format(device=device) for device in _silent(way)]
    listed = Text("; ".join(text.en for text in texts), "、".join(text.ja for text in texts))
    lines = tuple(dict.fromkeys(line for device, element in causes for line in intended.lines(device, [element])))
    ends = tuple(end.origin for end in (way.start, way.end) if end is not None and end.origin.line)
    shared = _sharing(plant, source, destination)
    foreign = any(intended.foreign(*item) for item in causes)
    return Finding(
        "crossing",
        f"{source} > {destination}",
        _JOINED.format(source=source, destination=destination, causes=listed),
        packet,
        hops,
        origins=tuple(dict.fromkeys((*lines, *ends, *shared))),
        hint=_FIX if foreign or not causes else _FIX_INVENTORY,
    )


def _sharing(plant: Plant, *zones: str) -> tuple[Origin, ...]:
    """Where two segments are written to which the inventory gives one VRF."""
    segments = [item for name, item in plant.ground.fabric.city.segments.items() if name in zones]
    alike = len({item.vrf for item in segments}) < len(segments)
    return tuple(item.origin for item in segments if alike and item.origin.line)


def _silent(way: Way) -> tuple[str, ...]:
    """The devices on a way that say nothing."""
    return tuple(dict.fromkeys(join.device for join, _ in way.joins if join.element is None and join.device))
