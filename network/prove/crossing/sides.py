"""Devices that may be in either of two states: what they run, and what they shall run.

The tags of cables belong to the new inventory's segments only, so they put nothing into a zone here. Machines on switch
ports stand where the new inventory has them; before the change, one whose port stood elsewhere belongs to the zone that
it stood in, as the VRFs of the routers tell.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from network.prove.crossing.devices import Known
from network.prove.crossing.plant import Areas, Ground, Leak, Part, Seed, plant_of
from network.state import DeviceState, PolicyRule, SwitchPort

Side = Literal["old", "new"]
OLD: Side = "old"
NEW: Side = "new"


@dataclass(frozen=True)
class Sides:
    """The devices of a city with their state, or both of their states."""

    changing: Mapping[str, Mapping[Side, Known]]
    """Those that let pass something else in the one state than in the other."""
    same: Mapping[str, Known]

    def at(self, fixed: Mapping[str, Side]) -> Mapping[str, tuple[Known, ...]]:
        """Every device with the states it may be in, when some are fixed."""
        either = {
            name: (sides[fixed[name]],) if name in fixed else tuple(sides.values())
            for name, sides in self.changing.items()
        }
        return {**{name: (known,) for name, known in self.same.items()}, **either}


def together(items: Collection[Known]) -> Part:
    """What a device adds to the plant that may be in any of these states."""
    parts = [item.part for item in items]
    if len(parts) == 1:
        return parts[0]
    return Part(
        joins=[join for part in parts for join in part.joins],
        seeds=[seed for part in parts for seed in part.seeds],
        leaks=[leak for part in parts for leak in part.leaks],
        doors=[door for part in parts for door in part.doors],
        strange=[item for part in parts for item in part.strange],
    )


def sides_of(ground: Ground, old: Mapping[str, Known], new: Mapping[str, Known]) -> Sides:
    """Which devices change what they let pass, and their machines as they stand before and after."""
    ports = {name: _changed_ports(old[name].state, known.state) for name, known in new.items()}
    before = {name: _without_hosts(known.part, ports[name]) for name, known in old.items()}
    areas = plant_of(ground, before, ground.fixed).areas
    changing: dict[str, Mapping[Side, Known]] = {}
    same: dict[str, Known] = {}
    for name, known in new.items():
        stayed = _stayed(known.part, areas, ports[name])
        after = known if stayed is known.part else replace(known, part=stayed)
        was = replace(old[name], part=_before(old[name].part, before[name], areas, ports[name]))
        if _alike(was, after):
            same[name] = after
        else:
            changing[name] = {"old": was, "new": after}
    return Sides(changing, same)


def _changed_ports(old: DeviceState | None, new: DeviceState | None) -> frozenset[str]:
    """Switch ports that carry other VLANs after."""
    before, after = ({_port(port) for bridge in s.bridges for port in bridge.ports} if s else set() for s in (old, new))
    return frozenset(str(name) for name, *_ in before ^ after)


def _port(port: SwitchPort) -> tuple[object, ...]:
    return port.name, port.mode, port.tag, port.trunks, port.native, port.peer, port.tunnel


def _is_machine(seed: Seed) -> bool:
    return isinstance(seed.element, SwitchPort) and seed.element.tunnel is None


def _without_hosts(part: Part, changed: Collection[str]) -> Part:
    """Without machines, and without what those on changed ports join: where they were registered is not known."""
    return Part(
        joins=[join for join in part.joins if not (join.a[0] == "host" and join.a[2] in changed)],
        seeds=[seed for seed in part.seeds if not _is_machine(seed)],
        leaks=part.leaks,
        doors=part.doors,
        strange=part.strange,
    )


def _moved(seed: Seed, areas: Areas) -> str | None:
    """The zone that a machine's place was in, if another than the machine's own."""
    zones = areas.zones_at(seed.place)
    return zones[0] if len(zones) == 1 and zones[0] != seed.zone else None


def _stayed(part: Part, areas: Areas, changed: Collection[str]) -> Part:
    """Without machines that come to another zone though their port stays as it is: nobody knows when they do."""
    gone = {id(s) for s in part.seeds if _is_machine(s) and s.port not in changed and _moved(s, areas)}
    return replace(part, seeds=[seed for seed in part.seeds if id(seed) not in gone]) if gone else part


def _before(part: Part, bare: Part, areas: Areas, changed: Collection[str]) -> Part:
    """A part with its machines in the zones they were in."""
    seeds: list[Seed] = []
    for seed in part.seeds:
        was = _moved(seed, areas) if _is_machine(seed) else None
        if was is None:
            seeds.append(seed)
        elif seed.port in changed:
            seeds.append(seed._replace(zone=was))
    return replace(bare, seeds=seeds)


def _alike(old: Known, new: Known) -> bool:
    """Whether a device lets pass the same in both states."""
    if old.unknown or new.unknown or (old.state is None) != (new.state is None):
        return False
    tables = [known.state.tables if known.state else () for known in (old, new)]
    return tables[0] == tables[1] and _gist(old.part) == _gist(new.part)


def _meant(leak: Leak) -> object:
    """What a leak is for."""
    return leak.element if isinstance(leak.element, PolicyRule) else getattr(leak.element, "prefix", None)


def _gist(part: Part) -> tuple[object, ...]:
    """What a part joins, without the words it is written in."""
    return (
        {(join.a, join.b) for join in part.joins},
        {(seed.zone, seed.place) for seed in part.seeds},
        {(leak.a, leak.b, _meant(leak)) for leak in part.leaks},
        {(door.names, door.place) for door in part.doors},
        {getattr(item.element, "name", "") for item in part.strange},
    )
