"""What several checks need to know of a city, computed once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network

from inventory.model import City, Device, Link, Member, Segment, Server, Site, Vlan
from inventory.plan import lan4, lan6

Path = tuple[str, ...]
ROUTERS = frozenset({"core", "edge"})
SPINE = frozenset({"core", "firewall"})


@dataclass(frozen=True, slots=True)
class PlannedLan:
    """A VLAN and the prefixes it takes; None where the plan has no room for it."""

    path: Path
    site: str
    key: str
    vlan: Vlan
    ipv4: IPv4Network | None
    ipv6: IPv6Network | None

    @property
    def name(self) -> str:
        return f"{self.site}/{self.key}"


@dataclass(frozen=True)
class Survey:
    """A city free of dangling references, the day, and what is known to be broken or left out."""

    city: City
    today: dt.date
    broken: frozenset[Path] = field(default_factory=frozenset)

    def sound(self, *prefix: str) -> bool:
        """Nothing is broken at, above or below this path: then what is absent is absent by intent."""
        return not any(path[: len(prefix)] == prefix[: len(path)] for path in self.broken)

    @cached_property
    def devices(self) -> dict[str, tuple[str, str, Device]]:
        """Full name → site, key, device."""
        return {f"{s}-{k}": (s, k, device) for s, site in self.city.sites.items() for k, device in site.devices.items()}

    @cached_property
    def servers(self) -> dict[str, tuple[str, str, Server]]:
        """Full name → site, key, server."""
        return {f"{s}-{k}": (s, k, server) for s, site in self.city.sites.items() for k, server in site.servers.items()}

    @cached_property
    def lans(self) -> tuple[PlannedLan, ...]:
        return tuple(
            PlannedLan(("sites", s, "vlans", key), s, key, vlan, lan4(segment, site, vlan), lan6(segment, site, vlan))
            for s, site in self.city.sites.items()
            for key, vlan in site.vlans.items()
            for segment in (self.city.segments[vlan.segment],)
        )

    @cached_property
    def lan(self) -> dict[str, PlannedLan]:
        """`<site>/<vlan>` → its plan."""
        return {lan.name: lan for lan in self.lans}

    @cached_property
    def carried_by(self) -> dict[str, frozenset[str]]:
        """Full device name → the segments it carries."""
        everywhere = frozenset(name for name, segment in self.city.segments.items() if segment.kind != "management")
        local = {s: everywhere & {vlan.segment for vlan in site.vlans.values()} for s, site in self.city.sites.items()}
        return {
            name: everywhere if device.role in SPINE else local[site]
            for name, (site, _, device) in self.devices.items()
        }

    def carried(self, a: str, b: str, only: tuple[str, ...] | None) -> frozenset[str]:
        """The segments a routed wire between two devices carries."""
        both = self.carried_by[a] & self.carried_by[b]
        return both if only is None else both & frozenset(only)

    def routed_links(self) -> Iterator[tuple[str, str, Site, Link]]:
        """Every link between routers and firewalls: site, key, the site, the link."""
        for s, site in self.city.sites.items():
            for key, link in site.links.items():
                if "access" not in {site.devices[link.a.device].role, site.devices[link.b.device].role}:
                    yield s, key, site, link

    def zones_of(self, group: str) -> tuple[str, ...]:
        """The zones a host group stands in, sorted: segments' names and `peer:<name>`."""
        return self.zones[group]

    @cached_property
    def zones(self) -> dict[str, tuple[str, ...]]:
        by_class: dict[str, set[str]] = {}
        by_vlan: dict[str, set[str]] = {}
        for site in self.city.sites.values():
            for terminals in site.terminals.values():
                by_class.setdefault(terminals.class_, set()).update(site.vlans[v].segment for v in terminals.vlans[:1])
            for key, vlan in site.vlans.items():
                by_vlan.setdefault(f"*/{key}", set()).add(vlan.segment)
        by_vlan |= {lan.name: {lan.vlan.segment} for lan in self.lans}
        return {
            key: tuple(sorted({zone for member in group.members for zone in self._zones(member, by_class, by_vlan)}))
            for key, group in self.city.groups.items()
        }

    def _zones(self, member: Member, by_class: dict[str, set[str]], by_vlan: dict[str, set[str]]) -> set[str]:
        if member.segment is not None:
            return {member.segment}
        if member.vlan is not None:
            return by_vlan[member.vlan]
        if member.server is not None:
            site, _, server = self.servers[member.server]
            return {self.city.sites[site].vlans[server.vlan].segment}
        if member.terminals is not None:
            return by_class.get(member.terminals, set())
        return set() if member.peer is None else {f"peer:{self.city.peers[member.peer].behind or member.peer}"}

    def segment_behind(self, zone: str) -> Segment | None:
        """The segment of a zone; of a peer's zone the segment the peer serves."""
        name = zone.removeprefix("peer:")
        return self.city.segments.get(self.city.peers[name].segment if name != zone else zone)
