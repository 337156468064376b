"""Open vSwitch: from `ovs-vsctl` commands, as `network.render.openvswitch` and the driver write them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Any, Literal

from inventory.origin import Origin
from network.parse import words as w
from network.parse.source import Source
from network.render.errors import is_line_text
from network.state import Bridge, DeviceState, SwitchPort, Tunnel

_HIGHEST_VLAN = 4095
_WORD = re.compile(r"""'[^']*'|[^ \t\r\n'"\\]+""")
_WORDS = re.compile(rf"(?:{_WORD.pattern})(?:[ \t]+(?:{_WORD.pattern}))*")
"""What most lines are made of: plain words, and words that stand in single quotes from end to end."""
_MODES: dict[str, tuple[Literal["access", "trunk"], Literal["", "untagged", "tagged"]]] = {
    "access": ("access", ""),
    "trunk": ("trunk", ""),
    "native-untagged": ("trunk", "untagged"),
    "native-tagged": ("trunk", "tagged"),
}
_TUNNELS: dict[str, Literal["geneve", "gre", "vxlan"]] = {"geneve": "geneve", "gre": "gre", "vxlan": "vxlan"}
_END_COLUMNS = frozenset({"type", "options:peer", "options:remote_ip", "options:key"})

Ends = dict[str, tuple[str, int]]
"""What is set of an interface: column, or `options:key`, its value, and the line."""


def parse(source: Source) -> DeviceState:
    """Read the whole source as commands."""
    bridges: dict[str, _Draft] = {}
    ends: dict[str, Ends] = {}
    for number, raw in source.numbered(1, len(source.lines)):
        text = raw.strip(" \t\r")
        if not text or text == f"# hostname {source.hostname}":
            continue
        try:
            for words in _commands(text):
                _carry_out(words, bridges, ends, source.origin(number))
        except (ValueError, LookupError):
            source.doubt(number)
    whole = {name: _end(found, source) for name, found in ends.items()}
    return DeviceState(
        source.hostname,
        "openvswitch",
        bridges=tuple(
            replace(draft.bridge, ports=tuple(_joined(port, whole.get(port.name)) for port in draft.ports.values()))
            for draft in bridges.values()
        ),
    )


@dataclass(slots=True)
class _Draft:
    """A bridge, and its ports by their names."""

    bridge: Bridge
    ports: dict[str, SwitchPort] = field(default_factory=dict)


def _joined(port: SwitchPort, end: dict[str, Any] | None) -> SwitchPort:
    return replace(port, **end) if end else port


def _words(text: str) -> list[str]:
    """The words as a shell sees them; `shlex` takes its time, so it is asked about unusual lines only."""
    if not _WORDS.fullmatch(text):
        return shlex.split(text)
    return [word.strip("'") for word in _WORD.findall(text)]


@lru_cache(w.REMEMBERED)
def _commands(text: str) -> tuple[tuple[str, ...], ...]:
    """The commands of a line, which `--` sets apart; switches share most of their lines."""
    program, *rest = _words(text)
    if program != "ovs-vsctl":
        raise ValueError(text)
    found: list[list[str]] = [[]]
    for word in rest:
        if word == "--":
            found.append([])
        else:
            found[-1].append(word)
    return tuple(map(tuple, found))


def _carry_out(words: tuple[str, ...], bridges: dict[str, _Draft], ends: dict[str, Ends], origin: Origin) -> None:
    match words:
        case ["add-br", name] if name not in bridges:
            bridges[name] = _Draft(Bridge(w.interface_name(name), userspace=False, origin=origin))
        case ["set", "bridge", name, "datapath_type=netdev"]:
            bridges[name].bridge = replace(bridges[name].bridge, userspace=True)
        case ["add-port", name, port, *settings]:
            draft = bridges[name]
            if _has(bridges, port):
                raise ValueError(port)
            draft.ports[port] = _port(port, tuple(settings))(origin=origin)
        case ["set", "interface", name, *settings] if settings and _has(bridges, name):
            given = [_setting(text) for text in settings]
            if any(key not in _END_COLUMNS for key, _ in given):
                raise ValueError(settings)
            ends.setdefault(name, {}).update({key: (value, origin.line) for key, value in given})
        case _:
            raise ValueError(words)


def _has(bridges: Mapping[str, _Draft], port: str) -> bool:
    return any(port in draft.ports for draft in bridges.values())


def _end(found: Ends, source: Source) -> dict[str, Any]:
    """What a port is joined to; doubts the lines if they make nothing that is known."""
    try:
        return _whole_end({key: value for key, (value, _) in found.items()})
    except (ValueError, LookupError):
        for _, line in found.values():
            source.doubt(line)
        return {}


def _whole_end(given: dict[str, str]) -> dict[str, Any]:
    kind = given.pop("type")
    options = {key: _quoted(value) if value.startswith('"') else value for key, value in given.items()}
    if kind == "patch":
        end: dict[str, Any] = {"peer": w.interface_name(options.pop("options:peer"))}
    else:
        key, remote = options.pop("options:key", None), w.address(options.pop("options:remote_ip"))
        end = {"tunnel": Tunnel(_TUNNELS[kind], remote, None if key is None else w.number(key))}
    if options:
        raise ValueError(options)
    return end


@lru_cache(w.REMEMBERED)
def _port(name: str, settings: tuple[str, ...]) -> Callable[..., SwitchPort]:
    """A port but for its origin."""
    given = dict(_setting(text) for text in settings)
    if len(given) != len(settings):
        raise ValueError(settings)
    mode, native = _MODES[given.pop("vlan_mode", "access" if "tag" in given else "trunk")]
    tag, trunks = given.pop("tag", None), given.pop("trunks", None)
    description = _quoted(given.pop("external_ids:description", '""'))
    port = partial(
        SwitchPort,
        name=w.interface_name(name),
        mode=mode,
        tag=None if tag is None else _vlan(tag),
        trunks=tuple(map(_vlan, trunks.split(","))) if trunks else (),
        native=native,
        description=description,
    )
    whole = tag is not None and not trunks if mode == "access" else (tag is not None) == bool(native)
    if given or not whole or not is_line_text(description, without='"\\', longest=200):
        raise ValueError(settings)
    return port


def _setting(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise ValueError(text)
    return key, value


def _quoted(text: str) -> str:
    """A string in quotes, as the database writes it."""
    if not text.startswith('"'):
        raise ValueError(text)
    return str(json.loads(text))


def _vlan(text: str) -> int:
    return w.number(text, 0, _HIGHEST_VLAN)
