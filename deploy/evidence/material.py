"""What goes into a pack, gathered: the city on a day, its proof, its controls, its documents and the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from deploy.chain import Row
from deploy.controls_command import compiled_facts, running_facts
from deploy.planning import Survey, tool_version
from inventory.model import City
from network.controls import Facts, Inspection, Result, judge
from network.documents import documents
from network.drivers.platforms import dialect
from network.fabric import Fabric
from network.parse import parse
from network.prove import Proof, Subject, prove
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

    @property
    def intended(self) -> Mapping[str, DeviceState]:
        return self.subject.intended

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
    facts = compiled_facts(city, day, journal)
    texts = {name: render(state) for name, state in facts.states.items()}
    return _material(facts, facts.states, texts, created, journal)


def running_material(
    found: Survey,
    day: dt.date,
    created: dt.datetime,
    journal: Sequence[Row] | None,
    inspections: Mapping[str, Inspection] | None = None,
) -> Material:
    """The material of a city as its devices run it; `found` is what they were read to be.

    All of it is made from texts without secrets, because a proof and a control quote the lines they speak of.
    """
    devices = found.fabric.devices
    texts = {name: without_secrets(text) for name, text in found.running.items()}
    parsed = {name: parse(devices[name].spec.platform, name, text) for name, text in texts.items()}
    told = replace(found, running=texts, parsed=parsed)
    return _material(running_facts(told, day, journal, inspections), found.intended, texts, created, journal)


def without_secrets(text: str) -> str:
    """A running configuration with its passwords and keys taken out, line by line; only FRR's part can hold any."""
    return dialect("frr").without_secrets(text)


def _material(
    facts: Facts,
    intended: Mapping[str, DeviceState],
    texts: Mapping[str, str],
    created: dt.datetime,
    journal: Sequence[Row] | None,
) -> Material:
    subject = Subject(facts.fabric, facts.day, facts.states, intended, facts.unknown, facts.source)
    proof = facts.proof or prove(subject)
    return Material(created, subject, proof, facts, judge(facts), texts, journal, tool_version())
