"""nftables: one rule as nft prints it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from ipaddress import IPv4Address

from inventory.text import Text
from network.canonical import rule_family
from network.nft_names import (
    CT_STATES,
    DAYS,
    HIGHEST_MARK,
    ICMP_TYPES,
    LAST_SECOND,
    LONGEST_COMMENT,
    LONGEST_LOG,
    NFT_NAME,
    NOT_LOGGED,
    NOT_QUOTED,
    clock_text,
    interface_order,
    mark_text,
)
from network.render.errors import RenderError, interface_name, line_text
from network.render.frr_words import address_text, network_text
from network.state import Address, Family, Network, NftRule, PortRangePair

_RULE = Text("a rule", "ルール")
_REMEMBERED = 1 << 16
_HIGHEST_PORT = 65535
_IP = {4: "ip", 6: "ip6"}
_ICMP_TYPE = {4: "icmp", 6: "icmpv6"}
_ICMP: dict[Family | None, str] = {4: "icmp", 6: "ipv6-icmp", None: "{ icmp, ipv6-icmp }"}


def rule_text(rule: NftRule, families: Mapping[str, Family]) -> str:
    """The line of a canonical rule.

    Args:
        rule: the rule.
        families: the family of every set of addresses in the table, by its reference ("@name").
    """
    return _text(rule, rule_family(rule, families))


@lru_cache(_REMEMBERED)
def _text(rule: NftRule, family: Family | None) -> str:
    """The line of a rule of this family; the firewalls of a city have most rules in common."""
    return " ".join((*_matches(rule, family), *_statements(rule, family)))


def object_name(value: str) -> str:
    """The name of a table, set or chain, if nft takes it."""
    if not NFT_NAME.fullmatch(value):
        raise RenderError(Text("the name of a table, set or chain", "テーブル・セット・チェイン名"), value)
    return value


def connection_mark(value: int) -> str:
    """A mark of connections, if it is one."""
    if not 0 <= value <= HIGHEST_MARK:
        raise RenderError(Text("a mark of connections", "コネクションマーク"), value)
    return mark_text(value)


def _matches(rule: NftRule, family: Family | None) -> Iterator[str]:
    written, rejects = _needs_family(rule), rule.verdict == "reject"
    if written and rejects and _needs_family_first(rule):
        yield f"meta nfproto ipv{rule.family}"
    yield from _interfaces("iifname", rule.iif)
    yield from _interfaces("oifname", rule.oif)
    if written and not rejects:
        yield f"meta nfproto ipv{rule.family}"
    yield from _addresses("saddr", rule.src, family, negate=rule.negate_src)
    yield from _addresses("daddr", rule.dst, family, negate=False)
    yield from _protocol(rule, family)
    if rule.ct_states:
        if not CT_STATES.keys() >= set(rule.ct_states):
            raise RenderError(_RULE, rule.ct_states)
        yield f"ct state {','.join(rule.ct_states)}"
    if isinstance(rule.ct_marks, str):
        yield f"ct mark {_reference(rule.ct_marks)}"
    elif rule.ct_marks:
        yield f"ct mark {_braced([connection_mark(mark) for mark in rule.ct_marks])}"
    yield from _times(rule)


def _times(rule: NftRule) -> Iterator[str]:
    if not all(0 <= day < len(DAYS) for day in rule.days):
        raise RenderError(_RULE, rule.days)
    if rule.days:
        names = [f'"{DAYS[day]}"' for day in rule.days]
        yield f"meta day {_braced(names)}"
    if rule.hours is not None:
        first, last = rule.hours
        if not 0 <= first < last <= LAST_SECOND:
            raise RenderError(_RULE, rule.hours)
        yield f'meta hour "{clock_text(first)}"-"{clock_text(last)}"'


def _needs_family(rule: NftRule) -> bool:
    """Whether the family needs words of its own: addresses and ICMP tell it already."""
    return rule.family is not None and not (rule.src or rule.dst) and rule.protocol != "icmp"


def _needs_family_first(rule: NftRule) -> bool:
    """Of a rejection, nft prints the family at the very start, or not at all when nothing but matches precedes it."""
    return bool(rule.log or rule.counter or rule.set_mark is not None)


def _interfaces(word: str, names: tuple[str, ...] | str) -> Iterator[str]:
    if isinstance(names, str):
        if names:
            yield f"{word} {_reference(names)}"
    elif names:
        yield f"{word} {_braced([_quoted(item) for item in sorted(names, key=interface_order)])}"


def _quoted(interface: str) -> str:
    return f'"{interface_name(interface)}"'


def _reference(text: str) -> str:
    if not text.startswith("@"):
        raise RenderError(_RULE, text)
    return f"@{object_name(text[1:])}"


def _braced(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{{ {', '.join(items)} }}"


def _addresses(word: str, value: tuple[Network, ...] | str, family: Family | None, *, negate: bool) -> Iterator[str]:
    if not value:
        if negate:
            raise RenderError(_RULE, f"{word} != nothing")
        return
    if family is None or (not isinstance(value, str) and any(network.version != family for network in value)):
        raise RenderError(_RULE, value)
    text = _reference(value) if isinstance(value, str) else _braced(list(_spans(value)))
    yield f"{_IP[family]} {word} {'!= ' if negate else ''}{text}"


def _spans(networks: tuple[Network, ...]) -> Iterator[str]:
    """As nft joins neighbouring prefixes: a prefix where they make one, else first and last address."""
    runs: list[list[Network]] = []
    for network in networks:
        if runs and int(network.network_address) == int(runs[-1][-1].broadcast_address) + 1:
            runs[-1].append(network)
        else:
            runs.append([network])
    for run in runs:
        first, last = run[0].network_address, run[-1].broadcast_address
        if len(run) > 1:
            yield f"{address_text(first)}-{address_text(last)}"
        else:
            yield address_text(first) if first == last else network_text(run[0])


def _protocol(rule: NftRule, family: Family | None) -> Iterator[str]:
    ports = (("sport", rule.sports), ("dport", rule.dports))
    if rule.protocol in {"tcp", "udp"} and not rule.icmp_types:
        yield from (f"{rule.protocol} {word} {_port_text(value)}" for word, value in ports if value)
        if not (rule.sports or rule.dports):
            yield f"meta l4proto {rule.protocol}"
    elif rule.sports or rule.dports or (rule.icmp_types and rule.protocol != "icmp"):
        raise RenderError(_RULE, rule)
    elif rule.icmp_types:
        if family is None or not ICMP_TYPES[family].keys() >= set(rule.icmp_types):
            raise RenderError(_RULE, rule.icmp_types)
        yield f"{_ICMP_TYPE[family]} type {_braced(list(rule.icmp_types))}"
    elif rule.protocol:
        yield f"meta l4proto {_ICMP[family]}"


def _port_text(ports: tuple[PortRangePair, ...]) -> str:
    if not all(0 <= low <= high <= _HIGHEST_PORT for low, high in ports):
        raise RenderError(_RULE, ports)
    return _braced([str(low) if low == high else f"{low}-{high}" for low, high in ports])


def _statements(rule: NftRule, family: Family | None) -> Iterator[str]:
    if rule.log:
        line_text(rule.log.removesuffix(" "), _RULE, without=NOT_LOGGED, longest=LONGEST_LOG - 1)
        yield f'log prefix "{rule.log}"'
    if rule.counter:
        yield "counter"
    if rule.set_mark is not None:
        yield f"ct mark set {connection_mark(rule.set_mark)}"
    yield _verdict(rule, family)
    if rule.id:
        yield f'comment "{line_text(rule.id, _RULE, without=NOT_QUOTED, longest=LONGEST_COMMENT)}"'


def _verdict(rule: NftRule, family: Family | None) -> str:
    jumps, translates = rule.verdict in {"jump", "goto"}, rule.verdict in {"snat", "dnat"}
    if jumps != bool(rule.target) or translates != (rule.to is not None) or (rule.to_port and not translates):
        raise RenderError(_RULE, rule)
    if jumps:
        return f"{rule.verdict} {object_name(rule.target)}"
    if rule.to is not None:
        return f"{rule.verdict} {_translation(rule, rule.to, family)}"
    whole_icmp = rule.protocol == "icmp" and not (rule.icmp_types or rule.src or rule.dst)
    if rule.verdict == "reject" and family is not None and not whole_icmp:
        return f"reject with {_ICMP_TYPE[family]} port-unreachable"
    return rule.verdict


def _translation(rule: NftRule, to: Address, family: Family | None) -> str:
    if family not in {None, to.version} or (rule.to_port and rule.protocol not in {"tcp", "udp"}):
        raise RenderError(_RULE, rule)
    version4 = isinstance(to, IPv4Address)
    address = address_text(to)
    if rule.to_port:
        address = f"{address}:{rule.to_port}" if version4 else f"[{address}]:{rule.to_port}"
    return f"{_IP[to.version]} to {address}"
