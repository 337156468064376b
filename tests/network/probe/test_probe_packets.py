from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from network.probe import packets
from network.probe.packets import Mark, Sighting

PROTOCOLS: tuple[Literal["tcp", "udp", "icmp"], ...] = ("tcp", "udp", "icmp")
marks = st.builds(Mark, st.integers(0, 255), st.integers(0, (1 << 24) - 1))
pairs = st.one_of(
    st.tuples(st.ip_addresses(v=4), st.ip_addresses(v=4)), st.tuples(st.ip_addresses(v=6), st.ip_addresses(v=6))
)


def folded(data: bytes) -> int:
    """The ones' complement sum, word by word as RFC 1071 tells it."""
    total = 0
    for position in range(0, len(data) - len(data) % 2, 2):
        total += data[position] << 8 | data[position + 1]
    if len(data) % 2:
        total += data[-1] << 8
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


@given(st.binary(max_size=80))
def test_checksum_makes_the_sum_all_ones(data: bytes) -> None:
    even = data + b"\0" * (len(data) % 2)
    assert folded(even + packets.checksum(data).to_bytes(2, "big")) == 0xFFFF


@given(pairs, st.sampled_from(PROTOCOLS), st.integers(0, 65535), marks)
def test_what_is_written_is_read_again(
    pair: tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address],
    protocol: Literal["tcp", "udp", "icmp"],
    port: int,
    mark: Mark,
) -> None:
    packet = packets.write(*pair, protocol, (40000, port), mark)
    assert packets.read(packet) == Sighting(mark, "")


@given(pairs, st.sampled_from(PROTOCOLS), st.integers(0, 65535), marks)
def test_every_checksum_holds(
    pair: tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address],
    protocol: Literal["tcp", "udp", "icmp"],
    port: int,
    mark: Mark,
) -> None:
    source, destination = pair
    packet = packets.write(source, destination, protocol, (40000, port), mark)
    start = 20 if source.version == 4 else 40
    body = packet[start:]
    if source.version == 4:
        assert folded(packet[:20]) == 0xFFFF
        assert int.from_bytes(packet[2:4], "big") == len(packet)
    else:
        assert int.from_bytes(packet[4:6], "big") == len(body)
    number = packet[9] if source.version == 4 else packet[6]
    pseudo = source.packed + destination.packed + len(body).to_bytes(4, "big") + number.to_bytes(4, "big")
    if number == socket.IPPROTO_ICMP:
        pseudo = b""
    assert folded(pseudo + body) == 0xFFFF


@given(st.binary(max_size=120))
def test_no_bytes_make_reading_fail(data: bytes) -> None:
    packets.read(data)
    packets.read_broadcast(data)
    packets.echo(data)


@given(pairs, marks, st.data())
def test_cut_packets_are_none(
    pair: tuple[IPv4Address | IPv6Address, IPv4Address | IPv6Address], mark: Mark, data: st.DataObject
) -> None:
    packet = packets.write(*pair, data.draw(st.sampled_from(PROTOCOLS)), (40000, 443), mark)
    assert packets.read(packet[: data.draw(st.integers(0, len(packet) - 1))]) is None


@given(marks)
def test_an_echo_is_an_answer(mark: Mark) -> None:
    source, destination = IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2")
    packet = packets.write(source, destination, "udp", (40000, 7), mark)
    reply = packets.echo(packet[28:])
    assert reply is not None
    assert packets.read(packet[:28] + reply) == Sighting(mark, "accept")
    assert packets.echo(b"something else") is None


@pytest.mark.parametrize(("flags", "answer"), [(0x12, "accept"), (0x14, "refuse")])
@pytest.mark.parametrize("mark", [Mark(0, 0), Mark(7, 4711), Mark(255, (1 << 24) - 1)])
def test_tcp_answers_are_told_apart(flags: int, answer: Literal["accept", "refuse"], mark: Mark) -> None:
    packet = bytearray(packets.write(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"), "tcp", (40000, 443), mark))
    sequence = mark.nonce << packets.INDEX_BITS | mark.index
    packet[28:32] = ((sequence + 1) & 0xFFFFFFFF).to_bytes(4, "big")
    packet[33] = flags
    assert packets.read(bytes(packet)) == Sighting(mark, answer)


def test_a_plain_acknowledgement_is_no_answer() -> None:
    packet = bytearray(packets.write(IPv4Address("10.0.0.1"), IPv4Address("10.0.0.2"), "tcp", (40000, 443), Mark(1, 2)))
    packet[33] = 0x10
    assert packets.read(bytes(packet)) is None
