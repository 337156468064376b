"""Where the ends of a registered flow stand: the subnets of their groups, and the prefixes of peers."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from functools import cached_property

from inventory.origin import Origin
from inventory.text import Text
from network.fabric import Endpoint, Fabric, Host, Lan
from network.state import Family, Network


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """A part of a host group that stands in one subnet, or at one peer; `Places` makes each of them once."""

    name: str
    """A LAN's name, or `peer:<name>`."""
    prefix: Network
    zone: str
    lan: Lan | None = None
    hosts: tuple[Host, ...] = ()
    """Of a LAN: those whose address is in `prefix`."""


class Places:
    """The places of every group in one family."""

    def __init__(self, fabric: Fabric, family: Family) -> None:
        self._fabric, self._family = fabric, family
        self._found: dict[str, tuple[Place, ...]] = {}
        self._known: dict[tuple[str, Network], Place] = {}

    def of(self, end: Endpoint) -> tuple[Place, ...]:
        """Where a group stands, in the order of its prefixes."""
        if end.group not in self._found:
            prefixes = end.ipv4 if self._family == 4 else end.ipv6  # noqa: PLR2004 the IP version
            if end.zone.startswith("peer:"):
                self._found[end.group] = tuple(self._place(end, prefix) for prefix in prefixes)
            else:
                self._found[end.group] = tuple(place for prefix in prefixes for place in self._in_lans(end, prefix))
        return self._found[end.group]

    @cached_property
    def _lans(self) -> dict[str, list[tuple[int, Network, Lan]]]:
        """Segment → its subnets, by address."""
        found: dict[str, list[tuple[int, Network, Lan]]] = {}
        for lan in self._fabric.lans.values():
            network: Network = lan.ipv4 if self._family == 4 else lan.ipv6  # noqa: PLR2004 the IP version
            found.setdefault(lan.segment, []).append((int(network.network_address), network, lan))
        return {segment: sorted(rows, key=lambda row: row[0]) for segment, rows in found.items()}

    def _in_lans(self, end: Endpoint, prefix: Network) -> tuple[Place, ...]:
        rows = self._lans.get(end.zone, [])
        first, last = int(prefix.network_address), int(prefix.broadcast_address)
        start = max(bisect_left(rows, first, key=lambda row: row[0]) - 1, 0)
        found = []
        for base, network, lan in rows[start:]:
            if base > last:
                break
            if int(network.broadcast_address) >= first:
                mine = prefix if prefix.prefixlen > network.prefixlen else network
                found.append(self._place(end, mine, lan))
        return tuple(found)

    def _place(self, end: Endpoint, prefix: Network, lan: Lan | None = None) -> Place:
        name = lan.name if lan else end.zone
        if (name, prefix) not in self._known:
            self._known[name, prefix] = Place(name, prefix, end.zone, lan, self._hosts(lan, prefix) if lan else ())
        return self._known[name, prefix]

    def _hosts(self, lan: Lan, prefix: Network) -> tuple[Host, ...]:
        hosts = self._fabric.hosts_of[lan.name]
        return tuple(host for host in hosts if (host.ipv4.ip if self._family == 4 else host.ipv6.ip) in prefix)  # noqa: PLR2004 the IP version


def place_title(fabric: Fabric, place: Place) -> Text:
    """A place for people."""
    if place.lan is None:
        peer = place.name.removeprefix("peer:")
        return Text(f"peer {peer}", f"外部接続先「{fabric.city.peers[peer].title}」")
    return Text(f"VLAN {place.name}", f"{fabric.city.sites[place.lan.site].title}の VLAN {place.name}")


def origin_of(fabric: Fabric, place: Place) -> Origin:
    """Where the inventory says that there is such a place."""
    return place.lan.origin if place.lan else fabric.city.peers[place.name.removeprefix("peer:")].origin
