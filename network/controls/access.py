"""Wired access: who may plug in where (C35, C36)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Terminals
from inventory.text import Text
from network.controls.control import Awaited, Control, Evidence, breaks, either, waiting
from network.controls.facts import Facts
from network.controls.permits import unread_switches
from network.controls.terminals import edge_ports

NO_SWITCHES = Text("the city has no access switch", "アクセススイッチがありません")


def _switches(facts: Facts) -> tuple[str, ...]:
    return tuple(name for name, device in facts.fabric.devices.items() if device.spec.role == "access")


class GuardedPorts(Control):
    """C35: ports ask who plugs in, and spare ones are off."""

    id = "C35"
    title = Text("Wired ports authenticate, spare ones are off", "有線も認証、空きポート停止")
    rule = Text(
        "access ports authenticate what is plugged in; a port that nothing uses is in no VLAN",
        "アクセスポートが接続機器を認証し、使わないポートがどの VLAN にも入っていないこと",
    )
    bases = ("S", "K")
    absent = NO_SWITCHES
    limits = Text(
        "a group of terminals uses as many ports as it counts terminals",
        "端末群は、登録された台数と同じ数のポートを使うものとして数えています",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        if not _switches(facts):
            return
        used: dict[tuple[str, str], int] = {}
        for key, site in facts.city.sites.items():
            for name, group in site.terminals.items():
                yield _spare(f"{key}/{name}", group)
                used |= {(f"{key}-{group.switch}", port): 1 for port in group.ports.names}
            used |= {(f"{key}-{server.switch}", server.port): 1 for server in site.servers.values()}
        for switch, port in edge_ports(facts):
            if (switch, port.name) not in used:
                yield breaks(
                    Text(
                        f"{switch} {port.name} is in a VLAN but used by nothing",
                        f"{switch} の {port.name} は使われていないのに VLAN に入っています",
                    ),
                    port.origin,
                )
        yield from unread_switches(facts)
        yield waiting(
            Text(
                "port authentication on the switches (802.1X or by MAC address)",
                "スイッチのポート認証 (IEEE 802.1X・MAC 認証) の設定",
            )
        )


def _spare(name: str, group: Terminals) -> Evidence:
    ports = len(group.ports.names)
    return either(
        ports <= group.count,
        Text(f"{name}: {group.count} terminals, {ports} ports", f"{name}: {group.count} 台、{ports} ポート"),
        Text(
            f"{name}: {ports} ports are open for {group.count} terminals",
            f"{name}: {group.count} 台に対し {ports} ポートが開いています",
        ),
        group.origin,
    )


class Layer2Guards(Awaited):
    """C36: switches refuse false DHCP, ARP, spanning tree and router advertisements."""

    id = "C36"
    title = Text("Layer 2 is guarded", "L2保護")
    rule = Text(
        "DHCP snooping, dynamic ARP inspection, BPDU guard and RA guard are on",
        "DHCP スヌーピング、DAI、BPDU ガード、RA ガードが有効であること",
    )
    bases = ("P",)
    awaits = Text("the layer-2 guards of the switches", "スイッチの L2 保護機能の設定")
    absent = NO_SWITCHES

    def applies(self, facts: Facts) -> bool:
        return bool(_switches(facts))


CONTROLS: tuple[Control, ...] = (GuardedPorts(), Layer2Guards())
