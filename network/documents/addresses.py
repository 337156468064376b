"""The address book (アドレス帳): every prefix and every address of a city, and the names that stand for them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from inventory.plan import site_block4, site_block6
from network.documents.page import Page, Table
from network.documents.words import NONE, place
from network.fabric import Fabric


@dataclass(frozen=True, slots=True)
class Block:
    """A prefix pair and what it is for."""

    ipv4: str
    ipv6: str
    kind: str
    segment: str
    site: str
    name: str
    origin: str


@dataclass(frozen=True, slots=True)
class Holder:
    """An address pair and who holds it. `host` is a name without the city's domain."""

    ipv4: str
    ipv6: str
    kind: str
    segment: str
    site: str
    name: str
    host: str
    origin: str


_BLOCK_COLUMNS = ("IPv4プレフィックス", "IPv6プレフィックス", "種別", "領域", "拠点", "名称", "定義箇所")
_HOLDER_COLUMNS = ("IPv4アドレス", "IPv6アドレス", "種別", "領域", "拠点", "名称", "ホスト名", "定義箇所")


def blocks(fabric: Fabric) -> tuple[Block, ...]:
    """Every prefix: segments, transit, each site's share, VLANs, management, peers."""
    return tuple(_blocks(fabric))


def _blocks(fabric: Fabric) -> Iterator[Block]:
    city = fabric.city
    management = str(city.management.ipv4)
    yield Block(management, "", "管理ネットワーク", "", "", "管理", place(city.management.origin))
    for segment in city.segments.values():
        where = place(segment.origin)
        four, six = segment.ipv4, segment.ipv6
        yield Block(str(four.supernet), str(six.supernet), "領域", segment.title, "", segment.vrf, where)
        yield Block(str(four.transit), str(six.transit), "ルータ間接続", segment.title, "", segment.vrf, where)
    for site_key, site in city.sites.items():
        for name in dict.fromkeys(vlan.segment for vlan in site.vlans.values()):
            segment = city.segments[name]
            share4 = site_block4(segment, site)
            share6 = site_block6(segment, site)
            where = place(site.origin)
            yield Block(str(share4), str(share6), "拠点割当", segment.title, site.title, site_key, where)
    for lan in fabric.lans.values():
        title, where = city.segments[lan.segment].title, city.sites[lan.site].title
        name = f"{lan.title or lan.vlan}(VLAN {lan.tag})"
        yield Block(str(lan.ipv4), str(lan.ipv6), "VLAN", title, where, name, place(lan.origin))
    for transit in fabric.transits:
        title = city.segments[transit.segment].title
        ends = f"{transit.a.device}―{transit.b.device}({transit.wire})"
        networks = (str(transit.a.ipv4.network), str(transit.a.ipv6.network))
        yield Block(*networks, "ルータ間接続", title, "", ends, place(transit.origin))
    for line in fabric.peer_lines.values():
        title = city.peers[line.peer].title
        yield Block(
            str(line.ipv4.network), str(line.ipv6.network), "外部接続", title, "", line.name, place(line.origin)
        )


def holders(fabric: Fabric) -> tuple[Holder, ...]:
    """Every address: management, interfaces, servers, terminals of the lab, peers."""
    return tuple(_holders(fabric))


def _holders(fabric: Fabric) -> Iterator[Holder]:
    city = fabric.city
    for device in fabric.devices.values():
        site = city.sites[device.site].title
        host = f"{device.name}.mgmt"
        yield Holder(str(device.management.ip), "", "管理", "", site, device.name, host, place(device.origin))
    for lan in fabric.lans.values():
        site, title = city.sites[lan.site].title, city.segments[lan.segment].title
        host = _interface_host(lan.gateway, lan.gateway_interface)
        name = f"{lan.gateway} {lan.gateway_interface}"
        pair = (str(lan.gateway4.ip), str(lan.gateway6.ip))
        yield Holder(*pair, "ゲートウェイ", title, site, name, host, place(lan.origin))
    for transit in fabric.transits:
        title = city.segments[transit.segment].title
        for end in (transit.a, transit.b):
            site = city.sites[fabric.devices[end.device].site].title
            host = _interface_host(end.device, end.interface)
            name = f"{end.device} {end.interface}"
            pair = (str(end.ipv4.ip), str(end.ipv6.ip))
            yield Holder(*pair, "ルータ間接続", title, site, name, host, place(transit.origin))
    yield from _hosts(fabric)
    yield from _outside(fabric)


def _hosts(fabric: Fabric) -> Iterator[Holder]:
    city = fabric.city
    for item in fabric.hosts.values():
        site, title = city.sites[item.site].title, city.segments[item.segment].title
        server = item.kind == "server"
        kind = "サーバ" if server else "端末(代表)"
        pair = (str(item.ipv4.ip), str(item.ipv6.ip))
        yield Holder(*pair, kind, title, site, item.title or item.name, item.name, place(item.origin))
        if server:
            host = f"{item.name}.mgmt"
            yield Holder(str(item.management.ip), "", "管理", "", site, item.name, host, place(item.origin))


def _outside(fabric: Fabric) -> Iterator[Holder]:
    city = fabric.city
    for line in fabric.peer_lines.values():
        peer, device = city.peers[line.peer], fabric.devices[line.device]
        host = _interface_host(line.device, line.interface)
        name = f"{line.device} {line.interface}"
        site, where = city.sites[device.site].title, place(line.origin)
        yield Holder(str(line.ipv4.ip), str(line.ipv6.ip), "外部接続(自側)", peer.title, site, name, host, where)
        far = (str(line.peer_ipv4.ip), str(line.peer_ipv6.ip))
        yield Holder(*far, "外部接続(相手側)", peer.title, "", line.name, "", where)
    for peer in city.peers.values():
        if peer.source_nat4 is not None:
            yield Holder(
                str(peer.source_nat4), "", "変換後の送信元", peer.title, "", peer.title, "", place(peer.origin)
            )


def _interface_host(device: str, interface: str) -> str:
    return f"{device}-{interface.replace('.', '-')}"


def _cells(item: Block | Holder) -> tuple[str, ...]:
    return tuple(str(getattr(item, name)) for name in item.__slots__)


def to_csv(columns: tuple[str, ...], rows: Iterable[Block | Holder]) -> str:
    """A table that a spreadsheet opens as it is: UTF-8 with a byte order mark, lines ending in CR LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(_cells(row) for row in rows)
    return "\ufeff" + text.getvalue()


def blocks_csv(rows: tuple[Block, ...]) -> str:
    """All prefixes."""
    return to_csv(_BLOCK_COLUMNS, rows)


def holders_csv(rows: tuple[Holder, ...]) -> str:
    """All addresses."""
    return to_csv(_HOLDER_COLUMNS, rows)


def hosts_file(fabric: Fabric, rows: tuple[Holder, ...]) -> str:
    """Names in the form of /etc/hosts, IPv4 first, each family by address."""
    named = [(row, text) for row in rows if row.host for text in (row.ipv4, row.ipv6) if text]
    ordered = sorted(((_address(text), row) for row, text in named), key=lambda pair: (pair[0].version, int(pair[0])))
    domain = fabric.city.domain
    lines = [f"{address}\t{row.host}.{domain} {row.host}\n" for address, row in ordered]
    return f"# {fabric.city.title} アドレス帳\n" + "".join(lines)


def _address(text: str) -> IPv4Address | IPv6Address:
    return IPv6Address(text) if ":" in text else IPv4Address(text)


def address_book(fabric: Fabric, prefixes: tuple[Block, ...], addresses: tuple[Holder, ...]) -> Page:
    """The address book for reading and printing."""

    def rows(items: Iterable[Block | Holder]) -> tuple[tuple[str, ...], ...]:
        return tuple(tuple(cell or NONE for cell in _cells(item)) for item in items)

    note = "アドレスは領域・拠点番号・枠番号から決まり、拠点や機器を増やしても既存のものは変わらない。"
    return Page(
        title=f"アドレス帳 {fabric.city.title}",
        subtitle=f"プレフィックス {len(prefixes)} 件、アドレス {len(addresses)} 件",
        facts=(("ドメイン", fabric.city.domain), ("管理ネットワーク", str(fabric.city.management.ipv4))),
        tables=(
            Table("プレフィックス", _BLOCK_COLUMNS, rows(prefixes), note),
            Table("アドレス", _HOLDER_COLUMNS, rows(addresses)),
        ),
        links=(("index.html", "文書一覧"), ("prefixes.csv", "プレフィックス(CSV)"), ("addresses.csv", "アドレス(CSV)")),
    )
