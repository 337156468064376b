"""Open vSwitch: from `ovs-vsctl` commands, as `network.render.openvswitch` and the driver write them."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from typing import Literal

from inventory.origin import Origin
from network.parse import words as w
from network.parse.source import Source
from network.render.errors import is_line_text
from network.state import Bridge, DeviceState, SwitchPort

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


def parse(source: Source) -> DeviceState:
    """Read the whole source as commands."""
    bridges: dict[str, Bridge] = {}
    for number, raw in source.numbered(1, len(source.lines)):
        text = raw.strip(" \t\r")
        if not text or text == f"# hostname {source.hostname}":
            continue
        try:
            bridge = _command(_words(text), bridges, source.origin(number))
        except (ValueError, LookupError):
            source.doubt(number)
        else:
            bridges[bridge.name] = bridge
    return DeviceState(source.hostname, "openvswitch", bridges=tuple(bridges.values()))


def _words(text: str) -> list[str]:
    """The words as a shell sees them; `shlex` takes its time, so it is asked about unusual lines only."""
    if not _WORDS.fullmatch(text):
        return shlex.split(text)
    return [word.strip("'") for word in _WORD.findall(text)]


def _command(words: list[str], bridges: dict[str, Bridge], origin: Origin) -> Bridge:
    """The bridge as the command leaves it."""
    match words:
        case ["ovs-vsctl", "add-br", name] if name not in bridges:
            return Bridge(w.interface_name(name), userspace=False, origin=origin)
        case ["ovs-vsctl", "set", "bridge", name, "datapath_type=netdev"]:
            return replace(bridges[name], userspace=True)
        case ["ovs-vsctl", "add-port", name, port, *settings]:
            bridge = bridges[name]
            if any(port == other.name for one in bridges.values() for other in one.ports):
                raise ValueError(port)
            return replace(bridge, ports=(*bridge.ports, _port(w.interface_name(port), settings, origin)))
    raise ValueError(words)


def _port(name: str, settings: list[str], origin: Origin) -> SwitchPort:
    given = dict(_setting(text) for text in settings)
    if len(given) != len(settings):
        raise ValueError(settings)
    mode, native = _MODES[given.pop("vlan_mode")]
    tag, trunks = given.pop("tag", None), given.pop("trunks", None)
    description = _quoted(given.pop("external_ids:description", '""'))
    port = SwitchPort(
        name=name,
        mode=mode,
        tag=None if tag is None else _vlan(tag),
        trunks=tuple(map(_vlan, trunks.split(","))) if trunks else (),
        native=native,
        description=description,
        origin=origin,
    )
    tagged = port.tag is not None
    whole = tagged and not port.trunks if mode == "access" else bool(port.trunks) and tagged == bool(native)
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
