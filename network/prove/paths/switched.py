"""The way of a host's frames over the access switches of its site to its gateway.

Read from the switches' states: what a port does to tagged and untagged frames, on the way out and on the way in. Ports
that a switch's state does not name forward nothing. Spanning tree, port security and 802.1X are not modelled. Of a
group of terminals, the port of the one that stands for it is looked at.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from network.fabric import Fabric, Host
from network.state import DeviceState, SwitchPort

Frame = int | None
"""The tag of a frame on a wire; None is untagged."""

Stand = tuple[str, int]
"""A switch and a VLAN in it."""


@dataclass(frozen=True, slots=True)
class SwitchedWay:
    """How far a host's frames get: the switches with the wire each is left by, and the router's interface reached.

    `arrives` is "" when the frames do not reach the gateway's interface; `steps` are then all the switches they reach.
    """

    steps: tuple[tuple[str, int, str], ...]
    arrives: str


class Switched:
    """The switched network of every site."""

    def __init__(self, fabric: Fabric, states: Mapping[str, DeviceState], before: Switched | None = None) -> None:
        """`before`: of the same city; what no other state has touched since is taken from there."""
        self._fabric = fabric
        self._states = {name: state for name, state in states.items() if state.platform == "openvswitch"}
        there = before._states if before else {}  # noqa: SLF001 the same class
        names = there.keys() | self._states.keys()
        changed = {name for name in names if self._states.get(name) is not there.get(name)}
        self._ports: dict[str, dict[str, SwitchPort]] = {
            name: before._ports[name] if before and name not in changed else _ports(state)  # noqa: SLF001 the same class
            for name, state in self._states.items()
        }
        self.touched = self._around(changed)
        """Switches from which frames may go another way than before."""
        kept = before._ways if before else {}  # noqa: SLF001 the same class
        self._ways: dict[tuple[str, str, str], SwitchedWay] = {
            key: way for key, way in kept.items() if key[0] not in self.touched
        }

    def _around(self, switches: set[str]) -> frozenset[str]:
        """These switches, and all that are cabled to them over switches."""
        found, rest = set(switches), list(switches)
        while rest:
            for wire, _ in self._fabric.wires_of.get(rest.pop(), ()):
                for name in {wire.a.device, wire.b.device} & self._states.keys():
                    if name not in found:
                        found.add(name)
                        rest.append(name)
        return frozenset(found)

    def port(self, switch: str, name: str) -> SwitchPort | None:
        """A port of a switch as it is configured."""
        return self._ports.get(switch, {}).get(name)

    def way(self, host: Host) -> SwitchedWay:
        """The way of an untagged frame of the host to the interface its gateway is meant to be on."""
        lan = self._fabric.lans[host.lan]
        key = host.switch, host.port, lan.name
        if key not in self._ways:
            port = self.port(host.switch, host.port)
            tag = None if port is None else _entering(port, None)
            goal = lan.gateway, lan.gateway_interface
            self._ways[key] = SwitchedWay((), "") if tag is None else self._search((host.switch, tag), goal)
        return self._ways[key]

    def _search(self, start: Stand, goal: tuple[str, str]) -> SwitchedWay:
        before: dict[Stand, tuple[Stand, str] | None] = {start: None}
        queue = deque([start])
        while queue:
            here = queue.popleft()
            for wire, device, port, frame in self._leaving(here):
                if device == goal[0] and frame is not None and f"{port}.{frame}" == goal[1]:
                    return SwitchedWay((*_back(before, here), (*here, wire)), goal[1])
                there = self.port(device, port)
                tag = None if there is None else _entering(there, frame)
                if tag is not None and (device, tag) not in before:
                    before[device, tag] = here, wire
                    queue.append((device, tag))
        return SwitchedWay(tuple((*stand, "") for stand in before), "")

    def _leaving(self, here: Stand) -> Iterator[tuple[str, str, str, Frame]]:
        """Wire, far device, far port and frame, for every wire that a VLAN leaves a switch by."""
        switch, vlan = here
        for wire, name in self._fabric.wires_of[switch]:
            port = self.port(switch, name)
            if port is not None and carries(port, vlan):
                far = wire.b if wire.a.device == switch else wire.a
                untagged = vlan == port.tag and port.native != "tagged"
                yield wire.name, far.device, far.port, None if untagged else vlan


def _ports(state: DeviceState) -> dict[str, SwitchPort]:
    return {port.name: port for bridge in state.bridges for port in bridge.ports}


def _back(before: Mapping[Stand, tuple[Stand, str] | None], stand: Stand) -> tuple[tuple[str, int, str], ...]:
    """The stands on the way to one, each with the wire it is left by; without that one itself."""
    found: list[tuple[str, int, str]] = []
    step = before[stand]
    while step is not None:
        found.append((*step[0], step[1]))
        step = before[step[0]]
    return tuple(reversed(found))


def carries(port: SwitchPort, vlan: int) -> bool:
    """Whether a port lets a VLAN through."""
    return vlan == port.tag or (port.mode == "trunk" and (vlan in port.trunks or not port.trunks))


def _entering(port: SwitchPort, frame: Frame) -> int | None:
    """The VLAN that a frame from outside comes into; None: it is dropped."""
    if frame is None:
        return port.tag if port.mode == "access" or port.native == "untagged" else None
    return frame if port.mode == "trunk" and carries(port, frame) else None
