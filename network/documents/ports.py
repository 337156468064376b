"""Tables of ports, VLANs and interface addresses."""

from __future__ import annotations

from collections.abc import Iterator

from network.compile.wording import bandwidth, far_end
from network.documents.page import Table
from network.documents.words import MEDIA, NONE, listed, place, segment_name, zone_name
from network.fabric import Fabric, Wire
from network.state import DeviceState, Interface, OspfInterface, SwitchPort


def port_tables(fabric: Fabric, state: DeviceState) -> Iterator[Table]:
    """What is plugged in, the VLANs on it, and the addresses."""
    yield _wires(fabric, state)
    yield _switch_ports(fabric, state)
    yield _vlans(fabric, state)
    yield _interfaces(fabric, state)


def line_facts(fabric: Fabric, wire: Wire) -> tuple[str, str, str]:
    """Name, medium and provider, and bandwidth of what a wire runs over."""
    if wire.circuit:
        circuit = fabric.city.circuits[wire.circuit]
        medium = f"{MEDIA[circuit.medium]}({circuit.provider})"
        return f"{circuit.title or wire.circuit}({wire.circuit})", medium, bandwidth(circuit.bandwidth)
    if wire.kind == "peer":
        peer, _, key = wire.name.partition("/")
        line = fabric.city.peers[peer].attachments[key]
        medium = f"{MEDIA[line.medium]}({line.provider})"
        return f"{fabric.city.peers[peer].title}({wire.name})", medium, bandwidth(line.bandwidth)
    return f"構内配線({wire.name})", NONE, NONE


def _wires(fabric: Fabric, state: DeviceState) -> Table:
    rows = []
    for wire, port in sorted(fabric.wires_of[state.hostname], key=lambda pair: _number(pair[1])):
        name, medium, speed = line_facts(fabric, wire)
        tags = "、".join(map(str, wire.tags)) or "タグなし"
        rows.append((port, far_end(wire, state.hostname), name, medium, speed, tags, place(wire.origin)))
    columns = ("ポート", "接続先", "回線・配線", "媒体(事業者)", "帯域", "VLAN", "定義箇所")
    return Table("機器間接続", columns, tuple(rows))


def _number(port: str) -> int:
    return int(port.removeprefix("eth").partition(".")[0])


def _switch_ports(fabric: Fabric, state: DeviceState) -> Table:
    names = _vlan_names(fabric, state.hostname)
    rows = tuple(
        (port.name, _mode(port), _tags(port, names), port.description or NONE, place(port.origin))
        for bridge in state.bridges
        for port in bridge.ports
    )
    note = "ここにないポートはどのVLANにも属さず、通信を中継しない。"
    return Table("スイッチポート", ("ポート", "種別", "VLAN", "用途・接続先", "定義箇所"), rows, note)


def _mode(port: SwitchPort) -> str:
    if port.native:
        return "トランク(ネイティブVLANあり)"
    return "アクセス" if port.mode == "access" else "トランク"


def _tags(port: SwitchPort, names: dict[int, str]) -> str:
    if port.mode == "access" and port.tag is not None:
        return f"{port.tag} {names.get(port.tag, '')}".strip()
    native = f"(タグなし: {port.tag})" if port.tag is not None else ""
    return ("、".join(map(str, port.trunks)) or "すべて") + native


def _vlan_names(fabric: Fabric, device: str) -> dict[int, str]:
    site = fabric.devices[device].site
    return {vlan.id: vlan.title or key for key, vlan in fabric.city.sites[site].vlans.items()}


def _vlans(fabric: Fabric, state: DeviceState) -> Table:
    """The VLANs that stand on a switch, with their subnets."""
    here = (lan for lan in fabric.lans.values() if state.hostname in {*lan.switches, lan.gateway})
    rows = tuple(
        (
            str(lan.tag),
            lan.title or lan.vlan,
            segment_name(fabric.city.segments[lan.segment]),
            "無線" if lan.wireless else "有線",
            f"{lan.ipv4}\n{lan.ipv6}",
            f"{lan.gateway} {lan.gateway_interface}",
            place(lan.origin),
        )
        for lan in sorted(here, key=lambda lan: lan.tag)
    )
    columns = ("VLAN ID", "名称", "領域(VRF)", "種別", "サブネット", "ゲートウェイ", "定義箇所")
    return Table("VLAN", columns, rows)


def _interfaces(fabric: Fabric, state: DeviceState) -> Table:
    titles = _segments(fabric, state.hostname)
    rows = tuple(
        (
            interface.name,
            titles.get(interface.name, NONE),
            _addresses(interface, 4),
            _addresses(interface, 6),
            _ospf(interface.ospf),
            interface.description or NONE,
            place(interface.origin),
        )
        for interface in sorted(state.interfaces, key=lambda item: (_number(item.name), item.name))
    )
    columns = ("インターフェース", "領域(VRF)", "IPv4", "IPv6", "OSPFv2/v3", "説明", "定義箇所")
    return Table("インターフェースとアドレス", columns, rows)


def _segments(fabric: Fabric, device: str) -> dict[str, str]:
    """Interface → the segment or the peer it belongs to."""
    segments = fabric.city.segments
    found = {own.interface: segment_name(segments[transit.segment]) for transit, own, _ in fabric.transits_of[device]}
    found |= {lan.gateway_interface: segment_name(segments[lan.segment]) for lan in fabric.lans_of.get(device, ())}
    lines = (line for line in fabric.peer_lines.values() if line.device == device)
    return found | {line.interface: zone_name(fabric, f"peer:{line.peer}") for line in lines}


def _addresses(interface: Interface, version: int) -> str:
    return listed([address for address in interface.addresses if address.version == version])


def _ospf(ospf: OspfInterface | None) -> str:
    if ospf is None:
        return NONE
    if ospf.passive:
        return f"エリア {ospf.area} 受動"
    cost = f" コスト {ospf.cost}" if ospf.cost is not None else ""
    bfd = f" BFD {ospf.bfd}" if ospf.bfd else ""
    return f"エリア {ospf.area}{cost}{bfd}"
