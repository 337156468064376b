"""What is worked out about each device alone, kept for as long as its state is the same object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from network.fabric import Fabric
from network.prove.crossing.firewall import Firewall
from network.prove.crossing.parts import part_of
from network.prove.crossing.plant import Ground, Part
from network.prove.filtering.kept import SIDES, Filters
from network.prove.subject import Subject
from network.state import DeviceState, UnknownLine


@dataclass(frozen=True)
class Known:
    """What was worked out about a device, and from what."""

    state: DeviceState | None
    unknown: tuple[UnknownLine, ...]
    part: Part
    firewall: Firewall | None


class Devices:
    """The devices of a city; asked again it works out anew only those whose state is another object."""

    def __init__(self, fabric: Fabric, filters: Filters) -> None:
        self.ground = Ground(fabric)
        self._filters = filters
        self._known: dict[str, tuple[Known, ...]] = {}

    def of(self, subject: Subject) -> Mapping[str, Known]:
        """Every device of the city as the subject has it."""
        return {
            name: self._one(name, subject.states.get(name), tuple(subject.unknown.get(name, ())))
            for name in subject.fabric.devices
        }

    def _one(self, name: str, state: DeviceState | None, unknown: tuple[UnknownLine, ...]) -> Known:
        there = self._known.get(name, ())
        for known in there:
            if known.state is state and known.unknown == unknown:
                return known
        part = part_of(self.ground, name, state)
        firewall = None
        if state and state.platform == "nftables":
            firewall = Firewall(state, self._filters.of(name, state, unknown), part.doors)
        found = Known(state, unknown, part, firewall)
        self._known[name] = (found, *there)[:SIDES]
        return found
