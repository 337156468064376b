"""Wireless: what stands on it, and how it is guarded (C27 to C34)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from inventory.checks.terminals import LAST_WIRED_ONLY
from inventory.text import Text
from network.controls.control import Awaited, Control, Evidence, breaks, either, fits, waiting
from network.controls.facts import Facts
from network.controls.permits import permits, unread_firewalls
from network.fabric import Lan
from network.state import Network

NO_WIRELESS = Text("the city has no wireless VLAN", "無線の VLAN がありません")
NO_STAFF_WIRELESS = Text("staff have no wireless VLAN", "職員用の無線の VLAN がありません")
NO_GUESTS = Text("the city has no guest segment", "来庁者用の領域がありません")
PRIVATE: tuple[Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
    IPv6Network("fc00::/7"),
)
"""Addresses of nobody's internet: RFC 1918, RFC 6598, RFC 4193."""
CONDITIONS = (
    Text("certificates on both sides (EAP-TLS)", "端末とサーバの相互の証明書認証 (EAP-TLS)"),
    Text("an SSID of its own", "専用の SSID"),
    Text("its radio watched for rogue access points", "不正なアクセスポイントの監視"),
)
"""What the inventory's check names as the conditions of a wireless My Number segment."""


def _wireless(facts: Facts) -> tuple[Lan, ...]:
    return tuple(lan for lan in facts.fabric.lans.values() if lan.wireless)


def _staff(facts: Facts) -> tuple[Lan, ...]:
    """Wireless VLANs of staff: those outside the guests' segment."""
    guests = facts.segments("guest")
    return tuple(lan for lan in _wireless(facts) if lan.segment not in guests)


class StaffEnterprise(Awaited):
    """C27: staff SSIDs are WPA2 or WPA3 Enterprise."""

    id = "C27"
    title = Text("Staff SSIDs are WPA2/3-Enterprise", "職員SSIDはWPA2/3-Enterprise")
    rule = Text(
        "staff SSIDs use WPA2-Enterprise or WPA3-Enterprise",
        "職員用 SSID が WPA2-Enterprise または WPA3-Enterprise であること",
    )
    bases = ("F",)
    awaits = Text("the security mode of each SSID", "SSID ごとの暗号化・認証方式")
    absent = NO_STAFF_WIRELESS

    def applies(self, facts: Facts) -> bool:
        return bool(_staff(facts))


class ClientCertificates(Awaited):
    """C28: staff SSIDs ask for client certificates."""

    id = "C28"
    title = Text("Client certificates (EAP-TLS)", "クライアント証明書(EAP-TLS)必須")
    rule = Text(
        "the RADIUS server allows no password method", "RADIUS サーバの EAP 方式に、パスワードによるものがないこと"
    )
    bases = ("F",)
    awaits = Text("the RADIUS server's list of EAP methods", "RADIUS サーバの EAP 方式の設定")
    absent = NO_STAFF_WIRELESS

    def applies(self, facts: Facts) -> bool:
        return bool(_staff(facts))


class MyNumberWireless(Control):
    """C29: no wireless in My Number, or on the conditions of an edition that allows it."""

    id = "C29"
    title = Text("No wireless in My Number, or on conditions", "MN無線は既定無効、使う場合は追加要件")
    rule = Text(
        "My Number has no SSID, or the edition's additional conditions hold",
        "マイナンバー利用事務系に SSID がないこと。ある場合は版の定める追加要件を満たすこと",
    )
    bases = ("F",)
    absent = Text("the city has no My Number segment", "マイナンバー利用事務系の領域がありません")

    def expected(self, facts: Facts) -> Text:
        edition = facts.city.edition
        if edition <= LAST_WIRED_ONLY:
            return Text(f"no SSID (edition {edition} forbids it)", f"SSID がないこと ({edition} 版では禁止)")
        return Text(
            f"no SSID, or the additional conditions of edition {edition}",
            f"SSID がないこと。ある場合は {edition} 版の追加要件を満たすこと",
        )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        inside = facts.segments("mynumber")
        found = [lan for lan in _wireless(facts) if lan.segment in inside]
        for lan in found:
            if facts.city.edition <= LAST_WIRED_ONLY:
                yield breaks(Text(f"{lan.name} is wireless", f"{lan.name} ({lan.title}) が無線です"), lan.origin)
                continue
            for condition in CONDITIONS:
                yield waiting(
                    Text("{lan}: {condition}", "{lan}: {condition}").format(lan=lan.name, condition=condition),
                    lan.origin,
                )
        if inside and not found:
            yield fits(Text("no wireless VLAN in My Number", "マイナンバー利用事務系に無線の VLAN はありません"))


class OneSegmentPerSsid(Control):
    """C30: what is on the air is of one segment."""

    id = "C30"
    title = Text("Each SSID is of one segment", "SSIDと区画の対応")
    rule = Text(
        "each wireless VLAN, and each class of terminals on it, is of one segment on every switch",
        "無線の VLAN と、それを使う端末種別が、どのスイッチでも一つの領域に対応すること",
    )
    bases = ("P",)
    absent = NO_WIRELESS
    limits = Text(
        "SSIDs and roles are not in the inventory; a wireless VLAN stands for its SSID",
        "SSID と認証ロールはインベントリにないため、無線の VLAN で判定しています",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        fabric = facts.fabric
        classes: dict[str, set[str]] = {}
        for lan in _wireless(facts):
            same_tag = {
                other.segment for other in fabric.lans.values() if other.site == lan.site and other.tag == lan.tag
            }
            yield either(
                same_tag == {lan.segment},
                Text(
                    f"{lan.name}: {lan.segment}",
                    f"{lan.name} (VLAN {lan.tag}): {facts.city.segments[lan.segment].title}",
                ),
                Text(f"{lan.name}: {', '.join(sorted(same_tag))}", f"{lan.name} (VLAN {lan.tag}) が複数の領域に対応"),
                lan.origin,
            )
            for host in fabric.hosts_of[lan.name]:
                if host.terminal_class:
                    classes.setdefault(host.terminal_class, set()).add(lan.segment)
        for name, segments in classes.items():
            title = facts.city.terminal_classes[name].title
            yield either(
                len(segments) == 1,
                Text(f"class {name}: {', '.join(sorted(segments))}", f"端末種別 {title}: 一つの領域"),
                Text(f"class {name}: {', '.join(sorted(segments))}", f"端末種別 {title} が無線で複数の領域に接続"),
                facts.city.terminal_classes[name].origin,
            )


class GuestsApart(Control):
    """C31: guests have a VRF of their own, and reach the internet and nothing private."""

    id = "C31"
    title = Text("Guest Wi-Fi is apart", "来庁者Wi-Fi分離")
    rule = Text(
        "guests have a VRF of their own, do not see each other, and reach no private address",
        "来庁者用の VRF が独立し、端末どうしが通信できず、プライベートアドレスへの通信を拒否すること",
    )
    bases = ("P", "S")
    absent = NO_GUESTS

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        guests = facts.segments("guest")
        for name in guests:
            segment = facts.city.segments[name]
            shared = [other for other, item in facts.city.segments.items() if item.vrf == segment.vrf and other != name]
            yield either(
                not shared,
                Text(f"VRF {segment.vrf} is its own", f"VRF {segment.vrf} は独立"),
                Text(f"VRF {segment.vrf} is shared", f"VRF {segment.vrf} を他の領域と共用"),
                segment.origin,
            )
        if not guests:
            return
        others = frozenset([*facts.city.segments, *(f"peer:{name}" for name in facts.city.peers)]) - guests
        reached = [permit for permit in permits(facts) if permit.joins(guests, others)]
        for permit in reached:
            inside = permit.destinations & frozenset(facts.city.segments) - guests
            private = permit.dst is None or any(_private(prefix) for prefix in permit.dst)
            row = permit.rule.id or "-"
            if inside:
                text = Text(
                    f"{permit.device}: row {row} leads inside", f"{permit.device}: {row} が庁内の領域への通信を許可"
                )
            elif private:
                text = Text(
                    f"{permit.device}: row {row} lets private destinations pass",
                    f"{permit.device}: {row} がプライベートアドレス宛を許可",
                )
            else:
                yield fits(Text(f"{permit.device}: row {row}", f"{permit.device}: {row} は外部のみ"), permit.origin)
                continue
            yield breaks(text, permit.origin)
        if not reached:
            yield fits(Text("guests reach nothing", "来庁者からの通信はすべて拒否"))
        yield from unread_firewalls(facts)
        yield waiting(Text("client isolation of the guest SSIDs", "来庁者用 SSID の端末間通信の遮断設定"))


def _private(prefix: Network) -> bool:
    return any(prefix.version == range_.version and (prefix[0] in range_ or range_[0] in prefix) for range_ in PRIVATE)


class RogueAccessPoints(Awaited):
    """C32: rogue access points are found."""

    id = "C32"
    title = Text("Rogue access points are found", "不正AP検知")
    rule = Text("detection is on, and its alarm reaches monitoring", "検知機能が有効で、警報が監視に届くこと")
    bases = ("F",)
    awaits = Text("the wireless controller's detection setting and alarms", "無線コントローラの検知設定と警報")
    absent = NO_WIRELESS

    def applies(self, facts: Facts) -> bool:
        return bool(_wireless(facts))


class NoWeakWireless(Awaited):
    """C33: no shared keys, no broken ciphers."""

    id = "C33"
    title = Text("No PSK, WEP, TKIP or WPS", "PSK/WEP/TKIP/WPS禁止")
    rule = Text(
        "no SSID uses PSK, WEP, TKIP or WPS, and management frames are protected",
        "PSK・WEP・TKIP・WPS を使う SSID がなく、管理フレーム保護 (PMF) が有効であること",
    )
    bases = ("K",)
    awaits = Text("the configuration of the access points", "アクセスポイントの設定")
    absent = NO_WIRELESS

    def applies(self, facts: Facts) -> bool:
        return bool(_wireless(facts))


class RadiusPair(Awaited):
    """C34: two RADIUS servers, certificates with days left."""

    id = "C34"
    title = Text("Two RADIUS servers, certificates in time", "RADIUS冗長・証明書期限")
    rule = Text(
        "two RADIUS servers answer; certificates and revocation list have days left",
        "RADIUS サーバが 2 台応答し、証明書と失効リストの期限が残っていること",
    )
    bases = ("P",)
    awaits = Text("a probe of the RADIUS servers and their certificates", "RADIUS サーバの応答と証明書の監視結果")
    absent = NO_STAFF_WIRELESS

    def applies(self, facts: Facts) -> bool:
        return bool(_staff(facts))


CONTROLS: tuple[Control, ...] = (
    StaffEnterprise(),
    ClientCertificates(),
    MyNumberWireless(),
    OneSegmentPerSsid(),
    GuestsApart(),
    RogueAccessPoints(),
    NoWeakWireless(),
    RadiusPair(),
)
