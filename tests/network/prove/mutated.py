"""The small city with lines of its configurations changed, and what the proof then says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from network.compile import compile_fabric
from network.fabric import Fabric
from network.prove.findings import Finding, Proof
from network.prove.proof import prove
from network.prove.subjects import texts_subject
from network.render import render

DAY = dt.date(2026, 11, 20)
Edit = tuple[str, str, str]
"""Device, text, and what takes its place."""


class Configurations:
    """Texts of all devices, with edits on top."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.texts = {name: render(state) for name, state in compile_fabric(fabric, DAY).items()}

    def edited(self, *edits: Edit) -> dict[str, str]:
        texts = dict(self.texts)
        for device, old, new in edits:
            assert old in texts[device], f"{device} has no {old!r}"
            texts[device] = texts[device].replace(old, new, 1)
        return texts

    def proof(self, *edits: Edit) -> Proof:
        return prove(texts_subject(self.fabric, DAY, self.edited(*edits), "files"), ("separation",))

    def line(self, device: str, start: str, *edits: Edit) -> str:
        """`device:line` of the only line that begins so, after the edits."""
        lines = self.edited(*edits)[device].split("\n")
        numbers = [number for number, line in enumerate(lines, 1) if line.strip().startswith(start)]
        assert len(numbers) == 1, f"{len(numbers)} lines of {device} begin with {start!r}"
        return f"{device}:{numbers[0]}"


def subjects(proof: Proof) -> list[str]:
    return [f"{finding.kind} {finding.subject}" for finding in proof.findings]


def of(proof: Proof, subject: str, kind: str = "crossing") -> Finding:
    """The only finding about a subject."""
    (found,) = [item for item in proof.findings if (item.kind, item.subject) == (kind, subject)]
    return found


def lines(finding: Finding) -> list[str]:
    return [str(origin) for origin in finding.origins]


def way(finding: Finding) -> list[str]:
    return [f"{hop.node} {hop.place}" for hop in finding.hops]


def cites(finding: Finding, wanted: Iterable[str]) -> bool:
    return set(wanted) <= set(lines(finding))
