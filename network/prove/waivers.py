"""Findings that a city has accepted until a day (是正猶予)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from inventory.model import City
from network.prove.findings import CLAIM_OF, Claim, Finding, Proof, Verdict

NEVER = frozenset({"unread"})
"""Kinds that no waiver covers: what could not be read cannot have been accepted."""


def waiver_of(city: City, finding: Finding, day: dt.date) -> str | None:
    """The waiver in force on a day that covers a finding."""
    if finding.kind in NEVER:
        return None
    for name, waiver in city.waivers.items():
        in_force = waiver.approved_on <= day <= waiver.expires_on
        if in_force and any(fnmatchcase(finding.key, pattern) for pattern in waiver.findings):
            return name
    return None


def with_waivers(city: City, day: dt.date, claims: Mapping[Claim, Verdict], findings: Iterable[Finding]) -> Proof:
    """The proof as the city takes it: a claim that only waived findings speak against is `waived`."""
    found = tuple(findings)
    waived = {finding.key: name for finding in found if (name := waiver_of(city, finding, day)) is not None}
    left = {CLAIM_OF[finding.kind] for finding in found if finding.key not in waived}
    verdicts: dict[Claim, Verdict] = {
        claim: "waived" if verdict == "findings" and claim not in left else verdict for claim, verdict in claims.items()
    }
    return Proof(verdicts, found, waived)
