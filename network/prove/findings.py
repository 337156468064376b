"""What a proof says: a verdict for each claim, and findings that an engineer can follow and an auditor can read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from inventory.origin import Origin
from inventory.text import Text
from network.prove.sets.fields import Packet

Claim = Literal["separation", "service", "resilience"]
"""分離, 疎通, 単一障害点."""

Kind = Literal["crossing", "filter", "unserved", "spof", "unread"]
"""crossing: packets pass that no row of the register names. filter: a filter rule without a row, or one that lets pass
other than its row. unserved: a registered flow has no path. spof: it loses its path by one failure. unread: lines that
could not be read, so that nothing is proved about what they may touch."""

Verdict = Literal["proved", "waived", "findings", "not-proved"]
"""`waived`: it holds but for findings that the city has accepted until a day. `not-proved`: no finding, but something
could not be read, so it is never "proved"."""

CLAIM_OF: dict[Kind, Claim] = {
    "crossing": "separation",
    "filter": "separation",
    "unread": "separation",
    "unserved": "service",
    "spof": "resilience",
}


@dataclass(frozen=True, slots=True)
class Hop:
    """One step of the way a packet takes: where it is, and why it gets on from there.

    `node` is a device, a host or `peer:<name>`; `place` what it stands in there ("vrf lgwan", "vlan 210", "forward").
    """

    node: str
    place: str
    why: Text
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that speaks against a claim.

    `subject` names what it is about, so that the same finding has the same name in every run: "guest > mynumber"
    (zones), "s01" (a row), "circuit cc-mikami" (what fails). `packet` is a counterexample, `hops` the way it takes.
    `origins` are the lines that cause it: of the inventory, and of the devices' configurations (file = the device's
    name). `pin` is a digest of what could not be read; "": not all of it is known, or this is another kind.
    """

    kind: Kind
    subject: str
    what: Text
    packet: Packet | None = None
    hops: tuple[Hop, ...] = ()
    origins: tuple[Origin, ...] = ()
    hint: Text | None = None
    pin: str = ""

    @property
    def claim(self) -> Claim:
        return CLAIM_OF[self.kind]

    @property
    def key(self) -> str:
        """Its name: "spof:circuit cc-mikami"."""
        return f"{self.kind}:{self.subject}"

    @property
    def pinned(self) -> str:
        """What a waiver names of what could not be read: "unread:core1 filter@3fa9c1d20b77"; "" when it cannot."""
        return f"{self.key}@{self.pin}" if self.pin else ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was asked and what came out.

    `claims` holds the verdict of each claim that was tried, `waived` the waiver that covers a finding, by its key.
    """

    claims: dict[Claim, Verdict]
    findings: tuple[Finding, ...] = ()
    waived: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that no waiver covers."""
        return tuple(finding for finding in self.findings if finding.key not in self.waived)

    @property
    def proved(self) -> bool:
        """Whether nothing speaks against it but what is waived."""
        return all(verdict in {"proved", "waived"} for verdict in self.claims.values())
