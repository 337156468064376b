"""VLANs and switches: a VLAN reaches its switches from its gateway over one port; hosts stand where it stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from inventory.checks.finding import Path, problem, warning
from inventory.checks.survey import ROUTERS, Survey
from inventory.errors import Finding
from inventory.model import Site
from inventory.text import Text
from inventory.words import did_you_mean, listed, one_of, same

PLATFORM_OF = {"core": "frr", "edge": "frr", "firewall": "nftables", "access": "openvswitch"}
ROLE_WORD = {
    "core": Text("a core", "コア"),
    "edge": Text("an edge router", "拠点ルータ"),
    "firewall": Text("a firewall", "ファイアウォール"),
    "access": Text("an access switch", "アクセススイッチ"),
}


def platforms_fit(survey: Survey) -> Iterator[Finding]:
    """Each role runs on its platform; only cores and firewalls stand by."""
    for s, key, device in survey.devices.values():
        path = ("sites", s, "devices", key)
        wanted, role = PLATFORM_OF[device.role], ROLE_WORD[device.role]
        if device.platform != wanted:
            yield problem(
                "platform-role",
                (*path, "platform"),
                Text(f"{role.en} does not run on {device.platform}", f"{role.ja}は {device.platform} では動きません"),
                expected=same(wanted),
                found=same(device.platform),
                hint=did_you_mean(wanted),
            )
        if device.standby and device.role not in {"core", "firewall"}:
            yield problem(
                "standby-role",
                (*path, "standby"),
                Text(f"{role.en} cannot stand by", f"{role.ja}は待機系にできません"),
                expected=Text("a firewall, or a core beside one", "ファイアウォール、またはその横のコア"),
                found=role,
            )


def gateways_route(survey: Survey) -> Iterator[Finding]:
    """A VLAN's gateway is a router and its switches are access switches; out-of-band segments have no VLANs."""
    for lan in survey.lans:
        site = survey.city.sites[lan.site]
        gateway = site.devices[lan.vlan.gateway]
        if gateway.role not in ROUTERS:
            yield problem(
                "gateway-role",
                (*lan.path, "gateway"),
                Text(f"{lan.vlan.gateway} is no router", f"{lan.vlan.gateway} はルータではありません"),
                expected=one_of(key for key, device in site.devices.items() if device.role in ROUTERS),
                found=ROLE_WORD[gateway.role],
            )
        for index, name in enumerate(lan.vlan.access):
            if site.devices[name].role != "access":
                yield _no_switch((*lan.path, "access", str(index)), site, name)
        if not lan.vlan.access:
            yield problem(
                "vlan-nowhere",
                (*lan.path, "access"),
                Text("it stands on no switch", "どのスイッチにもありません"),
                expected=one_of(_switches(site)),
                found=Text("an empty list", "空のリスト"),
            )
        if survey.city.segments[lan.vlan.segment].kind == "management":
            yield problem(
                "vlan-management",
                (*lan.path, "segment"),
                Text("management is out of band and has no VLANs", "管理ネットワークは帯域外で、VLAN を置けません"),
                expected=one_of(key for key, row in survey.city.segments.items() if row.kind != "management"),
                found=same(lan.vlan.segment),
            )


def _switches(site: Site) -> list[str]:
    return [key for key, device in site.devices.items() if device.role == "access"]


def _no_switch(path: tuple[str, ...], site: Site, name: str) -> Finding:
    return problem(
        "switch-role",
        path,
        Text(f"{name} is no access switch", f"{name} はアクセススイッチではありません"),
        expected=one_of(_switches(site)),
        found=ROLE_WORD[site.devices[name].role],
    )


def hosts_on_switches(survey: Survey) -> Iterator[Finding]:
    """Servers and terminals hang on access switches on which their VLANs stand."""
    for s, site in survey.city.sites.items():
        rows: list[tuple[Path, str, tuple[str, ...]]] = []
        rows += [(("sites", s, "servers", key), item.switch, (item.vlan,)) for key, item in site.servers.items()]
        rows += [(("sites", s, "terminals", key), item.switch, item.vlans) for key, item in site.terminals.items()]
        for path, switch, vlans in rows:
            if site.devices[switch].role != "access":
                yield _no_switch((*path, "switch"), site, switch)
                continue
            for vlan in vlans:
                access = site.vlans[vlan].access
                if switch not in access:
                    yield problem(
                        "vlan-not-on-switch",
                        (*path, "switch"),
                        Text(
                            f"VLAN {vlan} does not stand on switch {switch}",
                            f"VLAN {vlan} はスイッチ {switch} にありません",
                        ),
                        expected=one_of(access),
                        found=same(switch),
                        hint=Text(
                            f"add {switch} to `access` of VLAN {vlan}",
                            f"VLAN {vlan} の `access` に {switch} を加えてください",
                        ),
                    )


def vlans_reach(survey: Survey) -> Iterator[Finding]:
    """Every switch of a VLAN is reached from its gateway over access switches, all over one port of the gateway."""
    for lan in survey.lans:
        site = survey.city.sites[lan.site]
        switches = [name for name in lan.vlan.access if site.devices[name].role == "access"]
        if site.devices[lan.vlan.gateway].role not in ROUTERS or not survey.sound("sites", lan.site, "links"):
            continue
        paths = switched_paths(site, lan.vlan.gateway)
        lost = [name for name in switches if name not in paths]
        if lost:
            row = listed(lost)
            yield problem(
                "vlan-unreachable",
                (*lan.path, "access"),
                Text(
                    f"{row.en} cannot be reached from its gateway {lan.vlan.gateway}",
                    f"ゲートウェイ {lan.vlan.gateway} から {row.ja} に届きません",
                ),
                expected=Text(
                    "links from the gateway to every switch, over access switches",
                    "ゲートウェイから各スイッチまで (アクセススイッチ経由) の構内配線",
                ),
                found=Text("no such link", "配線がありません"),
                hint=Text("add the missing entry under `links:`", "`links:` に足りない配線を加えてください"),
            )
            continue
        ports = sorted({paths[name] for name in switches if name in paths})
        if len(ports) > 1:
            yield problem(
                "vlan-two-ports",
                (*lan.path, "access"),
                Text(
                    f"its switches hang on {len(ports)} ports of {lan.vlan.gateway}",
                    f"スイッチが {lan.vlan.gateway} の {len(ports)} 個のポートに分かれています",
                ),
                expected=Text("one port of the gateway for all of them", "ゲートウェイの 1 つのポート"),
                found=listed(ports),
                hint=Text(
                    "link the switches to one another, or make a VLAN for each port",
                    "スイッチどうしをつなぐか、ポートごとに VLAN を分けてください",
                ),
            )


def switched_paths(site: Site, gateway: str) -> dict[str, str]:
    """Switch → the port of `gateway` over which it is reached (breadth first, over access switches only)."""
    neighbours: dict[str, list[tuple[str, str]]] = {}
    for link in site.links.values():
        neighbours.setdefault(link.a.device, []).append((link.a.port, link.b.device))
        neighbours.setdefault(link.b.device, []).append((link.b.port, link.a.device))
    ports: dict[str, str] = {}
    queue = deque([(gateway, "")])
    while queue:
        here, over = queue.popleft()
        for port, there in neighbours.get(here, ()):
            if there not in ports and there != gateway and site.devices[there].role == "access":
                ports[there] = over or port
                queue.append((there, ports[there]))
    return ports


def switches_used(survey: Survey) -> Iterator[Finding]:
    """An access switch without any VLAN does nothing."""
    for s, site in survey.city.sites.items():
        if not survey.sound("sites", s):
            continue
        used = {name for vlan in site.vlans.values() for name in vlan.access}
        used |= {end.device for link in site.links.values() for end in (link.a, link.b)}
        for key in _switches(site):
            if key not in used:
                yield warning(
                    "switch-idle",
                    ("sites", s, "devices", key),
                    Text("the switch has neither a link nor a VLAN", "構内配線も VLAN もないスイッチです"),
                    expected=Text("an entry under `links:`", "`links:` の項目"),
                    found=Text("none", "なし"),
                )
