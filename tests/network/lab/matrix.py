"""Which host of a running lab answers which."""

from __future__ import annotations

from typing import Any

from network.fabric import Fabric
from network.lab import Lab


def addresses(fabric: Fabric) -> dict[str, tuple[str, str]]:
    found = {host.name: (str(host.ipv4.ip), str(host.ipv6.ip)) for host in fabric.hosts.values()}
    for peer in fabric.city.peers.values():
        found.update({name: (str(host.ipv4), str(host.ipv6)) for name, host in peer.hosts.items()})
    return found


def answers(lab: Lab, host: str, targets: dict[str, tuple[str, str]]) -> dict[str, list[bool]]:
    """Target → whether it answers over IPv4 and IPv6."""
    every = " ".join(address for pair in targets.values() for address in pair)
    script = f"for a in {every}; do (ping -q -c 2 -W 4 $a >/dev/null && echo $a) & done; wait"
    heard = set(lab.run(host, ["sh", "-c", script], timeout=120).stdout.split())
    return {name: [address in heard for address in pair] for name, pair in targets.items()}


def matrix(lab: Lab, fabric: Fabric) -> dict[str, Any]:
    targets = addresses(fabric)
    return {"matrix": {host: answers(lab, host, targets) for host in fabric.hosts}}
