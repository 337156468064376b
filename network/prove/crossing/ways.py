"""Ways through the plant where nothing filters: the shortest from a zone to a place or to another zone, in hops."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from inventory.origin import Origin
from inventory.text import Text
from network.prove.crossing.plant import UNTAGGED, Element, Join, Place, Plant, Seed
from network.prove.findings import Hop
from network.state import Interface, PolicyRule, StaticRoute, SwitchPort


class Way(NamedTuple):
    """From a seed over joins to a place, and the seed found there if one was looked for."""

    start: Seed
    joins: tuple[tuple[Join, Place], ...]
    """Each join, and the place it leads to."""
    end: Seed | None

    @property
    def elements(self) -> tuple[tuple[str, Element], ...]:
        """The configuration elements on the way, each once."""
        found: dict[int, tuple[str, Element]] = {}
        seeds = (self.start, self.end) if self.end else (self.start,)
        for item in (*seeds[:1], *(join for join, _ in self.joins), *seeds[1:]):
            if item.element is not None:
                found.setdefault(id(item.element), (item.device, item.element))
        return tuple(found.values())


class Ways:
    """Finds ways. What it needs is made when a way is first asked for: a correct city asks for none."""

    def __init__(self, plant: Plant) -> None:
        self._plant = plant

    @cached_property
    def _neighbours(self) -> Mapping[Place, list[tuple[Join, Place]]]:
        found: dict[Place, list[tuple[Join, Place]]] = {}
        for join in self._plant.joins:
            found.setdefault(join.a, []).append((join, join.b))
            found.setdefault(join.b, []).append((join, join.a))
        return found

    @cached_property
    def _seeds(self) -> Mapping[str, tuple[Seed, ...]]:
        found: dict[str, list[Seed]] = {}
        for seed in self._plant.seeds:
            found.setdefault(seed.zone, []).append(seed)
        return {zone: tuple(seeds) for zone, seeds in found.items()}

    def between(self, source: str, destination: str, without: Collection[int] = ()) -> Way | None:
        """The shortest way from one zone to another that touches no third zone. `without`: ids of elements not used."""
        goals = {seed.place: seed for seed in self._usable(destination, without)}
        others = {
            seed.place
            for zone, seeds in self._seeds.items()
            if zone not in {source, destination}
            for seed in seeds
            if id(seed.element) not in without
        }
        return self._search(self._usable(source, without), goals, without, others - goals.keys())

    def to(self, zone: str, place: Place, without: Collection[int] = (), node: str = "") -> Way | None:
        """The shortest way to a place from the host `node`, else from any of a zone, else from anything in the zone."""
        starts = [*self._usable(zone, without)]
        hosts = [seed for seed in starts if seed.port]
        goals: dict[Place, Seed | None] = {place: None}
        for some in ([seed for seed in hosts if seed.node == node], hosts, starts):
            way = self._search(some, goals, without, ()) if some else None
            if way is not None:
                return way
        return None

    def whole(self, way: Way, without: Collection[int]) -> tuple[Hop, ...]:
        """A way from zone to zone as hops, led on to a host at both ends where that takes no element of `without`."""
        lead = None if way.start.port else self.to(way.start.zone, way.start.place, without)
        tail = None if way.end is None or way.end.port else self.to(way.end.zone, way.end.place, without)
        found = (*hops(lead), *hops(way)[2:]) if lead and lead.start.port else hops(way)
        return (*found[:-1], *hops(tail, backward=True)[1:]) if tail and tail.start.port else found

    def _usable(self, zone: str, without: Collection[int]) -> Iterable[Seed]:
        return (seed for seed in self._seeds.get(zone, ()) if seed.element is None or id(seed.element) not in without)

    def _search(
        self,
        starts: Iterable[Seed],
        goals: Mapping[Place, Seed | None],
        without: Collection[int],
        closed: Collection[Place],
    ) -> Way | None:
        came: dict[Place, tuple[Join, Place] | Seed] = {}
        queue: deque[Place] = deque()
        for seed in starts:
            if seed.place not in came and seed.place not in closed:
                came[seed.place] = seed
                queue.append(seed.place)
        while queue:
            here = queue.popleft()
            if here in goals:
                return _way(came, here, goals[here])
            for join, there in self._neighbours.get(here, ()):
                if there in came or there in closed or (join.element is not None and id(join.element) in without):
                    continue
                came[there] = (join, here)
                queue.append(there)
        return None


def _way(came: Mapping[Place, tuple[Join, Place] | Seed], place: Place, end: Seed | None) -> Way:
    joins: list[tuple[Join, Place]] = []
    while not isinstance(step := came[place], Seed):
        joins.append((step[0], place))
        place = step[1]
    return Way(step, tuple(reversed(joins)), end)


def hops(way: Way, *, backward: bool = False) -> tuple[Hop, ...]:
    """A way as hops; backward from its end to its start."""
    found = [_seed_hop(way.start, leaving=not backward)]
    places = [way.start.place, *(place for _, place in way.joins)]
    elements = [way.start.element, *(join.element for join, _ in way.joins)]
    devices = [way.start.device, *(join.device for join, _ in way.joins)]
    for place, element, device in zip(places, elements, devices, strict=True):
        hop = _place_hop(place, element, device)
        if hop is not None:
            found.append(hop)
    if way.end is not None:
        found.append(_seed_hop(way.end, leaving=False))
    return tuple(reversed(found)) if backward else tuple(found)


def _seed_hop(seed: Seed, *, leaving: bool) -> Hop:
    why = _LEAVES if leaving else _ARRIVES
    origins = (seed.origin,) if seed.origin.line else ()
    return Hop(seed.node, seed.port or seed.zone, why.format(zone=seed.zone), origins)


_LEAVES = Text("stands in {zone}", "{zone} に属する")
_ARRIVES = Text("stands in {zone}: the packet is there", "{zone} に属する: パケットが到達する")
_FORWARDS = Text("the instance forwards", "この経路表のなかで転送する")
_SWITCHES = Text("switched within the VLAN", "VLAN 内で転送する")
_CABLE = Text("over the cable", "ケーブルを通る")
_PATCHED = Text("over joined ports of the switch", "スイッチ内でつながったポートを通る")
_TUNNELLED = Text("through the tunnel", "トンネルを通る")
_LINKED = Text("between interfaces that share this prefix", "同じプレフィックスのインターフェース間を通る")
_BY = Text("{why}, {element}", "{why}({element})")


def _place_hop(place: Place, element: Element | None, device: str) -> Hop | None:
    kind, *rest = place
    match kind:
        case "vrf":
            hop = Hop(rest[0], f"vrf {rest[1] or 'default'}", _FORWARDS)
        case "vlan":
            hop = Hop(rest[0], f"vlan {rest[2]}", _SWITCHES)
        case "wire":
            hop = Hop(rest[0], "untagged" if rest[1] == UNTAGGED else f"tag {rest[1]}", _CABLE)
        case "host":
            hop = Hop(
                rest[0],
                f"port {rest[1]}",
                Text("a machine on this port gets several VLANs", "このポートの機器に複数の VLAN が届く"),
            )
        case "patch":
            hop = Hop(rest[0], f"patch {rest[1]}", _PATCHED)
        case "tunnel":
            hop = Hop(f"{rest[1]} {rest[2]}", rest[0], _TUNNELLED)
        case "link":
            hop = Hop(rest[0], "link", _LINKED)
        case _:
            return None
    if element is None:
        return hop
    why = _BY.format(why=hop.why, element=named(device, element))
    return Hop(hop.node, hop.place, why, origins_of(element))


def named(device: str, element: Element) -> Text:
    """A configuration element in words."""
    match element:
        case Interface():
            return Text(
                f"interface {element.name} of {device} in vrf {element.vrf or 'default'}",
                f"{device} のインターフェース {element.name}(VRF {element.vrf or 'default'})",
            )
        case SwitchPort():
            return Text(
                f"port {element.name} of {device}: {vlans(element)}",
                f"{device} のポート {element.name}: {vlans(element)}",
            )
        case StaticRoute():
            return Text(f"static route to {element.prefix} on {device}", f"{device} の {element.prefix} への静的経路")
        case PolicyRule():
            return Text(
                f"rule {element.seq} of a policy map of {device}", f"{device} のポリシーマップの規則 {element.seq}"
            )
    return Text(
        f"BGP import in vrf {element.vrf or 'default'} of {device}",
        f"{device} の VRF {element.vrf or 'default'} への BGP 経路取り込み",
    )


def vlans(port: SwitchPort) -> str:
    """The VLANs of a port as an engineer writes them."""
    if port.mode == "access":
        return f"access {port.tag}"
    native = f" native {port.tag}" if port.native else ""
    return f"trunk {','.join(map(str, port.trunks)) or 'all'}{native}"


def origins_of(element: Element) -> tuple[Origin, ...]:
    """Where an element is written, if it is."""
    return (element.origin,) if element.origin.line else ()
