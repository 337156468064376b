"""A DeviceState as a flat list of named elements, each with its facts: what a difference is told in.

An element's identity is its path, such as ("interface", "lgwan", "eth1.2002"); everything else about it is a fact.
New fields of the state become facts by themselves; only their names here may want a better word.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

from inventory.origin import NOWHERE, Origin
from inventory.text import Text
from network.nft_names import DAYS, clock_text, mark_text
from network.state import (
    BfdProfile,
    Bgp,
    BgpNeighbor,
    Bridge,
    DeviceState,
    Interface,
    NftChain,
    NftRule,
    NftSet,
    NftTable,
    Ospf,
    PolicyMap,
    PolicyRule,
    PrefixList,
    PrefixListEntry,
    Redistribute,
    RibFilter,
    RouteMap,
    RouteMapEntry,
    StaticRoute,
    SwitchPort,
    Vrf,
)

Fact = str | tuple[str, ...]
"""A value in words; a tuple is a collection, whose members come and go one by one."""

FactName = tuple[str, ...]
"""The fields that lead to a fact, such as ("ospf", "cost")."""

ORDER: FactName = ("order",)
"""The fact that holds the order of a chain's rules, one a line."""


@dataclass(frozen=True, slots=True)
class Element:
    """One named thing of a device's configuration."""

    label: Text
    facts: Mapping[FactName, Fact]
    origin: Origin

    @property
    def gist(self) -> Text:
        """Its set facts in one line."""
        parts = []
        for name, value in self.facts.items():
            shown = Text(", ".join(value), ", ".join(value)) if isinstance(value, tuple) else value_words(value)
            if name == ORDER or value in {"", "no", "-", ()}:
                continue
            word = Text("", "") if name in {("addresses",), ()} else fact_words(name)
            parts.append(Text(f"{word.en} {shown.en}".strip(), f"{word.ja} {shown.ja}".strip()))
        return Text(", ".join(part.en for part in parts), ", ".join(part.ja for part in parts))


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a class of the state is named: `name` is its identity among its like, `hidden` the fields that are in it."""

    label: Text
    name: Callable[[Any], str]
    hidden: tuple[str, ...] = ()
    table: bool = False
    """Whether it belongs to a VRF, said in its label."""


def _family(item: Any) -> str:  # noqa: ANN401 any of several classes of the state
    return f"IPv{item.family}"


_KINDS: Mapping[type, _Kind] = {
    Vrf: _Kind(Text("VRF {name}", "VRF {name}"), lambda item: item.name or "(default)", ("name",)),
    RibFilter: _Kind(
        Text("route filter {name} of {parent}", "{parent} の経路フィルタ {name}"),
        lambda item: f"{_family(item)} {item.protocol}",
        ("family", "protocol"),
    ),
    StaticRoute: _Kind(
        Text("static route {name} of {parent}", "{parent} のスタティックルート {name}"),
        lambda item: " ".join(
            str(part)
            for part in (item.prefix, item.via, item.interface, item.nexthop_vrf and f"@{item.nexthop_vrf}")
            if part
        ),
        ("prefix", "via", "interface", "nexthop_vrf"),
    ),
    Interface: _Kind(
        Text("interface {name}", "インターフェース {name}"), lambda item: item.name, ("name", "vrf"), table=True
    ),
    BfdProfile: _Kind(Text("BFD profile {name}", "BFD プロファイル {name}"), lambda item: item.name, ("name",)),
    Ospf: _Kind(
        Text("{name}", "{name}"),
        lambda item: "OSPFv2" if item.family == 4 else "OSPFv3",  # noqa: PLR2004 the family of IPv4
        ("family", "vrf"),
        table=True,
    ),
    Redistribute: _Kind(
        Text("redistribution of {name} into {parent}", "{parent} への {name} の再配布"),
        lambda item: item.protocol,
        ("protocol",),
    ),
    Bgp: _Kind(Text("BGP", "BGP"), lambda _item: "", ("vrf",), table=True),
    BgpNeighbor: _Kind(
        Text("neighbour {name} of {parent}", "{parent} のネイバー {name}"), lambda item: str(item.address), ("address",)
    ),
    PrefixList: _Kind(
        Text("prefix list {name}", "プレフィックスリスト {name}"),
        lambda item: f"{item.name} ({_family(item)})",
        ("family", "name"),
    ),
    PrefixListEntry: _Kind(
        Text("entry {name} of {parent}", "{parent} のエントリ {name}"), lambda item: str(item.seq), ("seq",)
    ),
    RouteMap: _Kind(Text("route map {name}", "ルートマップ {name}"), lambda item: item.name, ("name",)),
    RouteMapEntry: _Kind(
        Text("entry {name} of {parent}", "{parent} のエントリ {name}"), lambda item: str(item.seq), ("seq",)
    ),
    PolicyMap: _Kind(Text("policy map {name}", "ポリシーマップ {name}"), lambda item: item.name, ("name",)),
    PolicyRule: _Kind(Text("rule {name} of {parent}", "{parent} の規則 {name}"), lambda item: str(item.seq), ("seq",)),
    Bridge: _Kind(Text("bridge {name}", "ブリッジ {name}"), lambda item: item.name, ("name",)),
    SwitchPort: _Kind(Text("port {name} of {parent}", "{parent} のポート {name}"), lambda item: item.name, ("name",)),
    NftTable: _Kind(Text("table {name}", "テーブル {name}"), lambda item: item.name, ("name",)),
    NftSet: _Kind(Text("set {name} of {parent}", "{parent} のセット {name}"), lambda item: item.name, ("name",)),
    NftChain: _Kind(Text("chain {name} of {parent}", "{parent} のチェーン {name}"), lambda item: item.name, ("name",)),
    NftRule: _Kind(
        Text("rule in {parent}: {name}", "{parent} のルール: {name}"),
        lambda item: rule_words(item),  # noqa: PLW0108 it is defined below
    ),
}


def elements(state: DeviceState) -> dict[tuple[str, ...], Element]:
    """Every element of a state by its path, parents before children, in the state's order."""
    found: dict[tuple[str, ...], Element] = {}
    for field in fields(state):
        value = getattr(state, field.name)
        if isinstance(value, tuple):
            for item in value:
                _add(found, (field.name,), None, item)
        elif field.name not in {"hostname", "platform"}:
            found[field.name,] = Element(fact_words((field.name,)), {(): _shown(value)}, NOWHERE)
    return found


def _add(found: dict[tuple[str, ...], Element], above: tuple[str, ...], parent: Text | None, item: Any) -> None:  # noqa: ANN401
    kind = _KINDS[type(item)]
    name = kind.name(item)
    vrf = getattr(item, "vrf", None) if kind.table else None
    label = kind.label.format(name=name, parent=parent or "")
    if vrf is not None:
        label = Text(f"{label.en} in {vrf}", f"{label.ja} ({vrf})")
    path = (*above, str(vrf or ""), name)
    if path in found:
        path = (*path, str(sum(other[: len(path)] == path for other in found)))
    facts: dict[FactName, Fact] = {}
    children: list[tuple[str, Any]] = []
    for field in fields(item):
        if field.name == "origin" or field.name in kind.hidden:
            continue
        value = getattr(item, field.name)
        if isinstance(value, tuple) and value and type(value[0]) in _KINDS:
            children.extend((field.name, child) for child in value)
        elif isinstance(item, NftRule) or (isinstance(value, tuple) and _only_children(item, field.name)):
            continue
        else:
            facts.update(_facts((field.name,), value))
    if isinstance(item, NftChain):
        facts[ORDER] = "\n".join(_numbered(rule_words(rule) for rule in item.rules))
    found[path] = Element(label, facts, getattr(item, "origin", NOWHERE))
    for name, child in children:
        family = {"4": " (IPv4)", "6": " (IPv6)"}.get(name[-1], "")
        _add(found, (*path, name), Text(label.en + family, label.ja + family), child)


_CHILD_FIELDS = frozenset(
    {
        (Vrf, "rib_filters"), (Vrf, "static_routes"), (Ospf, "redistribute"), (Bgp, "neighbors"),
        (Bgp, "redistribute4"), (Bgp, "redistribute6"), (PrefixList, "entries"), (RouteMap, "entries"),
        (PolicyMap, "rules"),
        (Bridge, "ports"), (NftTable, "sets"), (NftTable, "chains"), (NftChain, "rules"),
    }
)  # fmt: skip


def _only_children(item: object, field: str) -> bool:
    return (type(item), field) in _CHILD_FIELDS


def _facts(name: FactName, value: object) -> Iterator[tuple[FactName, Fact]]:
    if is_dataclass(value):
        yield name, "yes"
        for field in fields(value):
            yield (*name, field.name), _shown(getattr(value, field.name))
    elif isinstance(value, tuple):
        marks = name[-1] == "elements"
        yield name, tuple(mark_text(part) if marks and isinstance(part, int) else str(part) for part in value)
    else:
        yield name, _shown(value)


def _shown(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def fact_words(name: FactName) -> Text:
    """A fact's name for people."""
    words = [_WORDS.get(part) or Text(part.replace("_", " "), part.replace("_", " ")) for part in name]
    return Text(" ".join(word.en for word in words), " ".join(word.ja for word in words))


def value_words(value: str) -> Text:
    """A fact's value for people."""
    return _WORDS.get(value) or Text(value, value)


_WORDS: Mapping[str, Text] = {
    "yes": Text("yes", "あり"),
    "no": Text("no", "なし"),
    "-": Text("none", "なし"),
    "": Text("none", "なし"),
    "ospf": Text("OSPF", "OSPF"),
    "ospf6": Text("OSPFv3", "OSPFv3"),
    "bfd": Text("BFD", "BFD"),
    "asn": Text("AS", "AS 番号"),
    "description": Text("description", "説明"),
    "addresses": Text("addresses", "アドレス"),
    "shutdown": Text("shutdown", "閉塞"),
    "area": Text("area", "エリア"),
    "cost": Text("cost", "コスト"),
    "passive": Text("passive", "パッシブ"),
    "point_to_point": Text("point-to-point", "ポイントツーポイント"),
    "router_id": Text("router ID", "ルータ ID"),
    "default_originate": Text("default route announced", "デフォルト経路の広告"),
    "remote_as": Text("AS", "AS 番号"),
    "networks": Text("networks", "広告ネットワーク"),
    "distance": Text("distance", "アドミニストレーティブディスタンス"),
    "metric": Text("metric", "メトリック"),
    "tag": Text("tag", "タグ"),
    "trunks": Text("VLANs", "VLAN"),
    "mode": Text("mode", "モード"),
    "policy": Text("policy", "既定の動作"),
    "elements": Text("elements", "要素"),
    "permit": Text("permit", "許可"),
    "prefix": Text("prefix", "プレフィックス"),
}


def _numbered(words: Iterator[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for word in words:
        seen[word] += 1
        yield f"{word} #{seen[word]}"


def rule_words(rule: NftRule) -> str:
    """A rule in one line; two rules with the same line do the same."""
    parts = []
    for field in fields(rule):
        value = getattr(rule, field.name)
        if field.name in {"origin", "verdict"} or value in (field.default, ()):
            continue
        shown = ",".join(_span(part) for part in value) if isinstance(value, tuple) else _shown(value)
        if field.name in {"ct_marks", "set_mark"}:
            shown = _marks(value)
        if field.name == "hours":
            shown = "-".join(map(clock_text, value))
        if field.name == "days":
            shown = ",".join(DAYS[day] for day in value)
        parts.append(f"{field.name} {shown}" if shown != "yes" else field.name.replace("_", " "))
    return " ".join([rule.verdict, *parts])


def _marks(value: Iterable[int] | int | str) -> str:
    if isinstance(value, str):
        return value
    return mark_text(value) if isinstance(value, int) else ",".join(map(mark_text, value))


def _span(part: object) -> str:
    if isinstance(part, tuple):
        low, high = part
        return str(low) if low == high else f"{low}-{high}"
    return str(part)
