"""FRR: BGP processes."""

from __future__ import annotations

from collections.abc import Iterator

from network.render.errors import interface_name, name
from network.render.frr_ospf import redistributed
from network.render.frr_words import POLICY_NAME, PROFILE_NAME, VRF_NAME, address_text, description, network_text
from network.state import Bgp, BgpNeighbor, Family

SOURCES = {4: frozenset({"connected", "static", "ospf"}), 6: frozenset({"connected", "static", "ospf6"})}
"""What each family can redistribute."""


def process(item: Bgp) -> Iterator[str]:
    """The block of a BGP process."""
    vrf = f" vrf {interface_name(item.vrf)}" if item.vrf else ""
    yield f"router bgp {item.asn}{vrf}"
    yield f" bgp router-id {item.router_id}"
    yield " no bgp default ipv4-unicast"
    yield " no bgp network import-check"
    for neighbor in item.neighbors:
        yield from _neighbor(neighbor)
    yield from _family(item, 4)
    yield from _family(item, 6)
    yield "exit"


def _neighbor(item: BgpNeighbor) -> Iterator[str]:
    command = f" neighbor {address_text(item.address)}"
    yield f"{command} remote-as {item.remote_as}"
    if item.description:
        yield f"{command} description {description(item.description)}"
    if item.bfd:
        yield f"{command} bfd"
        yield f"{command} bfd profile {name(item.bfd, PROFILE_NAME)}"


def _family(item: Bgp, family: Family) -> Iterator[str]:
    lines = tuple(_family_lines(item, family))
    if lines:
        yield " !"
        yield f" address-family ipv{family} unicast"
        yield from (f"  {line}" for line in lines)
        yield " exit-address-family"


def _family_lines(item: Bgp, family: Family) -> Iterator[str]:
    if item.distance:
        yield "distance bgp {} {} {}".format(*item.distance)
    for network in item.networks:
        if network.version == family:
            yield f"network {network_text(network)}"
    sources = {4: item.redistribute4, 6: item.redistribute6}[family]
    yield from redistributed(sources, SOURCES[family], types=False)
    for neighbor in item.neighbors:
        if neighbor.address.version == family:
            yield from _policies(neighbor)
    for vrf in item.import_vrfs:
        yield f"import vrf {name(vrf, VRF_NAME)}"


def _policies(item: BgpNeighbor) -> Iterator[str]:
    command = f"neighbor {address_text(item.address)}"
    yield f"{command} activate"
    policies = (
        ("prefix-list", item.prefixes_in, "in"),
        ("prefix-list", item.prefixes_out, "out"),
        ("route-map", item.route_map_in, "in"),
        ("route-map", item.route_map_out, "out"),
    )
    for kind, policy, direction in policies:
        if policy:
            yield f"{command} {kind} {name(policy, POLICY_NAME)} {direction}"
