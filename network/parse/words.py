"""Values read from single words. What is not such a value raises ValueError."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Interface, IPv6Network, ip_address
from socket import AF_INET, AF_INET6, AddressFamily, inet_pton

from network.render.errors import NAME, is_line_text
from network.render.frr_words import LONGEST
from network.state import Address, Family, Interface_, Network

HIGHEST = 2**32 - 1
REMEMBERED = 1 << 16
"""Values kept of each kind: the devices of a city write the same ones again and again."""
_LINUX_NAME_LENGTH = 15
_LENGTH = re.compile(r"/[0-9]{1,3}\Z", re.ASCII)
_FAMILIES: dict[str, Family] = {"ip": 4, "ipv6": 6}
_INTERFACES: dict[Family, type[Interface_]] = {4: IPv4Interface, 6: IPv6Interface}
_SOCKET_FAMILIES: dict[Family, AddressFamily] = {4: AF_INET, 6: AF_INET6}
_NETWORKS: dict[Family, type[Network]] = {4: IPv4Network, 6: IPv6Network}


@lru_cache(REMEMBERED)
def number(word: str, low: int = 0, high: int = HIGHEST) -> int:
    """A decimal number within its bounds."""
    if not (word.isascii() and word.isdigit() and len(word) <= len(str(high)) and low <= int(word) <= high):
        raise ValueError(word)
    return int(word)


@lru_cache(REMEMBERED)
def name(word: str) -> str:
    """A name we would write ourselves."""
    if not NAME.fullmatch(word):
        raise ValueError(word)
    return word


def interface_name(word: str) -> str:
    """A name Linux takes for an interface."""
    if len(word) > _LINUX_NAME_LENGTH:
        raise ValueError(word)
    return name(word)


def description(text: str) -> str:
    """A description we would write ourselves."""
    if not is_line_text(text, without="|", longest=LONGEST):
        raise ValueError(text)
    return text


def family(word: str) -> Family:
    """The family a command of FRR begins with: `ip` or `ipv6`."""
    return _FAMILIES[word]


@lru_cache(REMEMBERED)
def address(word: str) -> Address:
    """An address without a zone."""
    if "%" in word:
        raise ValueError(word)
    return ip_address(word)


@lru_cache(REMEMBERED)
def router_id(word: str) -> IPv4Address:
    """A number written like an IPv4 address: a router's, or an area's."""
    return IPv4Address(word)


def interface_address(word: str, version: Family) -> Interface_:
    """An interface's address with its prefix length, of the given family."""
    return _INTERFACES[version](_with_length(word, version))


@lru_cache(REMEMBERED)
def network(word: str, version: Family) -> Network:
    """A prefix with its length, of the given family; host bits are dropped, as FRR does."""
    return _NETWORKS[version](_with_length(word, version), strict=False)


def _with_length(word: str, version: Family) -> tuple[int, int]:
    """An address as a number, and the length that follows it."""
    if "%" in word or not _LENGTH.search(word):
        raise ValueError(word)
    text, _, length = word.partition("/")
    try:
        packed = inet_pton(_SOCKET_FAMILIES[version], text)
    except OSError:
        raise ValueError(word) from None
    return int.from_bytes(packed), int(length)
