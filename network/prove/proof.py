"""Prove claims about a subject: one function a claim."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType

from network.collector import without_collector
from network.prove.findings import Claim, Finding, Proof, Verdict
from network.prove.separation import Separation
from network.prove.subject import Subject

Prove = Callable[[Subject], tuple[Verdict, tuple[Finding, ...]]]
"""Proves one claim."""

CLAIMS: Mapping[Claim, Callable[[], Prove]] = MappingProxyType({"separation": Separation})
"""Claim → what makes its prover."""


class Prover:
    """Proves claims again and again, and keeps what did not change in between."""

    def __init__(self) -> None:
        self._provers: dict[Claim, Prove] = {}

    def prove(self, subject: Subject, claims: Iterable[Claim] = ("separation",)) -> Proof:
        """Try each claim; the findings of all of them, in the order of the claims."""
        verdicts: dict[Claim, Verdict] = {}
        findings: list[Finding] = []
        with without_collector():
            for claim in claims:
                prover = self._provers.setdefault(claim, CLAIMS[claim]())
                verdicts[claim], found = prover(subject)
                findings += found
        return Proof(verdicts, tuple(findings))


def prove(subject: Subject, claims: Iterable[Claim] = ("separation",)) -> Proof:
    """Try each claim about a subject, once."""
    return Prover().prove(subject, claims)
