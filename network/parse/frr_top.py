"""FRR: the top level of the configuration, and BGP."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, partial

from network.parse import words as w
from network.parse.frr_bgp_draft import REQUIRED, BgpDraft, NeighborDraft
from network.parse.frr_blocks import (
    BfdBlock,
    Block,
    InterfaceBlock,
    OspfBlock,
    RouteMapBlock,
    VrfBlock,
    Words,
    redistribution,
    vrf_word,
    with_redistribution,
)
from network.parse.frr_draft import Draft, InterfaceDraft
from network.parse.frr_policy_map import HIGHEST_RULE, PolicyRuleBlock
from network.render.frr_bgp import SOURCES
from network.state import Address, Family, PrefixListEntry, RouteMapEntry

_LENGTHS: dict[Family, int] = {4: 32, 6: 128}
_HIGHEST_DISTANCE = 255
_HIGHEST_SEQ = 65535

MEANINGLESS = (
    ("Building", "configuration..."),
    ("Current", "configuration:"),
    ("frr", "version"),
    ("frr", "defaults", "traditional"),
    ("ip", "forwarding"),
    ("ipv6", "forwarding"),
    ("line", "vty"),
    ("log", "file"),
    ("log", "syslog"),
    ("log", "timestamp"),
    ("service", "integrated-vtysh-config"),
)
"""Beginnings of top-level lines that say nothing about forwarding."""
_PREFIX_LISTS = frozenset({("ip", "prefix-list"), ("ipv6", "prefix-list")})
_MEANINGLESS_FIRST = frozenset(start[:2] for start in MEANINGLESS)


class Top(Block):
    """The top level."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._default = VrfBlock(draft, None, 0)

    def read(self, words: Words, line: int) -> Block | None:
        if words[:2] in _PREFIX_LISTS:  # nearly all of a firewall's lines
            return self._prefix_list(words, line)
        if words == ("hostname", self._draft.source.hostname):
            return self
        if words[:2] in _MEANINGLESS_FIRST and any(words[: len(start)] == start for start in MEANINGLESS):
            return self
        return self._policy(words, line) or self._block(words, line) or self._default_table(words, line)

    def _default_table(self, words: Words, line: int) -> Block | None:
        return self if self._default.read(words, line) else None

    def _block(self, words: Words, line: int) -> Block | None:
        match words:
            case ["vrf", name]:
                return VrfBlock(self._draft, vrf_word(name), line)
            case ["interface", name, *vrf]:
                return self._interface(w.interface_name(name), _vrf(vrf), line)
            case ["router", "ospf" | "ospf6" as command, *vrf]:
                return OspfBlock(self._draft, (4 if command == "ospf" else 6, _vrf(vrf)), line)
            case ["router", "bgp", asn, *vrf]:
                return self._bgp(w.number(asn, 1), _vrf(vrf), line)
            case ["bfd"]:
                return BfdBlock(self._draft)
        return None

    def _interface(self, name: str, vrf: str | None, line: int) -> Block:
        known = self._draft.interfaces.get((vrf, name))
        if known is None:
            known = self._draft.interfaces[vrf, name] = InterfaceDraft(name, vrf, self._draft.source.origin(line))
        return InterfaceBlock(known)

    def _bgp(self, asn: int, vrf: str | None, line: int) -> Block | None:
        process = self._draft.bgp.setdefault(vrf, BgpDraft(vrf, asn, line))
        return BgpBlock(process) if process.asn == asn else None

    def _prefix_list(self, words: Words, line: int) -> Block | None:
        if words[3:4] == ("description",):
            return self
        key, entry_of = _entry(words)
        entry = entry_of(origin=self._draft.source.origin(line))
        self._draft.prefix_lists.setdefault(key, {})[entry.seq] = entry
        return self

    def _policy(self, words: Words, line: int) -> Block | None:
        match words:
            case ["route-map", name, "permit" | "deny" as action, seq]:
                entry_seq = w.number(seq, 1, _HIGHEST_SEQ)
                entry_map = self._draft.route_maps.setdefault(w.name(name), {})
                origin = self._draft.source.origin(line)
                entry_map.setdefault(entry_seq, RouteMapEntry(entry_seq, action == "permit", origin=origin))
                return RouteMapBlock(entry_map, entry_seq)
            case ["pbr-map", name, "seq", seq]:
                rules = self._draft.policy_maps.setdefault(w.name(name), {})
                return PolicyRuleBlock(rules, w.number(seq, 1, HIGHEST_RULE), self._draft.source.origin(line))
        return None


def _vrf(words: list[str]) -> str | None:
    """What follows a header: nothing, or `vrf X`."""
    match words:
        case []:
            return None
        case ["vrf", name]:
            return vrf_word(name)
    raise ValueError(words)


@lru_cache(w.REMEMBERED)
def _entry(words: Words) -> tuple[tuple[Family, str], Callable[..., PrefixListEntry]]:
    """The list that a line with an entry belongs to, and the entry but for its origin; firewalls share most of them."""
    ip, _, name, sequence, seq, action, prefix, *bounds = words
    if sequence != "seq" or action not in ("permit", "deny"):
        raise ValueError(words)
    family = w.family(ip)
    longest = _LENGTHS[family]
    if prefix == "any" and not bounds:
        network, bounds = w.network("0.0.0.0/0" if family == 4 else "::/0", family), ["le", str(longest)]  # noqa: PLR2004 the IP version
    else:
        network = w.network(prefix, family)
    found: dict[str, int] = {}
    for word, bound in zip(bounds[::2], bounds[1::2], strict=False):
        found[word] = w.number(bound, network.prefixlen, longest)
    if len(bounds) != 2 * len(found) or not found.keys() <= {"ge", "le"}:
        raise ValueError(bounds)
    entry = partial(PrefixListEntry, w.number(seq, 1), action == "permit", network, found.get("ge"), found.get("le"))
    return (family, w.name(name)), entry


class BgpBlock(Block):
    """`router bgp`."""

    def __init__(self, process: BgpDraft) -> None:
        self._process = process

    def read(self, words: Words, line: int) -> Block | None:
        taken = self._line(words, line)
        if taken:
            self._process.empty = False
        return taken

    def _line(self, words: Words, line: int) -> Block | None:
        match words:
            case ["bgp", "router-id", router_id]:
                self._process.router_id = w.router_id(router_id)
            case ["bgp", "log-neighbor-changes"]:
                pass
            case ["no", "bgp", *switch] if " ".join(switch) in REQUIRED:
                self._process.switches.add(" ".join(switch))
            case ["neighbor", address, *rest]:
                return self._neighbor(w.address(address), rest, line)
            case ["address-family", "ipv4" | "ipv6" as family, "unicast"]:
                return FamilyBlock(self._process, 4 if family == "ipv4" else 6)
            case _:
                return None
        return self

    def _neighbor(self, address: Address, words: list[str], line: int) -> Block | None:
        neighbor = self._process.neighbors.get(address) or NeighborDraft()
        match words:
            case ["remote-as", asn]:
                neighbor.remote_as = w.number(asn, 1)
            case ["description", *text]:
                neighbor.description = w.description(" ".join(text))
            case ["bfd"]:
                neighbor.plain_bfd = line
            case ["bfd", "profile", profile]:
                neighbor.bfd = w.name(profile)
            case _:
                return None
        neighbor.lines.append(line)
        self._process.neighbors[address] = neighbor
        return self


class FamilyBlock(Block):
    """`address-family` in `router bgp`."""

    def __init__(self, process: BgpDraft, family: Family) -> None:
        self._process = process
        self._family = family

    def read(self, words: Words, line: int) -> Block | None:
        draft = self._process.families[self._family]
        match words:
            case ["network", prefix]:
                self._process.networks.append(w.network(prefix, self._family))
            case ["redistribute", *rest]:
                found = redistribution(rest, SOURCES[self._family], types=False)
                draft.redistribute = [*with_redistribution(tuple(draft.redistribute), found)]
            case ["distance", "bgp", *numbers]:
                external, internal, local = (w.number(number, 1, _HIGHEST_DISTANCE) for number in numbers)
                draft.distance = ((external, internal, local), line)
            case ["import", "vrf", name]:
                draft.imports[w.name(name)] = line
            case ["neighbor", address, *rest]:
                return self._neighbor(w.address(address), rest, line)
            case _:
                return None
        return self

    def _neighbor(self, address: Address, words: list[str], line: int) -> Block | None:
        if address.version != self._family:
            return None
        neighbor = self._process.neighbors.get(address) or NeighborDraft()
        match words:
            case ["activate"]:
                neighbor.active = True
            case ["prefix-list" | "route-map" as kind, name, "in" | "out" as direction]:
                neighbor.policies[kind, direction] = w.name(name)
            case _:
                return None
        neighbor.lines.append(line)
        self._process.neighbors[address] = neighbor
        return self
