"""FRR: a BGP process while it is read, and its completion."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from network.parse.source import Source
from network.state import Address, Bgp, BgpNeighbor, Family, Network, Redistribute


@dataclass(slots=True)
class NeighborDraft:
    """A neighbour's lines."""

    remote_as: int | None = None
    description: str = ""
    bfd: str = ""
    plain_bfd: int = 0
    """The line that switches BFD on, whatever its profile."""
    active: bool = False
    policies: dict[tuple[str, str], str] = field(default_factory=dict)
    """(prefix-list or route-map, in or out) → name."""
    lines: list[int] = field(default_factory=list)

    def done(self, address: Address, source: Source) -> BgpNeighbor | None:
        if self.remote_as is None:
            for line in self.lines:
                source.doubt(line)
            return None
        if not self.active:
            source.doubt(self.lines[0])
        if self.plain_bfd and not self.bfd:
            source.doubt(self.plain_bfd)
        return BgpNeighbor(
            address=address,
            remote_as=self.remote_as,
            description=self.description,
            bfd=self.bfd,
            prefixes_in=self.policies.get(("prefix-list", "in"), ""),
            prefixes_out=self.policies.get(("prefix-list", "out"), ""),
            route_map_in=self.policies.get(("route-map", "in"), ""),
            route_map_out=self.policies.get(("route-map", "out"), ""),
            origin=source.origin(self.lines[0]),
        )


@dataclass(slots=True)
class FamilyDraft:
    """The lines of an address family."""

    redistribute: list[Redistribute] = field(default_factory=list)
    distance: tuple[tuple[int, int, int], int] | None = None
    """The distances and the line that sets them."""
    imports: dict[str, int] = field(default_factory=dict)
    """VRF → the line that imports from it."""


@dataclass(slots=True)
class BgpDraft:
    """A process's lines. FRR makes an empty one by itself where another VRF imports from it."""

    vrf: str | None
    asn: int
    line: int
    router_id: IPv4Address | None = None
    switches: set[str] = field(default_factory=set)
    """Which of the two lines with `no` that we require are there."""
    networks: list[Network] = field(default_factory=list)
    neighbors: dict[Address, NeighborDraft] = field(default_factory=dict)
    families: dict[Family, FamilyDraft] = field(default_factory=lambda: {4: FamilyDraft(), 6: FamilyDraft()})
    empty: bool = True

    def done(self, source: Source) -> Bgp | None:
        if self.empty:
            return None
        if self.router_id is None or self.switches != REQUIRED:
            source.doubt(self.line)
        neighbors = (draft.done(address, source) for address, draft in self.neighbors.items())
        return Bgp(
            vrf=self.vrf,
            asn=self.asn,
            router_id=self.router_id or IPv4Address(0),
            neighbors=tuple(neighbor for neighbor in neighbors if neighbor),
            networks=tuple(self.networks),
            redistribute4=tuple(self.families[4].redistribute),
            redistribute6=tuple(self.families[6].redistribute),
            distance=self._distance(source),
            import_vrfs=self._imports(source),
            origin=source.origin(self.line),
        )

    def _distance(self, source: Source) -> tuple[int, int, int] | None:
        """State has one for both families."""
        found = [draft.distance for draft in self.families.values()]
        if found[0] and found[1] and found[0][0] == found[1][0]:
            return found[0][0]
        for distance in found:
            if distance:
                source.doubt(distance[1])
        return None

    def _imports(self, source: Source) -> tuple[str, ...]:
        """State has one list for both families."""
        first, second = (draft.imports for draft in self.families.values())
        for vrf in first.keys() ^ second.keys():
            source.doubt(first.get(vrf) or second[vrf])
        return tuple(first.keys() & second.keys())


REQUIRED = {"default ipv4-unicast", "network import-check"}
