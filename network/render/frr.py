"""FRR: the text `show running-config` of FRR 8.4 prints, without its header and footer.

FRR prints interfaces, static routes and the lines in an interface in an order of its own, processes and policies in
the order in which they were made. So a device that loaded this text prints it back as it is, but for `ip forwarding`,
of which it prints only the opposite.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory.text import Text
from network.render import frr_bgp, frr_interfaces, frr_ospf, frr_policy, frr_static
from network.render.errors import name, nothing
from network.state import DeviceState

_HEADER = """\
frr version 8.4.4
frr defaults traditional
hostname {hostname}
ip forwarding
ipv6 forwarding
service integrated-vtysh-config
!
"""


def render(state: DeviceState) -> str:
    """The text of `/etc/frr/frr.conf` for a canonical `state`."""
    nothing(state.bridges, Text("bridges in FRR", "FRRでのブリッジ"))
    nothing(state.tables, Text("nftables tables in FRR", "FRRでのnftablesテーブル"))
    return text_of(state)


def text_of(state: DeviceState) -> str:
    """The FRR part of a canonical `state`, of whatever platform."""
    header = _HEADER.format(hostname=name(state.hostname, Text("a host name", "ホスト名")))
    found: list[str] = []
    for block in _blocks(state):
        lines = list(block)
        if lines:
            found += lines
            found.append("!")
    return header + "\n".join([*found, ""])


def _blocks(state: DeviceState) -> Iterator[Iterable[str]]:
    """The lines of each block, after which FRR puts a `!`; a block without lines is none."""
    yield frr_static.top_level(state.vrfs)
    yield from map(frr_static.vrf, state.vrfs)
    yield from map(frr_interfaces.interface, sorted(state.interfaces, key=frr_interfaces.order))
    yield from map(frr_bgp.process, state.bgp)
    yield from map(frr_ospf.process, state.ospf)
    for family in (4, 6):
        lists = (item for item in state.prefix_lists if item.family == family)
        yield (line for item in lists for line in frr_policy.prefix_list(item))
    for route_map in state.route_maps:
        yield from (frr_policy.route_map_entry(route_map.name, entry) for entry in route_map.entries)
    for policy_map in state.policy_maps:
        yield from (frr_policy.policy_rule(policy_map.name, rule) for rule in policy_map.rules)
    yield from ([line] for line in frr_static.top_level_filters(state.vrfs))
    yield frr_policy.bfd(state.bfd_profiles)
