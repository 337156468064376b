"""Who is at the other end of each interface a city's plan gives its devices and hosts."""

from __future__ import annotations

from collections.abc import Iterator

from network.build import peer_node
from network.fabric import Fabric
from network.lab.blueprint import End, Neighbour


def known_neighbours(fabric: Fabric) -> Iterator[Neighbour]:
    """Routers and firewalls on each transit, gateways and hosts on each LAN, firewalls and peers on each line."""
    yield from _on_transits(fabric)
    yield from _on_lans(fabric)
    yield from _on_lines(fabric)


def _vrf(fabric: Fabric, device: str, segment: str) -> str:
    return fabric.city.segments[segment].vrf if fabric.devices[device].spec.platform == "frr" else ""


def _on_transits(fabric: Fabric) -> Iterator[Neighbour]:
    for transit in fabric.transits:
        for own, far in ((transit.a, transit.b), (transit.b, transit.a)):
            port = End(far.device, far.interface.partition(".")[0])
            addresses = (str(far.ipv4.ip), str(far.ipv6.ip))
            yield Neighbour(own.device, _vrf(fabric, own.device, transit.segment), own.interface, port, addresses)


def _on_lans(fabric: Fabric) -> Iterator[Neighbour]:
    for host in fabric.hosts.values():
        lan = fabric.lans[host.lan]
        gateway = End(lan.gateway, lan.gateway_interface.partition(".")[0])
        yield Neighbour(host.name, "", "eth1", gateway, (str(host.gateway4), str(host.gateway6)))
        yield Neighbour(
            lan.gateway,
            _vrf(fabric, lan.gateway, lan.segment),
            lan.gateway_interface,
            End(host.name, "eth1"),
            (str(host.ipv4.ip), str(host.ipv6.ip)),
        )


def _on_lines(fabric: Fabric) -> Iterator[Neighbour]:
    for line in fabric.peer_lines.values():
        wire = fabric.wires[line.name]
        own, far = End(line.device, line.interface), End(peer_node(line.peer), wire.b.port)
        yield Neighbour(own.node, "", own.port, far, (str(line.peer_ipv4.ip), str(line.peer_ipv6.ip)))
        yield Neighbour(far.node, "", far.port, own, (str(line.ipv4.ip), str(line.ipv6.ip)))
