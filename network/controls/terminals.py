"""Terminals, authentication and the virtual machines' hosts (C07 to C11)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from inventory.words import tied
from network.controls.control import Awaited, Control, Evidence, breaks, either, fits
from network.controls.facts import Facts, Row
from network.controls.proved import separation
from network.controls.unread import unread
from network.state import DeviceState, SwitchPort

MANAGEMENT = "management"
"""The management network as a zone of the proof."""
NO_SERVERS = Text("the city has no server", "サーバがありません")


class OneSegment(Control):
    """C07: a PC stands in one segment by its VLAN and its port, and reaches My Number's desktops only on servers."""

    id = "C07"
    title = Text("No terminal is joined to two segments", "端末の二重接続禁止")
    rule = Text(
        "each terminal stands in one segment: its VLANs, its port's VLANs, and the virtual desktop it is shown",
        "端末 1 台の VLAN・接続ポート・利用する仮想デスクトップが、それぞれ一つの領域に収まること",
    )
    bases = ("K",)
    absent = Text("the city has no terminal", "端末がありません")
    limits = Text(
        "a second network interface inside a PC (wireless beside wired) is seen by the PC's management only",
        "端末内部の 2 つ目の NIC (有線と無線の併用など) は端末管理の情報がないと分かりません",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for key, site in facts.city.sites.items():
            for name, group in site.terminals.items():
                found = sorted({site.vlans[vlan].segment for vlan in group.vlans})
                titles = "・".join(facts.city.segments[segment].title for segment in found)
                yield either(
                    len(found) == 1,
                    Text(f"terminals {key}/{name} in {', '.join(found)}", f"端末群 {key}/{name}: {titles}"),
                    Text(
                        f"terminals {key}/{name} in {', '.join(found)}",
                        f"端末群 {key}/{name} が複数の領域 ({titles}) に接続",
                    ),
                    group.origin,
                )
        yield from self._ports(facts)
        yield from _desktops(facts)

    @staticmethod
    def _ports(facts: Facts) -> Iterator[Evidence]:
        """Every port that terminals or servers hang on, as the switches have it."""
        for name, port in edge_ports(facts):
            segments = sorted(segments_on(facts, name, port))
            if len(segments) > 1:
                row = ", ".join(segments)
                yield breaks(
                    Text(f"{name} {port.name} carries {row}", f"{name} の {port.name} に複数の領域 ({row}) の VLAN"),
                    port.origin,
                )
        yield from unread(facts, "openvswitch")


def _desktops(facts: Facts) -> Iterator[Evidence]:
    """Rows from PCs of another segment into My Number end on servers (virtual desktops), never on terminals."""
    for row in facts.rows:
        if not row.live or not _shown(facts, row):
            continue
        servers = all(member.server for member in facts.city.groups[row.flow.destination].members)
        yield either(
            servers,
            Text(f"{row.name}: PCs are shown desktops on servers", f"{row.name}: サーバ上の仮想デスクトップを利用"),
            Text(f"{row.name}: PCs reach more than servers", f"{row.name}: 端末からサーバ以外にも到達"),
            row.flow.origin,
        )


def edge_ports(facts: Facts) -> Iterator[tuple[str, SwitchPort]]:
    """Switch ports that no cable of ours is on: those of terminals and servers, as the switches have them."""
    for name, state in facts.states.items():
        wired = {port for _, port in facts.fabric.wires_of.get(name, ())}
        for port in switch_ports(state):
            if port.name not in wired:
                yield name, port


def switch_ports(state: DeviceState) -> Iterator[SwitchPort]:
    """The ports of all bridges."""
    return (port for bridge in state.bridges for port in bridge.ports)


def segments_on(facts: Facts, switch: str, port: SwitchPort) -> frozenset[str]:
    """The segments of the VLANs on a port."""
    device = facts.fabric.devices.get(switch)
    site = device.site if device else ""
    every = [tag for place, tag in facts.segments_by_tag if place == site] if port.mode == "trunk" else []
    tags = {*(port.trunks or every), *(() if port.tag is None else (port.tag,))}
    return frozenset(name for tag in tags for name in facts.segments_by_tag.get((site, tag), ()))


class NoMedia(Awaited):
    """C08: media may not leave My Number PCs."""

    id = "C08"
    title = Text("No data leaves on external media", "外部媒体持出し禁止")
    rule = Text(
        "device control forbids writing to external media on My Number PCs",
        "マイナンバー利用事務系の端末で、外部媒体への書出しがデバイス制御により禁止されていること",
    )
    bases = ("F", "S")
    awaits = Text("the device-control policy of the PCs", "端末のデバイス制御ポリシー")

    def applies(self, facts: Facts) -> bool:
        return bool(facts.segments("mynumber"))


class MultiFactor(Awaited):
    """C09: My Number asks for two factors."""

    id = "C09"
    title = Text("Multi-factor authentication in My Number", "多要素認証(MN)")
    rule = Text(
        "users of My Number, virtual desktops included, are authenticated by two factors",
        "仮想デスクトップを含め、マイナンバー利用事務系の利用者を多要素で認証すること",
    )
    bases = ("F", "S")
    awaits = Text("the authentication policy of the directory", "認証基盤の認証ポリシー")

    def applies(self, facts: Facts) -> bool:
        return bool(facts.segments("mynumber"))


class ScreenTransfer(Awaited):
    """C10: the screen-transfer gateway serves registered sources only."""

    id = "C10"
    title = Text("Screen transfer for registered sources only", "画面転送は登録元のみ")
    rule = Text(
        "the gateway's source list is the register's; two factors; no clipboard, drive or printer redirection",
        "ゲートウェイの接続元が登録簿と一致し、多要素認証で、クリップボード・ドライブ・印刷の転送が無効であること",
    )
    bases = ("F", "K")
    awaits = Text("the screen-transfer gateway's settings", "画面転送ゲートウェイの設定")
    absent = Text("no flow is a screen transfer", "画面転送の通信が登録されていません")

    def applies(self, facts: Facts) -> bool:
        return any(row.flow.sanitised_by == "screen-transfer" or _shown(facts, row) for row in facts.rows if row.live)


def _shown(facts: Facts, row: Row) -> bool:
    """Whether PCs of another segment look into My Number by this row."""
    into = row.destination.zone in facts.segments("mynumber") and row.source.zone in facts.city.segments
    return into and any(member.terminals for member in facts.city.groups[row.flow.source].members)


class PortGroups(Control):
    """C11: each server's port carries its VLAN alone, and management stands apart from every segment."""

    id = "C11"
    title = Text("Segments are apart on virtual-machine hosts", "仮想基盤の区画分離")
    rule = Text(
        "each server hangs on a port of one segment; the management network is apart from every segment",
        "サーバの接続ポートが一つの領域だけを収容し、管理ネットワークがどの領域とも分かれていること",
    )
    bases = ("P",)
    absent = NO_SERVERS
    limits = Text(
        "port groups inside a hypervisor are not in the inventory; looked at are the servers' ports on the switches",
        "仮想化基盤の内部のポートグループはインベントリにないため、サーバの接続ポートで判定しています",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        servers = [host for host in facts.fabric.hosts.values() if host.kind == "server"]
        for host in servers:
            state = facts.states.get(host.switch)
            if state is None:
                continue
            lan = facts.fabric.lans[host.lan]
            port = next((port for port in switch_ports(state) if port.name == host.port), None)
            alone = port is not None and port.mode == "access" and port.tag == lan.tag
            yield either(
                alone,
                Text(
                    f"{host.name}: {host.switch} {host.port}, VLAN {lan.tag}",
                    f"{host.name}: {host.switch} {host.port} VLAN {lan.tag} のみ",
                ),
                Text(
                    f"{host.name}: {host.switch} {host.port} is not a port of VLAN {lan.tag} alone",
                    f"{host.name}: {host.switch} {host.port} が VLAN {lan.tag} だけのポートではありません",
                ),
                host.origin if port is None else port.origin,
            )
        if servers:
            yield from _management(facts)
            yield from separation(facts, lambda a, b: MANAGEMENT in {a, b})
            yield from unread(facts, "openvswitch")


def _management(facts: Facts) -> Iterator[Evidence]:
    plan = facts.city.management
    for name, segment in facts.city.segments.items():
        if segment.ipv4.supernet.overlaps(plan.ipv4) or segment.ipv4.transit.overlaps(plan.ipv4):
            yield breaks(
                Text(
                    f"management addresses lie in {name}",
                    tied(segment.title, "のアドレスが管理ネットワークと重なっています"),
                ),
                plan.origin,
            )
    joined = False
    for name, state in facts.states.items():
        for interface in state.interfaces:
            if interface.name == "eth0" and (interface.vrf is not None or interface.ospf is not None):
                joined = True
                yield breaks(
                    Text(f"{name}: eth0 is in a segment", f"{name}: eth0 が領域に入っています"), interface.origin
                )
        for port in switch_ports(state):
            if port.name == "eth0":
                joined = True
                yield breaks(
                    Text(f"{name}: eth0 is a port of the bridge", f"{name}: eth0 がブリッジのポートです"), port.origin
                )
    if not joined:
        yield fits(Text("management is in no segment", "管理ネットワークはどの領域にも入っていません"), plan.origin)


CONTROLS: tuple[Control, ...] = (OneSegment(), NoMedia(), MultiFactor(), ScreenTransfer(), PortGroups())
