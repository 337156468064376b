"""The My Number segment: nothing but registered flows, and no way to the internet (C01, C02, C05, C06)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.origin import Origin
from inventory.text import Text
from network.controls.control import Control, Evidence, breaks, either, fits
from network.controls.defaults import defaults
from network.controls.facts import Facts, Row, announced_by
from network.controls.permits import Permit
from network.controls.proved import separation
from network.controls.unread import unread

CLOSED = frozenset({"dark-fibre", "city-fibre", "leased-line", "wide-area-ethernet", "ip-vpn", "flets-vpn"})
"""Media of closed networks."""
TRUSTED = {
    "lgwan": Text("by LGWAN-ASP", "LGWAN-ASP 経由"),
    "municipal-cloud": Text("a shared municipal cloud", "自治体の共同クラウド"),
    "government-cloud": Text("the government cloud", "ガバメントクラウド"),
}
NO_MYNUMBER = Text("the city has no My Number segment", "マイナンバー利用事務系の領域がありません")
NO_ROWS = Text("no flow crosses into or out of My Number", "マイナンバー利用事務系に出入りする通信は登録されていません")
NEEDED = {
    "reason": Text("reason", "理由"),
    "owner": Text("owner", "所管課"),
    "approver": Text("approver", "承認者"),
    "approved_on": Text("approval date", "承認日"),
    "expires_on": Text("expiry", "期限"),
    "document": Text("document number", "文書番号"),
}


def crossing_rows(facts: Facts) -> tuple[Row, ...]:
    """The rows of the register with one end in My Number."""
    inside = facts.segments("mynumber")
    return tuple(row for row in facts.rows if len(inside & set(row.zones)) == 1)


class Isolation(Control):
    """C01: the proof finds nothing between My Number and anything else outside the register."""

    id = "C01"
    title = Text("My Number talks to no other segment", "MNは他領域と通信不可")
    rule = Text(
        "no packet passes between My Number and anything else unless the register names it",
        "マイナンバー利用事務系と他の領域・外部との間は、登録簿にある通信のほかは一切通らないこと",
    )
    bases = ("F",)
    needs = ("proof",)
    absent = NO_MYNUMBER

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        inside = facts.segments("mynumber")
        yield from separation(facts, lambda a, b: (a in inside) != (b in inside))


class Registered(Control):
    """C02: each permission into or out of My Number is that of one complete row in force."""

    id = "C02"
    title = Text("Specified flows are registered", "特定通信は登録制")
    rule = Text(
        "each permission across My Number's border has one specified flow in force: owner, reason, approval, expiry",
        "領域をまたぐ許可の一つ一つに、有効な特定通信の登録(所管課・理由・承認・期限)が対応すること",
    )
    bases = ("K",)
    absent = NO_ROWS

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        inside = facts.segments("mynumber")
        if not inside:
            return
        for row in crossing_rows(facts):
            if row.live:
                yield _complete(row)
        for permit in facts.across(inside):
            if facts.row_of(permit) is None:
                yield breaks(unregistered(permit), permit.origin)
        yield from unread(facts, "nftables")


def unregistered(permit: Permit) -> Text:
    """Words for a permission that no row in force covers."""
    return Text(
        "{device}: a rule that no row in force covers (row: {name})",
        "{device}: 有効な登録に対応しない許可規則 (登録番号: {name})",
    ).format(device=permit.device, name=permit.rule.id or Text("none", "なし"))


def _complete(row: Row) -> Evidence:
    lacking = [text for name, text in NEEDED.items() if not getattr(row.flow, name)]
    en, ja = ", ".join(text.en for text in lacking), "・".join(text.ja for text in lacking)
    if row.flow.kind != "specified":
        return breaks(
            Text(
                f"{row.name} is of kind {row.flow.kind}, not a specified flow", f"{row.name} は特定通信ではありません"
            ),
            row.flow.origin,
        )
    return either(
        not lacking,
        Text(
            f"{row.name} is approved until {row.flow.expires_on}", f"{row.name} は {row.flow.expires_on} まで承認済み"
        ),
        Text(f"{row.name} lacks {en}", f"{row.name} に{ja}がありません"),
        row.flow.origin,
    )


class ClosedPeers(Control):
    """C05: what My Number is joined to outside is a trusted public system on a closed line."""

    id = "C05"
    title = Text("External partners are off the internet too", "外部接続先もインターネット非接続")
    rule = Text(
        "external partners are trusted public systems or reached by LGWAN-ASP, on closed lines, no internet behind",
        "外部接続先は信頼できる公的なシステムか LGWAN-ASP 経由で、閉域回線で接続し、その先にインターネットがないこと",
    )
    bases = ("K",)
    absent = Text("My Number has no external partner", "マイナンバー利用事務系の外部接続先がありません")
    limits = Text(
        "how the partner itself keeps off the internet is for the partner to attest",
        "接続先の内部がインターネットから分離されていることは、接続先による証明が必要です",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        inside = facts.segments("mynumber")
        met = {zone for row in crossing_rows(facts) if row.live for zone in row.zones if zone.startswith("peer:")}
        for name, peer in facts.city.peers.items():
            if peer.segment not in inside and f"peer:{name}" not in met:
                continue
            kind = TRUSTED.get(peer.kind)
            yield either(
                kind is not None,
                Text("{name}: {kind}", "{title}: {kind}").format(name=name, title=peer.title, kind=kind or ""),
                Text(f"{name} is of kind {peer.kind}", f"{peer.title} は種類が {peer.kind} の外部接続先です"),
                peer.origin,
            )
            behind = [key for key, other in facts.city.peers.items() if other.behind == name]
            default = any(prefix.prefixlen == 0 for prefix in announced_by(peer))
            if behind or default:
                yield breaks(
                    Text(f"{name} leads on to other networks", f"{peer.title} の先に別の網があります"), peer.origin
                )
            for key, line in peer.attachments.items():
                yield either(
                    line.medium in CLOSED,
                    Text(f"{name}/{key}: closed line ({line.medium})", f"{peer.title} {key}: 閉域回線"),
                    Text(f"{name}/{key} runs over {line.medium}", f"{peer.title} {key} の媒体は {line.medium} です"),
                    line.origin,
                )


class NoDefaultRoute(Control):
    """C06: no router has, makes or takes a default route in a My Number VRF."""

    id = "C06"
    title = Text("My Number has no default route", "MNに既定経路なし")
    rule = Text(
        "no table of My Number holds 0.0.0.0/0 or ::/0, and no neighbour could bring one in",
        "マイナンバー利用事務系の経路表に 0.0.0.0/0 と ::/0 がなく、隣接機器から受け入れる設定もないこと",
    )
    bases = ("P",)
    absent = NO_MYNUMBER

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        vrfs = {facts.city.segments[name].vrf for name in facts.segments("mynumber")}
        if vrfs:
            yield from no_defaults(facts, vrfs)
            yield from unread(facts, "frr")


def no_defaults(facts: Facts, vrfs: set[str]) -> Iterator[Evidence]:
    """Evidence, router by router, that VRFs have no default route."""
    for name, state in facts.states.items():
        mine = [vrf for vrf in state.vrfs if vrf.name in vrfs]
        found = [item for item in defaults(state) if item.vrf in vrfs]
        for item in found:
            text = Text("{name}, VRF {vrf}: {what}", "{name} の VRF {vrf}: {what}")
            yield breaks(text.format(name=name, vrf=item.vrf, what=item.what), item.origin)
        if mine and not found:
            yield fits(
                Text(f"{name}: no default route", f"{name}: 既定経路なし"), _first_line(mine[0].origin, facts, name)
            )


def _first_line(origin: Origin, facts: Facts, device: str) -> Origin:
    known = facts.fabric.devices.get(device)
    return origin if origin.file or known is None else known.origin


FIRST: tuple[Control, ...] = (Isolation(), Registered())
LAST: tuple[Control, ...] = (ClosedPeers(), NoDefaultRoute())
