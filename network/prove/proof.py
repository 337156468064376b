"""Prove claims about a subject: one function a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from network.collector import without_collector
from network.prove.filtering.kept import Filters
from network.prove.findings import Claim, Finding, Proof, Verdict
from network.prove.paths.families import Families
from network.prove.resilience import resilience
from network.prove.separation import Separation
from network.prove.service import service
from network.prove.subject import Subject
from network.prove.transition import Transition
from network.prove.waivers import with_waivers

Prove = Callable[[Subject], tuple[Verdict, tuple[Finding, ...]]]
"""Proves one claim."""

ALL: tuple[Claim, ...] = ("separation", "service", "resilience")


def _provers(separation: Separation, families: Families) -> dict[Claim, Prove]:
    return {
        "separation": separation,
        "service": lambda subject: service(subject, families(subject)),
        "resilience": lambda subject: resilience(subject, families(subject)),
    }


class Prover:
    """Proves claims again and again, and keeps what did not change in between."""

    def __init__(self) -> None:
        filters = Filters()
        self._separation = Separation(filters)
        self._provers = _provers(self._separation, Families(filters))

    def prove(self, subject: Subject, claims: Iterable[Claim] = ALL) -> Proof:
        """Try each claim; the findings of all of them, in the order of the claims, beside the city's waivers."""
        verdicts: dict[Claim, Verdict] = {}
        findings: list[Finding] = []
        with without_collector():
            for claim in claims:
                verdicts[claim], found = self._provers[claim](subject)
                findings += found
        return with_waivers(subject.fabric.city, subject.day, verdicts, findings)

    def prove_transition(self, old: Subject, new: Subject) -> Proof:
        """Try separation for every mixture of old and new devices on the way from one subject to the other."""
        with without_collector():
            verdict, found = Transition(self._separation, old, new).prove()
        return with_waivers(new.fabric.city, new.day, {"separation": verdict}, found)


def prove(subject: Subject, claims: Iterable[Claim] = ALL) -> Proof:
    """Try each claim about a subject, once."""
    return Prover().prove(subject, claims)
