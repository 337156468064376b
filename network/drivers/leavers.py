"""Who loses a permission by a change of rules: addresses taken out of the sets that a mark's rules name.

Marks of connections are per row, so the connections of a row outlive a host that leaves one of its groups: known by
their mark, they are let through. The device forgets them, and only them, when it takes the new rules.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)

_SET = re.compile(r"set (?P<name>\S+) \{[^{}]*elements = \{(?P<elements>[^}]*)\}")
_RULE = re.compile(r"^.*\bct mark set (?P<mark>0x[0-9a-f]{8})\b.*$", re.MULTILINE)
_ENDS = {"-s": re.compile(r"\bip6? saddr @(\S+)"), "-d": re.compile(r"\bip6? daddr @(\S+)")}

Network = IPv4Network | IPv6Network
End = tuple[str, str]
"""A mark, and conntrack's word for the source or destination of a connection's opener."""


def leavers(old: str, new: str) -> str:
    """What conntrack is told to delete, a line each: `-m MARK -f FAMILY -s PREFIX`.

    Args:
        old: the rules that run, as nft prints them.
        new: the rules to come, likewise. A mark that they do not give is no concern here: they do not know it.
    """
    before, after = _ends(old), _ends(new)
    lines = (
        f"-m {mark} -f ipv{network.version} {word} {network}\n"
        for (mark, word), networks in sorted(before.items())
        if (mark, word) in after
        for network in _minus(networks, after[mark, word])
    )
    return "".join(lines)


def _ends(rules: str) -> dict[End, list[Network]]:
    sets = {match["name"]: tuple(_networks(match["elements"])) for match in _SET.finditer(rules)}
    found: dict[End, list[Network]] = {}
    for match in _RULE.finditer(rules):
        for word, end in _ENDS.items():
            named = end.search(match[0])
            if named:
                found.setdefault((match["mark"], word), []).extend(sets.get(named[1], ()))
    return found


def _networks(elements: str) -> Iterator[Network]:
    for item in (part.strip() for part in elements.split(",")):
        first, dash, last = item.partition("-")
        if not item or item.startswith(('"', "0x")):
            continue
        if dash:
            yield from _span(int(ip_address(first)), int(ip_address(last)), ip_address(first).version)
        else:
            yield ip_network(item)


def _minus(networks: Iterable[Network], others: Iterable[Network]) -> Iterator[Network]:
    """The addresses of `networks` that are in none of `others`, as prefixes."""
    kept = sorted({(item.version, int(item[0]), int(item[-1])) for item in others})
    for version, first, last in sorted({(item.version, int(item[0]), int(item[-1])) for item in networks}):
        at = first
        for _, low, high in (span for span in kept if span[0] == version):
            if low > last:
                break
            if low > at:
                yield from _span(at, low - 1, version)
            at = max(at, high + 1)
        if at <= last:
            yield from _span(at, last, version)


def _span(first: int, last: int, version: int) -> Iterator[Network]:
    if version == 4:  # noqa: PLR2004 the IP version
        yield from summarize_address_range(IPv4Address(first), IPv4Address(last))
    else:
        yield from summarize_address_range(IPv6Address(first), IPv6Address(last))
