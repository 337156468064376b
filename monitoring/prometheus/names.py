"""What people call the things that are watched, as text that a template of Prometheus leaves as it is."""

from __future__ import annotations

from collections.abc import Iterable

from inventory.model import SegmentKind
from monitoring.prometheus.rule import literal
from network.documents.words import MEDIA, ROLES
from network.fabric import Fabric, FabricDevice, Host, Wire

SHORT: dict[SegmentKind, str] = {
    "mynumber": "マイナンバー",
    "lgwan": "LGWAN",
    "internet": "インターネット",
    "dmz": "公開",
    "school": "校務",
    "guest": "来庁者",
    "iot": "IoT",
    "voice": "音声",
    "remote": "遠隔",
    "management": "管理",
}
"""A segment on the wall, where its whole title has no room."""


def circuit(fabric: Fabric, name: str) -> str:
    """A circuit's title, else its name."""
    return literal(fabric.city.circuits[name].title or name)


def site(fabric: Fabric, name: str) -> str:
    """A site's title."""
    return literal(fabric.city.sites[name].title)


def sites(fabric: Fabric, keys: Iterable[str]) -> str:
    """Several sites' titles in one row."""
    return "、".join(site(fabric, key) for key in keys)


def segment(fabric: Fabric, name: str) -> str:
    """A segment's title; the management network is none of the city's segments."""
    found = fabric.city.segments.get(name)
    return literal(found.title) if found else "管理ネットワーク"


def device(one: FabricDevice) -> str:
    """`hall-core1(コアスイッチ)`."""
    return literal(f"{one.name}({one.spec.title or ROLES[one.spec.role]})")


def host(one: Host) -> str:
    """`ファイル無害化サーバ(hall-lg-gate)`."""
    return literal(f"{one.title}({one.name})" if one.title else one.name)


def line(fabric: Fabric, wire: Wire) -> str:
    """A line to an external network: whose it is and what it is."""
    peer, _, key = wire.name.partition("/")
    return literal(f"{fabric.city.peers[peer].title}接続線({key})")


def medium(fabric: Fabric, name: str) -> str:
    """`ダークファイバ・県ネット`: what to ask whom for when a circuit is down."""
    row = fabric.city.circuits[name]
    return literal(f"{MEDIA[row.medium]}・{row.provider}")
