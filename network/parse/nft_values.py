"""nftables: interface names, addresses and ports from single tokens."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, summarize_address_range

from network.nft_names import DAYS, HIGHEST_MARK, NFT_NAME
from network.parse import words as w
from network.parse.nft_lexer import is_word, text_of
from network.state import Address, Family, Network, PortRangePair

_HIGHEST_PORT = 65535
_HEXADECIMAL = re.compile(r"0x[0-9a-f]{1,8}")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?")
_LENGTHS: dict[Family, int] = {4: 32, 6: 128}


def nft_name(word: str) -> str:
    """A name nft takes for a table, set or chain."""
    if not NFT_NAME.fullmatch(word):
        raise ValueError(word)
    return word


def interface(token: str) -> str:
    """An interface's name; a pattern with `*` is none."""
    return w.interface_name(text_of(token))


def prefixes(token: str, family: Family) -> tuple[Network, ...]:
    """The prefixes that make up an address, a prefix or a range of addresses."""
    if not is_word(token):
        raise ValueError(token)
    first, dash, last = token.partition("-")
    if dash:
        return _range(w.address(first), w.address(last), family)
    if "/" not in token:
        return (w.network(f"{token}/{_LENGTHS[family]}", family),)
    return (w.network(token, family),)


def _range(first: Address, last: Address, family: Family) -> tuple[Network, ...]:
    if isinstance(first, IPv4Address) and isinstance(last, IPv4Address) and first.version == family:
        return tuple(summarize_address_range(first, last))
    if isinstance(first, IPv6Address) and isinstance(last, IPv6Address) and first.version == family:
        return tuple(summarize_address_range(first, last))
    raise ValueError(first)


def port_range(token: str) -> PortRangePair:
    """A port by its number, or a range of them."""
    low, dash, high = token.partition("-")
    first = w.number(low, 0, _HIGHEST_PORT)
    return first, w.number(high, first, _HIGHEST_PORT) if dash else first


def mark(token: str) -> int:
    """A mark of connections: 0x0000002a, or a decimal number."""
    if _HEXADECIMAL.fullmatch(token):
        return int(token, 16)
    return w.number(token, 0, HIGHEST_MARK)


def day(token: str) -> int:
    """A day of the week by its name."""
    return DAYS.index(text_of(token))


def second(clock: str) -> int:
    """The second of the day: 19:59:59, or 19:59."""
    match = _CLOCK.fullmatch(clock)
    if match is None:
        raise ValueError(clock)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return (hours * 60 + minutes) * 60 + seconds


def endpoint(word: str) -> tuple[Address, int | None]:
    """An address to translate to, and its port if one is given: 192.0.2.1:80 or [2001:db8::1]:80."""
    if word.startswith("["):
        address, _, port = word[1:].partition("]:")
        return IPv6Address(address), w.number(port, 1, _HIGHEST_PORT)
    if "." in word and word.count(":") == 1:
        address, _, port = word.partition(":")
        return IPv4Address(address), w.number(port, 1, _HIGHEST_PORT)
    return w.address(word), None
