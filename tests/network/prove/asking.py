"""One claim asked about a subject, apart from waivers."""

from __future__ import annotations

from collections.abc import Callable

from network.prove.filtering.kept import Filters
from network.prove.findings import Finding, Verdict
from network.prove.paths.families import Families, Paths
from network.prove.subject import Subject

Answer = tuple[Verdict, tuple[Finding, ...]]


def asked(claim: Callable[[Subject, tuple[Paths, ...]], Answer], subject: Subject) -> Answer:
    return claim(subject, Families(Filters())(subject))
