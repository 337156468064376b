"""A table of nftables at work: what its chains let through, jumps and all, and the way of a packet through them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from inventory.origin import Origin
from inventory.text import Text
from network.prove.filtering.nft_chain import ReadyChain, Selector, Step, Where, applies, between, unread_reason
from network.prove.filtering.nft_match import Matcher
from network.prove.filtering.nft_unread import placed
from network.prove.sets.memo import Memo
from network.prove.sets.packets import ALL_PACKETS, Packet, Packets
from network.prove.sets.rules import Rule, accepted, decided
from network.state import DeviceState, NftChain, NftRule, NftTable, UnknownLine

_NO_TARGET = Text("it leads to chain {name}, which is not known", "ジャンプ先のチェイン {name} が分かりません")
_NOT_HERE = Text("address translation outside a nat chain", "natチェイン以外でのアドレス変換です")
MARKED = Text("it depends on the mark of the connection", "コネクションのマークによって変わります")
_PERMITTING = {"accept": 2, "return": 1, "drop": 0}
"""Verdicts by what they still allow."""

_Trail = tuple[ReadyChain, ...]
Signature = tuple[int, ...]
"""The places of the selectors that apply."""
End = Literal["accept", "drop", "return"]


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why some packets may pass or not: a rule, or a line that was not read (then `rule` is None)."""

    reason: Text
    table: str
    chain: str
    origin: Origin
    rule: NftRule | None
    packets: Packets


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule on a packet's way, or a chain's policy (then `rule` is None and `verdict` the policy)."""

    table: str
    chain: str
    verdict: str
    origin: Origin
    rule: NftRule | None = None
    doubt: Text | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a chain does, by its rules alone: bounds of what it accepts and drops."""

    accepts: Packets
    accepts_sure: Packets
    drops: Packets
    drops_sure: Packets


class ReadyTable:
    """A table, its chains made ready.

    Args:
        table: the table.
        unread: chain → lines of it that the parser could not read.
        uncertain: sets whose elements are not all known.
        anywhere: lines that the parser could not read and that may stand for a rule of any chain.
        memo: what was worked out about the same rules, here or elsewhere.
    """

    def __init__(
        self,
        table: NftTable,
        unread: Mapping[str, Sequence[UnknownLine]],
        uncertain: frozenset[str],
        anywhere: Sequence[UnknownLine],
        memo: Memo,
    ) -> None:
        self.name = table.name
        self._memo = memo
        matcher = Matcher(table, memo, uncertain)
        self.matcher = Matcher(table, memo) if uncertain else matcher
        """Reads its rules as if all of its sets were known."""
        self._chains = {
            chain.name: ReadyChain(chain, matcher, unread.get(chain.name, ()), anywhere if chain.hook else ())
            for chain in table.chains
        }
        self._selectors: tuple[Selector, ...] = tuple(
            dict.fromkeys(selector for chain in self._chains.values() for selector in chain.selectors)
        )
        self._between: dict[tuple[str, str], tuple[tuple[int, Selector], ...]] = {}
        """Two interfaces → the selectors that look at what passes between them, each with its place."""
        self._outcomes: dict[tuple[str, Signature], Outcome] = {}
        self._passing: dict[tuple[str, Signature], tuple[Packets, Packets]] = {}

    @property
    def selectors(self) -> tuple[Selector, ...]:
        """All that the rules of its chains ask about interfaces, states and marks."""
        return self._selectors

    def bases(self, hook: str, kind: str) -> Iterator[NftChain]:
        """The base chains of a kind at a hook."""
        return (r.chain for r in self._chains.values() if (r.chain.hook, r.chain.kind) == (hook, kind))

    def ready(self, name: str) -> ReadyChain | None:
        """A chain by its name."""
        return self._chains.get(name)

    def passing(self, base: NftChain, where: Where) -> tuple[Packets, Packets]:
        """What a base chain lets through: at most, and for certain. The same object when nothing is in doubt."""
        key = base.name, self.signature(where)
        found = self._passing.get(key)
        if found is None:
            rules = self._rules(self._chains[base.name], where, ())
            policy: Literal["accept", "drop"] = "drop" if base.policy == "drop" else "accept"
            found = self._memo.of(("passing", policy, *_kinds(rules)), _sets(rules), lambda: _bounds(rules, policy))
            self._passing[key] = found
        return found

    def doubts(self, base: NftChain, where: Where) -> Iterator[Doubt]:
        """Every doubt about the rules that a packet may meet from this chain on."""
        for ready, step in self._met(base, where):
            reason = step.doubt or self._misplaced(step, ready, ())
            if reason:
                yield Doubt(reason, self.name, ready.chain.name, step.origin, step.rule, step.packets)

    def asks_marks(self, base: NftChain, where: Where) -> Iterator[Doubt]:
        """The rules that a packet may meet from this chain on and that look at its connection's mark."""
        for ready, step in self._met(base, where):
            if step.rule is not None and step.rule.ct_marks:
                yield Doubt(MARKED, self.name, ready.chain.name, step.origin, step.rule, step.packets)

    def marks(self, base: NftChain, where: Where) -> Iterator[tuple[Packets, int]]:
        """What each accepting rule matches that a packet may meet from this chain on, and the mark it gives."""
        for _, step in self._met(base, where):
            if step.verdict == "accept" and step.rule is not None:
                yield step.packets, step.rule.set_mark or 0

    def _met(self, base: NftChain, where: Where) -> Iterator[tuple[ReadyChain, Step]]:
        """Every step that a packet may meet from a base chain on, with its chain."""
        waiting, seen = [self._chains[base.name]], {base.name}
        while waiting:
            ready = waiting.pop()
            for step in ready.steps(where):
                yield ready, step
                if step.target in self._chains and step.target not in seen:
                    seen.add(step.target)
                    waiting.append(self._chains[step.target])

    def walk(self, base: NftChain, packet: Packet, where: Where) -> tuple[Literal["accept", "drop"], tuple[Hit, ...]]:
        """What happens to a packet in a base chain, and by which rules; of several possible ends, that it passes."""
        end, hits = self._walk(self._chains[base.name], packet, where, ())
        if end != "return":
            return end, hits
        policy: Literal["accept", "drop"] = "drop" if base.policy == "drop" else "accept"
        return policy, (*hits, Hit(self.name, base.name, policy, base.origin))

    def signature(self, where: Where) -> Signature:
        """Pairs of interfaces that all rules treat alike have the same."""
        doors = where.iif, where.oif
        if doors not in self._between:
            named = ((place, selector) for place, selector in enumerate(self._selectors) if between(selector, *doors))
            self._between[doors] = tuple(named)
        return tuple(place for place, selector in self._between[doors] if applies(selector, where))

    def _rules(self, ready: ReadyChain, where: Where, trail: _Trail) -> list[Rule]:
        return [rule for step in ready.steps(where) for rule in self._meaning(step, ready, where, trail)]

    def _meaning(self, step: Step, ready: ReadyChain, where: Where, trail: _Trail) -> Iterator[Rule]:
        """A step as rules that jump nowhere."""
        packets, exact = step.packets, step.doubt is None
        match step.verdict:
            case "accept" | "drop" | "return":
                yield Rule(packets, step.verdict, exact=exact)
            case "jump" | "goto" if not self._misplaced(step, ready, trail):
                outcome = self._outcome(self._chains[step.target], where, (*trail, ready))
                yield from self._within(packets, outcome, exact=exact)
                if step.verdict == "goto":
                    yield Rule(packets, "return", exact=exact)
            case "translate" if ready.chain.kind != "filter":
                yield Rule(packets, "accept", exact=exact)
            case _:
                yield Rule(packets, "unknown")

    def _within(self, packets: Packets, outcome: Outcome, *, exact: bool) -> Iterator[Rule]:
        """What a jump with `packets` into a chain with this outcome does: for certain first, then what may be."""
        both = self._memo.both
        accepts, drops = both(packets, outcome.accepts_sure), both(packets, outcome.drops_sure)
        yield Rule(accepts, "accept", exact=exact)
        yield Rule(drops, "drop", exact=exact)
        if outcome.accepts is not outcome.accepts_sure or outcome.drops is not outcome.drops_sure:
            yield Rule(both(packets, outcome.accepts) - accepts, "accept", exact=False)
            yield Rule(both(packets, outcome.drops) - drops, "drop", exact=False)

    def _misplaced(self, step: Step, ready: ReadyChain, trail: _Trail) -> Text | None:
        """Why a step cannot do what it says: nft would not have taken it."""
        if step.verdict == "translate" and ready.chain.kind == "filter":
            return _NOT_HERE
        if step.verdict in {"jump", "goto"}:
            target = self._chains.get(step.target)
            if target is None or target.chain.hook or target in (*trail, ready):
                return _NO_TARGET.format(name=step.target)
        return None

    def _outcome(self, ready: ReadyChain, where: Where, trail: _Trail) -> Outcome:
        key = ready.chain.name, self.signature(where)
        found = self._outcomes.get(key)
        if found is None:
            rules = self._rules(ready, where, trail)
            found = self._memo.of(("outcome", *_kinds(rules)), _sets(rules), lambda: _outcome_of(rules))
            self._outcomes[key] = found
        return found

    def _walk(self, ready: ReadyChain, packet: Packet, where: Where, trail: _Trail) -> tuple[End, tuple[Hit, ...]]:
        options: list[tuple[End, tuple[Hit, ...]]] = []
        hits: tuple[Hit, ...] = ()
        for step in ready.steps(where):
            if packet not in step.packets:
                continue
            end, more = self._step(step, ready, packet, where, trail)
            if end is None:
                continue
            if step.doubt is None or end == "accept":
                options.append((end, (*hits, *more)))
                break
            options.append((end, (*hits, *more)))
        else:
            options.append(("return", hits))
        return max(options, key=lambda option: _PERMITTING[option[0]])

    def _step(
        self, step: Step, ready: ReadyChain, packet: Packet, where: Where, trail: _Trail
    ) -> tuple[End | None, tuple[Hit, ...]]:
        """How a step ends a packet's way through a chain, and by which rules; None when it goes on."""
        reason = step.doubt or self._misplaced(step, ready, trail)
        said = step.rule.verdict if step.rule else "unknown"
        hit = Hit(self.name, ready.chain.name, said, step.origin, step.rule, reason)
        if step.verdict in {"accept", "drop", "return"}:
            return step.verdict, (hit,)
        if (reason and step.doubt is None) or step.verdict in {"translate", "unknown"}:
            return "accept", (hit,)
        end, hits = self._walk(self._chains[step.target], packet, where, (*trail, ready))
        if end == "return":
            return ("return", (hit, *hits)) if step.verdict == "goto" else (None, ())
        return end, (hit, *hits)


def _kinds(rules: Sequence[Rule]) -> Iterator[tuple[str, bool]]:
    """What rules say, but for the packets they match."""
    return ((rule.verdict, rule.exact) for rule in rules)


def _sets(rules: Sequence[Rule]) -> tuple[Packets, ...]:
    return tuple(rule.packets for rule in rules)


def _all_sure(rules: Sequence[Rule]) -> bool:
    return all(rule.sure for rule in rules)


def _bounds(rules: Sequence[Rule], policy: Literal["accept", "drop"]) -> tuple[Packets, Packets]:
    """What a chain lets through: at most, and for certain."""
    most = accepted(rules, policy)
    return most, most if _all_sure(rules) else accepted(rules, policy, sure=True)


def _outcome_of(rules: Sequence[Rule]) -> Outcome:
    accepts, drops = decided(rules, "accept"), decided(rules, "drop")
    if _all_sure(rules):
        return Outcome(accepts, accepts, drops, drops)
    sure = decided(rules, "accept", sure=True), decided(rules, "drop", sure=True)
    return Outcome(accepts, sure[0], drops, sure[1])


def ready_tables(
    state: DeviceState, unknown: Sequence[UnknownLine], memo: Memo
) -> tuple[tuple[ReadyTable, ...], Sequence[Doubt]]:
    """The tables of a device, and doubts about all of them: unread lines that may stand anywhere."""
    unread = placed(state, unknown)
    tables = tuple(
        ReadyTable(
            table,
            {chain: lines for (name, chain), lines in unread.chains.items() if name == table.name},
            frozenset(item for name, item in unread.sets if name == table.name),
            unread.anywhere,
            memo,
        )
        for table in state.tables
    )
    return tables, [Doubt(unread_reason(line), "", "", line.origin, None, ALL_PACKETS) for line in unread.anywhere]
