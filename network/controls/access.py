"""Wired access: who may plug in where (C35, C36)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from inventory.model import PortProtection, Terminals
from inventory.text import Text
from network.controls.control import Control, Evidence, breaks, either, waiting
from network.controls.facts import Facts
from network.controls.terminals import edge_ports
from network.controls.unread import unread

GUARDS: tuple[PortProtection, ...] = ("dhcp-snooping", "arp-inspection", "bpdu-guard", "ra-guard")
AUTHENTICATION: frozenset[PortProtection] = frozenset({"dot1x", "mac-authentication"})
NAMES: Mapping[PortProtection, Text] = MappingProxyType(
    {
        "dot1x": Text("802.1X", "IEEE 802.1X 認証"),
        "mac-authentication": Text("MAC authentication", "MAC 認証"),
        "mac-binding": Text("MAC binding", "MAC アドレスの固定"),
        "dhcp-snooping": Text("DHCP snooping", "DHCP スヌーピング"),
        "arp-inspection": Text("dynamic ARP inspection", "DAI"),
        "bpdu-guard": Text("BPDU guard", "BPDU ガード"),
        "ra-guard": Text("RA guard", "RA ガード"),
    }
)
DECLARED = Text(
    "the switches' protection is what the city declares in the inventory (`protections`); it is not read from them",
    "スイッチの保護機能はインベントリでの申告 (`protections`) によるもので、機器から読み取っていません",
)
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
        "a group of terminals uses as many ports as it counts terminals; {declared}",
        "端末群は、登録された台数と同じ数のポートを使うものとして数えています。{declared}",
    ).format(declared=DECLARED)

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
        yield from unread(facts, "openvswitch")
        yield from protected(facts, _switches(facts), AUTHENTICATION)


def protected(facts: Facts, switches: Iterable[str], any_of: frozenset[PortProtection]) -> Iterator[Evidence]:
    """Whether switches have one of some protections, as far as the inventory declares it."""
    names = [NAMES[protection] for protection in NAMES if protection in any_of]
    wanted = Text(
        " or ".join(name.en for name in names),
        "・".join(name.ja for name in names) + ("のいずれか" if len(names) > 1 else ""),
    )
    unknown: list[str] = []
    for name in switches:
        spec = facts.fabric.devices[name].spec
        if spec.protections is None:
            unknown.append(name)
            continue
        yield either(
            bool(any_of.intersection(spec.protections)),
            Text("{name}: {wanted} declared", "{name}: {wanted}あり(申告)").format(name=name, wanted=wanted),
            Text("{name}: no {wanted} declared", "{name}: {wanted}なし(申告)").format(name=name, wanted=wanted),
            spec.origin,
        )
    if unknown:
        yield waiting(
            Text(
                "{wanted} ({count} switches without `protections`)",
                "{wanted} (スイッチ {count} 台の申告 `protections`)",
            ).format(wanted=wanted, count=len(unknown)),
            facts.fabric.devices[unknown[0]].origin,
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


class Layer2Guards(Control):
    """C36: switches refuse false DHCP, ARP, spanning tree and router advertisements."""

    id = "C36"
    title = Text("Layer 2 is guarded", "L2保護")
    rule = Text(
        "DHCP snooping, dynamic ARP inspection, BPDU guard and RA guard are on",
        "DHCP スヌーピング、DAI、BPDU ガード、RA ガードが有効であること",
    )
    bases = ("P",)
    absent = NO_SWITCHES
    limits = DECLARED

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for guard in GUARDS:
            yield from protected(facts, _switches(facts), frozenset({guard}))


CONTROLS: tuple[Control, ...] = (GuardedPorts(), Layer2Guards())
