"""What a witness takes for the beginning of a forbidden conversation: real packets, and any bytes at all."""

from __future__ import annotations

import socket
import time
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inventory.values import ProtocolPort
from monitoring.exporter.model import Destination
from monitoring.exporter.packetfilter import program
from monitoring.exporter.witness import Arrival, Witness, read
from network.probe.packets import Mark, write
from network.state import Address

V4 = (ip_address("10.16.17.11"), ip_address("10.24.17.12"))
V6 = (ip_address("fd5a:1:1:101::b"), ip_address("fd5a:1:2:101::c"))
addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@pytest.mark.parametrize("ends", [V4, V6])
def test_it_reads_what_begins_a_conversation(ends: tuple[Address, Address]) -> None:
    for protocol, port in (("tcp", 22), ("udp", 40000), ("icmp", 0)):
        data = write(*ends, protocol, (50000, port), Mark(1, 2))  # type: ignore[arg-type]
        assert read(data) == Arrival(ends[0], protocol, port)  # type: ignore[arg-type]


def test_answers_begin_nothing() -> None:
    syn = write(*V4, "tcp", (50000, 22), Mark(1, 2))
    assert read(syn[:33] + bytes([0x12]) + syn[34:]) is None  # SYN and ACK
    assert read(syn[:33] + bytes([0x14]) + syn[34:]) is None  # RST and ACK
    echo = write(*V4, "icmp", (1, 0), Mark(1, 2))
    assert read(echo[:20] + b"\0" + echo[21:]) is None  # an echo reply


@given(st.binary(max_size=80))
def test_it_reads_any_bytes(data: bytes) -> None:
    read(data)


@given(st.lists(addresses, max_size=12), addresses, st.binary(max_size=40))
def test_the_filter_lets_through_what_comes_from_the_addresses_and_nothing_else(
    wanted: list[Address], source: Address, rest: bytes
) -> None:
    for one in (source, *wanted[:1]):
        assert bool(run(wanted, packet(one) + rest)) == (one in wanted)
    assert not run(wanted, b"\x00" * 60)


def packet(source: Address) -> bytes:
    if isinstance(source, IPv4Address):
        return b"\x45" + bytes(11) + source.packed + bytes(4)
    assert isinstance(source, IPv6Address)
    return b"\x60" + bytes(7) + source.packed + bytes(16)


def run(wanted: list[Address], data: bytes) -> int:
    """A simulation of the kernel's interpreter for the instructions in use."""
    register, at, code = 0, 0, program(wanted)
    while True:
        operation, if_true, if_false, operand = code[at]
        at += 1
        match operation:
            case 0x30:
                register = data[operand]
            case 0x20:
                if operand + 4 > len(data):
                    return 0
                register = int.from_bytes(data[operand : operand + 4], "big")
            case 0x74:
                register >>= operand
            case 0x15:
                at += if_true if register == operand else if_false
            case 0x05:
                at += operand
            case 0x06:
                return operand
            case _:
                raise AssertionError(operation)


@pytest.mark.lab
def test_the_kernel_takes_the_filter_and_hands_over_what_is_forbidden() -> None:
    loopback = {"ipv4": "127.0.0.1", "ipv6": "::1"}
    ports = (ProtocolPort("udp", 40001, 40001),)
    stranger = Destination(segment="internet", site="hall", ports4=ports, ports6=ports, **loopback)
    witness = Witness({"hall-net-infra": stranger})
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.bind(("127.0.0.5", 0))
            mouth.sendto(b"x", ("127.0.0.1", 40001))  # from another address
        for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            with socket.socket(family, socket.SOCK_DGRAM) as mouth:
                mouth.sendto(b"x", (address, 40002))  # to another port
                mouth.sendto(b"x", (address, 40001))
        end = time.monotonic() + 10
        count = 0
        while count < 2 and time.monotonic() < end:
            count += witness.listen()
        assert count == 2
        assert {arrival.source: seen for arrival, seen in witness.arrivals.items()} == {
            ip_address("127.0.0.1"): 1,
            ip_address("::1"): 1,
        }
        assert len(witness.recent()) == 2
    finally:
        witness.close()
