"""How the air itself and its authentication are kept (C32 to C34)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from network.controls.air import (
    DECLARED,
    NO_STAFF_WIRELESS,
    NO_WIRELESS,
    each_ssid,
    on_or_off,
    staff_lans,
    wireless_lans,
)
from network.controls.control import Awaited, Control, Evidence, waiting
from network.controls.facts import Facts

WEAK = frozenset({"wep", "wpa2-personal", "wpa3-personal"})
"""Modes with a key that all users share."""


class RogueAccessPoints(Control):
    """C32: rogue access points are found."""

    id = "C32"
    title = Text("Rogue access points are found", "不正AP検知")
    rule = Text("detection is on, and its alarm reaches monitoring", "検知機能が有効で、警報が監視に届くこと")
    bases = ("F",)
    absent = NO_WIRELESS
    limits = DECLARED

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        lans = wireless_lans(facts)
        yield from each_ssid(
            facts,
            lans,
            Text("rogue detection", "不正 AP 検知"),
            lambda ssid: on_or_off(ssid.rogue_detection),
            lambda ssid: ssid.rogue_detection,
        )
        if lans:
            yield waiting(Text("a sign that its alarm reaches monitoring", "検知の警報が監視に届いたことの確認"))


class NoWeakWireless(Control):
    """C33: no shared keys, no broken ciphers, management frames protected wherever there is a key."""

    id = "C33"
    title = Text("No PSK, WEP, TKIP or WPS", "PSK/WEP/TKIP/WPS禁止")
    rule = Text(
        "no SSID uses PSK, WEP, TKIP or WPS, and management frames are protected",
        "PSK・WEP・TKIP・WPS を使う SSID がなく、管理フレーム保護 (PMF) が有効であること",
    )
    bases = ("K",)
    absent = NO_WIRELESS
    limits = DECLARED

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        lans = wireless_lans(facts)
        yield from each_ssid(
            facts,
            lans,
            Text("security mode", "認証方式"),
            lambda ssid: ssid.security,
            lambda ssid: ssid.security not in WEAK,
        )
        yield from each_ssid(
            facts,
            lans,
            Text("protected management frames", "管理フレーム保護"),
            lambda ssid: on_or_off(ssid.protected_frames),
            lambda ssid: ssid.protected_frames or ssid.security == "open",
        )
        if lans:
            yield waiting(Text("TKIP and WPS on the access points", "アクセスポイントの TKIP・WPS の設定"))


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
        return bool(staff_lans(facts))


CONTROLS: tuple[Control, ...] = (RogueAccessPoints(), NoWeakWireless(), RadiusPair())
