"""What the proof says for a control: its findings as evidence, each beside the waiver that covers it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from inventory.origin import NOWHERE, Origin
from inventory.text import Text
from network.controls.control import Evidence, breaks, fits, waiting
from network.controls.facts import Facts, Row
from network.prove.findings import Finding

Concerns = Callable[[str, str], bool]
"""Whether a control is about what passes from one zone to another."""

DEVICE = " > device "
"""In the subject of a crossing that ends on a device itself."""
SEPARATION = Text("the claim of separation (sanso prove CITY)", "分離の証明 (sanso prove 市)")
RESILIENCE = Text("the claim of resilience (sanso prove CITY)", "単一障害点の証明 (sanso prove 市)")


def separation(facts: Facts, concerns: Concerns, *, exactly: bool = False) -> Iterator[Evidence]:
    """What the proof of separation says about some pairs of zones; nothing when there is no proof.

    With `exactly` the filters' rules must be those of their rows too, no more and no less.
    """
    if facts.proof is None:
        return
    verdict = facts.proof.claims.get("separation")
    if verdict is None:
        yield waiting(SEPARATION)
        return
    told = tuple(_told(facts, concerns, exactly=exactly))
    yield from told
    if not told and verdict == "not-proved":
        yield waiting(SEPARATION)
    elif not told:
        yield fits(Text("proved: nothing passes outside the register", "証明済み: 登録簿にない通信は通りません"))


def _told(facts: Facts, concerns: Concerns, *, exactly: bool) -> Iterator[Evidence]:
    for finding in facts.proof.findings if facts.proof else ():
        if finding.kind == "unread":
            yield Evidence("open", finding.what, _where(finding))
        elif finding.kind == "crossing" and DEVICE not in finding.subject and concerns(*_zones(finding)):
            yield _against(facts, finding)
        elif finding.kind == "filter" and exactly:
            row = _row(facts, finding)
            if row is None:
                yield Evidence("open", finding.what, _where(finding))
            elif concerns(*row.zones):
                yield _against(facts, finding)


def devices_reached(facts: Facts) -> Iterator[Evidence]:
    """What the proof found to reach a firewall's own addresses."""
    for finding in facts.proof.findings if facts.proof else ():
        if finding.kind == "crossing" and DEVICE in finding.subject:
            yield _against(facts, finding)


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


def _zones(finding: Finding) -> tuple[str, str]:
    """The pair of zones a crossing is about: "guest > mynumber"."""
    source, _, destination = finding.subject.partition(" > ")
    return source, destination


def _row(facts: Facts, finding: Finding) -> Row | None:
    """The register's row that a finding about a filter names: "hall-fw1 f004"."""
    name = finding.subject.rpartition(" ")[2]
    return next((row for row in facts.rows if row.name == name), None)
