"""How FRR writes addresses and texts, and how it orders names."""

from __future__ import annotations

import re
from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop

from inventory.text import Text
from network.render.errors import line_text
from network.state import Address, Interface_, Network

POLICY_NAME = Text("the name of a policy", "ポリシー名")
VRF_NAME = Text("the name of a VRF", "VRF名")
_DESCRIPTION = Text("a description", "説明")
PROFILE_NAME = Text("the name of a BFD profile", "BFDプロファイル名")
IP = {4: "ip", 6: "ipv6"}
"""The word FRR begins a command of a family with."""

LONGEST = 200
"""Descriptions, in bytes; FRR cuts no line shorter than this."""

_REMEMBERED = 1 << 14
_SOCKET_FAMILIES = {4: AF_INET, 6: AF_INET6}


def address_text(address: Address) -> str:
    """An address as the C library prints it, which is how FRR and nft do."""
    return inet_ntop(_SOCKET_FAMILIES[address.version], address.packed)


def network_text(network: Network) -> str:
    """A prefix, with its length."""
    return f"{address_text(network.network_address)}/{network.prefixlen}"


def interface_text(address: Interface_) -> str:
    """An address with the length of its prefix."""
    return f"{address_text(address)}/{address.network.prefixlen}"


def description(value: str) -> str:
    """A description: FRR joins its words with single spaces and takes `|` as a pipe."""
    return line_text(value, _DESCRIPTION, without="|", longest=LONGEST)


@lru_cache(_REMEMBERED)
def natural(text: str) -> tuple[tuple[int, str], ...]:
    """Sorts names as FRR does: eth2 before eth10."""
    return tuple(
        (int(part), "") if part.isascii() and part.isdigit() else (-1, part)
        for part in re.findall(r"[0-9]+|[^0-9]+", text)
    )
