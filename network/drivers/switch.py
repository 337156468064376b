"""An Open vSwitch switch as data: read from what it tells or from commands, written, and changed.

The commands are those of `ovs-vsctl` for its database, and `ovs-ofctl add-flow` and `del-flows` for the flow entries
that its bridges have beside the usual one; these stand in no database. Groups and meters do nothing but through an
entry that names them: they are neither read nor taken away, so that such an entry can be put back.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .platforms import USUAL_ENTRY

Settings = dict[str, str]
"""Column, or `column:key` of a map, and its value; what has the database's default is left out."""

_TABLES = ("bridge", "port", "interface")
_PLAIN = {"": ("datapath_type", "type"), "false": ("mcast_snooping_enable", "rstp_enable", "stp_enable", "protected")}
_EMPTY = {column: value for value, columns in _PLAIN.items() for column in columns} | {"ingress_policing_rate": "0"}
"""Columns that are never unset, with the value that stands for it."""
_DEFAULTS = ("", "0", "false", "system")
_SETTING = re.compile(r"^(?P<column>[a-z_]+)(?::(?P<key>[^=]+))?=(?P<value>.*)$", re.DOTALL)
_PORT_NUMBER = re.compile(r"[0-9]+$")


@dataclass
class Switch:
    """Bridges, the bridge of every port, what is set (see `Settings`), and flow entries where they are not as usual."""

    bridges: list[str] = field(default_factory=list)
    members: dict[str, str] = field(default_factory=dict)
    settings: dict[tuple[str, str], Settings] = field(default_factory=dict)
    flows: dict[str, set[str]] = field(default_factory=dict)

    def of(self, table: str, name: str) -> Settings:
        return self.settings.get((table, name), {})


def from_database(dump: str, columns: Mapping[str, Sequence[str]]) -> Switch:
    """What the platform's `dump` printed; `columns` names the cells of its lines."""
    switch = Switch()
    for word, *cells in csv.reader(io.StringIO(dump)):
        if word == "member":
            switch.members[cells[1]] = cells[0]
            continue
        if word == "flow":
            _enter(switch, *cells)
            continue
        values = {column: json.loads(cell) for column, cell in zip(columns[word], cells, strict=True)}
        name = str(values.pop("name"))
        if word == "bridge":
            switch.bridges.append(name)
        settings = dict(_stored(values))
        if word == "interface" and name in switch.bridges and settings.get("type") == "internal":
            del settings["type"]
        if settings:
            switch.settings[word, name] = settings
    for name in switch.members:
        settings = switch.settings.setdefault(("port", name), {})
        settings.setdefault("vlan_mode", "access" if "tag" in settings else "trunk")
    return switch


def from_text(text: str, start: Switch | None = None) -> Switch:
    """The commands carried out one after another, on top of `start` if given.

    Raises:
        ValueError: a line is no such command, or cannot be done; it says which.
    """
    switch = start or Switch()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        try:
            program, *words = shlex.split(line)
            _PROGRAMS[program](switch, words)
        except (ValueError, KeyError):
            msg = f"line {number}: {line.strip()}"
            raise ValueError(msg) from None
    return switch


def to_text(switch: Switch, hostname: str) -> str:
    """The commands in canonical order: bridges by name, ports by number."""
    lines = [f"# hostname {hostname}"]
    for bridge in sorted(switch.bridges):
        lines.append(_line("add-br", bridge))
        lines.extend(_sets(switch, "bridge", bridge))
        lines.extend(_sets(switch, "port", bridge))
        lines.extend(_sets(switch, "interface", bridge))
        for port in sorted((name for name, place in switch.members.items() if place == bridge), key=_port_order):
            settings = switch.of("port", port)
            first = {key: settings[key] for key in _FIRST if key in settings}
            lines.append(_line("add-port", bridge, port, *_words(first)))
            lines.extend(_sets(switch, "port", port, without=_FIRST))
            lines.extend(_sets(switch, "interface", port))
        entries = switch.flows.get(bridge, {USUAL_ENTRY})
        if USUAL_ENTRY not in entries:
            lines.append(shlex.join(("ovs-ofctl", "del-flows", bridge)))
        lines += (shlex.join(("ovs-ofctl", "add-flow", bridge, item)) for item in sorted(entries - {USUAL_ENTRY}))
    return "".join(f"{line}\n" for line in lines)


def all_entries(before: Switch, after: Switch) -> str:
    """The flow entries of `after`, `BRIDGE ENTRY` a line, for its bridges that have others than usual on either side.

    A bridge without any has a line without an entry.
    """
    bridges = [bridge for bridge in after.bridges if bridge in before.flows or bridge in after.flows]
    every = ((bridge, after.flows.get(bridge, {USUAL_ENTRY})) for bridge in bridges)
    return "".join(f"{bridge} {entry}\n" for bridge, entries in every for entry in sorted(entries) or [""])


def transaction(old: Switch, new: Switch) -> str:
    """One `ovs-vsctl` command a line, to be given in one transaction."""
    moved = {port for port, bridge in old.members.items() if new.members.get(port) != bridge}
    gone = [bridge for bridge in old.bridges if bridge not in new.bridges]
    commands: list[tuple[str, ...]] = []
    commands += [("del-port", old.members[port], port) for port in sorted(moved) if old.members[port] not in gone]
    commands += [("del-br", bridge) for bridge in gone]
    fresh = {("bridge", bridge) for bridge in new.bridges if bridge not in old.bridges}
    commands += [("add-br", bridge) for _, bridge in sorted(fresh)]
    joined = [port for port, bridge in new.members.items() if old.members.get(port) != bridge]
    commands += [("add-port", new.members[port], port) for port in joined]
    renewed = {name for _, name in fresh} | set(joined) | moved
    known = {*new.bridges, *new.members}
    for table, name in sorted({*old.settings, *new.settings}):
        if name in known:
            before = {} if name in renewed else old.of(table, name)
            commands += _change(table, name, before, new.of(table, name))
    return "".join(f"{shlex.join(command)}\n" for command in commands)


_FIRST = ("vlan_mode", "tag", "trunks", "external_ids:description")


def _stored(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for column, value in values.items():
        match value:
            case ["map", pairs]:
                yield from ((f"{column}:{key}", str(item)) for key, item in sorted(pairs))
            case ["set", items]:
                listed = ",".join(map(str, sorted(_plain(item) for item in items)))
                if listed:
                    yield column, listed
            case _:
                text = json.dumps(value) if isinstance(value, bool) else str(_plain(value))
                if text not in _DEFAULTS:
                    yield column, text


def _plain(value: Any) -> Any:  # noqa: ANN401 a database column holds anything
    return value[1] if isinstance(value, list) else value


def _carry_out(switch: Switch, words: list[str]) -> None:
    match words:
        case ["add-br", bridge] if bridge not in switch.bridges:
            switch.bridges.append(bridge)
        case ["add-port", bridge, port, *settings] if (
            bridge in switch.bridges and switch.members.get(port, bridge) == bridge
        ):
            switch.members[port] = bridge
            _set(switch, "port", port, settings)
        case ["set", table, name, *settings] if table in _TABLES and settings:
            if name not in (switch.bridges if table == "bridge" else (*switch.bridges, *switch.members)):
                raise KeyError(name)
            _set(switch, table, name, settings)
        case ["clear", table, name, column] if table in _TABLES:
            kept = {key: value for key, value in switch.of(table, name).items() if key.split(":")[0] != column}
            switch.settings[table, name] = kept
        case ["del-port", bridge, port] if switch.members[port] == bridge:
            _forget(switch, port)
        case ["del-br", bridge] if bridge in switch.bridges:
            for port in [port for port, place in switch.members.items() if place == bridge]:
                _forget(switch, port)
            _forget(switch, bridge)
        case _:
            raise ValueError


def _flow(switch: Switch, words: list[str]) -> None:
    match words:
        case ["add-flow", bridge, entry] if bridge in switch.bridges and entry.isprintable():
            _enter(switch, bridge, entry.strip())
        case ["del-flows", bridge] if bridge in switch.bridges:
            _enter(switch, bridge, "")
        case _:
            raise ValueError


def _enter(switch: Switch, bridge: str, entry: str) -> None:
    """Add an entry; "" takes away all."""
    entries = switch.flows.setdefault(bridge, {USUAL_ENTRY})
    if entry:
        entries.add(entry)
    else:
        entries.clear()
    if entries == {USUAL_ENTRY}:
        del switch.flows[bridge]


_PROGRAMS = {"ovs-vsctl": _carry_out, "ovs-ofctl": _flow}


def _set(switch: Switch, table: str, name: str, settings: list[str]) -> None:
    found = switch.settings.setdefault((table, name), {})
    for word in settings:
        match = _SETTING.match(word)
        if match is None:
            raise ValueError
        value = match["value"]
        text = str(json.loads(value)) if value.startswith('"') else value
        key = f"{match['column']}:{match['key']}" if match["key"] else match["column"]
        if match["column"] == "trunks":
            text = ",".join(map(str, sorted({int(item) for item in text.split(",")})))
        if text in _DEFAULTS and not match["key"] and key != "tag":
            found.pop(key, None)
        else:
            found[key] = text


def _forget(switch: Switch, name: str) -> None:
    switch.members.pop(name, None)
    if name in switch.bridges:
        switch.bridges.remove(name)
        switch.flows.pop(name, None)
    for table in _TABLES:
        switch.settings.pop((table, name), None)


def _change(table: str, name: str, old: Settings, new: Settings) -> Iterator[tuple[str, ...]]:
    for key in old:
        if key not in new:
            column, _, item = key.partition(":")
            if item:
                yield ("remove", table, name, column, item)
            elif column in _EMPTY:
                yield ("set", table, name, f"{column}={json.dumps('') if not _EMPTY[column] else _EMPTY[column]}")
            else:
                yield ("clear", table, name, column)
    changed = {key: value for key, value in new.items() if old.get(key) != value}
    if changed:
        yield ("set", table, name, *_words(changed))


def _words(settings: Settings) -> list[str]:
    """As ovs-vsctl takes them: values of maps quoted, so that they may hold anything."""
    return [
        f"{key}={json.dumps(value, ensure_ascii=False) if ':' in key else value}" for key, value in settings.items()
    ]


def _sets(switch: Switch, table: str, name: str, without: Sequence[str] = ()) -> Iterator[str]:
    for key, value in sorted(switch.of(table, name).items()):
        if key not in without:
            yield _line("set", table, name, *_words({key: value}))


def _line(*words: str) -> str:
    return shlex.join(("ovs-vsctl", *words))


def _port_order(name: str) -> tuple[int, str]:
    match = _PORT_NUMBER.search(name)
    return int(match[0]) if match else 0, name
