"""What the proof says for a control: its findings as evidence, each beside the waiver that covers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inventory.origin import NOWHERE, Origin
from inventory.text import Text
from network.controls.control import Evidence, breaks, fits, waiting
from network.controls.facts import Facts
from network.prove.findings import Finding

Concerns = Callable[[str, str], bool]
"""Whether a control is about what passes from one zone to another."""

SEPARATION = Text("the claim of separation (sanso prove CITY)", "分離の証明 (sanso prove 市)")
RESILIENCE = Text("the claim of resilience (sanso prove CITY)", "単一障害点の証明 (sanso prove 市)")


def separation(facts: Facts, concerns: Concerns) -> Iterator[Evidence]:
    """What the proof of separation says about some pairs of zones; nothing when there is no proof."""
    if facts.proof is None:
        return
    verdict = facts.proof.claims.get("separation")
    if verdict is None:
        yield waiting(SEPARATION)
        return
    clean = True
    for finding in facts.proof.findings:
        if finding.claim != "separation":
            continue
        pair = _zones(facts, finding)
        if finding.kind == "unread" or pair is None:
            clean = False
            yield Evidence("open", finding.what, _where(finding))
        elif concerns(*pair):
            clean = False
            yield _against(facts, finding)
    if clean and verdict == "not-proved":
        yield waiting(SEPARATION)
    elif clean:
        yield fits(
            Text("proved: nothing passes outside the register", "証明済み: 登録簿にない通信は通りません"),
        )


def resilience(facts: Facts) -> Iterator[Evidence]:
    """The single points of failure that the proof found."""
    if facts.proof is None:
        return
    verdict = facts.proof.claims.get("resilience")
    found = [_against(facts, finding) for finding in facts.proof.findings if finding.claim == "resilience"]
    yield from found
    if verdict == "proved":
        yield fits(Text("proved: no single failure cuts a flow", "証明済み: 単独の障害で途切れる通信はありません"))
    elif not found:
        yield waiting(RESILIENCE)


def _against(facts: Facts, finding: Finding) -> Evidence:
    return breaks(finding.what, _where(finding), facts.waiver_of(finding))


def _where(finding: Finding) -> Origin:
    return finding.origins[0] if finding.origins else NOWHERE


def _zones(facts: Facts, finding: Finding) -> tuple[str, str] | None:
    """The pair of zones a finding is about: "guest > mynumber", or that of the register's row it names."""
    source, arrow, destination = finding.subject.partition(" > ")
    if arrow:
        return source, destination
    return next((row.zones for row in facts.rows if row.name == finding.subject), None)
