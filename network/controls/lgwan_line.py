"""The line to LGWAN: who speaks there, with which addresses, and to whom (C15 to C17)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Peer
from inventory.text import Text
from network.controls.control import Control, Evidence, breaks, either, fits, waiting
from network.controls.defaults import EVERYTHING, announceable
from network.controls.facts import Facts, announced_by, covers, prefixes_of
from network.controls.permits import addresses, zones_of
from network.controls.unread import unread
from network.state import Bgp, DeviceState, Network, NftRule, NftTable

NO_LGWAN = Text("the city is not joined to LGWAN", "LGWAN への接続がありません")


def _meets(one: Network, others: tuple[Network, ...]) -> bool:
    """Whether a prefix, other than a default route, has addresses in common with others."""
    return one.prefixlen > 0 and any(one.version == other.version and _overlap(one, other) for other in others)


def _overlap(one: Network, other: Network) -> bool:
    return one[0] in other or other[0] in one


class LgwanEdge(Control):
    """C15: LGWAN's prefixes are brought in by the firewalls at its lines and by nobody else."""

    id = "C15"
    title = Text("One place to join LGWAN", "LGWAN接続点の限定")
    rule = Text(
        "only the firewalls at LGWAN's lines speak with it, and no other device makes routes to it",
        "LGWAN の回線を収容するファイアウォールだけが LGWAN と経路を交換し、他の機器は LGWAN 宛の経路を作らないこと",
    )
    bases = ("K",)
    absent = NO_LGWAN

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for name, peer in facts.peers("lgwan").items():
            ends = {line.device.device: line.origin for line in peer.attachments.values()}
            for device, origin in ends.items():
                firewall = facts.fabric.devices[device].spec.role == "firewall"
                yield either(
                    firewall,
                    Text(f"{name} ends on firewall {device}", f"{peer.title} の回線はファイアウォール {device} で終端"),
                    Text(
                        f"{name} ends on {device}, no firewall",
                        f"{peer.title} の回線がファイアウォールでない {device} で終端",
                    ),
                    origin,
                )
            for device, state in facts.states.items():
                if device not in ends:
                    yield from self._elsewhere(device, state, peer)
        if facts.peers("lgwan"):
            yield from unread(facts, "nftables")
            yield from unread(facts, "frr")

    @staticmethod
    def _elsewhere(device: str, state: DeviceState, peer: Peer) -> Iterator[Evidence]:
        prefixes = announced_by(peer)
        for vrf in state.vrfs:
            for route in vrf.static_routes:
                if _meets(route.prefix, prefixes):
                    text = Text(
                        f"{device}: static route {route.prefix}", f"{device}: スタティックルート {route.prefix}"
                    )
                    yield breaks(text, route.origin)
        for bgp in state.bgp:
            yield from _speaks(device, bgp, peer)


def _speaks(device: str, bgp: Bgp, peer: Peer) -> Iterator[Evidence]:
    for network in bgp.networks:
        if _meets(network, announced_by(peer)):
            yield breaks(Text(f"{device} announces {network}", f"{device} が {network} を広告"), bgp.origin)
    for neighbor in bgp.neighbors:
        if neighbor.remote_as == peer.asn:
            yield breaks(
                Text(f"{device} speaks BGP with {peer.title}", f"{device} が {peer.title} と BGP で接続"),
                neighbor.origin,
            )


class AssignedOnly(Control):
    """C16: into LGWAN go the assigned address and nothing else, in packets and in announcements."""

    id = "C16"
    title = Text("Only assigned addresses towards LGWAN", "LGWANは割当アドレスのみ")
    rule = Text(
        "sources are translated to the assigned address, and only it is announced to LGWAN",
        "送信元を割当アドレスに変換し、LGWAN へ広告するのも割当アドレスだけであること",
    )
    bases = ("K",)
    absent = NO_LGWAN

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for name, peer in facts.peers("lgwan").items():
            if peer.source_nat4 is None:
                yield breaks(
                    Text(f"{name} has no assigned address", f"{peer.title} の割当アドレス (source_nat4) がありません"),
                    peer.origin,
                )
                continue
            for device, state in facts.firewalls.items():
                if any(line.device.device == device for line in peer.attachments.values()):
                    yield from self._translated(facts, device, state, name)
                    yield from self._announced(device, state, peer)
        if facts.peers("lgwan"):
            yield from unread(facts, "nftables")

    @staticmethod
    def _translated(facts: Facts, device: str, state: DeviceState, name: str) -> Iterator[Evidence]:
        peer = facts.city.peers[name]
        ports = frozenset(port for port, zone in zones_of(facts.fabric, device).items() if zone == f"peer:{name}")
        rules = []
        covered: list[Network] = []
        for table in state.tables:
            for chain in (chain for chain in table.chains if chain.hook == "postrouting"):
                for rule in chain.rules:
                    if rule.verdict in {"snat", "masquerade"} and _leaves_by(table, rule, ports):
                        rules.append(rule)
                        covered += addresses({f"@{item.name}": item.elements for item in table.sets}, rule.src) or (
                            EVERYTHING[4],
                        )
        good = [rule for rule in rules if rule.verdict == "snat" and rule.to == peer.source_nat4]
        for rule in rules:
            if rule not in good:
                yield breaks(
                    Text(f"{device} translates to {rule.to}", f"{device} が割当アドレス以外 ({rule.to}) に変換"),
                    rule.origin,
                )
        yield either(
            bool(good),
            Text(f"{device} translates to {peer.source_nat4}", f"{device} は {peer.source_nat4} に変換"),
            Text(f"{device} does not translate sources", f"{device} に送信元変換がありません"),
            good[0].origin if good else peer.origin,
        )
        for row in facts.rows_between(frozenset(facts.city.segments), frozenset({f"peer:{name}"})):
            if (
                row.live
                and good
                and not all(any(covers(outer, prefix) for outer in covered) for prefix in row.source.ipv4)
            ):
                text = Text(
                    f"{device} does not translate all sources of {row.name}",
                    f"{device} が {row.name} の送信元の一部を変換していません",
                )
                yield breaks(text, row.flow.origin)

    @staticmethod
    def _announced(device: str, state: DeviceState, peer: Peer) -> Iterator[Evidence]:
        assigned = f"{peer.source_nat4}/32"
        for bgp in state.bgp:
            for neighbor in bgp.neighbors:
                if neighbor.remote_as != peer.asn:
                    continue
                family = 4 if neighbor.address.version == 4 else 6  # noqa: PLR2004 the IP version
                for prefix in announceable(state, neighbor.prefixes_out, 4 if family == 4 else 6):  # noqa: PLR2004 likewise
                    if str(prefix) == assigned or prefix == peer.assigned6:
                        yield fits(
                            Text(f"{device} announces {prefix}", f"{device} は割当アドレス {prefix} を広告"),
                            neighbor.origin,
                        )
                    elif family == 4 or peer.assigned6 is not None:  # noqa: PLR2004 the IP version
                        yield breaks(
                            Text(f"{device} announces {prefix}", f"{device} が割当でない {prefix} を広告"),
                            neighbor.origin,
                        )
                    else:
                        yield waiting(
                            Text(
                                f"`assigned6`: whether {prefix}, announced by {device}, is assigned",
                                f"割当 IPv6 プレフィックス `assigned6` ({device} は {prefix} を広告)",
                            ),
                            neighbor.origin,
                        )


def _leaves_by(table: NftTable, rule: NftRule, ports: frozenset[str]) -> bool:
    """Whether packets that leave by these interfaces may meet the rule."""
    if not isinstance(rule.oif, str):
        return not rule.oif or bool(ports & set(rule.oif))
    return any(f"@{item.name}" == rule.oif and ports & set(map(str, item.elements)) for item in table.sets)


class NamedServices(Control):
    """C17: no flow leads to all of LGWAN."""

    id = "C17"
    title = Text("Named services of LGWAN only", "ASP宛先限定")
    rule = Text(
        "each flow to LGWAN names the addresses of its services, never all that LGWAN announces",
        "LGWAN への通信は宛先のサービスのアドレスを指定し、LGWAN 全体を宛先にしないこと",
    )
    bases = ("P",)
    absent = NO_LGWAN

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        for name, peer in facts.peers("lgwan").items():
            zone = frozenset({f"peer:{name}"})
            everyone = frozenset(facts.city.segments)
            rows = [row for row in facts.rows_between(everyone, zone) if row.live]
            for row in rows:
                whole = [
                    prefix
                    for prefix in prefixes_of(row.destination)
                    if any(covers(prefix, learned) for learned in announced_by(peer))
                ]
                shown = ", ".join(map(str, prefixes_of(row.destination)))
                yield either(
                    not whole,
                    Text(f"{row.name} → {shown}", f"{row.name} → {shown}"),
                    Text(f"{row.name} leads to all of {name}", f"{row.name} の宛先が {peer.title} 全体 ({shown}) です"),
                    row.flow.origin,
                )
            for permit in facts.permits:
                if permit.joins(everyone, zone) and permit.dst is None:
                    yield breaks(
                        Text(f"{permit.device}: a rule to any address", f"{permit.device}: 宛先を限定しない規則"),
                        permit.origin,
                    )
            if not rows:
                yield fits(Text(f"no flow to {name}", f"{peer.title} への通信は登録されていません"), peer.origin)
        if facts.peers("lgwan"):
            yield from unread(facts, "nftables")


CONTROLS: tuple[Control, ...] = (LgwanEdge(), AssignedOnly(), NamedServices())
