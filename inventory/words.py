"""How a place in the inventory, and a value, are named to people."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

from inventory.text import Text
from inventory.yamltree import Node

ELEMENTS = {
    "segments": Text("segment", "領域"),
    "risk_groups": Text("risk group", "共有リスク"),
    "terminal_classes": Text("terminal class", "端末種別"),
    "templates": Text("template", "テンプレート"),
    "sites": Text("site", "拠点"),
    "circuits": Text("circuit", "回線"),
    "peers": Text("peer", "外部接続先"),
    "groups": Text("host group", "ホストグループ"),
    "flows": Text("flow", "通信"),
    "workloads": Text("workload", "業務システム"),
    "rooms": Text("room", "室"),
    "devices": Text("device", "機器"),
    "links": Text("link", "構内配線"),
    "vlans": Text("VLAN", "VLAN"),
    "servers": Text("server", "サーバ"),
    "terminals": Text("terminal group", "端末群"),
    "attachments": Text("attachment", "接続線"),
    "hosts": Text("host", "ホスト"),
    "members": Text("member", "構成員"),
}
"""What stands in a table, by the table's name."""

FLOW_KINDS: Mapping[str, Text] = MappingProxyType(
    {
        "specified": Text("specified", "特定通信"),
        "sanitised": Text("sanitised", "無害化通信"),
        "service": Text("service", "共通サービス"),
        "breakout": Text("breakout", "インターネット接続"),
        "dmz": Text("dmz", "公開"),
        "maintenance": Text("maintenance", "保守"),
    }
)
"""Kinds of rows of the flow register."""

SANITISERS: Mapping[str, Text] = MappingProxyType(
    {
        "screen-transfer": Text("screen transfer", "画面転送"),
        "mail-text": Text("mail as text", "メールテキスト化"),
        "file": Text("file sanitising", "ファイル無害化"),
    }
)

NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
LONGEST = 60
FEW = 12


def subject(path: Sequence[str]) -> Text:
    """A place in words: `site hall, VLAN lg-office: `id``."""
    en: list[str] = []
    ja: list[str] = []
    rest = list(path)
    while _begins_element(rest):
        word, name = ELEMENTS[rest[0]], rest[1]
        shown = str(int(name) + 1) if name.isdecimal() else name
        en.append(f"{word.en} {shown}")
        ja.append(f"{word.ja} {shown}")
        rest = rest[2:]
    if rest and rest[0] == "city":
        en, ja, rest = ["city"], ["市"], rest[1:]
    if not rest:
        return Text(", ".join(en), "・".join(ja))
    field = ".".join(str(int(part) + 1) if part.isdecimal() else part for part in rest)
    if not en:
        return Text(f"`{field}`", f"`{field}`")
    return Text(f"{', '.join(en)}: `{field}`", f"{'・'.join(ja)} の `{field}`")


def shown(value: object) -> Text:
    """A value as it was found, short and on one line."""
    if isinstance(value, Node):
        value = value.value
    if value is None:
        return Text("nothing", "何も書かれていません")
    if isinstance(value, dict):
        return Text("a mapping", "マッピング (キー: 値)")
    if isinstance(value, list | tuple):
        return Text("a list", "リスト")
    text = str(value) if NUMBER.fullmatch(str(value)) else json.dumps(str(value), ensure_ascii=False)
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return same(text)


def same(text: object) -> Text:
    """Words that are the same in both languages: names, numbers, addresses."""
    return Text(str(text), str(text))


def listed(names: Iterable[str], most: int = FEW) -> Text:
    """Names in a row, the first ones when they are many."""
    rows = list(names)
    if not rows:
        return Text("(there is none)", "(1 つもありません)")
    head = ", ".join(rows[:most])
    more = len(rows) - most
    return Text(f"{head} and {more} more", f"{head} ほか {more} 件") if more > 0 else same(head)


def one_of(names: Iterable[str]) -> Text:
    """`one of a, b, c`."""
    rows = list(names)
    row = listed(rows)
    return row if len(rows) < 2 else Text(f"one of {row.en}", f"{row.ja} のいずれか".replace("件 の", "件の"))  # noqa: PLR2004 a choice


def tied(word: str, rest: str) -> str:
    """Japanese words in a row: a space stands only after Latin letters and digits."""
    return f"{word} {rest}" if word[-1:].isascii() else word + rest


def element_of(path: Sequence[str]) -> tuple[str, ...]:
    """The part of a path that names an element: pairs of table and name, or the city."""
    if path[:1] == ("city",):
        return ("city",)
    length = 0
    while _begins_element(path[length:]):
        length += 2
    return tuple(path[:length])


def _begins_element(path: Sequence[str]) -> bool:
    """Whether a path begins with a table and a name in it; a list of names is no table, but for `members`."""
    return len(path) > 1 and path[0] in ELEMENTS and (path[0] == "members" or not path[1].isdecimal())


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name somebody may have meant."""
    folded = {candidate.casefold(): candidate for candidate in names}
    close = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.6)
    return folded[close[0]] if close else None


def did_you_mean(name: str | None) -> Text | None:
    """The hint that names what was meant."""
    return None if name is None else Text(f"did you mean `{name}`?", f"`{name}` ではありませんか")
