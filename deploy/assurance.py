"""What is proved about a plan: the planned result, and every mixture of old and new devices on the way to it.

A finding that no waiver covers stops the plan (`sanso apply` refuses it), wherever it comes from:

- of the planned result, all claims. What cannot be read there counts; a waiver covers it only as exactly what it is.
- of the way, separation, as far as neither today's state nor the planned result has it (`network.prove.transition`).

What the running devices let pass today is told, and stops nothing: the plan ends it. Nor does it stop a plan that
changing devices run lines which cannot be read; the way is then not proved, which is told.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

from pydantic import BaseModel, ConfigDict

from inventory.model import City
from network.compile.flows import live_flows
from network.fabric import Fabric
from network.parse import parse
from network.prove import Claim, Finding, Proof, Prover, Verdict, parsed_subject
from network.prove.report import finding_lines
from network.state import DeviceState, Parsed


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Shown(_Frozen):
    """A finding of the proof: in full when nothing covers it, else what it is."""

    about: Literal["result", "way"]
    key: str
    claim: Claim
    waiver: str | None
    en: str
    ja: str


class Waived(_Frozen):
    """A waiver that the proof rests on: its last day, and the findings it covers."""

    until: dt.date
    keys: tuple[str, ...]


class Assurance(_Frozen):
    """The proof as a plan carries it, so that it is approved with it."""

    day: dt.date
    """Of the register."""
    result: dict[Claim, Verdict]
    way: Verdict
    """Separation on the way."""
    findings: tuple[Shown, ...]
    today: tuple[str, ...]
    """Crossings that the running devices let through and the planned result does not."""
    waivers: dict[str, Waived]
    terms: dict[str, dt.date]
    """The rows of the register that are open on `day` for a term, with its last day."""

    @property
    def open(self) -> tuple[Shown, ...]:
        """What stops the plan."""
        return tuple(item for item in self.findings if item.waiver is None)


def assure(
    fabric: Fabric,
    day: dt.date,
    intended: Mapping[str, DeviceState],
    running: Mapping[str, Parsed],
    candidates: Mapping[str, str],
) -> Assurance:
    """Prove what comes of a plan.

    Args:
        fabric: the city's, with the register as of `day`.
        day: of the register and the waivers.
        intended: the state that every device of the city shall have.
        running: what every device runs.
        candidates: the configuration texts that some of them get.
    """
    planned = {name: parse(fabric.devices[name].spec.platform, name, text) for name, text in candidates.items()}
    old = parsed_subject(fabric, day, running, "running", intended)
    new = replace(
        old,
        states={**old.states, **{name: item.state for name, item in planned.items()}},
        unknown={name: lines for name, item in {**running, **planned}.items() if (lines := item.unknown)},
        source="planned",
    )
    prover = Prover()
    result, way = prover.prove(new), prover.prove_transition(old, new)
    today = prover.prove(old, ("separation",)) if candidates else result
    shown = (*_shown("result", result), *_shown("way", way))
    crossing = dict.fromkeys(item.key for item in today.findings if item.kind == "crossing")
    return Assurance(
        day=day,
        result=result.claims,
        way=way.claims["separation"],
        findings=shown,
        today=tuple(key for key in crossing if all(key != item.key for item in result.findings)),
        waivers=_waivers(fabric.city, shown),
        terms={live.row: live.flow.expires_on for live in live_flows(fabric, day) if live.flow.expires_on is not None},
    )


def _shown(about: Literal["result", "way"], proof: Proof) -> Iterator[Shown]:
    for number, finding in enumerate((*proof.open, *_covered(proof)), start=1):
        waiver = proof.waived.get(finding.key)
        told = [finding.what] if waiver else list(finding_lines(number, finding))
        yield Shown(
            about=about,
            key=finding.key,
            claim=finding.claim,
            waiver=waiver,
            en="\n".join(line.en for line in told),
            ja="\n".join(line.ja for line in told),
        )


def _covered(proof: Proof) -> Iterator[Finding]:
    return (finding for finding in proof.findings if finding.key in proof.waived)


def _waivers(city: City, shown: Iterable[Shown]) -> dict[str, Waived]:
    found: dict[str, dict[str, None]] = {}
    for item in shown:
        if item.waiver is not None:
            found.setdefault(item.waiver, {})[item.key] = None
    return {name: Waived(until=city.waivers[name].expires_on, keys=tuple(keys)) for name, keys in found.items()}
