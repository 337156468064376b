"""What the lab's peers run: the other end of each line to LGWAN, the security cloud and the internet.

A peer is one router that announces the peer's prefixes over BGP and answers on the addresses of its hosts. It learns
only what the city announces to it. A peer `behind` another hangs off that one by a line of the lab's own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Interface, IPv6Interface

from inventory.model import Peer
from network.build import peer_node
from network.fabric import Fabric, PeerLine
from network.lab.blueprint import Cable, End


@dataclass(frozen=True)
class Session:
    """A BGP session of a peer: its own port and addresses, and the neighbour's."""

    port: str
    ipv4: IPv4Interface
    ipv6: IPv6Interface
    neighbor4: str
    neighbor6: str
    asn: int
    bfd: bool


@dataclass(frozen=True)
class PeerNode:
    """A peer as the lab plays it."""

    name: str
    peer: str
    spec: Peer
    sessions: tuple[Session, ...]


def peer_nodes(fabric: Fabric) -> tuple[tuple[PeerNode, ...], tuple[Cable, ...]]:
    """Every peer of the city, and the cables between peers that stand behind one another."""
    sessions: dict[str, list[Session]] = {name: [] for name in fabric.city.peers}
    for line in fabric.peer_lines.values():
        port = f"eth{len(sessions[line.peer]) + 1}"
        sessions[line.peer].append(_to_city(fabric, line, port))
    cables = []
    behind = [(name, peer.behind) for name, peer in fabric.city.peers.items() if peer.behind]
    for index, (name, front) in enumerate(behind):
        ports = {peer: f"eth{len(sessions[peer]) + 1}" for peer in (front, name)}
        addresses = [
            (IPv4Interface(f"198.18.0.{2 * index + side}/31"), IPv6Interface(f"2001:2::{2 * index + side:x}/127"))
            for side in (0, 1)
        ]
        for (peer, other), own, far in zip(((front, name), (name, front)), addresses, addresses[::-1], strict=True):
            asn = fabric.city.peers[other].asn
            sessions[peer].append(Session(ports[peer], *own, str(far[0].ip), str(far[1].ip), asn, bfd=False))
        cables.append(Cable(f"{name}/behind", End(peer_node(front), ports[front]), End(peer_node(name), ports[name])))
    nodes = tuple(
        PeerNode(peer_node(name), name, spec, tuple(sessions[name])) for name, spec in fabric.city.peers.items()
    )
    return nodes, tuple(cables)


def _to_city(fabric: Fabric, line: PeerLine, port: str) -> Session:
    asn = fabric.devices[line.device].asn
    if asn is None:
        msg = f"{line.name}: {line.device} has no AS number"
        raise ValueError(msg)
    return Session(
        port, line.peer_ipv4, line.peer_ipv6, str(line.ipv4.ip), str(line.ipv6.ip), asn, bfd=True
    )  # fmt: skip


def peer_configuration(node: PeerNode) -> str:
    """The peer's frr.conf."""
    return "\n".join(_lines(node)) + "\n"


def _lines(node: PeerNode) -> Iterator[str]:
    spec = node.spec
    yield f"hostname {node.name}"
    yield "service integrated-vtysh-config"
    yield "interface lo"
    for host in spec.hosts.values():
        yield f" ip address {host.ipv4}/32"
        yield f" ipv6 address {host.ipv6}/128"
    yield "exit"
    for session in node.sessions:
        yield f"interface {session.port}"
        yield f" ip address {session.ipv4}"
        yield f" ipv6 address {session.ipv6}"
        yield "exit"
    yield from (f"ip route {prefix} blackhole" for prefix in spec.prefixes4 if prefix.prefixlen)
    yield from (f"ipv6 route {prefix} blackhole" for prefix in spec.prefixes6 if prefix.prefixlen)
    yield f"router bgp {spec.asn}"
    yield f" bgp router-id {node.sessions[0].ipv4.ip}"
    yield " no bgp ebgp-requires-policy"
    yield " no bgp default ipv4-unicast"
    yield " no bgp network import-check"
    for session in node.sessions:
        for address in (session.neighbor4, session.neighbor6):
            yield f" neighbor {address} remote-as {session.asn}"
            if session.bfd:
                yield f" neighbor {address} bfd"
    for family, prefixes, addresses in (
        ("ipv4", spec.prefixes4, [session.neighbor4 for session in node.sessions]),
        ("ipv6", spec.prefixes6, [session.neighbor6 for session in node.sessions]),
    ):
        yield f" address-family {family} unicast"
        yield from (f"  network {prefix}" for prefix in prefixes)
        yield from (f"  neighbor {address} activate" for address in addresses)
        yield " exit-address-family"
    yield "exit"
