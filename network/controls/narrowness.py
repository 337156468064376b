"""How narrow the registered ways into and out of My Number are (C03, C04). The limits are assumptions of ours."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from inventory.model import Flow, Member, PortProtection
from inventory.text import Text
from network.controls.access import protected
from network.controls.control import Control, Evidence, breaks, either, fits
from network.controls.facts import Facts, Row, announced_by
from network.controls.mynumber import NO_ROWS, crossing_rows
from network.controls.unread import unread
from network.state import Network

WIDEST = {4: 24, 6: 64}
"""The shortest prefix that is not "wide": one VLAN."""
BROADEST = 100
"""The most neighbouring ports that are not a "broad range"."""
BINDING: frozenset[PortProtection] = frozenset({"mac-binding", "mac-authentication", "dot1x"})
"""Any of these ties a port to what may hang on it."""


class NarrowRoute(Control):
    """C03: specified flows name hosts or single VLANs, and the ports of their PCs are bound."""

    id = "C03"
    title = Text("The way is narrowed by IP and MAC address", "経路をIP/MACで限定")
    rule = Text(
        f"no `any`; no prefix wider than a VLAN (IPv4 /{WIDEST[4]}, IPv6 /{WIDEST[6]}); MAC address or port bound",
        f"`any` がなく、VLAN より広い範囲 (IPv4 /{WIDEST[4]}、IPv6 /{WIDEST[6]} より短いもの) がないこと。"
        "MAC アドレスまたはポートで端末を限定すること",
    )
    bases = ("K",)
    absent = NO_ROWS
    limits = Text(
        f"that a VLAN's /{WIDEST[4]} (IPv6 /{WIDEST[6]}) is narrow enough is our assumption",
        f"VLAN 1 つ分 (IPv4 /{WIDEST[4]}、IPv6 /{WIDEST[6]}) を十分に狭いとするのは当方の仮定です",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        rows = [row for row in crossing_rows(facts) if row.live]
        if not rows:
            return
        for row in rows:
            for name in (row.flow.source, row.flow.destination):
                yield _narrow(facts, row, name)
        for permit in facts.across(facts.segments("mynumber")):
            if permit.src is None or permit.dst is None:
                text = Text("{device}: a rule without addresses", "{device}: アドレスを限定しない規則")
                yield breaks(text.format(device=permit.device), permit.origin)
        yield from unread(facts, "nftables")
        yield from protected(facts, _switches(facts, rows), BINDING)


def _switches(facts: Facts, rows: list[Row]) -> tuple[str, ...]:
    """The switches on which the terminals and servers of these rows hang."""
    groups = {name for row in rows for name in (row.flow.source, row.flow.destination)}
    members = [member for name in groups for member in facts.city.groups[name].members]
    classes, servers = {member.terminals for member in members}, {member.server for member in members}
    hosts = facts.fabric.hosts.values()
    named = (host for host in hosts if (host.terminal_class or "") in classes or host.name in servers)
    return tuple(dict.fromkeys(host.switch for host in named))


def _narrow(facts: Facts, row: Row, group: str) -> Evidence:
    """A group is narrow when each of its members is; neighbours that merge into a wider prefix do not make it wide."""
    title = facts.city.groups[group].title
    for member in facts.city.groups[group].members:
        for prefix in member_prefixes(facts, member):
            if prefix.prefixlen < WIDEST[prefix.version]:
                return breaks(
                    Text(
                        f"{row.name}: {group} holds {prefix}", f"{row.name}: {title}({group}) に {prefix} が含まれます"
                    ),
                    member.origin if member.origin.file else facts.city.groups[group].origin,
                )
    return fits(
        Text(f"{row.name}: {group} is narrow", f"{row.name}: {title}({group}) は限定されています"), row.flow.origin
    )


def member_prefixes(facts: Facts, member: Member) -> Iterator[Network]:
    """What one member of a group stands for, VLAN by VLAN."""
    if member.segment is not None:
        segment = facts.city.segments[member.segment]
        yield from (segment.ipv4.supernet, segment.ipv6.supernet)
    if member.server is not None:
        host = facts.fabric.hosts[member.server]
        yield from (IPv4Network(host.ipv4.ip), IPv6Network(host.ipv6.ip))
    if member.peer is not None:
        yield from member.prefixes or announced_by(facts.city.peers[member.peer])
    named = _lans(facts, member)
    for lan in facts.fabric.lans.values():
        if lan.name in named:
            yield from (lan.ipv4, lan.ipv6)


def _lans(facts: Facts, member: Member) -> frozenset[str]:
    """The VLANs a member names, or its class of terminals stands in."""
    if member.vlan is not None:
        site, _, key = member.vlan.partition("/")
        lans = facts.fabric.lans.values()
        return frozenset(lan.name for lan in lans if lan.vlan == key and site in {"*", lan.site})
    return frozenset(
        f"{key}/{vlan}"
        for key, site in facts.city.sites.items()
        for group in site.terminals.values()
        if group.class_ == member.terminals
        for vlan in group.vlans
    )


class NarrowPorts(Control):
    """C04: specified flows name their ports."""

    id = "C04"
    title = Text("The way is narrowed by port", "ポートで限定")
    rule = Text(
        f"each permission names its protocol and ports, none a range of more than {BROADEST}",
        f"許可ごとにプロトコルとポートを指定し、{BROADEST} を超える範囲を指定しないこと",
    )
    bases = ("K",)
    absent = NO_ROWS
    limits = Text(
        f"that a range of {BROADEST} ports is narrow enough is our assumption",
        f"{BROADEST} ポートまでを十分に狭いとするのは当方の仮定です",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        rows = [row for row in crossing_rows(facts) if row.live]
        for row in rows:
            yield _ports(row.name, row.flow)
        for permit in facts.across(facts.segments("mynumber")):
            rule = permit.rule
            open_ports = rule.protocol in {"tcp", "udp"} and not rule.dports
            wide = any(high - low >= BROADEST for low, high in rule.dports)
            if not rule.protocol or open_ports or wide:
                text = Text("{device}: a rule that leaves ports open", "{device}: ポートを限定しない規則")
                yield breaks(text.format(device=permit.device), permit.origin)
        if rows:
            yield from unread(facts, "nftables")


def _ports(name: str, flow: Flow) -> Evidence:
    wide = [port for port in flow.ports if port.high - port.low >= BROADEST]
    shown = ", ".join(map(str, wide or flow.ports))
    return either(
        not wide,
        Text(f"{name}: {shown}", f"{name}: {shown}"),
        Text(f"{name}: broad range {shown}", f"{name}: 広すぎる範囲 {shown}"),
        flow.origin,
    )


CONTROLS: tuple[Control, ...] = (NarrowRoute(), NarrowPorts())
