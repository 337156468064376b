"""Logs, time, support and updates (C40 to C46)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from inventory.origin import Origin
from inventory.text import Text
from inventory.values import ProtocolPort
from inventory.words import tied
from network.controls.control import Awaited, Control, Evidence, either, waiting
from network.controls.facts import Facts, Inspection, Row, prefixes_of

WORST_OFFSET_S = 1.0
NTP = ProtocolPort("udp", 123, 123)


class LogsSeen(Awaited):
    """C40: every source of logs was heard within a day."""

    id = "C40"
    title = Text("Logs are taken", "ログ取得")
    rule = Text(
        "logs of firewall, RADIUS, directory, hypervisor and switches were all seen within 24 hours",
        "ファイアウォール・RADIUS・ディレクトリ・仮想化基盤・スイッチのログが、すべて 24 時間以内に届いていること",
    )
    bases = ("K",)
    awaits = Text("the time each source's log was last seen", "ログ管理サーバでの送信元ごとの最終受信時刻")


class LogsKept(Awaited):
    """C41: logs are kept long enough."""

    id = "C41"
    title = Text("Retention (365 days by default)", "保存期間(既定365日)")
    rule = Text(
        "the oldest log is at least the retention period old",
        "最も古いログが保存期間 (既定 365 日) 以上前のものであること",
    )
    bases = ("P",)
    awaits = Text("the date of the oldest log", "最も古いログの日付")


class LogsGuarded(Awaited):
    """C42: nobody rewrites logs."""

    id = "C42"
    title = Text("Logs are protected", "ログ保護")
    rule = Text(
        "logs are append-only, under an administrator of their own", "ログは追記だけでき、別の管理者が管理すること"
    )
    bases = ("K",)
    awaits = Text("the log server's storage settings and administrators", "ログ管理サーバの保存設定と管理者")


class TimeSource(Control):
    """C43: each segment has a registered way to an approved time source."""

    id = "C43"
    title = Text("Clocks agree", "時刻同期")
    rule = Text(
        "each segment takes its time from an approved source, by its own servers from the city's source in "
        "the management network or by a registered flow; offset of at most 1 s",
        "各領域が承認された時刻源と同期し(管理ネットワークの時刻源に従う領域内のサーバ、または登録済みの通信によること)、"
        "ずれが 1 秒以内であること",
    )
    bases = ("F", "K")
    needs = ("inspections",)
    limits = Text(
        "guests' own devices are left out; a named source at a partner, the internet aside, is taken as approved; "
        "the clocks are those of the network devices, compared with that of the machine that asks",
        "来庁者の端末は除いています。インターネット以外の外部接続先にある、宛先を指定した時刻源は承認されたものとみなしています。"
        "ずれはネットワーク機器について、判定を行う端末の時計と比べています",
    )

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        standing = {lan.segment for lan in facts.fabric.lans.values()} - facts.segments("guest", "management")
        sources = _sources(facts)
        for name in (name for name in facts.city.segments if name in standing):
            chain = _chain(name, sources) or _followed(facts, name)
            title = facts.city.segments[name].title
            yield either(
                chain is not None,
                Text(f"{name}: {' → '.join(chain or ())}", f"{title}: {' → '.join(chain or ())}"),
                Text(
                    f"{name} has no way to an approved time source",
                    tied(title, "から承認された時刻源への経路がありません"),
                ),
                facts.city.segments[name].origin,
            )
        for device, found in (facts.inspections or {}).items():
            yield _clock(device, found, facts.fabric.devices[device].origin)


def _clock(device: str, found: Inspection, origin: Origin) -> Evidence:
    """Whether a clock is right, wrong, or was asked too slowly to tell."""
    shown = f"{found.offset:+.2f} ± {found.unsure:.2f} s"
    if abs(found.offset) + found.unsure > WORST_OFFSET_S >= abs(found.offset) - found.unsure:
        return waiting(Text(f"a closer look at the clock of {device} ({shown})", f"{device} の時刻の再測定 ({shown})"))
    return either(
        abs(found.offset) <= WORST_OFFSET_S,
        Text(f"{device}: clock {shown}", f"{device} の時刻のずれ {shown}"),
        Text(f"{device}: clock is off by {shown}", f"{device} の時刻が {shown} ずれています"),
        origin,
    )


def _sources(facts: Facts) -> dict[str, list[tuple[str, str]]]:
    """Zone → (row, zone it takes its time from)."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in facts.rows:
        asks = any(port.protocol == "udp" and port.low <= NTP.low <= port.high for port in row.flow.ports)
        if row.live and asks and not _anybody(facts, row):
            found.setdefault(row.source.zone, []).append((row.name, row.destination.zone))
    return found


def _followed(facts: Facts, segment: str) -> list[str] | None:
    """The segment's servers that serve the time of the city's own source; None when there are none."""
    if facts.city.management.time is None:
        return None
    hosts = facts.fabric.hosts
    names = [
        f"{key}-{short}"
        for key, site in facts.city.sites.items()
        for short, server in site.servers.items()
        if "ntp" in server.services and hosts[f"{key}-{short}"].segment == segment
    ]
    return [", ".join(names), str(facts.city.management.time)] if names else None


def _anybody(facts: Facts, row: Row) -> bool:
    """Whether a row leads to time sources of the internet at large, which nobody approved."""
    members = facts.city.groups[row.flow.destination].members
    internet = any(member.peer and facts.city.peers[member.peer].kind == "internet" for member in members)
    return internet or any(prefix.prefixlen == 0 for prefix in prefixes_of(row.destination))


def _chain(
    zone: str, sources: dict[str, list[tuple[str, str]]], passed: frozenset[str] = frozenset()
) -> list[str] | None:
    """The rows that lead from a zone to a peer's time source; None when there is no such way."""
    for row, there in sources.get(zone, ()):
        if there.startswith("peer:"):
            return [row]
        if there not in passed:
            rest = _chain(there, sources, passed | {zone})
            if rest is not None:
                return [row, *rest]
    return None


class Supported(Control):
    """C44: nothing runs past its end of support."""

    id = "C44"
    title = Text("Nothing beyond its support", "サポート切れ禁止")
    rule = Text(
        "each device's firmware and each server's system is supported on the day",
        "機器のファームウェアとサーバの OS が、判定日にサポート期間内であること",
    )
    bases = ("S",)

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        unknown: list[str] = []
        for name, end, origin in _supports(facts):
            if end is None:
                unknown.append(name)
                continue
            yield either(
                facts.day <= end,
                Text(f"{name} until {end}", f"{name}: {end} まで"),
                Text(f"{name} ended on {end}", f"{name}: {end} に終了"),
                origin,
            )
        if unknown:
            more = f" +{len(unknown) - 3}" if len(unknown) > 3 else ""  # noqa: PLR2004 as many as a line holds
            shown = ", ".join(unknown[:3]) + more
            yield waiting(
                Text(
                    f"`end_of_support` of {len(unknown)} devices and servers ({shown})",
                    f"機器・サーバ {len(unknown)} 台の保守期限 `end_of_support` ({shown})",
                )
            )


def _supports(facts: Facts) -> Iterator[tuple[str, dt.date | None, Origin]]:
    for key, site in facts.city.sites.items():
        for name, device in site.devices.items():
            yield f"{key}-{name}", device.end_of_support, device.origin
        for name, server in site.servers.items():
            yield f"{key}-{name}", server.end_of_support, server.origin


class Patched(Awaited):
    """C45: patches come in time."""

    id = "C45"
    title = Text("Patches in time", "パッチ期限")
    rule = Text(
        "no known weakness stays open longer than its severity allows",
        "脆弱性が、深刻度ごとの期限内に修正されていること",
    )
    bases = ("K",)
    awaits = Text("the days each weakness is open, by severity", "深刻度ごとの未修正の日数")


class Signatures(Awaited):
    """C46: signatures are fresh and come from where they should."""

    id = "C46"
    title = Text("Signatures are fresh", "定義更新")
    rule = Text(
        "signatures are recent and come from the registered source",
        "ウイルス定義が新しく、登録された配信元から取得していること",
    )
    bases = ("S",)
    awaits = Text("the age and source of the signatures", "ウイルス定義の日時と配信元")


CONTROLS: tuple[Control, ...] = (
    LogsSeen(),
    LogsKept(),
    LogsGuarded(),
    TimeSource(),
    Supported(),
    Patched(),
    Signatures(),
)
