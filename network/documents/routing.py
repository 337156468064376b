"""Tables of VRFs, routing processes and routing policy."""

from __future__ import annotations

from collections.abc import Iterator

from network.documents.page import Table
from network.documents.words import NONE, listed, place, segment_name
from network.fabric import Fabric
from network.state import (
    BgpNeighbor,
    DeviceState,
    PrefixListEntry,
    Redistribute,
    RouteMapEntry,
    StaticRoute,
)

_DEFAULT = "既定"


def routing_tables(fabric: Fabric, state: DeviceState) -> Iterator[Table]:
    """VRFs, OSPF, BGP, and the policies they name."""
    titles = {segment.vrf: segment_name(segment) for segment in fabric.city.segments.values()}
    yield _vrfs(state, titles)
    yield _static_routes(state, titles)
    yield _ospf(state, titles)
    yield _bgp(state, titles)
    yield _neighbors(state, titles)
    yield _prefix_lists(state)
    yield _route_maps(state)
    yield _bfd(state)


def _vrfs(state: DeviceState, titles: dict[str, str]) -> Table:
    rows = tuple(
        (
            vrf.name or _DEFAULT,
            titles.get(vrf.name or "", _DEFAULT),
            listed([f"{item.protocol}: {item.route_map}" for item in vrf.rib_filters]),
            place(vrf.origin),
        )
        for vrf in state.vrfs
    )
    return Table("VRF", ("VRF", "領域", "経路表フィルタ", "定義箇所"), rows)


def _static_routes(state: DeviceState, titles: dict[str, str]) -> Table:
    rows = tuple(
        (titles.get(vrf.name or "", _DEFAULT), str(route.prefix), _next_hop(route), place(route.origin))
        for vrf in state.vrfs
        for route in vrf.static_routes
    )
    note = "次ホップが他の経路の上でだけ届くものは、その経路が消えると一緒に消える。"
    return Table("静的経路", ("領域(VRF)", "宛先", "次ホップ", "定義箇所"), rows, note)


def _next_hop(route: StaticRoute) -> str:
    return " ".join(str(part) for part in (route.via, route.interface) if part)


def _ospf(state: DeviceState, titles: dict[str, str]) -> Table:
    rows = tuple(
        (
            "OSPFv2" if process.family == 4 else "OSPFv3",  # noqa: PLR2004 the IP version
            titles.get(process.vrf or "", _DEFAULT),
            str(process.router_id),
            listed([_redistributed(item) for item in process.redistribute]),
            place(process.origin),
        )
        for process in state.ospf
    )
    return Table("OSPF", ("種別", "領域(VRF)", "ルータID", "再配布", "定義箇所"), rows)


def _redistributed(item: Redistribute) -> str:
    parts: list[str] = [item.protocol]
    if item.metric is not None:
        parts.append(f"メトリック {item.metric} タイプ{item.metric_type or 2}")
    if item.route_map:
        parts.append(f"ルートマップ {item.route_map}")
    return " ".join(parts)


def _bgp(state: DeviceState, titles: dict[str, str]) -> Table:
    rows = tuple(
        (
            titles.get(process.vrf or "", _DEFAULT),
            str(process.asn),
            str(process.router_id),
            listed(process.networks),
            listed([_redistributed(item) for item in (*process.redistribute4, *process.redistribute6)]),
            "/".join(map(str, process.distance)) if process.distance else "20/200/200",
            place(process.origin),
        )
        for process in state.bgp
    )
    columns = ("領域(VRF)", "AS番号", "ルータID", "広告するプレフィックス", "再配布", "ディスタンス", "定義箇所")
    return Table("BGP", columns, rows)


def _neighbors(state: DeviceState, titles: dict[str, str]) -> Table:
    rows = tuple(
        (
            titles.get(process.vrf or "", _DEFAULT),
            str(neighbor.address),
            str(neighbor.remote_as),
            neighbor.description or NONE,
            neighbor.bfd or NONE,
            _policy(neighbor, inward=True),
            _policy(neighbor, inward=False),
            place(neighbor.origin),
        )
        for process in state.bgp
        for neighbor in process.neighbors
    )
    columns = ("領域(VRF)", "隣接アドレス", "相手AS", "相手", "BFD", "受信ポリシー", "送信ポリシー", "定義箇所")
    return Table("BGP隣接", columns, rows)


def _policy(neighbor: BgpNeighbor, *, inward: bool) -> str:
    names = (neighbor.prefixes_in, neighbor.route_map_in) if inward else (neighbor.prefixes_out, neighbor.route_map_out)
    return listed([name for name in names if name])


def _prefix_lists(state: DeviceState) -> Table:
    rows = tuple(
        (item.name, f"IPv{item.family}", str(entry.seq), _verdict(entry), _span(entry), place(entry.origin))
        for item in state.prefix_lists
        for entry in item.entries
    )
    return Table("プレフィックスリスト", ("名称", "種別", "順", "判定", "プレフィックス", "定義箇所"), rows)


def _verdict(entry: PrefixListEntry | RouteMapEntry) -> str:
    return "許可" if entry.permit else "拒否"


def _span(entry: PrefixListEntry) -> str:
    bounds = (("以上", entry.ge), ("以下", entry.le))
    return str(entry.prefix) + "".join(f" /{length}{word}" for word, length in bounds if length is not None)


def _route_maps(state: DeviceState) -> Table:
    rows = tuple(
        (item.name, str(entry.seq), _verdict(entry), _matches(entry), _sets(entry))
        for item in state.route_maps
        for entry in item.entries
    )
    return Table("ルートマップ", ("名称", "順", "判定", "条件", "設定"), rows)


def _matches(entry: RouteMapEntry) -> str:
    named = [f"プレフィックス {name}" for name in (entry.match_prefixes4, entry.match_prefixes6) if name]
    return listed([*named, *([f"タグ {entry.match_tag}"] if entry.match_tag is not None else [])])


def _sets(entry: RouteMapEntry) -> str:
    values = (
        ("タグ", entry.set_tag),
        ("メトリック", entry.set_metric),
        ("ローカルプリファレンス", entry.set_local_preference),
        ("ASパス付加", " ".join(map(str, entry.set_as_path_prepend)) or None),
    )
    return listed([f"{name} {value}" for name, value in values if value is not None])


def _bfd(state: DeviceState) -> Table:
    rows = tuple(
        (
            profile.name,
            f"{profile.transmit_ms} ms",
            f"{profile.receive_ms} ms",
            str(profile.multiplier),
            f"{profile.receive_ms * profile.multiplier} ms",
        )
        for profile in state.bfd_profiles
    )
    return Table("BFDプロファイル", ("名称", "送信間隔", "受信間隔", "検出倍率", "検出時間"), rows)
