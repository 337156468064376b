"""Findings that a city has accepted until a day (是正猶予).

What could not be read is accepted only as exactly what it was: a waiver names it with the digest of all its lines, and
no pattern covers it. It needs a line that says all there is to say: a table of nftables with the digest of its rules, a
route, an address, and none of these "and more". Else somebody could change what it does under the same name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from inventory.model import City, Waiver
from network.prove.findings import CLAIM_OF, Claim, Finding, Proof, Verdict


def waiver_of(city: City, finding: Finding, day: dt.date) -> str | None:
    """The waiver in force on a day that covers a finding."""
    for name, waiver in city.waivers.items():
        if waiver.approved_on <= day <= waiver.expires_on and _covers(waiver, finding):
            return name
    return None


def _covers(waiver: Waiver, finding: Finding) -> bool:
    if finding.kind == "unread":
        return bool(finding.pinned) and finding.pinned in waiver.findings
    return any(fnmatchcase(finding.key, pattern) for pattern in waiver.findings)


def with_waivers(city: City, day: dt.date, claims: Mapping[Claim, Verdict], findings: Iterable[Finding]) -> Proof:
    """The proof as the city takes it: a claim that only waived findings speak against is `waived`.

    So is one that was not proved only because of what could not be read, when all of that is waived.
    """
    found = tuple(findings)
    covering = [(finding.key, waiver_of(city, finding, day)) for finding in found]
    uncovered = {key for key, name in covering if name is None}
    waived = {key: name for key, name in covering if name is not None and key not in uncovered}
    left = {CLAIM_OF[finding.kind] for finding in found if finding.key not in waived}
    unread = [finding for finding in found if finding.kind == "unread"]
    accepted = {"findings"} if not unread or any(f.key not in waived for f in unread) else {"findings", "not-proved"}
    verdicts: dict[Claim, Verdict] = {
        claim: "waived" if verdict in accepted and claim not in left else verdict for claim, verdict in claims.items()
    }
    return Proof(verdicts, found, waived)
