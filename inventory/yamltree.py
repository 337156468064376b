"""YAML text as a tree in which every key and value knows its line.

The tree is built from libyaml's events, not from a loader: that is fast, has no limit but `DEEPEST`, never builds an
object, and leaves every plain scalar a string. So `2025-03`, `0.0.0.0/0` and `on` mean what they look like; the model's
types turn them into dates, prefixes and numbers. Anchors, aliases and tags are refused: templates say what is shared.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml

from inventory.errors import Finding
from inventory.origin import Origin
from inventory.text import Text
from inventory.yamlwords import same, syntax_finding

DEEPEST = 32
NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True)
class Node:
    """A value and the line of its key (in a list: of the item)."""

    value: dict[str, Node] | list[Node] | str | None
    origin: Origin

    @property
    def table(self) -> dict[str, Node]:
        """The entries of a mapping; none of anything else."""
        return self.value if isinstance(self.value, dict) else {}


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a text: its root, or None when the text is empty or cannot be read."""

    root: Node | None
    findings: tuple[Finding, ...] = ()


class _Refused(Exception):  # noqa: N818 control flow inside this module
    def __init__(self, finding: Finding) -> None:
        super().__init__()
        self.finding = finding


def read_yaml(text: str, file: str) -> Reading:
    """The tree of one YAML document."""
    builder = _Builder(file)
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            builder.take(event)
    except yaml.YAMLError as error:
        return Reading(None, (*builder.findings, syntax_finding(error, text, file)))
    except _Refused as refused:
        return Reading(None, (*builder.findings, refused.finding))
    return Reading(builder.root, tuple(builder.findings))


class _Builder:
    """Turns events into nodes, one open collection on the stack for each level."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.root: Node | None = None
        self.findings: list[Finding] = []
        self.stack: list[Node] = []
        self.keys: list[tuple[str, Origin] | None] = []
        self.documents = 0

    def take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._refuse_tag(event)
            self._scalar(event)
        elif isinstance(event, yaml.CollectionStartEvent):
            self._refuse_tag(event)
            self._open({} if isinstance(event, yaml.MappingStartEvent) else [], self._origin(event))
        elif isinstance(event, yaml.CollectionEndEvent):
            self.stack.pop()
            self.keys.pop()
        elif isinstance(event, yaml.AliasEvent):
            self._refuse_sharing(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise _Refused(
                    Finding(
                        "yaml-documents",
                        Text("a second YAML document begins", "2 つ目の YAML 文書が始まっています"),
                        Text("one document in each file", "1 ファイルに 1 文書"),
                        Text("a line of ---", "--- だけの行"),
                        Text(
                            "remove the line, or move what follows into another file",
                            "その行を消すか、続きを別のファイルに移してください",
                        ),
                        self._origin(event),
                    )
                )

    def _origin(self, event: yaml.Event) -> Origin:
        mark = event.start_mark
        return Origin(self.file, mark.line + 1 if mark is not None else 0)

    def _refuse_tag(self, event: yaml.ScalarEvent | yaml.CollectionStartEvent) -> None:
        if event.anchor is not None:
            self._refuse_sharing(event)
        tag = event.tag
        if tag is not None and not (tag == "!" and isinstance(event, yaml.ScalarEvent)):
            raise _Refused(
                Finding(
                    "yaml-tag",
                    Text("YAML tags have no meaning here", "YAML のタグは使えません"),
                    Text("a plain value", "タグのない値"),
                    same(tag.replace("tag:yaml.org,2002:", "!!")),
                    Text("remove the tag", "タグを消してください"),
                    self._origin(event),
                )
            )

    def _refuse_sharing(self, event: yaml.NodeEvent) -> None:
        sign = "*" if isinstance(event, yaml.AliasEvent) else "&"
        raise _Refused(
            Finding(
                "yaml-alias",
                Text("YAML anchors and aliases are not used here", "YAML のアンカーとエイリアスは使えません"),
                Text("every value written out, or shared by a template", "値をそのまま書くか、テンプレートで共有する"),
                Text(f"{sign}{event.anchor}", f"{sign}{event.anchor}"),
                Text(
                    "put what sites share under `templates:` and name it with `template:`",
                    "拠点に共通する内容は `templates:` に書き、`template:` で名指ししてください",
                ),
                self._origin(event),
            )
        )

    def _scalar(self, event: yaml.ScalarEvent) -> None:
        origin = self._origin(event)
        if self.stack and isinstance(self.stack[-1].value, dict) and self.keys[-1] is None:
            self.keys[-1] = (event.value, origin)
            return
        plain = event.style is None or event.style == ""
        self._place(Node(None if plain and event.value in NULLS else event.value, origin))

    def _open(self, value: dict[str, Node] | list[Node], origin: Origin) -> None:
        if len(self.stack) >= DEEPEST:
            raise _Refused(
                Finding(
                    "yaml-deep",
                    Text("the nesting is too deep", "入れ子が深すぎます"),
                    Text(f"at most {DEEPEST} levels", f"{DEEPEST} 段まで"),
                    Text("more", "それより深い入れ子"),
                    None,
                    origin,
                )
            )
        if self.stack and isinstance(self.stack[-1].value, dict) and self.keys[-1] is None:
            raise _Refused(
                Finding(
                    "yaml-key",
                    Text("a key is a list or a mapping", "キーがリストまたはマッピングになっています"),
                    Text("a name before the colon", "コロンの前に名前"),
                    Text("a mapping", "マッピング") if isinstance(value, dict) else Text("a list", "リスト"),
                    Text(
                        "quote the value if braces or brackets belong to it", "括弧が値の一部なら引用符で囲んでください"
                    ),
                    origin,
                )
            )
        node = Node(value, origin)
        self._place(node)
        self.stack.append(node)
        self.keys.append(None)

    def _place(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        parent = self.stack[-1].value
        if isinstance(parent, list):
            parent.append(node)
            return
        key = self.keys[-1]
        if not isinstance(parent, dict) or key is None:  # a scalar never opens; a key comes before its value
            return
        name, origin = key
        node.origin = origin
        self.keys[-1] = None
        if name in parent:
            self.findings.append(duplicate_key(name, origin, parent[name].origin))
        else:
            parent[name] = node


def duplicate_key(name: str, second: Origin, first: Origin) -> Finding:
    """A key that stands twice in one mapping, or an element that two files define."""
    return Finding(
        "duplicate-key",
        Text(f"`{name}` is written twice", f"`{name}` が 2 回書かれています"),
        Text("each name once", "名前は 1 回だけ"),
        Text(f"first at {first}, again at {second}", f"最初は {first}、次は {second}"),
        Text("remove one of them, or give it another name", "一方を消すか、別の名前にしてください"),
        second,
    )


__all__ = ["Node", "Reading", "duplicate_key", "read_yaml"]
