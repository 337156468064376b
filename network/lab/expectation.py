"""When a configured lab has converged.

Every router has, in each segment, a route to each LAN it is joined to, and every firewall one to each segment and peer
beside it.
"""

from __future__ import annotations

from collections.abc import Iterator

from network.fabric import Fabric
from network.lab.blueprint import Routes


def expected_routes(fabric: Fabric) -> tuple[Routes, ...]:
    """What each device's tables hold once all protocols are done."""
    return (*_in_segments(fabric), *_at_firewalls(fabric))


def _in_segments(fabric: Fabric) -> Iterator[Routes]:
    routers = {name for name, device in fabric.devices.items() if device.spec.platform == "frr"}
    for name, segment in fabric.city.segments.items():
        lans = [lan for lan in fabric.lans.values() if lan.segment == name]
        joined = _joined(fabric, name, routers)
        for router in sorted(routers & joined.keys()):
            there = [lan for lan in lans if joined.get(lan.gateway, lan.gateway) == joined[router]]
            prefixes = [str(prefix) for lan in there for prefix in (lan.ipv4, lan.ipv6)]
            if prefixes:
                yield Routes(router, segment.vrf, tuple(prefixes))


def _joined(fabric: Fabric, segment: str, routers: set[str]) -> dict[str, str]:
    """Router → a name shared by all routers it reaches over transits of `segment`."""
    root = {router: router for router in routers if segment in fabric.devices[router].segments}

    def find(router: str) -> str:
        while root[router] != router:
            router = root[router]
        return router

    for transit in fabric.transits:
        if transit.segment == segment and {transit.a.device, transit.b.device} <= routers:
            root[find(transit.a.device)] = find(transit.b.device)
    return {router: find(router) for router in root}


def _at_firewalls(fabric: Fabric) -> Iterator[Routes]:
    city = fabric.city
    for name, device in fabric.devices.items():
        if device.spec.platform != "nftables":
            continue
        beside = {transit.segment: None for transit, _, _ in fabric.transits_of[name]}
        prefixes = [
            str(prefix)
            for segment in beside
            for prefix in (city.segments[segment].ipv4.supernet, city.segments[segment].ipv6.supernet)
        ]
        for line in fabric.peer_lines.values():
            if line.device == name:
                peer = city.peers[line.peer]
                prefixes += [str(prefix) for prefix in (*peer.prefixes4, *peer.prefixes6)]
        yield Routes(name, "", tuple(prefixes))
