"""FRR: prefix lists, route maps, policy maps and BFD profiles."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory.text import Text
from network.render.errors import RenderError, interface_name, name
from network.render.frr_words import IP, POLICY_NAME, PROFILE_NAME, VRF_NAME, address_text, network_text
from network.state import BfdProfile, PolicyRule, PrefixList, RouteMapEntry

DEFAULT_BFD = BfdProfile("")


def prefix_list(item: PrefixList) -> Iterator[str]:
    """One line an entry."""
    command = f"{IP[item.family]} prefix-list {name(item.name, POLICY_NAME)}"
    for entry in item.entries:
        if entry.prefix.version != item.family:
            raise RenderError(Text("an entry of a prefix list", "プレフィックスリストの行"), entry)
        action = "permit" if entry.permit else "deny"
        line = f"{command} seq {entry.seq} {action} {network_text(entry.prefix)}"
        if entry.ge is not None:
            line += f" ge {entry.ge}"
        if entry.le is not None:
            line += f" le {entry.le}"
        yield line


def route_map_entry(map_name: str, entry: RouteMapEntry) -> Iterator[str]:
    """The block of an entry; vtysh sorts the lines in it as text."""
    yield f"route-map {name(map_name, POLICY_NAME)} {'permit' if entry.permit else 'deny'} {entry.seq}"
    if entry.match_prefixes4:
        yield f" match ip address prefix-list {name(entry.match_prefixes4, POLICY_NAME)}"
    if entry.match_prefixes6:
        yield f" match ipv6 address prefix-list {name(entry.match_prefixes6, POLICY_NAME)}"
    if entry.match_tag is not None:
        yield f" match tag {entry.match_tag}"
    if entry.set_as_path_prepend:
        yield f" set as-path prepend {' '.join(map(str, entry.set_as_path_prepend))}"
    numbers = (
        ("set local-preference", entry.set_local_preference),
        ("set metric", entry.set_metric),
        ("set tag", entry.set_tag),
    )
    yield from (f" {words} {number}" for words, number in numbers if number is not None)
    yield "exit"


def policy_rule(map_name: str, rule: PolicyRule) -> Iterator[str]:
    """The block of a rule of a policy map."""
    families = {prefix.version for prefix in (rule.src, rule.dst) if prefix is not None}
    hop = rule.via is not None or rule.interface
    if len(families) > 1 or (hop and rule.vrf is not None) or (rule.nexthop_vrf is not None and not hop):
        raise RenderError(Text("a rule of a policy map", "ポリシーマップの規則"), rule)
    yield f"pbr-map {name(map_name, POLICY_NAME)} seq {rule.seq}"
    matches = (
        ("src-ip", rule.src and network_text(rule.src)),
        ("dst-ip", rule.dst and network_text(rule.dst)),
        ("src-port", rule.sport),
        ("dst-port", rule.dport),
        ("ip-protocol", rule.protocol),
    )
    yield from (f" match {word} {value}" for word, value in matches if value)
    if hop:
        via, interface = rule.via and address_text(rule.via), rule.interface and interface_name(rule.interface)
        vrf = rule.nexthop_vrf and f"nexthop-vrf {name(rule.nexthop_vrf, VRF_NAME)}"
        yield f" set nexthop {' '.join(part for part in (via, interface, vrf) if part)}"
    if rule.vrf is not None:
        yield f" set vrf {name(rule.vrf, VRF_NAME)}"
    yield "exit"


def bfd(profiles: Iterable[BfdProfile]) -> Iterator[str]:
    """The `bfd` block; FRR prints only the timers that differ from its own."""
    profiles = tuple(profiles)
    if not profiles:
        return
    yield "bfd"
    for profile in profiles:
        yield f" profile {name(profile.name, PROFILE_NAME)}"
        if profile.multiplier != DEFAULT_BFD.multiplier:
            yield f"  detect-multiplier {profile.multiplier}"
        if profile.transmit_ms != DEFAULT_BFD.transmit_ms:
            yield f"  transmit-interval {profile.transmit_ms}"
        if profile.receive_ms != DEFAULT_BFD.receive_ms:
            yield f"  receive-interval {profile.receive_ms}"
        yield " exit"
        yield " !"
    yield "exit"
