"""LGWAN and the internet: declared flows only, sanitised on the way in (C12 to C14)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from network.controls.control import Control, Evidence, breaks, either, fits
from network.controls.defaults import EVERYTHING
from network.controls.facts import Facts, Row, prefixes_of
from network.controls.mynumber import no_defaults, unregistered
from network.controls.proved import separation
from network.controls.unread import unread

DNS_PORT = 53
PROXY_PORTS = frozenset({3128, 8080})
"""Ports by which a server is taken for a web proxy. An assumption of ours."""
NO_PAIR = Text("the city has not both segments", "LGWAN 接続系とインターネット接続系の両方がそろっていません")


def _internet(facts: Facts) -> frozenset[str]:
    """The internet segments, and the peers through which the internet is reached."""
    return facts.segments("internet") | {f"peer:{name}" for name in facts.peers("internet", "security-cloud")}


class LgwanInternet(Control):
    """C12: what may pass between LGWAN and the internet is what the register declares."""

    id = "C12"
    title = Text("LGWAN and the internet are separate", "LG-INT分離")
    rule = Text(
        "what may pass between LGWAN and the internet equals the declared flows",
        "LGWAN 接続系とインターネット接続系の間で許可される通信が、登録された通信と一致すること",
    )
    bases = ("F",)
    needs = ("proof",)
    absent = NO_PAIR

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        lgwan, internet = facts.segments("lgwan"), _internet(facts)
        if not lgwan or not internet:
            return
        for row in (*facts.rows_between(lgwan, internet), *facts.rows_between(internet, lgwan)):
            if row.live:
                yield fits(Text(f"{row.name} is registered", f"{row.name}: {row.flow.title}"), row.flow.origin)
        for permit in facts.permits:
            crosses = permit.joins(lgwan, internet) or permit.joins(internet, lgwan)
            if crosses and facts.row_of(permit) is None:
                yield breaks(unregistered(permit), permit.origin)
        yield from unread(facts, "nftables")
        yield from separation(
            facts, lambda a, b: (a in lgwan and b in internet) or (a in internet and b in lgwan), exactly=True
        )


class Sanitised(Control):
    """C13: what comes from the internet into LGWAN ends on the gateway that sanitises it."""

    id = "C13"
    title = Text("Only sanitised flows into LGWAN", "無害化通信のみ")
    rule = Text(
        "each flow from the internet into LGWAN ends on a mail-text, screen-transfer or file-sanitising gateway",
        "インターネット側から LGWAN 接続系への通信は、メールテキスト化・画面転送・ファイル無害化のサーバで終端すること",
    )
    bases = ("F", "K")
    absent = NO_PAIR

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        lgwan, internet = facts.segments("lgwan"), _internet(facts)
        if not lgwan or not internet:
            return
        found = False
        for row in facts.rows_between(internet, lgwan):
            if row.live:
                found = True
                yield self._row(facts, row)
        if not found:
            yield fits(
                Text("no flow from the internet into LGWAN", "インターネット側から LGWAN 接続系への通信はありません")
            )

    @staticmethod
    def _row(facts: Facts, row: Row) -> Evidence:
        flow = row.flow
        gateway = facts.fabric.hosts.get(flow.gateway or "")
        ends = gateway is not None and all(
            str(prefix.network_address) == str(address) and prefix.prefixlen == prefix.max_prefixlen
            for prefixes, address in ((row.destination.ipv4, gateway.ipv4.ip), (row.destination.ipv6, gateway.ipv6.ip))
            for prefix in prefixes
        )
        return either(
            flow.kind == "sanitised" and flow.sanitised_by is not None and ends,
            Text(f"{row.name} ends on {flow.gateway}", f"{row.name} は {flow.gateway} で終端"),
            Text(f"{row.name} does not end on a gateway", f"{row.name} が無害化サーバで終端していません"),
            flow.origin,
        )


class NoDirectInternet(Control):
    """C14: LGWAN of an α city has no way of its own to the internet: no route, no forwarder, no proxy."""

    id = "C14"
    title = Text("LGWAN does not reach the internet directly (α)", "LGから直接インターネット不可(α)")
    rule = Text(
        "LGWAN's tables have no default route; no flow to the internet's DNS, to its proxies or to the internet itself",
        "LGWAN 接続系の経路表に既定経路がなく、インターネット側の DNS・プロキシ・インターネットへの通信がないこと",
    )
    bases = ("F",)
    models = ("alpha",)
    absent = Text("the city has no LGWAN segment", "LGWAN 接続系の領域がありません")
    limits = Text(
        "a proxy is known by what its server listens on (3128, 8080); a forwarder's own settings are not read",
        "プロキシは待受ポート (3128・8080) で見分けています。DNS サーバ自身の転送設定は読んでいません",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        lgwan = facts.segments("lgwan")
        if not lgwan:
            return
        yield from no_defaults(facts, {facts.city.segments[name].vrf for name in lgwan})
        yield from unread(facts, "frr")
        rows = [row for row in facts.rows_between(lgwan, _internet(facts)) if row.live]
        bad = [(row, why) for row in rows if (why := _direct(facts, row)) is not None]
        for row, why in bad:
            yield breaks(Text("{row}: {why}", "{row}: {why}").format(row=row.name, why=why), row.flow.origin)
        if not bad:
            yield fits(
                Text(
                    f"none of {len(rows)} flows to the internet side is a direct one",
                    f"インターネット側への通信 {len(rows)} 件に、直接の接続はありません",
                )
            )


def _direct(facts: Facts, row: Row) -> Text | None:
    """Why a row gives LGWAN direct access to the internet."""
    if row.flow.kind == "sanitised":
        return None
    if facts.outside(row.destination.zone):
        return Text("straight to the internet", "インターネットへ直接")
    if any(EVERYTHING[prefix.version] == prefix for prefix in prefixes_of(row.destination)):
        return Text("to any address", "すべての宛先へ")
    for port in row.flow.ports:
        if port.protocol != "icmp" and port.low <= DNS_PORT <= port.high:
            return Text("to a resolver of the internet side", "インターネット側の DNS へ")
        if port.protocol == "tcp" and any(port.low <= proxy <= port.high for proxy in PROXY_PORTS):
            return Text("to a proxy", "プロキシへ")
    return None


CONTROLS: tuple[Control, ...] = (LgwanInternet(), Sanitised(), NoDirectInternet())
