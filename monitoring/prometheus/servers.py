"""Servers: one that is dead is told like a device, and what can only follow from that is not told beside it.

Its alert carries its name three times: what `silence` compares is the label of the alert that follows.
"""

from __future__ import annotations

from inventory.text import Text
from monitoring.prometheus import names
from monitoring.prometheus.rule import Alert, literal
from monitoring.prometheus.settings import Settings
from network.fabric import Fabric, Host


def servers(fabric: Fabric) -> tuple[Host, ...]:
    """Every server of the city."""
    return tuple(host for host in fabric.hosts.values() if host.kind == "server")


def down(server: Host, fabric: Fabric, settings: Settings) -> Alert:
    """The alert of a server that does not answer."""
    title, site, segment = names.host(server), names.site(fabric, server.site), names.segment(fabric, server.segment)
    works = {name: work for name, work in fabric.city.workloads.items() if server.name in work.hosts}
    bears_en = f" Workloads on it: {', '.join(works)}." if works else ""
    bears_ja = f"載っている業務システム: {'、'.join(literal(work.title) for work in works.values())}。" if works else ""
    name = server.name
    return Alert(
        "ServerDown",
        f'sanso_server_up{{device="{name}"}} == 0',
        "critical",
        title,
        Text(f"Server {name} does not answer.", f"サーバ停止: {site}の{title}({segment})が応答しません。"),
        Text(
            f"It cannot be logged in to over the management network ({server.management.ip}).{bears_en}",
            f"管理ネットワーク({server.management.ip})からログインできません。"
            f"電源、管理用ポート、OS の状態を確認してください。{bears_ja}",
        ),
        2 * settings.device,
        {
            "device": name,
            "source": name,
            "far_server": name,
            "segment": server.segment,
            "site": server.site,
            "role": "server",
        },
    )
