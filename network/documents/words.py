"""What officials read for the inventory's identifiers."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from inventory import words
from inventory.model import Flow, Segment
from inventory.origin import Origin
from network.fabric import Fabric

ROLES: Mapping[str, str] = MappingProxyType(
    {"core": "コアスイッチ", "edge": "拠点ルータ", "firewall": "ファイアウォール", "access": "アクセススイッチ"}
)
PLATFORMS: Mapping[str, str] = MappingProxyType(
    {"frr": "FRRouting(Linux)", "nftables": "nftables+FRRouting(Linux)", "openvswitch": "Open vSwitch"}
)
MEDIA: Mapping[str, str] = MappingProxyType(
    {
        "dark-fibre": "ダークファイバ",
        "city-fibre": "自営光ファイバ",
        "leased-line": "専用線",
        "wide-area-ethernet": "広域イーサネット",
        "ip-vpn": "IP-VPN",
        "flets-vpn": "フレッツVPN",
        "mobile": "モバイル回線",
        "radio": "無線",
        "satellite": "衛星",
    }
)
FLOW_KINDS: Mapping[str, str] = MappingProxyType({kind: text.ja for kind, text in words.FLOW_KINDS.items()})
SANITISERS: Mapping[str, str] = MappingProxyType({way: text.ja for way, text in words.SANITISERS.items()})
SITE_KINDS: Mapping[str, str] = MappingProxyType(
    {
        "city-hall": "本庁舎",
        "data-center": "データセンター",
        "disaster-center": "防災拠点",
        "backup-center": "バックアップセンター",
        "branch": "支所・出先",
        "school": "学校",
        "community": "コミュニティ施設",
        "facility": "施設",
    }
)
NONE = "―"
"""Stands where there is nothing to say."""


def place(origin: Origin) -> str:
    """Where in the inventory something is written."""
    return str(origin) if origin.file else NONE


def segment_name(segment: Segment) -> str:
    """A segment for people: title and VRF."""
    return f"{segment.title}({segment.vrf})"


def zone_name(fabric: Fabric, zone: str) -> str:
    """A firewall zone for people: a segment's title, or a peer's."""
    if zone.startswith("peer:"):
        return f"外部: {fabric.city.peers[zone.removeprefix('peer:')].title}"
    return fabric.city.segments[zone].title


def services(flow: Flow) -> str:
    """The ports of a flow."""
    return "、".join(str(port) for port in flow.ports)


def listed(items: object) -> str:
    """Several values, one a line."""
    return "\n".join(str(item) for item in items) if isinstance(items, list | tuple) and items else NONE
