"""Ordered rules: the first that matches a packet and says something about it decides.

A rule may be known in part only: with `exact=False` its packets are all those it might match, and the verdict `unknown`
says that it might do anything. Answers then have two bounds: what may happen (never too small), and with `sure` what
happens for certain (never too large). Where everything is known both are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from inventory.origin import NOWHERE, Origin
from network.prove.sets.boxes import Box, Index, absorbed, cut, merged
from network.prove.sets.packets import ALL_PACKETS, Packet, Packets

Verdict = Literal["accept", "drop", "return", "continue", "unknown"]
"""`return` leaves the list undecided, `continue` says nothing, `unknown` may be any of them."""

Final = Literal["accept", "drop"]


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: what it matches, what it says, and what to call it in a finding."""

    packets: Packets
    verdict: Verdict
    id: str = ""
    origin: Origin = NOWHERE
    exact: bool = True

    @property
    def sure(self) -> bool:
        """Whether it does what it says to every packet of its own that reaches it."""
        return self.exact and self.verdict != "unknown"


def accepted(rules: Iterable[Rule], policy: Final = "drop", *, sure: bool = False) -> Packets:
    """The packets that an accepting rule reaches first, or that the policy `accept` lets through at the end."""
    if policy == "accept":
        return ALL_PACKETS - decided(rules, "drop", sure=not sure)
    return decided(rules, "accept", sure=sure)


def decided(rules: Iterable[Rule], verdict: Final, *, sure: bool = False) -> Packets:
    """The packets that a rule of this verdict reaches first, before the list ends."""
    wanted: list[tuple[Box, int]] = []
    hindering: list[Box] = []
    for rule in rules:
        if rule.verdict == verdict or (rule.verdict == "unknown" and not sure):
            if rule.sure or not sure:
                wanted += [(box, len(hindering)) for box in rule.packets.boxes]
        elif rule.verdict != "continue" and (sure or rule.sure):
            hindering += rule.packets.boxes
        if rule.packets is ALL_PACKETS and rule.sure and rule.verdict != "continue":
            break
    return Packets(absorbed(merged(_outside(wanted, hindering))))


def _outside(wanted: Iterable[tuple[Box, int]], hindering: Sequence[Box]) -> Iterator[Box]:
    """The boxes without those of the first so many that stand before each."""
    index = Index(hindering)
    for box, before in wanted:
        yield from cut(box, [hindering[place] for place in index.touching(box) if place < before])


def deciding(rules: Iterable[Rule], packet: Packet) -> Rule | None:
    """The rule that decides about `packet`, as far as known rules tell; a possible acceptance counts as one.

    None: the policy decides.
    """
    for rule in rules:
        permits = rule.verdict in {"accept", "unknown"}
        if rule.verdict != "continue" and (rule.sure or permits) and packet in rule.packets:
            return rule
    return None
