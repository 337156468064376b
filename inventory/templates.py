"""Site templates: what a template says and a site does not override stands in the site."""

from __future__ import annotations

from dataclasses import dataclass

from inventory.errors import Finding
from inventory.text import Text
from inventory.words import did_you_mean, listed, nearest, one_of, shown, subject
from inventory.yamltree import Node

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """The sites with their templates in, the sites that cannot be told (their template is not known), the unused."""

    sites: dict[str, Node]
    broken: frozenset[Path]
    findings: tuple[Finding, ...]
    unused: tuple[str, ...]


def merge_templates(sites: dict[str, Node], templates: dict[str, Node]) -> Merged:
    """Merge each site's template into it. A key set to null in the site removes what the template gives."""
    merged: dict[str, Node] = {}
    findings: list[Finding] = []
    broken: set[Path] = set()
    used: set[str] = set()
    for name, site in sites.items():
        chosen = site.table.get("template")
        if chosen is None or chosen.value is None:
            merged[name] = site
        elif isinstance(chosen.value, str) and chosen.value in templates:
            used.add(chosen.value)
            base = templates[chosen.value]
            findings.extend(_needless_removals(name, site, base))
            merged[name] = merge(base, site)
        else:
            merged[name] = site
            broken.add(("sites", name))
            findings.append(_unknown(name, chosen, templates))
    findings.extend(_nested(name, template) for name, template in templates.items() if "template" in template.table)
    unused = tuple(name for name in templates if name not in used)
    findings.extend(_unused(name, templates[name]) for name in unused)
    return Merged(merged, frozenset(broken), tuple(findings), unused)


def merge(base: Node, over: Node) -> Node:
    """`over` laid over `base`: mappings key by key, anything else as a whole; null removes."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    result = dict(base.value)
    for key, node in over.value.items():
        if node.value is None:
            result.pop(key, None)
        elif key in result:
            result[key] = merge(result[key], node)
        else:
            result[key] = node
    return Node(result, over.origin)


def _unknown(site: str, chosen: Node, templates: dict[str, Node]) -> Finding:
    name = chosen.value if isinstance(chosen.value, str) else ""
    what = subject(("sites", site))
    return Finding(
        "template-unknown",
        Text(f"{what.en}: its template is not known", f"{what.ja}: 指定したテンプレートがありません"),
        one_of(templates),
        shown(chosen),
        did_you_mean(nearest(name, templates)),
        chosen.origin,
        path=("sites", site, "template"),
    )


def _nested(name: str, template: Node) -> Finding:
    what = subject(("templates", name))
    node = template.table["template"]
    return Finding(
        "template-nested",
        Text(f"{what.en}: a template cannot use another", f"{what.ja}: テンプレートから別のテンプレートは使えません"),
        Text("no `template:` here", "ここに `template:` を書かない"),
        shown(node),
        Text("write out what both share", "共通する内容をそれぞれに書いてください"),
        node.origin,
        path=("templates", name, "template"),
    )


def _unused(name: str, template: Node) -> Finding:
    what = subject(("templates", name))
    return Finding(
        "template-unused",
        Text(f"{what.en}: no site uses it", f"{what.ja}: どの拠点でも使われていません"),
        Text(f"a site with `template: {name}`", f"`template: {name}` と書いた拠点"),
        Text("none", "なし"),
        None,
        template.origin,
        severity="warning",
        path=("templates", name),
    )


def _needless_removals(site: str, over: Node, base: Node) -> list[Finding]:
    """Elements that a site takes out although its template has none of that name."""
    findings = []
    for table, node in over.table.items():
        given = base.table.get(table)
        for name, element in node.table.items():
            if element.value is not None or (given is not None and name in given.table):
                continue
            there = given.table if given is not None else {}
            what, row = subject(("sites", site, table, name)), listed(there)
            findings.append(
                Finding(
                    "template-removes-nothing",
                    Text(
                        f"{what.en}: the template has none to remove",
                        f"{what.ja}: 取り除く対象がテンプレートにありません",
                    ),
                    Text(f"a name the template has: {row.en}", f"テンプレートにある名前: {row.ja}"),
                    Text(f"`{name}:` with nothing behind it", f"`{name}:` (値なし)"),
                    did_you_mean(nearest(name, there)),
                    element.origin,
                    path=("sites", site, table, name),
                )
            )
    return findings
