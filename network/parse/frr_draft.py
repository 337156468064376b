"""FRR: what has been read so far, and its completion to state.

FRR says many things by leaving a line out. Where a block lacks a line without which it means something that state
cannot say, the line that began it is doubted, so that the difference is not lost.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from ipaddress import IPv4Address

from inventory.model import Platform
from inventory.origin import Origin
from network.parse.frr_bgp_draft import BgpDraft
from network.parse.source import Source
from network.state import (
    BfdProfile,
    DeviceState,
    Family,
    Interface,
    Interface_,
    Ospf,
    OspfInterface,
    PolicyMap,
    PolicyRule,
    PrefixList,
    PrefixListEntry,
    RouteMap,
    RouteMapEntry,
    Vrf,
)


@dataclass(slots=True)
class OspfInterfaceDraft:
    """OSPF lines of an interface. FRR runs OSPF there only if one of them names an area."""

    area: IPv4Address | None = None
    cost: int | None = None
    point_to_point: bool = False
    passive: bool = False
    bfd: str = ""
    plain_bfd: int = 0
    """The line that switches BFD on, whatever its profile."""
    lines: list[int] = field(default_factory=list)

    def done(self, source: Source) -> OspfInterface | None:
        if self.area is None:
            for line in self.lines:
                source.doubt(line)
            return None
        if self.plain_bfd and not self.bfd:
            source.doubt(self.plain_bfd)
        return OspfInterface(self.area, self.cost, self.point_to_point, self.passive, self.bfd)


@dataclass(slots=True)
class InterfaceDraft:
    """An interface, what its own lines say, and its OSPF lines by family."""

    name: str
    vrf: str | None
    origin: Origin
    description: str = ""
    shutdown: bool = False
    policy: str = ""
    addresses: list[Interface_] = field(default_factory=list)
    ospf: dict[Family, OspfInterfaceDraft] = field(
        default_factory=lambda: {4: OspfInterfaceDraft(), 6: OspfInterfaceDraft()}
    )

    def done(self, source: Source) -> Interface:
        return Interface(
            name=self.name,
            vrf=self.vrf,
            description=self.description,
            addresses=tuple(self.addresses),
            ospf=self.ospf[4].done(source),
            ospf6=self.ospf[6].done(source),
            shutdown=self.shutdown,
            policy=self.policy,
            origin=self.origin,
        )


@dataclass(slots=True)
class Draft:
    """Everything read, by its key."""

    source: Source
    vrfs: dict[str | None, Vrf] = field(default_factory=dict)
    over_default: dict[str | None, dict[Family, int]] = field(default_factory=dict)
    """VRF → family → the line that lets next hops be found over a default route."""
    interfaces: dict[tuple[str | None, str], InterfaceDraft] = field(default_factory=dict)
    profiles: dict[str, BfdProfile] = field(default_factory=dict)
    ospf: dict[tuple[Family, str | None], Ospf] = field(default_factory=dict)
    identified: set[tuple[Family, str | None]] = field(default_factory=set)
    """The OSPF processes whose router ID was given."""
    bgp: dict[str | None, BgpDraft] = field(default_factory=dict)
    prefix_lists: dict[tuple[Family, str], dict[int, PrefixListEntry]] = field(default_factory=dict)
    route_maps: dict[str, dict[int, RouteMapEntry]] = field(default_factory=dict)
    policy_maps: dict[str, dict[int, PolicyRule]] = field(default_factory=dict)

    def _over_default(self, vrf: str | None) -> bool:
        """State knows it for both families or for none."""
        lines = self.over_default.get(vrf, {})
        if len(lines) == 1:
            self.source.doubt(*lines.values())
        return len(lines) > 1

    def state(self, platform: Platform) -> DeviceState:
        """The state read; doubts the blocks that are not complete."""
        for key, process in self.ospf.items():
            if key not in self.identified:
                self.source.doubt(process.origin.line)
        bgp = (draft.done(self.source) for draft in self.bgp.values())
        return DeviceState(
            hostname=self.source.hostname,
            platform=platform,
            vrfs=tuple(replace(vrf, resolve_via_default=self._over_default(name)) for name, vrf in self.vrfs.items()),
            interfaces=tuple(interface.done(self.source) for interface in self.interfaces.values()),
            bfd_profiles=tuple(self.profiles.values()),
            ospf=tuple(self.ospf.values()),
            bgp=tuple(process for process in bgp if process),
            prefix_lists=tuple(
                PrefixList(family, name, tuple(entries.values()))
                for (family, name), entries in self.prefix_lists.items()
            ),
            route_maps=tuple(RouteMap(name, tuple(entries.values())) for name, entries in self.route_maps.items()),
            policy_maps=tuple(PolicyMap(name, tuple(rules.values())) for name, rules in self.policy_maps.items()),
        )
