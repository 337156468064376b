"""Guests' wireless: apart from everything of the city (C31)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from inventory.text import Text
from network.controls.air import DECLARED, each_ssid, on_or_off, wireless_lans
from network.controls.control import Control, Evidence, breaks, either, fits
from network.controls.facts import Facts
from network.controls.unread import unread
from network.state import Network

PRIVATE: tuple[Network, ...] = (
    IPv4Network("10.0.0.0/8"),
    IPv4Network("172.16.0.0/12"),
    IPv4Network("192.168.0.0/16"),
    IPv4Network("100.64.0.0/10"),
    IPv6Network("fc00::/7"),
)
"""Addresses of nobody's internet: RFC 1918, RFC 6598, RFC 4193."""


class GuestsApart(Control):
    """C31: guests have a VRF of their own, and reach the internet and nothing private."""

    id = "C31"
    title = Text("Guest Wi-Fi is apart", "来庁者Wi-Fi分離")
    rule = Text(
        "guests have a VRF of their own, do not see each other, and reach no private address",
        "来庁者用の VRF が独立し、端末どうしが通信できず、プライベートアドレスへの通信を拒否すること",
    )
    bases = ("P", "S")
    absent = Text("the city has no guest segment", "来庁者用の領域がありません")
    limits = DECLARED

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
        reached = [permit for permit in facts.permits if permit.joins(guests, others)]
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
        yield from unread(facts, "nftables")
        yield from each_ssid(
            facts,
            [lan for lan in wireless_lans(facts) if lan.segment in guests],
            Text("client isolation", "端末間通信の遮断"),
            lambda ssid: on_or_off(ssid.client_isolation),
            lambda ssid: ssid.client_isolation,
        )


def _private(prefix: Network) -> bool:
    return any(prefix.version == range_.version and (prefix[0] in range_ or range_[0] in prefix) for range_ in PRIVATE)


CONTROLS: tuple[Control, ...] = (GuestsApart(),)
