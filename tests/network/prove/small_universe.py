"""A universe of packets small enough to look at each: two addresses' bits a family, few protocols and ports.

A set is drawn as keyword arguments of `packets`; `holds` tells by the arguments alone whether a packet is in it.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from itertools import product
from typing import Any

from hypothesis import strategies as st

from network.prove.sets.packets import Packet, Packets, packets
from network.state import Address

HOSTS = 8
PORTS = (0, 1, 2, 443, 65535)
TYPES = (0, 1, 8, 128, 255)
OTHER = 47
BASES: dict[int, Any] = {4: IPv4Address("10.0.0.248"), 6: IPv6Address("fd00::fff8")}
WHOLE: dict[int, Any] = {4: IPv4Network("10.0.0.248/29"), 6: IPv6Network("fd00::fff8/125")}
ICMP = {4: 1, 6: 58}

Spec = dict[str, Any]


def _packets() -> list[Packet]:
    found = []
    for version in (4, 6):
        ends = [BASES[version] + host for host in range(HOSTS)]
        for source, destination in product(ends, ends[::3]):
            found += [Packet(source, destination, 6, a, b) for a, b in product(PORTS[2:], PORTS)]
            found += [Packet(source, destination, 17, a, b) for a, b in product(PORTS[:1], PORTS)]
            found += [Packet(source, destination, ICMP[version], icmp_type=a, icmp_code=0) for a in TYPES]
            found.append(Packet(source, destination, OTHER))
            found.append(Packet(source, destination, ICMP[10 - version]))
    return found


UNIVERSE = _packets()
"""1,300 packets or so, of every kind, the ends of every range among them."""


@st.composite
def _spans(draw: st.DrawFn) -> list[Any]:
    found: list[Any] = []
    for version in draw(st.sampled_from([(4,), (4,), (6,), (4, 6)])):
        for _ in range(draw(st.integers(0, 3))):
            first, last = sorted((draw(st.integers(0, HOSTS - 1)), draw(st.integers(0, HOSTS - 1))))
            if draw(st.booleans()):
                length = draw(st.integers(WHOLE[version].prefixlen, WHOLE[version].max_prefixlen))
                found.append(
                    ip_network((int(BASES[version]) + first, length), strict=False)
                    if version == 4
                    else IPv6Network((int(BASES[version]) + first, length), strict=False)
                )
            else:
                found.append((BASES[version] + first, BASES[version] + last))
    return found


def _ranges(values: tuple[int, ...]) -> st.SearchStrategy[list[tuple[int, int]]]:
    pair = st.tuples(st.sampled_from(values), st.sampled_from(values)).map(lambda two: (min(two), max(two)))
    return st.lists(pair, max_size=2)


@st.composite
def specs(draw: st.DrawFn) -> Spec:
    spec: Spec = {}
    for end in ("source", "destination"):
        if draw(st.integers(0, 3)):
            spec[end] = draw(_spans())
    spec["family"] = draw(st.sampled_from([None, None, 4, 6]))
    spec["protocol"] = draw(st.sampled_from([None, "tcp", "tcp", "udp", "icmp", OTHER, 1, 58]))
    if spec["protocol"] in {"tcp", "udp"}:
        spec["source_ports"] = draw(_ranges(PORTS))
        spec["destination_ports"] = draw(_ranges(PORTS))
    if spec["protocol"] == "icmp":
        spec["icmp_types"] = draw(_ranges(TYPES))
    return spec


def holds(spec: Spec, packet: Packet) -> bool:
    """Whether the packet is in the set, by its description alone."""
    version = packet.source.version
    protocol = spec["protocol"]
    number = {"tcp": 6, "udp": 17, "icmp": ICMP[version]}.get(protocol, protocol)
    return (
        spec["family"] in {None, version}
        and _within(spec.get("source"), packet.source)
        and _within(spec.get("destination"), packet.destination)
        and number in {None, packet.protocol}
        and _among(spec.get("source_ports"), packet.source_port)
        and _among(spec.get("destination_ports"), packet.destination_port)
        and _among(spec.get("icmp_types"), packet.icmp_type)
    )


def _within(spans: list[Any] | None, address: Address) -> bool:
    if spans is None:
        return True
    return any(
        span[0].version == address.version and span[0] <= address <= span[1]
        if isinstance(span, tuple)
        else address in span
        for span in spans
    )


def _among(ranges: list[tuple[int, int]] | None, number: int | None) -> bool:
    return not ranges or (number is not None and any(low <= number <= high for low, high in ranges))


def members(found: Packets) -> set[Packet]:
    return {packet for packet in UNIVERSE if packet in found}


def described(spec: Spec) -> set[Packet]:
    return {packet for packet in UNIVERSE if holds(spec, packet)}


def made(spec: Spec) -> Packets:
    return packets(**spec)


sets = specs().map(lambda spec: (made(spec), described(spec)))
"""A set, and the packets of the universe that are in it."""


@st.composite
def unions(draw: st.DrawFn) -> tuple[Packets, set[Packet]]:
    """A set of several boxes that may overlap, and its packets."""
    whole, known = Packets(), set[Packet]()
    for one, inside in draw(st.lists(sets, max_size=5)):
        whole, known = whole | one, known | inside
    return whole, known
