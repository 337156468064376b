"""What the cases lay over their cities and states: segments, VLANs, rows, routes, ports, rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from typing import Any

from inventory.origin import Origin
from inventory.text import Text
from network.controls import ChangeRecord
from network.prove.findings import Finding
from network.state import Bgp, DeviceState, NftRule, StaticRoute, SwitchPort, UnknownLine

Edit = Callable[[DeviceState], DeviceState]


def segment(number: int, kind: str, second: int) -> dict[str, Any]:
    return {
        "number": number,
        "kind": kind,
        "title": kind,
        "vrf": kind,
        "ipv4": {"supernet": f"10.{second}.0.0/16", "site_prefix": 20, "transit": f"10.{second + 1}.0.0/16"},
        "ipv6": {"supernet": f"fd5a:1:{number}::/48", "transit": f"fd5a:1:{number}:ff00::/64"},
    }


def vlan(name: str, number: int, **more: object) -> dict[str, Any]:
    return {"segment": name, "id": number, "slot": 0, "gateway": "core1", "access": ["acc1"], **more}


def hall(**parts: object) -> dict[str, Any]:
    return {"sites": {"hall": parts}}


def row(source: str, destination: str, ports: tuple[str, ...] = ("tcp/443",), **more: object) -> dict[str, Any]:
    return {
        "kind": "specified",
        "title": "試験",
        "from": source,
        "to": destination,
        "ports": ports,
        "reason": "試験",
        "owner": "情報政策課",
        "approver": "CISO",
        "approved_on": "2026-04-01",
        "expires_on": "2031-03-31",
        "document": "試験第1号",
        **more,
    }


def filtered(subject: str, what: str) -> Finding:
    return Finding("filter", subject, Text(what, what))


def statics(vrf: str, *routes: StaticRoute) -> Edit:
    def edit(state: DeviceState) -> DeviceState:
        return replace(
            state,
            vrfs=tuple(
                replace(item, static_routes=(*item.static_routes, *routes)) if item.name == vrf else item
                for item in state.vrfs
            ),
        )

    return edit


def ports(*more: SwitchPort) -> Edit:
    def edit(state: DeviceState) -> DeviceState:
        (bridge,) = state.bridges
        names = {port.name for port in more}
        kept = tuple(port for port in bridge.ports if port.name not in names)
        return replace(state, bridges=(replace(bridge, ports=(*kept, *more)),))

    return edit


def bgp(change: Callable[[Bgp], Bgp]) -> Edit:
    return lambda state: replace(state, bgp=tuple(change(item) for item in state.bgp))


def opened(source: str, destination: str, row: str = "") -> NftRule:
    return NftRule("accept", iif=f"@zone_{source}", oif=f"@zone_{destination}", id=row, origin=Origin("hall-fw1", 7))


DEFAULT4 = StaticRoute(IPv4Network("0.0.0.0/0"), via=IPv4Address("10.32.1.1"), origin=Origin("hall-core1", 30))
NO_SEGMENT = "there is nothing of the kind"
NO_MYNUMBER = {"city": "tiny"}
REMOTE = {"segments": {"remote": segment(9, "remote", 60)}, **hall(vlans={"remote": vlan("remote", 390)})}
GUEST = {
    "segments": {"guest": segment(4, "guest", 40)},
    "terminal_classes": {"visitor": {"title": "来庁者端末", "kind": "guest"}},
    **hall(
        vlans={"guest": vlan("guest", 401, medium="wireless")},
        terminals={
            "guest": {
                "class": "visitor",
                "vlan": ["guest"],
                "number": 100,
                "count": 2,
                "switch": "acc1",
                "ports": "eth30-eth31",
            }
        },
    ),
    "groups": {"guests": {"title": "来庁者", "members": ({"terminals": "visitor"},)}},
}
GUEST_OUT = {**GUEST, "flows": {"f100": row("guests", "the-internet", kind="breakout")}}
ISOLATED = {"name": "free", "security": "open", "client_isolation": True}
STAFF = {
    "name": "staff",
    "security": "wpa3-enterprise",
    "eap": ("tls",),
    "protected_frames": True,
    "rogue_detection": True,
}
CLOUD = {
    "kind": "government-cloud",
    "title": "ガバメントクラウド",
    "asn": 64660,
    "segment": "mynumber",
    "prefixes4": ("172.28.0.0/16",),
    "prefixes6": ("fd00:28::/32",),
    "attachments": {
        "a": {
            "device": "hall-fw1:eth7",
            "ipv4": "172.31.4.0/31",
            "ipv6": "fd00:ffff:41::/127",
            "medium": "leased-line",
            "provider": "A",
            "bandwidth": "1G",
        },
        "b": {
            "device": "dc-fw1:eth7",
            "ipv4": "172.31.4.2/31",
            "ipv6": "fd00:ffff:42::/127",
            "medium": "ip-vpn",
            "provider": "B",
            "bandwidth": "1G",
        },
    },
}
CHANGE = ChangeRecord(
    "c-1", "sato", "suzuki", "2026-11-01T10:00", "2026-11-01T10:05", "new", 3, 3, Origin("journal", 2)
)
PROTECTED = ("dot1x", "dhcp-snooping", "arp-inspection", "bpdu-guard", "ra-guard")


def switches(*protections: str) -> dict[str, Any]:
    told = {"protections": protections}
    return {"sites": {site: {"devices": {"acc1": told}} for site in ("hall", "dc", "north")}}


def wireless(name: str, /, **ssid: object) -> dict[str, Any]:
    told = {"medium": "wireless"} | ({"ssid": ssid} if ssid else {})
    return hall(vlans={name: told})


def edition(value: str, patch: dict[str, Any]) -> dict[str, Any]:
    return {**patch, "edition": value}


UNREAD = {"hall-fw1": (UnknownLine(Origin("hall-fw1", 4), "flowtable f {"),)}
