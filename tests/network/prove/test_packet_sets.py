"""Sets of packets: every operation against a look at each packet of a small universe."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, ip_address, ip_network
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_universe import UNIVERSE, members, sets, unions

from network.prove.sets.boxes import Index, absorbed, box_meet
from network.prove.sets.intervals import Ranges, ranges
from network.prove.sets.packets import ALL_PACKETS, NO_PACKETS, Packet, Packets, packets, union

Known = tuple[Packets, set[Packet]]
look = settings(max_examples=40, deadline=None)


@look
@given(sets)
def test_a_set_holds_what_was_asked_for(one: Known) -> None:
    assert members(one[0]) == one[1]


@look
@given(unions(), unions())
def test_union_intersection_and_difference_hold_the_right_packets(one: Known, other: Known) -> None:
    assert members(one[0] | other[0]) == one[1] | other[1]
    assert members(one[0] & other[0]) == one[1] & other[1]
    assert members(one[0] - other[0]) == one[1] - other[1]
    assert members(ALL_PACKETS - one[0]) == set(UNIVERSE) - one[1]


@look
@given(unions(), unions(), unions())
def test_laws_that_hold_of_sets(a_: Known, b_: Known, c_: Known) -> None:
    a, b, c = a_[0], b_[0], c_[0]
    assert (a | b) & c == (a & c) | (b & c)
    assert a - (b | c) == (a - b) & (a - c)
    assert a - (b & c) == (a - b) | (a - c)
    assert ALL_PACKETS - (ALL_PACKETS - a) == a
    assert hash((a - b) | (a & b)) == hash(a)
    assert (a & b) <= a <= (a | b)
    assert not (a - b) & b
    assert (a <= b) == (not (a - b))
    assert (a == b) == (not (a - b) and not (b - a))
    assert a.meets(b) == bool(a & b)
    assert union((a, b, c)) == a | b | c


@look
@given(unions(), unions())
def test_equal_sets_are_those_without_a_difference(one: Known, other: Known) -> None:
    if one[1] != other[1]:
        assert one[0] != other[0]
    if one[1] - other[1]:
        assert not one[0] <= other[0]


@look
@given(unions(), unions())
def test_a_witness_is_in_the_set_and_there_is_one_unless_it_is_empty(one: Known, other: Known) -> None:
    left = one[0] - other[0]
    found = left.witness()
    assert (found is None) == (not left)
    if found is not None:
        assert found in left
        assert found in one[0]
        assert found not in other[0]
        assert Packets(reversed(left.boxes)).witness() == found


@look
@given(st.lists(st.tuples(sets, st.booleans()), max_size=15))
def test_many_small_changes_add_up(steps: list[tuple[Known, bool]]) -> None:
    found, known = NO_PACKETS, set[Packet]()
    for (change, inside), more in steps:
        found = found | change if more else found - change
        known = known | inside if more else known - inside
    assert members(found) == known


def nets(*texts: str) -> list[Any]:
    return [ip_network(text) for text in texts]


@pytest.mark.parametrize(
    ("found", "shown"),
    [
        (ALL_PACKETS, "tcp 1.0.0.1:49152 → 1.0.0.1:443"),
        (packets(source=nets("10.1.0.0/16"), destination=nets("10.2.3.0/24")), "tcp 10.1.0.1:49152 → 10.2.3.1:443"),
        (packets(source=nets("10.1.0.9/32"), protocol="udp", destination_ports=[(50, 60)]),
         "udp 10.1.0.9:49152 → 1.0.0.1:53"),
        (packets(protocol="tcp", destination_ports=[(70, 79), (2000, 2001)], source_ports=[(1, 99)]),
         "tcp 1.0.0.1:99 → 1.0.0.1:70"),
        (packets(protocol="tcp", destination_ports=[(2000, 2001)]), "tcp 1.0.0.1:49152 → 1.0.0.1:2000"),
        (packets(family=6, source=nets("fd00:1::/64"), destination=nets("2001:db8::/32")),
         "tcp [fd00:1::1]:49152 → [2001:db8::1]:443"),
        (packets(protocol="icmp"), "icmp echo-request 1.0.0.1 → 1.0.0.1"),
        (packets(protocol="icmp", family=6, icmp_types=[(130, 140)]),
         "icmpv6 mld-listener-query 2000::1 → 2000::1"),
        (packets(protocol="icmp", icmp_types=[(40, 44)], icmp_codes=[(3, 3)], family=4),
         "icmp type 40 code 3 1.0.0.1 → 1.0.0.1"),
        (packets(protocol=47), "protocol 47 1.0.0.1 → 1.0.0.1"),
        (packets(protocol=58, family=4), "protocol 58 1.0.0.1 → 1.0.0.1"),
        (packets(source=nets("169.254.0.0/16"), destination=nets("224.0.0.5/32")),
         "tcp 169.254.0.0:49152 → 224.0.0.5:443"),
        (ALL_PACKETS - packets(protocol="tcp"), "udp 1.0.0.1:49152 → 1.0.0.1:443"),
        (ALL_PACKETS - packets(protocol="tcp") - packets(protocol="udp"), "icmp echo-request 1.0.0.1 → 1.0.0.1"),
        (packets(protocol="udp") - packets(protocol="udp", destination_ports=[(1, 65535)]),
         "udp 1.0.0.1:49152 → 1.0.0.1:0"),
    ],
)  # fmt: skip
def test_the_example_shown_is_an_ordinary_one(found: Packets, shown: str) -> None:
    assert str(found.witness()) == shown


def test_a_packet_needs_the_fields_of_its_protocol() -> None:
    one, six = IPv4Address("10.0.0.1"), IPv6Address("fd00::1")
    cases: tuple[dict[str, Any], ...] = (
        {"source": one, "destination": six, "protocol": 47},
        {"source": one, "destination": one, "protocol": 6},
        {"source": one, "destination": one, "protocol": 6, "source_port": 1, "destination_port": 1, "icmp_type": 8},
        {"source": one, "destination": one, "protocol": 58, "icmp_type": 128, "icmp_code": 0},
        {"source": six, "destination": six, "protocol": 58},
    )
    for wrong in cases:
        with pytest.raises(ValueError):  # noqa: PT011 the message is for programmers
            Packet(**wrong)


@pytest.mark.parametrize(
    "wrong",
    [
        {"destination_ports": [(80, 80)]},
        {"protocol": "icmp", "source_ports": [(80, 80)]},
        {"protocol": "tcp", "icmp_types": [(8, 8)]},
        {"protocol": "igmp"},
        {"source": [(IPv4Address("10.0.0.1"), IPv6Address("fd00::1"))]},
    ],
)
def test_a_set_that_cannot_be_meant_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 the message is for programmers
        packets(**wrong)


def test_translation_moves_packets_and_drops_the_other_family() -> None:
    found = packets(source=nets("10.0.0.0/8", "fd00::/8"), protocol="tcp", destination_ports=[(80, 80)])
    out = found.translated(source=nets("192.0.2.1/32"))
    assert out == packets(source=nets("192.0.2.1/32"), protocol="tcp", destination_ports=[(80, 80)])
    inward = found.translated(destination=nets("10.9.0.1/32"), destination_port=8080)
    assert inward == packets(
        source=nets("10.0.0.0/8"), destination=nets("10.9.0.1/32"), protocol="tcp", destination_ports=[(8080, 8080)]
    )
    assert packets(protocol=47).translated(destination_port=80) == packets(protocol=47)


@pytest.mark.parametrize("seed", range(4))
def test_the_index_misses_no_box_that_touches(seed: int) -> None:
    """Boxes of all sizes, some of many ranges; each is searched for among all."""
    random = Random(seed)  # noqa: S311 the same boxes every time

    def side() -> Ranges:
        starts = [random.randrange(10_000) for _ in range(random.choice((1, 1, 1, 2, 40)))]
        return ranges((start, start + random.choice((0, 0, 1, 30, 255, 5000))) for start in starts)

    boxes = [(side(), side(), side(), side()) for _ in range(300)]
    index = Index(boxes)
    for box in boxes[::3]:
        assert index.touching(box) == [place for place, other in enumerate(boxes) if box_meet(box, other)]
    covering = [any(other is not box and box_meet(box, other) == box for other in boxes) for box in boxes]
    assert absorbed(boxes) == [box for box, covered in zip(boxes, covering, strict=True) if not covered]


def test_twenty_thousand_flows_are_subtracted_in_one_sweep() -> None:
    """Not timed: box by box it would take hours."""
    base, count = int(IPv4Address("10.0.0.0")), 20_000
    flows = union(
        packets(
            source=[IPv4Network((base + 37 * number, 32))],
            destination=[IPv4Network((base + (1 << 22) + 16 * (number % 5000), 30), strict=False)],
            protocol="tcp",
            destination_ports=[(number % 977, number % 977)],
        )
        for number in range(count)
    )
    wide = packets(source=nets("10.0.0.0/8"), destination=nets("10.0.0.0/8"), protocol="tcp")
    left = wide - flows
    assert left
    assert not left.meets(flows)
    assert left | flows == wide
    assert not flows - wide


def test_a_cross_of_wide_rules_stays_small() -> None:
    """Half of the rules name a source only, half a destination only."""
    base = int(IPv4Address("10.0.0.0"))
    stripes = [packets(source=[IPv4Network((base + 4 * n, 32))], protocol="tcp") for n in range(1500)]
    stripes += [packets(destination=[IPv4Network((base + 4 * n, 32))], protocol="udp") for n in range(1500)]
    left = ALL_PACKETS - union(stripes)
    assert len(left.boxes) < 2000
    assert left | union(stripes) == ALL_PACKETS


def test_ends_of_ranges_and_addresses() -> None:
    top = packets(source=[(IPv6Address("fd00::ffff"), IPv6Address("fd00::1:3"))], family=6, protocol=0)
    assert Packet(ip_address("fd00::1:3"), IPv6Address("::"), 0) in top
    assert Packet(ip_address("fd00::1:4"), IPv6Address("::"), 0) not in top
    every = packets(protocol="icmp", family=4, icmp_types=[(255, 255)])
    assert str(every.witness()) == "icmp type 255 1.0.0.1 → 1.0.0.1"
    assert packets(protocol="icmp", family=4) - packets(protocol="icmp", family=4, icmp_types=[(0, 254)]) == every
