"""Access switches: trunks carry exactly the wire's VLANs, access ports one; a port not named forwards nothing."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Site, Terminals
from network.canonical import trailing_number
from network.compile.wording import port_description
from network.fabric import Fabric, FabricDevice
from network.state import Bridge, DeviceState, SwitchPort

BRIDGE = "br0"


def compile_switch(fabric: Fabric, device: FabricDevice) -> DeviceState:
    """The state of an access switch."""
    site = fabric.city.sites[device.site]
    key = device.name.removeprefix(f"{device.site}-")
    ports = {port.name: port for port in (*_access_ports(site, key), *_trunks(fabric, device))}
    ordered = sorted(ports.values(), key=lambda port: trailing_number(port.name))
    return DeviceState(
        hostname=device.name,
        platform="openvswitch",
        bridges=(Bridge(BRIDGE, tuple(ordered), origin=device.origin),),
    )


def _trunks(fabric: Fabric, device: FabricDevice) -> Iterator[SwitchPort]:
    """A wire without VLANs has no port: Open vSwitch would take an empty list for all of them."""
    for wire, port in fabric.wires_of[device.name]:
        if wire.tags:
            description = port_description(fabric, wire, device.name)
            yield SwitchPort(port, "trunk", trunks=wire.tags, description=description, origin=wire.origin)


def _access_ports(site: Site, switch: str) -> Iterator[SwitchPort]:
    for key, group in site.terminals.items():
        if group.switch == switch:
            yield from _terminal_ports(site, key, group)
    for key, server in site.servers.items():
        if server.switch == switch:
            tag = site.vlans[server.vlan].id
            yield SwitchPort(server.port, "access", tag=tag, description=f"server {key}", origin=server.origin)


def _terminal_ports(site: Site, key: str, group: Terminals) -> Iterator[SwitchPort]:
    """Every port of a group of terminals. A group in several VLANs (an access point's) has the first one untagged."""
    tags = tuple(site.vlans[vlan].id for vlan in group.vlans)
    for name in group.ports.names:
        if len(tags) == 1:
            yield SwitchPort(name, "access", tag=tags[0], description=f"terminals {key}", origin=group.origin)
        else:
            yield SwitchPort(
                name,
                "trunk",
                tag=tags[0],
                trunks=tuple(sorted(tags)),
                native="untagged",
                description=f"terminals {key}",
                origin=group.origin,
            )
