"""The parameter sheet (パラメータシート) of a device: what is set on it, and where in the inventory that comes from."""

from __future__ import annotations

from network.documents.filtering import filter_tables
from network.documents.page import Page, Table
from network.documents.ports import port_tables
from network.documents.routing import routing_tables
from network.documents.words import NONE, PLATFORMS, ROLES, place
from network.fabric import Fabric, FabricDevice
from network.state import DeviceState


def device_sheet(fabric: Fabric, state: DeviceState) -> Page:
    """The sheet of one device."""
    device = fabric.devices[state.hostname]
    site = fabric.city.sites[device.site]
    tables: list[Table] = [*port_tables(fabric, state), *routing_tables(fabric, state), *filter_tables(fabric, state)]
    return Page(
        title=f"パラメータシート {device.name}",
        subtitle=f"{fabric.city.title} {site.title} {device.spec.title or ROLES[device.spec.role]}",
        facts=tuple(_facts(fabric, device)),
        tables=tuple(tables),
        links=(
            ("../index.html", "文書一覧"),
            (f"../configurations/{device.name}.conf", "設定ファイル"),
            (f"../diagrams/{device.site}.svg", "拠点構成図"),
        ),
    )


def _facts(fabric: Fabric, device: FabricDevice) -> list[tuple[str, str]]:
    site, spec = fabric.city.sites[device.site], device.spec
    room = site.rooms.get(spec.room) if spec.room else None
    carried = [fabric.city.segments[name].title for name in device.segments]
    facts = [
        ("機器名", device.name),
        ("拠点", f"{site.title}({device.site}、拠点番号 {site.number})"),
        ("設置場所", f"{room.title}({room.floor}階、想定浸水深 {room.flood_depth_m:g} m)" if room else NONE),
        ("役割", ROLES[spec.role] + (" 待機系" if spec.standby else "")),
        ("プラットフォーム", PLATFORMS[spec.platform]),
        ("型番", spec.model or NONE),
        ("ファームウェア", spec.firmware or NONE),
        ("保守期限", spec.end_of_support.isoformat() if spec.end_of_support else NONE),
        ("ポート数", f"{spec.ports}"),
        ("管理アドレス", f"{device.management}(eth0)"),
    ]
    if spec.platform != "openvswitch":
        facts += [("ルータID", str(device.router_id)), ("AS番号", str(device.asn) if device.asn else NONE)]
    facts += [("収容する領域", "、".join(carried) or NONE), ("定義箇所", place(device.origin))]
    if spec.assumed:
        facts.append(("備考", "計画に記載のない仮定の値を含む"))
    return facts
