"""One claim asked about a subject, apart from waivers."""

from __future__ import annotations

from collections.abc import Callable

from network.prove.findings import Finding, Verdict
from network.prove.paths.passages import Families, Ways
from network.prove.subject import Subject

Answer = tuple[Verdict, tuple[Finding, ...]]


def asked(claim: Callable[[Subject, tuple[Ways, ...]], Answer], subject: Subject) -> Answer:
    return claim(subject, Families()(subject))
