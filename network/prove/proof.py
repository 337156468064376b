"""Prove claims about a subject: one function a claim."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from network.collector import without_collector
from network.prove.apart import apart
from network.prove.filtering.kept import Filters
from network.prove.findings import Claim, Finding, Proof, Verdict
from network.prove.paths.families import Families, Paths
from network.prove.paths.passages import Ways
from network.prove.resilience import Weaknesses, resilience, single_points, weaknesses
from network.prove.separation import Separation
from network.prove.service import Shortfall, service, shortfall, unserved
from network.prove.subject import Subject
from network.prove.transition import Transition
from network.prove.waivers import with_waivers
from network.state import Family

Prove = Callable[[Subject], tuple[Verdict, tuple[Finding, ...]]]
"""Proves one claim."""

MANY = 300
"""From so many devices on a second process is worth its while."""
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
    """Try each claim about a subject, once: of a large city in two processes, a family each."""
    asked = tuple(claims)
    if len(subject.fabric.devices) < MANY or {"service", "resilience"}.isdisjoint(asked):
        return Prover().prove(subject, asked)
    filters, found = Filters(), dict[Claim, tuple[Verdict, tuple[Finding, ...]]]()
    with without_collector(), apart(lambda: _half(_paths(subject, 4, filters), asked)) as other:
        if "separation" in asked:
            found["separation"] = Separation(filters)(subject)
        paths = _paths(subject, 6, filters)
        four = other()
        halves = four, _half(paths, asked, four)
    if "service" in asked:
        found["service"] = unserved(subject, [half.shortfall for half in halves])
    if "resilience" in asked:
        found["resilience"] = single_points(subject, [half.weaknesses for half in halves])
    verdicts = {claim: found[claim][0] for claim in asked}
    return with_waivers(subject.fabric.city, subject.day, verdicts, [row for claim in asked for row in found[claim][1]])


class _Half(NamedTuple):
    """What is wrong in one family, of the claims that were asked."""

    shortfall: Shortfall
    weaknesses: Weaknesses


def _paths(subject: Subject, family: Family, filters: Filters) -> Paths:
    return Paths(Ways(subject, family, None, filters), None)


def _half(paths: Paths, claims: Collection[Claim], other: _Half | None = None) -> _Half:
    """Of what the other family tells already no example is asked for."""
    rows, places = (other.shortfall.lost, other.weaknesses) if other else ((), ())
    lost = shortfall(paths, rows) if "service" in claims else Shortfall(paths.ways.family, {}, {})
    return _Half(lost, weaknesses(paths, places) if "resilience" in claims else {})
