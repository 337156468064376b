"""Who may reach a host, whom it may reach, and by which row of the register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from inventory.errors import SansoError
from inventory.model import Peer
from inventory.text import Text
from inventory.words import did_you_mean, nearest
from network.endpoints import peer_zone
from network.fabric import Endpoint, Fabric
from network.probe.parties import parties
from network.register.standing import Row
from network.state import Address, Family, Network


class NoSuchHostError(SansoError):
    """Nothing of that name or address stands in the city or at its peers."""


@dataclass(frozen=True)
class Place:
    """What is asked about: a machine, or an address that no machine of the inventory has."""

    name: str
    zone: str
    """A segment's name, or `peer:<name>`."""
    lan: str
    """`<site>/<vlan>`; "" at a peer."""
    addresses: tuple[Address, ...]


@dataclass(frozen=True)
class Grant:
    """A row that stands for the place, in which families, and by which prefix of its group."""

    row: Row
    families: tuple[Family, ...]
    prefixes: tuple[Network, ...]


@dataclass(frozen=True)
class Reach:
    """The rows by which a place is reached and by which it reaches others; `closed` are those not let through now."""

    place: Place
    inbound: tuple[Grant, ...]
    outbound: tuple[Grant, ...]
    closed: tuple[Row, ...]


def reach(fabric: Fabric, rows: Iterable[Row], name_or_address: str) -> Reach:
    """Explain one host.

    Raises:
        NoSuchHostError: there is none of that name, or nothing of ours has that address.
    """
    place = _place(fabric, name_or_address)
    inbound: list[Grant] = []
    outbound: list[Grant] = []
    closed: list[Row] = []
    for row in rows:
        if row.source.zone == row.destination.zone:
            continue
        ways = ((row.destination, row.source, inbound), (row.source, row.destination, outbound))
        for own, other, grants in ways:
            prefixes = tuple(_covering(own, place))
            families = tuple(f for f in _families(prefixes) if (other.ipv4 if f == 4 else other.ipv6))  # noqa: PLR2004 the IP version
            if families and row.open:
                grants.append(Grant(row, families, prefixes))
            elif families and row not in closed:
                closed.append(row)
    return Reach(place, tuple(inbound), tuple(outbound), tuple(closed))


def _covering(end: Endpoint, place: Place) -> Iterator[Network]:
    """The prefixes of a group in which the place stands."""
    if end.zone != place.zone:
        return
    for address in place.addresses:
        own: tuple[Network, ...] = end.ipv4 if isinstance(address, IPv4Address) else end.ipv6
        yield from (prefix for prefix in own if address in prefix)


def _families(prefixes: tuple[Network, ...]) -> tuple[Family, ...]:
    versions = {prefix.version for prefix in prefixes}
    return tuple(family for family in _BOTH if family in versions)


_BOTH: tuple[Family, Family] = (4, 6)


def _place(fabric: Fabric, text: str) -> Place:
    machines = {party.name: party for party in parties(fabric)}
    wanted = text.strip()
    try:
        address = ip_address(wanted)
    except ValueError:
        address = None
    for party in machines.values():
        if wanted == party.name or address in {party.ipv4, party.ipv6}:
            return Place(party.name, party.zone, party.lan, (party.ipv4, party.ipv6))
    if address is not None:
        return _at(fabric, address)
    if wanted in fabric.devices:
        raise NoSuchHostError(
            Text(
                f"{wanted} is a network device: it is reached from the management network only, no row concerns it",
                f"{wanted} はネットワーク機器です。管理ネットワークからだけ接続でき、通信登録簿の対象ではありません",
            )
        )
    raise NoSuchHostError(
        Text(f"there is no host `{wanted}`", f"ホスト `{wanted}` がありません"),
        did_you_mean(nearest(wanted, machines))
        or Text(
            "give a server (hall-lg-file), a terminal group (hall-lg-pc), a peer's machine (lgwan/asp1) or an address",
            "サーバ (hall-lg-file)、端末群 (hall-lg-pc)、外部の機器 (lgwan/asp1)、またはアドレスを指定してください",
        ),
    )


def _announced(peer: Peer) -> tuple[Network, ...]:
    return (*peer.prefixes4, *peer.prefixes6)


def _at(fabric: Fabric, address: IPv4Address | IPv6Address) -> Place:
    """An address without a machine: in a VLAN, in a segment, else at the peer that announces the longest prefix."""
    for lan in fabric.lans.values():
        if address in lan.ipv4 or address in lan.ipv6:
            return Place(str(address), lan.segment, lan.name, (address,))
    for key, segment in fabric.city.segments.items():
        if address in segment.ipv4.supernet or address in segment.ipv6.supernet:
            return Place(str(address), key, "", (address,))
    announced = [
        (prefix.prefixlen, key)
        for key, peer in fabric.city.peers.items()
        for prefix in _announced(peer)
        if address in prefix
    ]
    if not announced:
        raise NoSuchHostError(
            Text(
                f"{address} is in no segment and at no peer", f"{address} はどの領域にも外部接続先にもないアドレスです"
            ),
            Text(
                "what has no place in the inventory is denied everywhere",
                "インベントリにないアドレスの通信はすべて拒否されます",
            ),
        )
    return Place(str(address), peer_zone(fabric.city, max(announced)[1]), "", (address,))
