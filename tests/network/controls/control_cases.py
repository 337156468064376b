"""Cities and facts for the controls' tests: a city of the repository with a few things laid over it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from inventory.loader import load_city
from inventory.model import City
from inventory.text import Text
from network.build import build_fabric
from network.compile import compile_fabric
from network.controls import CONTROLS, Control, Facts, Result
from network.prove.findings import Finding, Proof, Verdict
from network.state import DeviceState, NftChain, NftRule, NftTable

CITIES = Path(__file__).parents[2] / "cities"
DAY = dt.date(2026, 11, 20)
GONE = object()
"""Takes a key out of what lies below."""

States = dict[str, DeviceState]
PROVED = Proof({"separation": "proved", "service": "proved", "resilience": "proved"})


@cache
def base(name: str) -> City:
    return load_city(CITIES / name if (CITIES / name).is_dir() else name, DAY)


def city_of(name: str, patch: Mapping[str, Any]) -> City:
    """A city with a patch laid over it; not checked, since some controls are about what the checks refuse."""
    return City.model_validate(_laid(base(name).model_dump(by_alias=True), patch)) if patch else base(name)


def _laid(below: object, above: object) -> object:
    if not isinstance(above, Mapping) or not isinstance(below, dict):
        return above
    merged = dict(below)
    for key, value in above.items():
        if value is GONE:
            merged.pop(key, None)
        else:
            merged[key] = _laid(merged[key], value) if key in merged else value
    return merged


def facts_of(name: str, patch: Mapping[str, Any] | None = None, **more: Any) -> Facts:  # noqa: ANN401 any of the facts
    fabric = build_fabric(city_of(name, patch or {}))
    return replace(Facts(fabric, DAY, compile_fabric(fabric, DAY)), **more)


def control(name: str) -> Control:
    return next(item for item in CONTROLS if item.id == name)


def proof(*findings: Finding, separation: Verdict | None = None, resilience: Verdict | None = None) -> Proof:
    """A proof with these findings, and what they make of each claim unless told otherwise."""
    claims = dict(PROVED.claims)
    claims |= {finding.claim: "findings" for finding in findings if finding.kind != "unread"}
    claims |= {name: verdict for name, verdict in (("separation", separation), ("resilience", resilience)) if verdict}  # type: ignore[misc]
    return Proof(claims, findings)


def crossing(subject: str) -> Finding:
    return Finding("crossing", subject, Text(f"crossing {subject}", f"{subject} が通過"))


@dataclass(frozen=True)
class Case:
    """A city, what was changed about it, and what a control must say: `says` is part of the deciding evidence."""

    control: str
    status: str
    says: str
    city: str = "mini"
    patch: Mapping[str, Any] = field(default_factory=dict)
    change: Callable[[States], States] | None = None
    more: Mapping[str, Any] = field(default_factory=dict)

    def judge(self) -> Result:
        facts = facts_of(self.city, self.patch, **self.more)
        if self.change is not None:
            facts = replace(facts, states=self.change(dict(facts.states)))
        return control(self.control).judge(facts)


def on(device: str, edit: Callable[[DeviceState], DeviceState]) -> Callable[[States], States]:
    """Edit the state of one device."""
    return lambda states: {**states, device: edit(states[device])}


def without(*devices: str) -> Callable[[States], States]:
    """Devices of which nothing is known."""
    return lambda states: {name: state for name, state in states.items() if name not in devices}


def rules(chain: str, *more: NftRule) -> Callable[[DeviceState], DeviceState]:
    """Put rules at the head of a chain."""
    return _chains(lambda item: replace(item, rules=(*more, *item.rules)) if item.name == chain else item)


def added(chain: NftChain) -> Callable[[DeviceState], DeviceState]:
    """Add a chain to a firewall's table."""

    def edit(state: DeviceState) -> DeviceState:
        (table,) = state.tables
        return replace(state, tables=(replace(table, chains=(*table.chains, chain)),))

    return edit


def every_rule(change: Callable[[NftRule], NftRule]) -> Callable[[DeviceState], DeviceState]:
    """Change each rule of a firewall."""
    return _chains(lambda item: replace(item, rules=tuple(change(rule) for rule in item.rules)))


def _chains(change: Callable[[NftChain], NftChain]) -> Callable[[DeviceState], DeviceState]:
    def edit(state: DeviceState) -> DeviceState:
        tables: tuple[NftTable, ...] = tuple(
            replace(table, chains=tuple(change(chain) for chain in table.chains)) for table in state.tables
        )
        return replace(state, tables=tables)

    return edit
