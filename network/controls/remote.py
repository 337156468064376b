"""Maintenance and work from elsewhere (C37 to C39)."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.text import Text
from network.compile.hours import spans, within
from network.controls.control import Awaited, Control, Evidence, breaks, declared, either, fits
from network.controls.facts import Facts, Row, prefixes_of
from network.controls.proved import separation
from network.controls.unread import unread
from network.nft_names import LAST_SECOND

NO_REMOTE = Text("the city has no segment for remote work", "テレワーク用の領域がありません")


class Maintenance(Control):
    """C37: maintenance comes from named sources, in a window, with an end."""

    id = "C37"
    title = Text("Maintenance access is limited", "保守接続の限定")
    rule = Text(
        "closed by default: each maintenance flow has named sources, a window and an expiry; two factors, recorded",
        "既定で閉じていること。保守の通信ごとに接続元・作業時間帯・期限を定め、多要素認証と操作記録を行うこと",
    )
    bases = ("K", "S")
    limits = Text(
        "two factors and recording are what the city declares in the inventory (`management`)",
        "多要素認証と操作記録はインベントリでの申告 (`management`) によるものです",
    )
    absent = Text("no maintenance flow is in force", "有効な保守の通信は登録されていません")

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        rows = [row for row in facts.rows if row.live and row.flow.kind == "maintenance"]
        for row in rows:
            yield _window(row)
            yield _source(facts, row)
            yield either(
                row.flow.expires_on is not None,
                Text(f"{row.name} expires on {row.flow.expires_on}", f"{row.name} の期限は {row.flow.expires_on}"),
                Text(f"{row.name} never expires", f"{row.name} に期限がありません"),
                row.flow.origin,
            )
        if rows:
            yield from _closed(facts, rows)
            plan = facts.city.management
            yield declared(
                plan.two_factor,
                Text("two factors for maintenance", "保守接続の多要素認証"),
                Text(
                    "`management.two_factor`: two factors for maintenance", "多要素認証の有無 `management.two_factor`"
                ),
                plan.origin,
            )
            yield declared(
                plan.recording,
                Text("record of maintenance sessions", "保守接続の操作記録"),
                Text("`management.recording`: a record of the sessions", "操作記録の有無 `management.recording`"),
                plan.origin,
            )


def _closed(facts: Facts, rows: list[Row]) -> Iterator[Evidence]:
    """Whether the firewalls' rules for rows with a window are open within it only."""
    named = {row.name: row for row in rows if row.flow.window}
    for permit in facts.permits:
        row = named.get(permit.rule.id)
        if row is None:
            continue
        hours = permit.rule.hours or (0, LAST_SECOND)
        yield either(
            within(permit.rule.days, hours, spans(row.flow.window)),
            Text(
                f"{permit.device} closes {row.name} outside its window",
                f"{permit.device} は時間帯の外で {row.name} を遮断",
            ),
            Text(
                f"{permit.device} lets {row.name} pass outside its window",
                f"{permit.device} が時間帯の外でも {row.name} を通します",
            ),
            permit.origin,
        )
    yield from unread(facts, "nftables")


def _window(row: Row) -> Evidence:
    window = row.flow.window
    shown = ", ".join(map(str, window))
    return either(
        bool(window),
        Text(f"{row.name} has window {shown}", f"{row.name} の作業時間帯は {shown}"),
        Text(f"{row.name} is open at any time", f"{row.name} に作業時間帯の定めがなく、常に開いています"),
        row.flow.origin,
    )


def _source(facts: Facts, row: Row) -> Evidence:
    group = facts.city.groups[row.flow.source]
    whole = any(member.segment is not None for member in group.members) or any(
        prefix.prefixlen == 0 for prefix in prefixes_of(row.source)
    )
    return either(
        not whole,
        Text(f"{row.name} from {row.flow.source}", f"{row.name} の接続元は{group.title}"),
        Text(f"{row.name} is open to a whole segment", f"{row.name} の接続元が領域全体です"),
        row.flow.origin,
    )


class ClosedRemote(Awaited):
    """C38: remote work comes by a closed network or an approved method."""

    id = "C38"
    title = Text("Remote work: closed network or approved method", "テレワークは閉域または認定方式")
    rule = Text(
        "closed APN or an approved method, two factors, no split tunnel",
        "閉域 SIM または認められた方式で接続し、多要素認証を行い、スプリットトンネルを禁止すること",
    )
    bases = ("F", "S")
    awaits = Text("the remote-access gateway's settings", "テレワーク用ゲートウェイの設定")
    absent = NO_REMOTE

    def applies(self, facts: Facts) -> bool:
        return bool(facts.segments("remote"))


class NoRemoteMyNumber(Control):
    """C39: nothing leads from remote work into My Number."""

    id = "C39"
    title = Text("My Number is not for remote work", "MNはテレワーク対象外")
    rule = Text("no flow from remote work into My Number", "テレワークからマイナンバー利用事務系への通信がないこと")
    bases = ("K",)
    absent = NO_REMOTE

    def evidence(self, facts: Facts) -> Iterator[Evidence]:
        remote, inside = facts.segments("remote"), facts.segments("mynumber")
        if not remote or not inside:
            return
        rows = list(facts.rows_between(remote, inside))
        for row in rows:
            yield breaks(Text(f"{row.name} is registered", f"{row.name} が登録されています"), row.flow.origin)
        rules = [permit for permit in facts.permits if permit.joins(remote, inside)]
        for permit in rules:
            yield breaks(
                Text(f"{permit.device}: a rule into My Number", f"{permit.device}: マイナンバー利用事務系への許可規則"),
                permit.origin,
            )
        if not rows and not rules:
            yield fits(Text("no row and no rule", "登録も許可規則もありません"))
        yield from unread(facts, "nftables")
        yield from separation(facts, lambda a, b: a in remote and b in inside)


CONTROLS: tuple[Control, ...] = (Maintenance(), ClosedRemote(), NoRemoteMyNumber())
