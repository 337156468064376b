"""The catalogue of seeded faults: each row applied to a city, and what the proof has to say of it."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml

from inventory.generate import generate_city
from inventory.loader import load_city
from inventory.model import City
from network.build import build_fabric
from network.compiled import Compiled, compile_city
from network.parse import parse
from network.parse.source import BESIDE_SECTION
from network.prove import Claim, Finding, Proof, Prover, Subject, texts_subject

HERE = Path(__file__).parent
DAY = dt.date(2026, 11, 20)
HARMLESS = HERE / "harmless.yaml"
GENERATED_DEVICES = 24


@dataclass(frozen=True)
class Edit:
    """Text of a device's configuration and what takes its place: the first time it stands there, or every time.

    `<mark>` stands for what gives a row's connections their mark.
    """

    at: str
    old: str
    new: str
    every: bool = False

    def on(self, text: str) -> str:
        old = re.escape(self.old).replace("<mark>", r"(?P<mark>ct mark set 0x[0-9a-f]+)")
        assert re.search(old, text), f"{self.at} has no {self.old!r}"
        return re.sub(old, self._instead, text, count=0 if self.every else 1)

    def _instead(self, found: re.Match[str]) -> str:
        return self.new.replace("<mark>", found["mark"]) if "<mark>" in self.new else self.new


@dataclass(frozen=True)
class Said:
    """A real packet: `say` is "tcp/22", "icmp" or "ethernet" (a broadcast); `at` another address than the target's."""

    source: str
    target: str
    say: str
    family: Literal[4, 6] = 4
    at: str = ""


@dataclass(frozen=True)
class Hand:
    """A fault by hand: commands by device, the row's first if none is named. Without `undo`: its filter as it was.

    The packet passes while the fault is there, and only then; of a fault of service the other way round. `canary` is a
    row of the register that the fault does not touch: it tells that the measurement hears what passes. `needs` is a
    kind of interface that not every kernel has.
    """

    packet: Said
    do: dict[str, tuple[str, ...]]
    undo: dict[str, tuple[str, ...]]
    canary: str = "f002"
    needs: str = ""


@dataclass(frozen=True)
class Fault:
    """A row of the catalogue.

    `where`: in configuration text, in the inventory (`change`: path → value, None takes out; `deployed`: the devices
    keep the configurations from before), or by hand on a device (`hand`), which `edits` say as text, and `beside`
    as a device tells what stands in its kernel beside its configuration. `finds` are the keys of all findings of the
    claim, where `*` stands for any text; among them all `lines` are cited ("device: start of the line after the
    edits", "inventory: path"). `confirmed` "lab": a real packet showed it in the lab when it was
    done by hand. `missed`: the proof does not find it, and why. `misplaced`: it does, but cites none of `lines`, and
    why.
    """

    id: str
    join: str
    where: Literal["text", "inventory", "device"]
    city: Literal["tiny", "mini", "yasu", "yasu-mesh", "generated"]
    en: str
    ja: str
    claim: Claim = "separation"
    edits: tuple[Edit, ...] = ()
    beside: dict[str, tuple[str, ...]] = field(default_factory=dict)
    change: dict[str, Any] = field(default_factory=dict)
    deployed: bool = False
    finds: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    hand: Hand | None = None
    confirmed: Literal["lab", ""] = ""
    missed: str = ""
    misplaced: str = ""

    @property
    def devices(self) -> tuple[str, ...]:
        """Those whose running text is another than it was."""
        return tuple(dict.fromkeys([*(edit.at for edit in self.edits), *self.beside]))


def catalogue(*files: Path) -> tuple[Fault, ...]:
    """The rows of some files, in their order; by default of all but the harmless ones."""
    chosen = files or tuple(path for path in sorted(HERE.glob("*.yaml")) if path != HARMLESS)
    return tuple(_row(data) for path in chosen for data in yaml.safe_load(path.read_text(encoding="utf-8")))


def _row(data: dict[str, Any]) -> Fault:
    edits, by_hand = tuple(Edit(**edit) for edit in data.pop("edits", ())), data.pop("hand", None)
    listed = {name: tuple(data.pop(name, ())) for name in ("finds", "lines")}
    beside = {name: tuple(lines) for name, lines in data.pop("beside", {}).items()}
    fault = Fault(**data, **listed, edits=edits, beside=beside)
    return replace(fault, hand=_hand(by_hand, fault.devices[0])) if by_hand else fault


def _hand(data: dict[str, Any], device: str) -> Hand:
    said = dict(data["packet"])
    packet = Said(source=said.pop("from"), target=said.pop("to"), **said)
    do, undo = (data.get(name, []) for name in ("do", "undo"))
    every = ({device: given} if isinstance(given, list) else given for given in (do, undo))
    commands = ({at: tuple(row) for at, row in given.items()} for given in every)
    return Hand(packet, *commands, **{key: data[key] for key in ("canary", "needs") if key in data})


class SeededCity:
    """A city with its right configurations, and a prover that keeps what a fault does not change."""

    def __init__(self, city: City) -> None:
        self.city = city
        self._provers: dict[Claim, Prover] = {}

    @cached_property
    def compiled(self) -> Compiled:
        return compile_city(self.city, DAY)

    @cached_property
    def subject(self) -> Subject:
        return texts_subject(self.compiled.fabric, DAY, self.compiled.texts, "files")

    def texts(self, fault: Fault) -> dict[str, str]:
        texts = dict(self.compiled.texts)
        for edit in fault.edits:
            texts[edit.at] = edit.on(texts[edit.at])
        for name, lines in fault.beside.items():
            texts[name] += "".join(f"{line}\n" for line in (BESIDE_SECTION, *lines))
        return texts

    def faulty(self, fault: Fault) -> tuple[Subject, dict[str, str]]:
        """What to prove when the fault is there, and the configurations."""
        if fault.change:
            city = changed(self.city, fault.change)
            if fault.deployed:
                texts = self.compiled.texts
                return texts_subject(build_fabric(city), DAY, texts, "files"), texts
            compiled = compile_city(city, DAY)
            return texts_subject(compiled.fabric, DAY, compiled.texts, "files"), compiled.texts
        texts = self.texts(fault)
        states, unknown = dict(self.subject.states), dict(self.subject.unknown)
        for name in fault.devices:
            read = parse(self.compiled.fabric.devices[name].spec.platform, name, texts[name])
            states[name], unknown[name] = read.state, read.unknown
        return replace(self.subject, states=states, unknown=unknown), texts

    def proof(self, fault: Fault) -> tuple[Proof, Subject, dict[str, str]]:
        """What the proof of the fault's claim says."""
        subject, texts = self.faulty(fault)
        prover = self._provers.setdefault(fault.claim, Prover())
        return prover.prove(subject, (fault.claim,)), subject, texts


def changed(city: City, change: dict[str, Any]) -> City:
    """The inventory with values put in (or taken out), without the checks of the loader; lines stay known."""
    return _with(city, [(path.split("/"), value) for path, value in change.items()])


def _with(here: Any, changes: list[tuple[list[str], Any]]) -> Any:  # noqa: ANN401 any element of the inventory
    for (head, *rest), value in changes:
        if isinstance(here, dict):
            there = _with(here[head], [(rest, value)]) if rest else _typed(here, value)
            here = {key: item for key, item in {**here, head: there}.items() if item is not None}
            continue
        name = next(key for key, kind in type(here).model_fields.items() if head in {key, kind.alias})
        if rest:
            here = here.model_copy(update={name: _with(getattr(here, name), [(rest, value)])})
        else:
            data = {**here.model_dump(by_alias=True), head: value}
            here = here.model_copy(update={name: getattr(type(here).model_validate(data), name)})
    return here


def _typed(table: dict[str, Any], value: object) -> object:
    """A new element of a table, of the type of those that are there."""
    return None if value is None else type(next(iter(table.values()))).model_validate(value)


def line_of(said: str, texts: dict[str, str], city: City) -> set[str]:
    """`file:line` of what a row of the catalogue cites; every line that begins so."""
    place, _, start = said.partition(": ")
    if place == "inventory":
        here: Any = city
        for name in start.split("/"):
            here = here[name] if isinstance(here, dict) else getattr(here, name)
        return {str(here.origin)}
    numbered = enumerate(texts[place].split("\n"), 1)
    found = {f"{place}:{number}" for number, line in numbered if line.strip().startswith(start.strip())}
    assert found, f"no line of {place} begins with {start!r}"
    return found


def cited(found: tuple[Finding, ...]) -> set[str]:
    return {str(origin) for finding in found for origin in finding.origins}


def seeded_cities() -> dict[str, SeededCity]:
    """The cities that rows name."""
    return {
        "tiny": SeededCity(load_city(HERE.parent / "cities" / "tiny", DAY)),
        "mini": SeededCity(load_city(HERE.parent / "cities" / "mini", DAY)),
        "yasu": SeededCity(load_city("yasu", DAY)),
        "yasu-mesh": SeededCity(load_city("yasu-mesh", DAY)),
        "generated": SeededCity(generate_city(GENERATED_DEVICES)),
    }
