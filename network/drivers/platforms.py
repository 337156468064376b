"""Platforms as data: what `platforms/*.yaml` says about a kind of device, read once."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

USUAL_ENTRY = "priority=0 actions=NORMAL"
"""What a bridge does by itself, as `ovs-ofctl` says it: it switches."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a configuration text of indented lines is read: every field is explained in `platforms/frr.yaml`."""

    ignored: tuple[re.Pattern[str], ...]
    contexts: tuple[re.Pattern[str], ...]
    transparent: tuple[re.Pattern[str], ...]
    late: tuple[re.Pattern[str], ...]
    definitions: tuple[re.Pattern[str], ...]
    replaces: tuple[re.Pattern[str], ...]
    unique: tuple[re.Pattern[str], ...]
    keys: tuple[tuple[re.Pattern[str], str], ...]
    removals: tuple[tuple[re.Pattern[str], str], ...]
    implied: tuple[tuple[re.Pattern[str], str], ...]
    secrets: tuple[re.Pattern[str], ...]

    def without_secrets(self, text: str) -> str:
        for pattern in self.secrets:
            text = pattern.sub(r"\1 <removed>", text)
        return text


@dataclass(frozen=True, slots=True)
class Platform:
    """One kind of device.

    `files`: parts of its configuration text and where a confirmed one is kept; `packages`: commands it must have, with
    the Debian package of each; `version`: a command that prints the release.
    """

    name: str
    vendor: str
    version: str
    files: Mapping[str, str]
    packages: Mapping[str, str]


def matches(patterns: tuple[re.Pattern[str], ...], line: str) -> bool:
    """Whether one of the patterns is found in the line."""
    return any(pattern.search(line) for pattern in patterns)


@cache
def platform(name: str) -> Platform:
    """The platform of that name."""
    data = _read(name)
    return Platform(data["platform"], data["vendor"], data["version"], data["files"], data["packages"])


@cache
def dialect(name: str) -> Dialect:
    """The dialect that `platforms/NAME.yaml` describes."""
    data = _read(name)

    def patterns(field: str) -> tuple[re.Pattern[str], ...]:
        return tuple(re.compile(item) for item in data[field])

    def pairs(field: str) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((re.compile(item[0]), item[1]) for item in data[field])

    return Dialect(
        ignored=patterns("ignored"),
        contexts=patterns("contexts"),
        transparent=patterns("transparent"),
        late=patterns("late"),
        definitions=patterns("definitions"),
        replaces=patterns("replaces"),
        unique=patterns("unique"),
        keys=pairs("keys"),
        removals=pairs("removals"),
        implied=pairs("implied"),
        secrets=patterns("secrets"),
    )


@dataclass(frozen=True, slots=True)
class Database:
    """How a switch is read: a command, and the columns of the lines it prints, by their first word.

    Beside these it prints `member,BRIDGE,PORT` and `flow,BRIDGE,ENTRY`; see `network.drivers.switch`.
    """

    dump: str
    columns: Mapping[str, tuple[str, ...]]
    openflow: str
    """Options by which `ovs-ofctl` speaks to a bridge."""


@cache
def database() -> Database:
    """Open vSwitch's database, and the flow entries of its bridges."""
    data = _read("openvswitch")
    tables: Mapping[str, str] = data["tables"]
    asked = (f"{word}={columns}" for word, columns in tables.items())
    script = ["perl", "-e", device_file("database").decode(), "--", data["openflow"], USUAL_ENTRY, *asked]
    dump = f"# ovs-vsctl list, ovs-ofctl dump-flows\n{shlex.join(script)}"
    columns = {word: tuple(listed.split(",")) for word, listed in tables.items()}
    return Database(dump, columns, data["openflow"])


def device_file(name: str) -> bytes:
    """A script that belongs on the device."""
    return files(__package__).joinpath("device", name).read_bytes()


def _read(name: str) -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(
        files(__package__).joinpath("platforms", f"{name}.yaml").read_text("utf-8")
    )
    return data
