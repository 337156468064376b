"""What goes into a pack, gathered: the city on a day, its proof, its controls, its documents and the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from deploy.chain import Row
from deploy.controls_command import change_log
from deploy.drift import drift
from deploy.planning import Survey, tool_version
from inventory.model import City
from network.build import build_fabric
from network.collector import without_collector
from network.compile import compile_fabric
from network.controls import Deviation, Facts, Result, judge
from network.documents import documents
from network.drivers.platforms import dialect
from network.fabric import Fabric
from network.prove import Proof, Subject, compiled_subject, parsed_subject, prove
from network.prove.proof import CLAIMS
from network.register.standing import Row as RegisterRow
from network.register.standing import standing
from network.render import render
from network.state import DeviceState


@dataclass(frozen=True)
class Material:
    """Everything a pack tells. `created` is the time it is dated with; `journal` is None where there is none."""

    created: dt.datetime
    subject: Subject
    proof: Proof
    facts: Facts
    results: tuple[Result, ...]
    configurations: Mapping[str, str]
    """Device → the text that was proved, without secrets."""
    intended: Mapping[str, DeviceState]
    journal: Sequence[Row] | None
    tool: str

    @property
    def fabric(self) -> Fabric:
        return self.subject.fabric

    @property
    def city(self) -> City:
        return self.fabric.city

    @property
    def day(self) -> dt.date:
        return self.subject.day

    @cached_property
    def city_json(self) -> bytes:
        """The inventory in one spelling; plans carry its SHA-256 as the city's."""
        return self.city.model_dump_json(by_alias=True).encode()

    @cached_property
    def register(self) -> tuple[RegisterRow, ...]:
        """The register as it stands on the day."""
        return standing(self.fabric, self.day)

    @cached_property
    def documents(self) -> dict[str, str]:
        """The folder that `sanso compile` writes of the city."""
        texts = {name: render(state) for name, state in self.intended.items()}
        return documents(self.fabric, self.intended, texts)


def intended_material(city: City, day: dt.date, created: dt.datetime, journal: Sequence[Row] | None) -> Material:
    """The material of a city as its inventory intends it."""
    fabric = build_fabric(city)
    with without_collector():
        states = compile_fabric(fabric, day)
    texts = {name: render(state) for name, state in states.items()}
    return _material(compiled_subject(fabric, day), texts, states, created, journal, None)


def running_material(found: Survey, day: dt.date, created: dt.datetime, journal: Sequence[Row] | None) -> Material:
    """The material of a city as its devices run it; `found` is what they were read to be."""
    subject = parsed_subject(found.fabric, day, found.parsed, "running", found.intended)
    deviations = tuple(
        Deviation(device, item.text, item.origin) for device, items in drift(found).items() for item in items
    )
    texts = {name: without_secrets(text) for name, text in found.running.items()}
    return _material(subject, texts, found.intended, created, journal, deviations)


def without_secrets(text: str) -> str:
    """A running configuration with its passwords and keys taken out; only the routing part can hold any."""
    return dialect("frr").without_secrets(text)


def _material(  # noqa: PLR0913, PLR0917 what the two sources of material have told apart
    subject: Subject,
    texts: Mapping[str, str],
    intended: Mapping[str, DeviceState],
    created: dt.datetime,
    journal: Sequence[Row] | None,
    deviations: tuple[Deviation, ...] | None,
) -> Material:
    proof = prove(subject, CLAIMS)
    city = subject.fabric.city
    facts = Facts(
        subject.fabric,
        subject.day,
        subject.states,
        subject.unknown,
        subject.source,
        proof,
        None if journal is None else change_log(city.name, list(journal)),
        deviations,
    )
    return Material(created, subject, proof, facts, judge(facts), texts, intended, journal, tool_version())
