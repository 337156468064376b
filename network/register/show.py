"""The register for people: its list by kind, its overlaps, and the explanation of one host."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from inventory.text import Text
from inventory.words import FLOW_KINDS, SANITISERS, same
from network.fabric import Endpoint, Fabric
from network.register.counters import Hits
from network.register.overlaps import Overlap, Relation
from network.register.reach import Grant, Reach
from network.register.standing import Row, State
from network.register.tries import Tries

STATES: Mapping[State, Text] = {
    "live": Text("live", "有効"),
    "expiring": Text("expiring", "期限間近"),
    "expired": Text("expired", "期限切れ"),
    "unapproved": Text("not approved yet", "未承認"),
}
RELATIONS: Mapping[Relation, Text] = {
    "same": Text("both rows permit exactly the same", "両方の行がまったく同じ通信を許可しています"),
    "inside": Text(
        "all that {first} permits, {second} permits too", "{first} の通信はすべて {second} でも許可されています"
    ),
    "around": Text(
        "all that {second} permits, {first} permits too", "{second} の通信はすべて {first} でも許可されています"
    ),
    "partly": Text("some packets are permitted by both rows", "一部の通信が両方の行で許可されています"),
}


def list_lines(
    rows: Sequence[Row],
    fabric: Fabric,
    counted: Mapping[str, Hits] | None = None,
    tried: Mapping[str, Tries] | None = None,
) -> Iterator[Text]:
    """The rows by kind: three lines each; with what was counted a fourth, and a fifth where the watch `tried` it."""
    for kind, name in FLOW_KINDS.items():
        alike = [row for row in rows if row.flow.kind == kind]
        if alike:
            yield Text("{name} ({n})", "{name} ({n} 件)").format(name=name, n=len(alike))
        for row in alike:
            yield from _row(row, fabric)
            if counted is not None:
                yield _counted(counted[row.key])
                if tried and row.key in tried and counted[row.key].running:
                    yield _tried(tried[row.key])
    yield _summary(rows)
    if counted is not None:
        yield from _unused(rows, counted)
        yield from _caution([row.key for row in rows if row.key in (tried or {})])


def _row(row: Row, fabric: Fabric) -> Iterator[Text]:
    flow = row.flow
    yield Text("  {key}  {title}  [{state}]", "  {key}  {title}  [{state}]").format(
        key=row.key, title=flow.title, state=_state(row)
    )
    way = f"{_end(fabric, row.source)} → {_end(fabric, row.destination)}  {' '.join(map(str, flow.ports))}"
    via = _via(row)
    yield Text(f"      {way}{via.en}", f"      {way}{via.ja}")
    owner, approver, document = flow.owner or "-", flow.approver or "-", flow.document or "-"
    begin, end = flow.approved_on or "-", flow.expires_on or "-"
    when = [window.said for window in flow.window]
    window = Text(
        "".join(f"  window {item.en}" for item in when),
        "".join(f"  作業時間帯 {item.ja}" for item in when),
    )
    yield Text(
        f"      {owner}; approved by {approver}; {begin} .. {end}; {document}{window.en}",
        f"      {owner}、承認 {approver}、{begin}〜{end}、{document}{window.ja}",
    )


def _state(row: Row) -> Text:
    state = STATES[row.state]
    if row.days_left is None:
        return state
    if row.days_left < 0:
        ago = -row.days_left
        return Text(f"{state.en} {ago} day(s) ago", f"{state.ja} ({ago} 日経過)")
    return Text(f"{state.en}, {row.days_left} day(s) left", f"{state.ja} 残り {row.days_left} 日")


def _end(fabric: Fabric, end: Endpoint) -> str:
    return f"{fabric.city.groups[end.group].title}({end.group})"


def _via(row: Row) -> Text:
    if row.flow.sanitised_by is None:
        return same("")
    how = SANITISERS[row.flow.sanitised_by]
    gateway = row.flow.gateway or "-"
    return Text(f"  through {gateway} ({how.en})", f"  無害化 {gateway} ({how.ja})")


def _counted(counted: Hits) -> Text:
    if not counted.running:
        return Text("      on no firewall", "      どのファイアウォールにも設定されていません")
    each = ", ".join(f"{name} {count.packets}" for name, count in counted.by_firewall.items())
    mark = Text("UNUSED: ", "未使用: ") if counted.unused else same("")
    total = counted.total
    return Text(
        f"      {mark.en}{total.packets} packet(s), {total.bytes} byte(s) ({each})",
        f"      {mark.ja}{total.packets} パケット、{total.bytes} バイト ({each})",
    )


def _tried(tries: Tries) -> Text:
    return Text(
        f"      of these the watch, while it runs, opens {tries.connections} at each try from {tries.source}: "
        f"{tries.a_minute} a minute in a city",
        f"      うち監視が {tries.source} から 1 回の試行で開く接続: {tries.connections}"
        f"(実環境では毎分 {tries.a_minute})。監視が動いている間は計数に含まれます",
    )


def _caution(tried: Sequence[str]) -> Iterator[Text]:
    """A row that only the watch uses is not marked: nothing here may pass for a proof that it is needed."""
    if tried:
        names = ", ".join(tried)
        yield Text(
            f"{len(tried)} row(s) are tried by the watch, on every firewall on their way, and are never marked as "
            f"unused while it runs: {names}. Somebody else uses such a row only if it counts more than the watch "
            "opens; what is not answered is sent again and counts more than once.",
            f"監視が試行している行 {len(tried)} 件(経路上の各ファイアウォールで計数されます): {names}。"
            "監視が動いている間、未使用とは表示されません。監視の接続数を明らかに上回る場合だけ、ほかの利用があります"
            "(応答のない試行は再送され、複数回数えられます)。",
        )


def _summary(rows: Sequence[Row]) -> Text:
    states = Counter(row.state for row in rows)
    each = [(text, states[state]) for state, text in STATES.items() if states[state]]
    return Text(
        f"{len(rows)} row(s): " + ", ".join(f"{count} {text.en}" for text, count in each),
        f"登録 {len(rows)} 件: " + "、".join(f"{text.ja} {count}" for text, count in each),
    )


def _unused(rows: Sequence[Row], counted: Mapping[str, Hits]) -> Iterator[Text]:
    unused = [row.key for row in rows if counted[row.key].unused]
    if unused:
        names = ", ".join(unused)
        yield Text(
            f"{len(unused)} row(s) without a packet since their firewalls last took new rules: {names}",
            f"ファイアウォールの規則が最後に入れ替わってから通信のない行 {len(unused)} 件: {names}",
        )
    yield Text(
        "Counted are the packets that open a connection; a counter begins anew when a firewall takes new rules.",
        "数えるのは接続を開始するパケットです。計数はファイアウォールの規則が入れ替わると 0 に戻ります。",
    )


def overlap_lines(found: Sequence[Overlap]) -> Iterator[Text]:
    """Each pair of rows that permit the same packets, as a warning."""
    for item in found:
        one, other = item.first, item.second
        names = {"first": one.key, "second": other.key}
        relation = RELATIONS[item.relation].format(**names)
        places = f"{one.key} ({one.flow.origin}), {other.key} ({other.flow.origin})"
        yield Text(
            f"warning: rows {places}: {relation.en}",
            f"警告: {places}: {relation.ja}",
        )
        yield Text(f"  Example: {item.packet}", f"  例: {item.packet}")
        for text in item.contradictions:
            yield Text(f"  Contradiction: {text.en}", f"  矛盾: {text.ja}")
        yield _remedy(item)


def _remedy(item: Overlap) -> Text:
    spare = {"same": item.second.key, "inside": item.first.key, "around": item.second.key}.get(item.relation)
    if item.contradictions:
        return Text(
            "  Hint: let one row alone permit these packets",
            "  ヒント: この通信を許可する行を 1 つにしてください",
        )
    if spare is None:
        return Text(
            "  Hint: take the common part out of one row", "  ヒント: 共通の部分をどちらかの行から除いてください"
        )
    return Text(f"  Hint: {spare} permits nothing more and may go", f"  ヒント: {spare} がなくても許可は変わりません")


def reach_lines(found: Reach, fabric: Fabric, day: dt.date) -> Iterator[Text]:
    """Who may reach the host, whom it may reach, and why; then that nobody else may."""
    place = found.place
    addresses = ", ".join(map(str, place.addresses))
    zone = _zone(fabric, place.zone)
    where = f", VLAN {place.lan}" if place.lan else ""
    there = f"の VLAN {place.lan} " if place.lan else ""
    yield Text(
        f"{place.name} ({addresses}) stands in {zone.en}{where}.",
        f"{place.name} ({addresses}) は{zone.ja}{there}にあります。",
    )
    yield Text(f"May reach it on {day}:", f"{day} にここへ接続できるもの:")
    yield from _grants(found.inbound, fabric, inbound=True)
    yield Text(f"It may reach on {day}:", f"{day} にここから接続できるもの:")
    yield from _grants(found.outbound, fabric, inbound=False)
    for row in found.closed:
        yield Text(
            f"Closed: {row.key} {row.flow.title} [{_state(row).en}] ({row.flow.origin})",
            f"遮断中: {row.key} {row.flow.title} [{_state(row).ja}] ({row.flow.origin})",
        )
    yield Text(
        f"Nobody else: between {zone.en} and any other segment or peer, IPv4 and IPv6, all else is denied by default.",
        f"これ以外は接続できません。{zone.ja}と他の領域・外部との通信は、IPv4・IPv6 とも既定で拒否されます。",
    )
    if place.lan:
        yield Text(
            "Within its own segment the firewalls filter nothing.",
            "同じ領域の中の通信は、ファイアウォールでは制限されません。",
        )


def _zone(fabric: Fabric, zone: str) -> Text:
    if zone.startswith("peer:"):
        title = fabric.city.peers[zone.removeprefix("peer:")].title
        return Text(f"peer {title}", f"外部接続先「{title}」")
    title = fabric.city.segments[zone].title
    return Text(f"segment {title}", f"領域「{title}」")


def _grants(grants: Sequence[Grant], fabric: Fabric, *, inbound: bool) -> Iterator[Text]:
    if not grants:
        yield Text("  nobody" if inbound else "  nothing", "  なし")
    for grant in grants:
        row, flow = grant.row, grant.row.flow
        own, other = (row.destination, row.source) if inbound else (row.source, row.destination)
        families = "/".join(f"IPv{family}" for family in grant.families)
        prefixes = ", ".join(map(str, grant.prefixes))
        zone = _zone(fabric, other.zone)
        ports = " ".join(map(str, flow.ports))
        yield Text(
            f"  {row.key}  {_end(fabric, other)} in {zone.en}  {ports}  {families}  [{_state(row).en}]",
            f"  {row.key}  {_end(fabric, other)} {zone.ja}  {ports}  {families}  [{_state(row).ja}]",
        )
        kind, via = FLOW_KINDS[flow.kind], _via(row)
        reason = flow.reason or "-"
        yield Text(
            f"      {kind.en}: {flow.title}: {reason}{via.en}",
            f"      {kind.ja}「{flow.title}」: {reason}{via.ja}",
        )
        member = f"{_end(fabric, own)}: {prefixes}"
        yield Text(
            f"      {flow.owner}; approved by {flow.approver}; {flow.document}; member of {member} ({flow.origin})",
            f"      {flow.owner}、承認 {flow.approver}、{flow.document}、所属 {member} ({flow.origin})",
        )
