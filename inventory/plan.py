"""The address plan's arithmetic: which block a number takes, or None where the plan has no room for it.

The checks ask it what fits, `network.build` derives every address with it.
"""

from __future__ import annotations

from ipaddress import IPv4Network, IPv6Network

from inventory.model import Management, Segment, Site, Vlan

LINKS_PER_SITE = 16
LAN6_PREFIX = 64


def block4(supernet: IPv4Network, prefix: int, index: int) -> IPv4Network | None:
    """The `index`-th /`prefix` of `supernet`."""
    if prefix < supernet.prefixlen or index >= capacity(supernet, prefix):
        return None
    return IPv4Network((int(supernet.network_address) + (index << (32 - prefix)), prefix))


def block6(supernet: IPv6Network, prefix: int, index: int) -> IPv6Network | None:
    """The `index`-th /`prefix` of `supernet`."""
    if prefix < supernet.prefixlen or index >= capacity(supernet, prefix):
        return None
    return IPv6Network((int(supernet.network_address) + (index << (128 - prefix)), prefix))


def part_of(inner: IPv4Network | IPv6Network, outer: IPv4Network | IPv6Network) -> bool:
    """Whether one prefix lies inside another (or is it)."""
    return inner.version == outer.version and inner.prefixlen >= outer.prefixlen and inner[0] in outer


def capacity(supernet: IPv4Network | IPv6Network, prefix: int) -> int:
    """How many blocks of /`prefix` a supernet holds."""
    return 1 << (prefix - supernet.prefixlen) if prefix >= supernet.prefixlen else 0


def site_block4(segment: Segment, site: Site) -> IPv4Network | None:
    """A site's IPv4 block in a segment."""
    return block4(segment.ipv4.supernet, segment.ipv4.site_prefix, site.number)


def site_block6(segment: Segment, site: Site) -> IPv6Network | None:
    """A site's IPv6 block in a segment."""
    return block6(segment.ipv6.supernet, segment.ipv6.site_prefix, site.number)


def lan4(segment: Segment, site: Site, vlan: Vlan) -> IPv4Network | None:
    """A VLAN's IPv4 prefix: its override, or its place in the site's block."""
    if vlan.ipv4 is not None:
        return vlan.ipv4
    block = site_block4(segment, site)
    return None if block is None else block4(block, vlan.prefix4, vlan.slot)


def lan6(segment: Segment, site: Site, vlan: Vlan) -> IPv6Network | None:
    """A VLAN's IPv6 /64: its override, or its place in the site's block."""
    if vlan.ipv6 is not None:
        return vlan.ipv6
    block = site_block6(segment, site)
    return None if block is None else block6(block, LAN6_PREFIX, vlan.slot)


def management_block(plan: Management, site: Site) -> IPv4Network | None:
    """A site's block of management addresses."""
    return block4(plan.ipv4, plan.site_prefix, site.number)
