"""Tables of a firewall: zones, the register's rules, named sets, address translation."""

from __future__ import annotations

from collections.abc import Iterator

from network.compile.rules import zone_set
from network.documents.page import Table
from network.documents.words import FLOW_KINDS, NONE, SANITISERS, listed, place, services, zone_name
from network.fabric import Fabric
from network.nft_names import clock_text, mark_text
from network.state import DeviceState, NftChain, NftRule, NftSet, NftTable


def filter_tables(fabric: Fabric, state: DeviceState) -> Iterator[Table]:
    """All tables of a firewall; nothing for another device."""
    for table in state.tables:
        yield _zones(fabric, table)
        yield _register(fabric, table)
        yield from (_chain(chain) for chain in table.chains)
        yield _sets(table)


def _zones(fabric: Fabric, table: NftTable) -> Table:
    zones = [*fabric.city.segments, *(f"peer:{name}" for name in fabric.city.peers)]
    names = {zone_set(zone): zone_name(fabric, zone) for zone in zones}
    rows = tuple(
        (item.name, names[item.name], "、".join(map(str, item.elements))) for item in table.sets if item.name in names
    )
    return Table("ゾーン", ("ゾーン", "領域・外部接続先", "インターフェース"), rows)


def _register(fabric: Fabric, table: NftTable) -> Table:
    """The rows of the register that are in force here, once each, in the order of the rules."""
    present = dict.fromkeys(rule.id for chain in table.chains for rule in chain.rules if rule.id)
    rows = []
    for row in present:
        flow = fabric.city.flows[row]
        ends = [f"{fabric.city.groups[name].title}({name})" for name in (flow.source, flow.destination)]
        zones = [zone_name(fabric, fabric.endpoints[name].zone) for name in (flow.source, flow.destination)]
        how = f"({SANITISERS[flow.sanitised_by]})" if flow.sanitised_by else ""
        term = f"{flow.approved_on or NONE} 〜 {flow.expires_on or '無期限'}"
        windows = "".join(f"\n作業時間帯 {window.said.ja}" for window in flow.window)
        rows.append(
            (
                row,
                FLOW_KINDS[flow.kind] + how,
                flow.title,
                f"{ends[0]}\n{zones[0]}",
                f"{ends[1]}\n{zones[1]}",
                services(flow),
                flow.reason or NONE,
                f"{flow.owner}\n{flow.approver}",
                f"{term}\n{flow.document}{windows}",
                place(flow.origin),
            )
        )
    columns = (
        "登録番号",
        "種別",
        "名称",
        "発信元",
        "宛先",
        "サービス",
        "理由",
        "所管・承認",
        "期間・文書番号",
        "定義箇所",
    )
    note = (
        "登録簿にない領域間の通信はすべて遮断する。応答は同じ接続のものだけを通す。"
        "登録番号ごとの接続マークが名前付きセット live から外れると、確立済みの接続も遮断する。"
    )
    return Table("通信登録簿による許可", columns, tuple(rows), note)


def _chain(chain: NftChain) -> Table:
    rows = tuple(
        (str(number), _condition(rule), _action(rule), rule.id or NONE, place(rule.origin))
        for number, rule in enumerate(chain.rules, start=1)
    )
    default = {"drop": "既定は遮断。", "accept": "既定は許可。"}.get(chain.policy, "")
    hook = f"フック {chain.hook}、優先度 {chain.priority}。" if chain.hook else "他のチェインから呼ばれる。"
    return Table(f"フィルタ規則 {chain.name}", ("順", "条件", "動作", "登録番号", "定義箇所"), rows, hook + default)


_DAYS = "日月火水木金土"


def _condition(rule: NftRule) -> str:
    parts = [
        ("入力", rule.iif),
        ("出力", rule.oif),
        ("発信元が次でない" if rule.negate_src else "発信元", rule.src),
        ("宛先", rule.dst),
        ("状態", rule.ct_states),
        ("接続マーク", _marks(rule.ct_marks)),
        ("プロトコル", (rule.protocol,) if rule.protocol else ()),
        ("発信元ポート", tuple(_ports(pair) for pair in rule.sports)),
        ("宛先ポート", tuple(_ports(pair) for pair in rule.dports)),
        ("ICMP種別", rule.icmp_types),
        ("曜日 (UTC)", tuple(_DAYS[day] for day in rule.days)),
        ("時刻 (UTC)", ("〜".join(map(clock_text, rule.hours)),) if rule.hours else ()),
    ]
    family = [f"IPv{rule.family}"] if rule.family else []
    words = [
        f"{name}: {value if isinstance(value, str) else '、'.join(map(str, value))}" for name, value in parts if value
    ]
    return listed([*family, *words]) if family or words else "すべて"


def _marks(marks: tuple[int, ...] | str) -> tuple[str, ...] | str:
    return marks if isinstance(marks, str) else tuple(map(mark_text, marks))


def _ports(pair: tuple[int, int]) -> str:
    return str(pair[0]) if pair[0] == pair[1] else f"{pair[0]}-{pair[1]}"


def _action(rule: NftRule) -> str:
    verbs = {"accept": "許可", "drop": "遮断", "reject": "拒否応答", "jump": "チェインへ", "goto": "チェインへ移る"}
    text = verbs.get(rule.verdict, rule.verdict)
    if rule.to is not None:
        text = f"{'送信元' if rule.verdict == 'snat' else '宛先'}を {rule.to} に変換"
    marked = f"、接続マーク {mark_text(rule.set_mark)} を付与" if rule.set_mark is not None else ""
    return f"{text} {rule.target}".strip() + ("(計数)" if rule.counter else "") + marked


def _elements(item: NftSet) -> tuple[str, ...]:
    return tuple(mark_text(value) if isinstance(value, int) else str(value) for value in item.elements)


def _sets(table: NftTable) -> Table:
    rows = tuple((item.name, listed(_elements(item)), place(item.origin)) for item in table.sets)
    return Table("名前付きセット", ("名称", "要素", "定義箇所"), rows)
