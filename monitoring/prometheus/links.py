"""Cables inside a site, and the lines to external networks."""

from __future__ import annotations

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.rule import Alert, Group, Record, Rule
from monitoring.prometheus.settings import Settings
from network.fabric import Fabric, PeerLine, Wire


def links(fabric: Fabric, settings: Settings) -> Group:
    """A link or a line is as good as its worse end."""
    rules: list[Rule] = []
    for wire in fabric.wires.values():
        if wire.kind == "peer":
            rules += _line(fabric, wire, fabric.peer_lines[wire.name], settings)
        elif wire.circuit is None:
            rules += _link(fabric, wire, settings)
    return Group("links", rules)


def _link(fabric: Fabric, wire: Wire, settings: Settings) -> tuple[Rule, ...]:
    site = fabric.devices[wire.a.device].site
    title = f"{names.site(fabric, site)} {wire.a.device}–{wire.b.device}"
    ports = (f'device="{end.device}",interface="{end.port}"' for end in (wire.a, wire.b))
    ends = " or ".join(f"sanso_interface_up{{{port}}}" for port in ports)
    return (
        Record("sanso:link_up", f"min({ends})", {"link": wire.name, "site": site}),
        Alert(
            "LinkDown",
            f'sanso:link_up{{link="{wire.name}"}} == 0'
            f' unless on () (min(sanso_device_up{{device=~"{wire.a.device}|{wire.b.device}"}}) == 0)',
            "warning",
            title,
            Text(f"Link {wire.name} is down.", f"構内配線断: {title} の間がリンクダウンしています。"),
            Text(
                f"{wire.a} or {wire.b} reports no link.",
                f"{wire.a} または {wire.b} がリンクダウンを示しています。"
                "配線、モジュール、対向機器の電源を確認してください。",
            ),
            2 * settings.device,
            {"link": wire.name, "site": site},
        ),
    )


def _line(fabric: Fabric, wire: Wire, line: PeerLine, settings: Settings) -> tuple[Rule, ...]:
    site = fabric.devices[line.device].site
    title = names.line(fabric, wire)
    addresses = "|".join(str(address.ip).replace(".", "[.]") for address in (line.peer_ipv4, line.peer_ipv6))
    port = f'sanso_interface_up{{device="{line.device}",interface="{line.interface}"}}'
    sessions = f'sanso_bgp_session_up{{device="{line.device}",peer=~"{addresses}"}}'
    labels = {"line": line.name, "peer": line.peer, "site": site}
    alone = len(fabric.city.peers[line.peer].attachments) == 1
    return (
        Record("sanso:line_up", f"min({port}) * (max({sessions}) or min({port}))", {**labels, "title": title}),
        Alert(
            "PeerLineDown",
            f'sanso:line_up{{line="{line.name}"}} == 0',
            "critical" if alone else "warning",
            title,
            Text(f"The line {line.name} is down.", f"外部接続断: {title}が不通です。"),
            Text(
                f"The port {line.device}:{line.interface} is down or its BGP session is gone.",
                f"{line.device}:{line.interface} がリンクダウン、または対向との BGP セッションが切れています。",
            ),
            2 * settings.device,
            labels,
        ),
    )
