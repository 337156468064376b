"""A chain of nftables made ready: each rule's match worked out once, the rules of one pair of interfaces found fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain as chained
from typing import Literal

from inventory.origin import Origin
from inventory.text import Text
from network.prove.filtering.nft_match import Marks, Match, Matcher, Names
from network.prove.sets.packets import ALL_PACKETS, Packets
from network.state import NftChain, NftRule, UnknownLine

Verdict = Literal["accept", "drop", "return", "jump", "goto", "translate", "unknown"]

_VERDICTS: dict[str, Verdict] = {
    "accept": "accept",
    "drop": "drop",
    "reject": "drop",
    "return": "return",
    "jump": "jump",
    "goto": "goto",
    "snat": "translate",
    "dnat": "translate",
    "masquerade": "translate",
}
_UNREAD = Text("a line that is not understood: {text}", "理解できない行です: {text}")

Selector = tuple[Names | None, Names | None, Names | None, Marks | None]
"""Interfaces in and out, connection states, and marks of connections; None is any."""


@dataclass(frozen=True, slots=True)
class Where:
    """Between which interfaces ("" is none) and in which state of its connection a packet is asked about.

    `mark` is its connection's; None where there is no connection.
    """

    iif: str
    oif: str
    connection: str
    mark: int | None = 0


@dataclass(frozen=True, slots=True)
class Step:
    """A rule at work, or an unread line. With a `doubt` it may match less than `packets`, or do something else."""

    packets: Packets
    verdict: Verdict
    target: str
    rule: NftRule | None
    origin: Origin
    doubt: Text | None = None


class ReadyChain:
    """The steps of a chain.

    Args:
        chain: the chain.
        matcher: reads its rules.
        unread: lines of it that the parser could not read, in order.
        first: such lines of which it is not known where they belong.
    """

    def __init__(
        self, chain: NftChain, matcher: Matcher, unread: Iterable[UnknownLine] = (), first: Iterable[UnknownLine] = ()
    ) -> None:
        self.chain = chain
        self._steps: list[Step] = []
        self._by_selector: dict[Selector, list[int]] = {}
        for line in first:
            self._unread(line)
        waiting = list(unread)
        for rule in chain.rules:
            while waiting and waiting[0].origin < rule.origin:
                self._unread(waiting.pop(0))
            for match in matcher.matches(rule):
                self._add(match, rule)
        for line in waiting:
            self._unread(line)

    @property
    def selectors(self) -> Iterable[Selector]:
        """All that the rules ask about interfaces and states."""
        return self._by_selector.keys()

    def steps(self, where: Where) -> Iterator[Step]:
        """The steps that look at packets asked about, in order."""
        places = [items for selector, items in self._by_selector.items() if applies(selector, where)]
        return (self._steps[place] for place in sorted(chained.from_iterable(places)))

    def _add(self, match: Match, rule: NftRule) -> None:
        step = Step(match.packets, _VERDICTS[rule.verdict], rule.target, rule, rule.origin, match.doubt)
        self._by_selector.setdefault((match.iif, match.oif, match.states, match.marks), []).append(len(self._steps))
        self._steps.append(step)

    def _unread(self, line: UnknownLine) -> None:
        self._by_selector.setdefault((None, None, None, None), []).append(len(self._steps))
        self._steps.append(Step(ALL_PACKETS, "unknown", "", None, line.origin, unread_reason(line)))


def applies(selector: Selector, where: Where) -> bool:
    """Whether rules with this selector look at packets asked about."""
    _, _, states, marks = selector
    return (
        between(selector, where.iif, where.oif)
        and (states is None or where.connection in states)
        and (marks is None or where.mark in marks)
    )


def between(selector: Selector, iif: str, oif: str) -> bool:
    """Whether rules with this selector look at some packets between two interfaces."""
    return (selector[0] is None or iif in selector[0]) and (selector[1] is None or oif in selector[1])


class MarkKinds:
    """The marks of connections in one state, by what rules with these selectors can tell of them."""

    def __init__(self, selectors: Iterable[Selector], connection: str) -> None:
        self.asked: frozenset[Marks] = frozenset(
            marks for _, _, states, marks in selectors if marks is not None and (not states or connection in states)
        )
        if connection in {"invalid", "untracked"}:  # packets that belong to no connection have none
            self.one_of_each: tuple[int | None, ...] = (None,)
            return
        said = {0}.union(*self.asked)
        alike = {self._of(mark): mark for mark in sorted({*said, max(said) + 1}, reverse=True)}
        self._alike = alike
        self.one_of_each = tuple(sorted(alike.values()))

    def like(self, mark: int | None) -> int | None:
        """The mark among `one_of_each` that the rules treat like this one."""
        return None if mark is None or self.one_of_each == (None,) else self._alike[self._of(mark)]

    def _of(self, mark: int) -> tuple[bool, ...]:
        return tuple(mark in marks for marks in self.asked)


def unread_reason(line: UnknownLine) -> Text:
    """What to say of a line that the parser could not read."""
    return _UNREAD.format(text=line.text.strip())
