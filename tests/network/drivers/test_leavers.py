"""Which connections a change of rules ends because a host lost its permission."""

from __future__ import annotations

import pytest

from network.drivers.leavers import leavers

RULES = """table inet sanso {{
	set group_pc_4 {{
		type ipv4_addr
		flags interval
		elements = {{ {four} }}
	}}

	set group_pc_6 {{
		type ipv6_addr
		flags interval
		elements = {{ {six} }}
	}}

	set live {{
		type mark
		elements = {{ 0x00000007 }}
	}}

	chain forward {{
		type filter hook forward priority filter; policy drop;
		ip saddr @group_pc_4 ip daddr @group_asp_4 tcp dport 443 counter ct mark set {mark} accept comment "f001"
		ip6 saddr @group_pc_6 tcp dport 443 counter ct mark set {mark} accept comment "f001"
		ip daddr @group_pc_4 tcp dport 22 counter ct mark set 0x00000009 accept comment "f002"
	}}
}}
"""


def rules(four: str, six: str = "fd00::/64", mark: str = "0x00000007") -> str:
    return RULES.format(four=four, six=six, mark=mark)


@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        (rules("10.0.0.0/24"), rules("10.0.0.0/24"), ""),
        (rules("10.0.0.0/25"), rules("10.0.0.0/24"), ""),
        (
            rules("10.0.0.0/24"),
            rules("10.0.0.0/25"),
            "-m 0x00000007 -f ipv4 -s 10.0.0.128/25\n-m 0x00000009 -f ipv4 -d 10.0.0.128/25\n",
        ),
        (
            rules("10.0.0.1, 10.0.0.4-10.0.0.6"),
            rules("10.0.0.1, 10.0.0.5,\n\t\t\t     10.0.0.6"),
            "-m 0x00000007 -f ipv4 -s 10.0.0.4/32\n-m 0x00000009 -f ipv4 -d 10.0.0.4/32\n",
        ),
        (
            rules("10.0.0.1", "fd00::/64, fd01::5"),
            rules("10.0.0.1", "fd00::/64"),
            "-m 0x00000007 -f ipv6 -s fd01::5/128\n",
        ),
        (rules("10.0.0.1", "fd00::5"), rules("10.0.0.1", "fd00::/64", "0x00000008"), ""),
        ("", rules("10.0.0.1"), ""),
        (rules("10.0.0.1"), "", ""),
    ],
)
def test_addresses_taken_out_of_a_rows_sets(old: str, new: str, gone: str) -> None:
    assert leavers(old, new) == gone
