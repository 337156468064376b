"""What servers serve: their ports, the workload behind a database, whom resolvers and the time source answer."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import Path, problem, warning
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.plan import management_block
from inventory.text import Text
from inventory.values import ProtocolPort
from inventory.words import listed, same
from inventory.workloads import ServerService

PORTS: dict[ServerService, tuple[ProtocolPort, ...]] = {
    "dns": (ProtocolPort("udp", 53, 53), ProtocolPort("tcp", 53, 53)),
    "ntp": (ProtocolPort("udp", 123, 123),),
    "certificates": (ProtocolPort("tcp", 5432, 5432),),
}
"""The ports each service listens on."""


def services_listen(survey: Survey) -> Iterator[Finding]:
    """A server listens where its services do."""
    for site, key, server in survey.servers.values():
        for service in server.services:
            missing = [port for port in PORTS.get(service, ()) if port not in server.listens]
            if missing:
                yield problem(
                    "service-port",
                    ("sites", site, "servers", key, "services"),
                    Text(
                        f"it serves {service} but does not listen there",
                        f"サービス {service} のポートが listens にありません",
                    ),
                    expected=listed(str(port) for port in missing),
                    found=listed(str(port) for port in server.listens)
                    if server.listens
                    else Text("no port", "ポートなし"),
                )


def services_used(survey: Survey) -> Iterator[Finding]:
    """A database server of the certificates belongs to one workload; a segment has one watch."""
    watches: dict[str, str] = {}
    for name, (site, key, server) in survey.servers.items():
        path: Path = ("sites", site, "servers", key, "services")
        users = [label for label, workload in survey.city.workloads.items() if name in workload.hosts]
        if "certificates" in server.services and len(users) != 1 and survey.sound("workloads"):
            yield problem(
                "service-workload",
                path,
                Text("certificates serves one workload", "certificates は 1 つの業務システムのためのものです"),
                expected=Text(f"one workload with {name} in its hosts", f"hosts に {name} を持つ業務システム 1 つ"),
                found=listed(users) if users else Text("none", "なし"),
            )
        segment = survey.city.sites[site].vlans[server.vlan].segment
        if "watch" in server.services:
            if segment in watches:
                yield warning(
                    "service-watch-twice",
                    path,
                    Text("its segment is watched already", "同じ領域に監視機が既にあります"),
                    expected=Text("one server with `watch` a segment", "領域ごとに watch のサーバ 1 台"),
                    found=Text(f"also {watches[segment]}", f"{watches[segment]} にもあります"),
                )
            watches.setdefault(segment, name)


def resolvers_fit(survey: Survey) -> Iterator[Finding]:
    """The My Number segment asks nobody for names."""
    for key, segment in survey.city.segments.items():
        if segment.kind == "mynumber" and segment.resolvers:
            yield problem(
                "resolvers-mynumber",
                ("segments", key, "resolvers"),
                Text(
                    "a My Number segment resolves its own names only",
                    "マイナンバー利用事務系の名前解決は自領域の名前に限ります",
                ),
                expected=Text("no resolvers", "resolvers なし"),
                found=listed(str(address) for address in segment.resolvers),
            )


def time_source_fits(survey: Survey) -> Iterator[Finding]:
    """The time source stands in the management network, in no site's share of it."""
    plan = survey.city.management
    if plan.time is None:
        return
    shares = {name: management_block(plan, site) for name, site in survey.city.sites.items()}
    takers = [name for name, share in shares.items() if share is not None and plan.time in share]
    if plan.time not in plan.ipv4 or takers:
        yield problem(
            "time-source",
            ("city", "management", "time"),
            Text("the time source has no place of its own", "時刻源のアドレスが適切ではありません"),
            expected=Text(
                f"an address of {plan.ipv4} that no site's devices may take",
                f"{plan.ipv4} のうち、どの拠点の機器にも割り当てられないアドレス",
            ),
            found=Text(f"{plan.time}, of site {takers[0]}", f"{plan.time} (拠点 {takers[0]} の範囲)")
            if takers
            else same(str(plan.time)),
        )
