"""Findings in the order a person reads them, and what one template line causes in many sites said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace

from inventory.errors import Finding
from inventory.text import Text


def tidy(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Errors first, then by file and line; like findings of one line at several sites become one."""
    first: dict[object, Finding] = {}
    sites: dict[object, set[str]] = {}
    again: Counter[object] = Counter()
    for finding in findings:
        shared = finding.path[:1] == ("sites",) and len(finding.path) > 2 and finding.origin.line  # noqa: PLR2004
        place = (finding.code, finding.origin, finding.path)
        again[place] += 1
        key: object = (finding.code, finding.origin, finding.path[2:], again[place]) if shared else finding
        first.setdefault(key, finding)
        if shared:
            sites.setdefault(key, set()).add(finding.path[1])
    rows = [_with_count(finding, len(sites.get(key, ())) - 1) for key, finding in first.items()]
    return tuple(sorted(rows, key=lambda row: (row.severity != "error", row.origin, row.code, row.what.en)))


def _with_count(finding: Finding, more: int) -> Finding:
    if more < 1:
        return finding
    what = finding.what
    return replace(
        finding, what=Text(f"{what.en} (and the same at {more} more site(s))", f"{what.ja} (ほか {more} 拠点も同じ)")
    )
