"""Wireless: who may come in, and to which segment (C27 to C30)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.terminals import LAST_WIRED_ONLY
from inventory.model import Ssid
from inventory.text import Text
from network.controls.air import (
    DECLARED,
    NO_STAFF_WIRELESS,
    NO_WIRELESS,
    each_ssid,
    on_or_off,
    ssid_of,
    staff_lans,
    wireless_lans,
)
from network.controls.control import Control, Evidence, breaks, either, fits
from network.controls.facts import Facts
from network.fabric import Lan

SECURITY = Text("security mode", "認証方式")
METHODS = Text("EAP methods", "EAP 方式")


def _enterprise(ssid: Ssid) -> bool:
    return ssid.security in {"wpa2-enterprise", "wpa3-enterprise"}


def _by_certificate(ssid: Ssid) -> bool:
    return ssid.eap == ("tls",)


def _methods(ssid: Ssid) -> str:
    return ", ".join(f"EAP-{method.upper()}" for method in ssid.eap) or "-"


class StaffEnterprise(Control):
    """C27: staff SSIDs are WPA2 or WPA3 Enterprise."""

    id = "C27"
    title = Text("Staff SSIDs are WPA2/3-Enterprise", "職員SSIDはWPA2/3-Enterprise")
    rule = Text(
        "staff SSIDs use WPA2-Enterprise or WPA3-Enterprise",
        "職員用 SSID が WPA2-Enterprise または WPA3-Enterprise であること",
    )
    bases = ("F",)
    absent = NO_STAFF_WIRELESS
    limits = DECLARED

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        yield from each_ssid(facts, staff_lans(facts), SECURITY, lambda ssid: ssid.security, _enterprise)


class ClientCertificates(Control):
    """C28: staff SSIDs ask for client certificates."""

    id = "C28"
    title = Text("Client certificates (EAP-TLS)", "クライアント証明書(EAP-TLS)必須")
    rule = Text(
        "the RADIUS server allows EAP-TLS and no password method",
        "RADIUS サーバの EAP 方式が EAP-TLS だけで、パスワードによるものがないこと",
    )
    bases = ("F",)
    absent = NO_STAFF_WIRELESS
    limits = DECLARED

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        yield from each_ssid(facts, staff_lans(facts), METHODS, _methods, _by_certificate)


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
    limits = Text(
        "the conditions are those the inventory's check names; {declared}",
        "追加要件はインベントリの検査が挙げるものです。{declared}",
    ).format(declared=DECLARED)

    def expected(self, facts: Facts) -> Text:
        edition = facts.city.edition
        if edition <= LAST_WIRED_ONLY:
            return Text(f"no SSID (edition {edition} forbids it)", f"SSID がないこと ({edition} 版では禁止)")
        return Text(
            f"no SSID; or certificates on both sides, an SSID of its own, rogue detection (edition {edition})",
            f"SSID がないこと。ある場合は相互の証明書認証・専用 SSID・不正 AP 検知 ({edition} 版)",
        )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        inside = facts.segments("mynumber")
        found = [lan for lan in wireless_lans(facts) if lan.segment in inside]
        if inside and not found:
            yield fits(Text("no wireless VLAN in My Number", "マイナンバー利用事務系に無線の VLAN はありません"))
        elif facts.city.edition <= LAST_WIRED_ONLY:
            for lan in found:
                yield breaks(Text(f"{lan.name} is wireless", f"{lan.name} ({lan.title}) が無線です"), lan.origin)
        else:
            yield from self._conditions(facts, found)

    @staticmethod
    def _conditions(facts: Facts, lans: list[Lan]) -> Iterator[Evidence]:
        users = _users(facts)
        yield from each_ssid(facts, lans, SECURITY, lambda ssid: ssid.security, _enterprise)
        yield from each_ssid(facts, lans, METHODS, _methods, _by_certificate)
        yield from each_ssid(
            facts,
            lans,
            Text("segments it serves:", "対応する領域"),
            lambda ssid: ", ".join(sorted(users[ssid.name])),
            lambda ssid: len(users[ssid.name]) == 1,
        )
        yield from each_ssid(
            facts,
            lans,
            Text("rogue detection", "不正 AP 検知"),
            lambda ssid: on_or_off(ssid.rogue_detection),
            lambda ssid: ssid.rogue_detection,
        )


def _users(facts: Facts) -> dict[str, set[str]]:
    """SSID → the segments whose wireless VLANs have it."""
    found: dict[str, set[str]] = {}
    for lan in wireless_lans(facts):
        ssid = ssid_of(facts, lan)
        if ssid is not None:
            found.setdefault(ssid.name, set()).add(lan.segment)
    return found


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
        "an SSID that is not declared is taken for that of its wireless VLAN alone; roles given by RADIUS are not read",
        "申告のない SSID は無線の VLAN と一対一とみなしています。RADIUS が割り当てるロールは読んでいません",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        fabric = facts.fabric
        classes: dict[str, set[str]] = {}
        for lan in wireless_lans(facts):
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
        for name, segments in _users(facts).items():
            row = ", ".join(sorted(segments))
            text = Text(f"SSID {name}: {row}", f"SSID {name}: {row}")
            yield either(len(segments) == 1, text, text)


CONTROLS: tuple[Control, ...] = (StaffEnterprise(), ClientCertificates(), MyNumberWireless(), OneSegmentPerSsid())
