"""FRR: interfaces with their addresses and OSPF."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from network.canonical import DEFAULT_VRF
from network.render.errors import interface_name, name
from network.render.frr_words import IP, POLICY_NAME, PROFILE_NAME, description, interface_text, natural
from network.state import Interface, OspfInterface

_REMEMBERED = 1 << 10


def order(item: Interface) -> tuple[object, ...]:
    """FRR prints interfaces by VRF, then by name, numbers by value."""
    return item.vrf or DEFAULT_VRF, natural(item.name)


def interface(item: Interface) -> Iterator[str]:
    """An interface's block; vtysh sorts the lines in it as text."""
    vrf = f" vrf {interface_name(item.vrf)}" if item.vrf else ""
    yield f"interface {interface_name(item.name)}{vrf}"
    yield from sorted(_lines(item))
    yield "exit"


def _lines(item: Interface) -> Iterator[str]:
    if item.description:
        yield f" description {description(item.description)}"
    if item.shutdown:
        yield " shutdown"
    if item.policy:
        yield f" pbr-policy {name(item.policy, POLICY_NAME)}"
    for address in item.addresses:
        yield f" {IP[address.version]} address {interface_text(address)}"
    if item.ospf:
        yield from _ospf(" ip ospf", item.ospf)
    if item.ospf6:
        yield from _ospf(" ipv6 ospf6", item.ospf6)


@lru_cache(_REMEMBERED)
def _ospf(command: str, ospf: OspfInterface) -> tuple[str, ...]:
    """What the interfaces of a city say of OSPF is nearly always the same."""
    return tuple(_ospf_lines(command, ospf))


def _ospf_lines(command: str, ospf: OspfInterface) -> Iterator[str]:
    yield f"{command} area {ospf.area}"
    if ospf.bfd:
        yield f"{command} bfd"
        yield f"{command} bfd profile {name(ospf.bfd, PROFILE_NAME)}"
    if ospf.cost is not None:
        yield f"{command} cost {ospf.cost}"
    if ospf.point_to_point:
        yield f"{command} network point-to-point"
    if ospf.passive:
        yield f"{command} passive"
