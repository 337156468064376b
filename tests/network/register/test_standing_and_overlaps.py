"""How rows stand on a day, and which of them permit the same packets."""

from __future__ import annotations

import datetime as dt
from ipaddress import IPv4Address, IPv6Address

import pytest
from registers import DAY, GOLDEN, LANGUAGES, fabric, flow

from inventory.loader import load_city
from inventory.model import Flow
from inventory.text import Language
from network.build import build_fabric
from network.compile.flows import live_flows
from network.fabric import Fabric
from network.prove.sets.packets import Packet
from network.register.overlaps import Overlap, overlaps, permitted
from network.register.show import list_lines, overlap_lines
from network.register.standing import standing

TERMS = {
    "long": (dt.date(2026, 4, 1), dt.date(2031, 3, 31)),
    "soon": (dt.date(2026, 4, 1), DAY + dt.timedelta(days=60)),
    "last": (DAY, DAY),
    "over": (dt.date(2026, 4, 1), DAY - dt.timedelta(days=1)),
    "next": (DAY + dt.timedelta(days=1), dt.date(2031, 3, 31)),
}


def found(**flows: Flow) -> tuple[Overlap, ...]:
    return overlaps(standing(fabric(**flows), DAY))


def test_a_row_stands_as_its_term_says() -> None:
    flows = {
        key: flow("lg-clients", "lgwan-asp", f"tcp/{port}", approved_on=term[0], expires_on=term[1])
        for port, (key, term) in enumerate(TERMS.items(), start=1)
    }
    town = fabric(**flows)
    rows = standing(town, DAY)
    assert {row.key: (row.state, row.days_left) for row in rows} == {
        "long": ("live", 1592),
        "soon": ("expiring", 60),
        "last": ("expiring", 0),
        "over": ("expired", -1),
        "next": ("unapproved", 1592),
    }
    assert [row.key for row in rows if row.open] == [live.row for live in live_flows(town, DAY)]


def test_rows_of_the_small_city_and_of_yasu_do_not_overlap(mini_fabric: Fabric) -> None:
    assert overlaps(standing(mini_fabric, DAY)) == ()
    assert overlaps(standing(build_fabric(load_city("yasu")), DAY)) == ()


def test_a_row_permits_its_ports_between_its_groups_in_both_families() -> None:
    (row,) = standing(fabric(a=flow("sanitiser", "mn-core", "tcp/8000-8010", "icmp")), DAY)
    own = permitted(row)
    four = IPv4Address("10.24.17.11"), IPv4Address("10.16.32.10")
    six = IPv6Address("fd5a:1:2:101::b"), IPv6Address("fd5a:1:1:200::a")
    for ends in (four, six):
        assert Packet(*ends, 6, source_port=50000, destination_port=8010) in own
        assert Packet(*ends, 6, source_port=50000, destination_port=8011) not in own
        assert Packet(*ends, 17, source_port=50000, destination_port=8010) not in own
        assert Packet(*reversed(ends), 6, source_port=50000, destination_port=8010) not in own
    assert Packet(*four, 1, icmp_type=8, icmp_code=0) in own
    assert Packet(*six, 58, icmp_type=128, icmp_code=0) in own
    assert Packet(*six, 58, icmp_type=129, icmp_code=0) not in own


@pytest.mark.parametrize(
    ("one", "other", "relation"),
    [
        (("lg-clients", "tcp/443"), ("lg-all", "tcp/443"), "inside"),
        (("lg-all", "tcp/1-1024"), ("lg-clients", "tcp/443"), "around"),
        (("lg-all", "tcp/443"), ("lg-clients", "tcp/400-500"), "partly"),
        (("lg-all", "tcp/1-9", "tcp/10-20"), ("lg-all", "tcp/1-20"), "same"),
        (("lg-all", "icmp", "tcp/443"), ("lg-clients", "icmp"), "around"),
    ],
)
def test_rows_lie_to_each_other(one: tuple[str, ...], other: tuple[str, ...], relation: str) -> None:
    (item,) = found(a=flow(one[0], "lgwan-asp", *one[1:]), b=flow(other[0], "lgwan-asp", *other[1:]))
    assert (item.first.key, item.second.key, item.relation) == ("a", "b", relation)
    assert item.packet in permitted(item.first)
    assert item.packet in permitted(item.second)
    assert item.contradictions == ()


def test_rows_apart_do_not_overlap() -> None:
    wide = flow("lg-all", "lgwan-asp", "tcp/443")
    assert not found(a=wide, b=flow("lg-all", "lgwan-asp", "udp/443"))
    assert not found(a=wide, b=flow("lg-all", "mn-core", "tcp/443"))
    assert not found(a=flow("lg-clients", "lgwan-asp", "tcp/443"), b=flow("lg-mail", "lgwan-asp", "tcp/443"))
    assert not found(a=wide, b=flow("lg-clients", "lgwan-asp", "tcp/443", expires_on=DAY - dt.timedelta(days=1)))


def test_a_contradiction_is_explained_in_both_languages() -> None:
    items = found(
        f001=flow("lg-clients", "lgwan-asp", "tcp/443", expires_on=dt.date(2027, 3, 31)),
        f002=flow(
            "lg-all",
            "lgwan-asp",
            "tcp/1-1024",
            kind="maintenance",
            owner="総務課",
            window="sat,sun 22:00-05:00",
        ),
        f003=flow("lg-mail", "lgwan-asp", "tcp/25", kind="maintenance", owner="総務課", window="sat,sun 22:00-05:00"),
    )
    en, ja = ([line.say(tongue) for line in overlap_lines(items)] for tongue in ("en", "ja"))
    assert en == [
        "warning: rows f001 ((derived)), f002 ((derived)): all that f001 permits, f002 permits too",
        "  Example: tcp 10.24.16.1:49152 → 172.20.0.1:443",
        "  Contradiction: f001 calls it service, f002 calls it maintenance",
        "  Contradiction: their windows differ: these packets pass whenever one of the two is open",
        "  Contradiction: two departments answer for it: 情報政策課 and 総務課",
        "  Contradiction: when f001 expires on 2027-03-31, f002 still permits it until 2031-03-31",
        "  Hint: let one row alone permit these packets",
        "warning: rows f002 ((derived)), f003 ((derived)): all that f003 permits, f002 permits too",
        "  Example: tcp 10.24.32.10:49152 → 172.20.0.1:25",
        "  Hint: f003 permits nothing more and may go",
    ]
    assert ja == [
        "警告: f001 ((derived)), f002 ((derived)): f001 の通信はすべて f002 でも許可されています",
        "  例: tcp 10.24.16.1:49152 → 172.20.0.1:443",
        "  矛盾: f001 では「共通サービス」、f002 では「保守」として登録されています",
        "  矛盾: 作業時間帯が異なります。この通信は、どちらか一方の時間帯であれば通ります",
        "  矛盾: 所管課が 2 つあります: 情報政策課、総務課",
        "  矛盾: f001 の期限 (2027-03-31) が切れても、f002 により 2031-03-31 まで通信できます",
        "  ヒント: この通信を許可する行を 1 つにしてください",
        "警告: f002 ((derived)), f003 ((derived)): f003 の通信はすべて f002 でも許可されています",
        "  例: tcp 10.24.32.10:49152 → 172.20.0.1:25",
        "  ヒント: f003 がなくても許可は変わりません",
    ]


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_the_list_goes_by_kind(mini_fabric: Fabric, tongue: Language) -> None:
    said = "".join(f"{line.say(tongue)}\n" for line in list_lines(standing(mini_fabric, DAY), mini_fabric))
    assert said == (GOLDEN / f"list.{tongue}.txt").read_text(encoding="utf-8")


def test_the_list_counts_what_expires_and_shows_windows() -> None:
    town = fabric(
        **{
            key: flow("lg-clients", "lgwan-asp", "tcp/1", approved_on=term[0], expires_on=term[1])
            for key, term in TERMS.items()
        },
        m01=flow(
            "lg-clients", "lgwan-asp", "tcp/2", kind="maintenance", window=["sat 22:00-05:00", "daily 01:00-02:00"]
        ),
    )
    said = [line.say("ja") for line in list_lines(standing(town, DAY), town)]
    assert "  over  試験  [期限切れ (1 日経過)]" in said
    assert "  soon  試験  [期限間近 残り 60 日]" in said
    assert any(line.endswith("作業時間帯 土 22:00-05:00  作業時間帯 毎日 01:00-02:00") for line in said)
    assert said[-1] == "登録 6 件: 有効 2、期限間近 2、期限切れ 1、未承認 1"
