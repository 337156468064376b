"""What firewalls count for each row, read from what nft printed."""

from __future__ import annotations

from registers import DAY, fabric, flow

from network.drivers.policies import policies_of
from network.register.counters import Count, hits
from network.register.data import list_data
from network.register.show import list_lines
from network.register.standing import standing
from network.register.tries import Tries

PRINTED = """\
table inet sanso { # handle 1
	set group_a_4 { # handle 3
		type ipv4_addr
		flags interval
		elements = { 10.0.0.0/24, 10.0.1.0/24 }
	}

	chain forward { # handle 1
		type filter hook forward priority filter; policy drop;
		ct state established,related accept # handle 4
		iifname "lo" ip saddr @group_a_4 tcp dport 443 counter packets 0 bytes 0 accept comment "s01" # handle 5
		iifname "lo" meta l4proto udp counter packets 0 bytes 0 accept comment "s01" # handle 6
		iifname "lo" meta l4proto tcp counter packets 0 bytes 0 accept comment "m01" # handle 7
		counter packets 0 bytes 0 drop # handle 8
	}

	chain output { # handle 2
		type filter hook output priority filter; policy accept;
		ip daddr 127.0.0.1 icmp type echo-request counter packets 3 bytes 252 accept comment "s01" # handle 9
	}
}
"""
"""Recorded from nft 1.0.6 after three pings."""
ELSEWHERE = PRINTED.replace("packets 3 bytes 252", "packets 1 bytes 84").replace('"m01"', '"z99"')


def test_the_rules_of_a_row_are_summed_over_firewalls() -> None:
    found = hits(["s01", "m01", "x01"], {"fw1": policies_of(PRINTED), "fw2": policies_of(ELSEWHERE)})
    assert found["s01"].by_firewall == {"fw1": Count(3, 252), "fw2": Count(1, 84)}
    assert found["s01"].total == Count(4, 336)
    assert [(key, item.running, item.unused) for key, item in found.items()] == [
        ("s01", True, False),
        ("m01", True, True),
        ("x01", False, False),
    ]


def test_unused_rows_stand_out() -> None:
    town = fabric(**{key: flow("lg-clients", "lgwan-asp", f"tcp/{port}") for port, key in enumerate(("s01", "m01"), 1)})
    rows = standing(town, DAY)
    counted = hits((row.key for row in rows), {"fw1": policies_of(PRINTED), "fw2": policies_of(ELSEWHERE)})
    said = [line.say("ja") for line in list_lines(rows, town, counted)]
    assert "      4 パケット、336 バイト (fw1 3, fw2 1)" in said
    assert "      未使用: 0 パケット、0 バイト (fw1 0)" in said
    assert "ファイアウォールの規則が最後に入れ替わってから通信のない行 1 件: m01" in said
    told = {row["row"]: row for row in list_data(rows, (), counted)["rows"]}
    assert told["s01"]["counters"] == {"fw1": {"packets": 3, "bytes": 252}, "fw2": {"packets": 1, "bytes": 84}}
    assert told["m01"]["unused"]


def test_what_the_watch_adds_to_a_row_is_told_beside_it() -> None:
    town = fabric(**{key: flow("lg-clients", "lgwan-asp", f"tcp/{port}") for port, key in enumerate(("s01", "m01"), 1)})
    rows = standing(town, DAY)
    counted = hits((row.key for row in rows), {"fw1": policies_of(PRINTED)})
    tried = {"s01": Tries("hall-lg-watch", 4)}
    said = [line.say("ja") for line in list_lines(rows, town, counted, tried)]
    assert said[said.index("      3 パケット、252 バイト (fw1 3)") + 1] == (
        "      うち監視が hall-lg-watch から 1 回の試行で開く接続: 4(実環境では毎分 8)。"
        "監視が動いている間は計数に含まれます"
    )
    assert sum("うち監視が" in line for line in said) == 1
    assert said[-1].startswith("監視が試行している行 1 件(経路上の各ファイアウォールで計数されます): s01。")
    assert not any("監視" in line.say("ja") for line in list_lines(rows, town, counted))
    told = {row["row"]: row["watch"] for row in list_data(rows, (), counted, tried)["rows"]}
    assert told == {"s01": {"from": "hall-lg-watch", "connections": 4}, "m01": None}
