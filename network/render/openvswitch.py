"""Open vSwitch: `ovs-vsctl` commands, one a line, quoted for a shell.

The host name stands in a comment: a switch's database does not know it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from functools import lru_cache

from inventory.text import Text
from network.render.errors import RenderError, interface_name, line_text, name, nothing
from network.render.frr_words import address_text
from network.state import Bridge, DeviceState, SwitchPort

_HIGHEST_VLAN = 4095
_REMEMBERED = 1 << 14


def render(state: DeviceState) -> str:
    """The commands that make the bridges of a canonical `state`."""
    other = (state.vrfs, state.interfaces, state.bfd_profiles, state.ospf, state.bgp)
    for part in (*other, state.prefix_lists, state.route_maps, state.tables):
        nothing(part, Text("routing or filtering in Open vSwitch", "Open vSwitchでの経路制御・フィルタ"))
    lines = [f"# hostname {name(state.hostname, Text('a host name', 'ホスト名'))}"]
    lines.extend(line for bridge in state.bridges for line in _bridge(bridge))
    return "".join(f"{line}\n" for line in lines)


def _bridge(bridge: Bridge) -> Iterator[str]:
    yield command("add-br", interface_name(bridge.name))
    if bridge.userspace:
        yield command("set", "bridge", bridge.name, "datapath_type=netdev")
    for port in bridge.ports:
        yield from _port(bridge.name, port)


@lru_cache(_REMEMBERED)
def _port(bridge: str, port: SwitchPort) -> tuple[str, ...]:
    """The commands that make a port; most switches of a city have ports alike, and quoting takes its time."""
    made = command("add-port", bridge, interface_name(port.name), *_settings(port))
    return (made, *(command("set", "interface", port.name, setting) for setting in _ends(port)))


def command(*words: str) -> str:
    """A command line for a shell."""
    return shlex.join(("ovs-vsctl", *words))


def _ends(port: SwitchPort) -> Iterator[str]:
    """What the port is joined to inside the switch or over a tunnel, as the driver writes the interface's columns."""
    if port.peer and port.tunnel:
        raise RenderError(Text("a switch port", "スイッチポート"), port)
    if port.peer:
        yield f'options:peer="{interface_name(port.peer)}"'
        yield "type=patch"
    if port.tunnel:
        if port.tunnel.key is not None:
            yield f'options:key="{port.tunnel.key}"'
        yield f'options:remote_ip="{address_text(port.tunnel.remote)}"'
        yield f"type={port.tunnel.kind}"


def _settings(port: SwitchPort) -> Iterator[str]:
    vlans = (*port.trunks, *(() if port.tag is None else (port.tag,)))
    access = port.mode == "access"
    whole = (
        port.tag is not None and not port.trunks and not port.native
        if access
        else (port.tag is not None) == bool(port.native)
    )
    if not whole or not all(0 <= vlan <= _HIGHEST_VLAN for vlan in vlans):
        raise RenderError(Text("a switch port", "スイッチポート"), port)
    yield f"vlan_mode=native-{port.native}" if port.native else f"vlan_mode={port.mode}"
    if port.tag is not None:
        yield f"tag={port.tag}"
    if port.trunks:
        yield f"trunks={','.join(map(str, port.trunks))}"
    if port.description:
        what = Text("a port's description", "ポートの説明")
        text = line_text(port.description, what, without='"\\', longest=200)
        yield f"external_ids:description={json.dumps(text, ensure_ascii=False)}"
