"""What the filters of a firewall let through: exact sets of packets, with the rule that lets each of them pass.

Asked for one pair of interfaces and one connection state at a time, and for one mark of connections or for any.
Modelled: everything a state can say, that is jumps and returns, named sets, negation, address families, ports, ICMP
types, connection marks, several tables and chains at one hook (a packet passes when all of them let it), policies. Logs
and counters change nothing; a rejection is a drop. What mark a connection has is not followed from hook to hook: it may
be any, but for packets of no connection, which have none.

Not exactly known are lines the parser could not read, references to what is not there, and the few rules that mean
different things in different spellings. Packets that pass only through them are in `Passing.packets` but not in
`Passing.certain`: never taken for dropped, never taken for let through.

Address translation changes packets between hooks: see `translations`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from network.prove.filtering.nft_chain import MarkKinds, Where
from network.prove.filtering.nft_match import Matcher
from network.prove.filtering.nft_table import MARKED, Doubt, Hit, ReadyTable, ready_tables
from network.prove.filtering.translations import Translation, translations
from network.prove.sets.boxes import Index
from network.prove.sets.memo import Memo
from network.prove.sets.packets import ALL_PACKETS, NO_PACKETS, Packet, Packets
from network.state import DeviceState, NftChain, UnknownLine

Hook = Literal["prerouting", "input", "forward", "output", "postrouting"]
Connection = Literal["new", "established", "related", "invalid", "untracked"]
"""State of the connection that a packet belongs to, as conntrack sees it."""


@dataclass(frozen=True, slots=True)
class Passing:
    """What passes: at most `packets`, at least `certain`; the same object when nothing is in doubt."""

    packets: Packets
    certain: Packets
    doubts: tuple[Doubt, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What happens to a packet at a hook, and the rules that say so, in the order in which it meets them.

    Of a packet in doubt it is told how it may pass.
    """

    verdict: Literal["accept", "drop"]
    hits: tuple[Hit, ...]


class Openings:
    """Accepting rules that a first packet may meet, found by packets; each with the mark it gives."""

    def __init__(self, rules: Iterable[tuple[Packets, int]]) -> None:
        marked = [(box, mark) for found, mark in rules for box in found.boxes]
        self._marks = [mark for _, mark in marked]
        self._index = Index([box for box, _ in marked])

    def marks(self, opening: Packets) -> frozenset[int]:
        """The marks that connections may have once these first packets were let through."""
        return frozenset(self._marks[place] for box in opening.boxes for place in self._index.touching(box))


class DeviceFilter:
    """The filters of one device.

    Args:
        state: the device; platforms without filters let everything pass.
        unknown: the lines of its text that the parser could not read, if the state was parsed. Those of the routing
            part, and of other platforms, are no filters: what they may do is for the caller to say.
        memo: what was worked out about the same rules, in other filters too.
    """

    def __init__(self, state: DeviceState, unknown: Sequence[UnknownLine] = (), memo: Memo | None = None) -> None:
        self.memo: Memo = Memo() if memo is None else memo
        self._tables, self._doubts = ready_tables(state, unknown if state.platform == "nftables" else (), self.memo)
        selectors = [selector for table in self._tables for selector in table.selectors]
        self._marks = {state: MarkKinds(selectors, state) for state in get_args(Connection)}
        self._asked = {state: self.memo.same(kinds.asked) for state, kinds in self._marks.items()}
        self._known: dict[tuple[Hook, str, str, Connection, int | None], Passing] = {}
        self._openings: dict[tuple[object, ...], Openings] = {}

    def matcher(self, table: str) -> Matcher:
        """What reads the rules of one of the device's tables, as if all of its sets were known."""
        return next(ready.matcher for ready in self._tables if ready.name == table)

    def marks(self, connection: Connection) -> tuple[int | None, ...]:
        """One mark of each kind that the filters treat alike in packets of a state; None is that of no connection."""
        return self._marks[connection].one_of_each

    def asked(self, connection: Connection) -> Hashable:
        """What the filters ask about marks of packets in a state: the same where they treat the same marks alike."""
        return self._asked[connection]

    def openings(self, iif: str, oif: str) -> Openings:
        """The rules of the forward hook that let the first packets of connections through, and the marks they give."""
        where = Where(iif, oif, "new")
        tables = self._ordered("forward", "filter")
        key = tuple(table.signature(where) for table, _ in tables)
        if key not in self._openings:
            rules = [pair for table, base in tables for pair in table.marks(base, where)]
            marks = tuple(mark for _, mark in rules)
            found = [packets for packets, _ in rules]
            self._openings[key] = self.memo.of(("openings", marks), found, lambda: Openings(rules))
        return self._openings[key]

    def like(self, connection: Connection, mark: int) -> int:
        """The mark that stands for all that the filters treat like this one in packets of a state."""
        return self._marks[connection].like(mark) or 0

    def passing(
        self, hook: Hook, iif: str, oif: str, connection: Connection = "new", *, mark: int | None = None
    ) -> Passing:
        """What passes all chains at a hook, from interface `iif` to interface `oif` ("" where the hook has none).

        Asked about are packets of connections with a mark, or with any (None): at most what passes with one of them,
        for certain what passes with all.
        """
        key = hook, iif, oif, connection, mark
        if key not in self._known:
            self._known[key] = self._any(hook, iif, oif, connection, mark)
        return self._known[key]

    def _any(self, hook: Hook, iif: str, oif: str, connection: Connection, mark: int | None) -> Passing:
        marks = self._marks[connection].one_of_each if mark is None else (mark,)
        found = [self._passing(hook, Where(iif, oif, connection, one)) for one in marks]
        if len(found) == 1:
            return found[0]
        most, least = self.memo.of(
            "marks",
            [bound for passing in found for bound in (passing.packets, passing.certain)],
            lambda: _any_of(found),
        )
        if most is least:
            return Passing(most, most)
        open_ = most - least
        doubts = [doubt for passing in found for doubt in passing.doubts]
        for one in marks:
            for table, base in self._bases(hook, connection):
                doubts += table.asks_marks(base, Where(iif, oif, connection, one))
        return Passing(most, least, tuple(doubt for doubt in doubts if doubt.packets.meets(open_)))

    def _passing(self, hook: Hook, where: Where) -> Passing:
        most, least = ALL_PACKETS, ALL_PACKETS
        doubts: list[Doubt] = list(self._doubts)
        for table, base in self._bases(hook, where.connection):
            may, sure = table.passing(base, where)
            most, least = self.memo.both(most, may), self.memo.both(least, sure)
            if may is not sure:
                doubts += table.doubts(base, where)
        if self._doubts:
            least = NO_PACKETS
        if not doubts:
            return Passing(most, most)
        open_ = most - least
        return Passing(most, least, tuple(doubt for doubt in doubts if doubt.packets.meets(open_)))

    def explain(  # noqa: PLR0913 all that is asked of a packet
        self, packet: Packet, hook: Hook, iif: str, oif: str, connection: Connection = "new", *, mark: int | None = None
    ) -> Decision:
        """What happens to a packet at a hook, and why; of a connection with any mark (None), how it may pass."""
        marks = self._marks[connection].one_of_each if mark is None else (mark,)
        tried = [self._explain(packet, hook, Where(iif, oif, connection, one)) for one in marks]
        return next((decision for decision in tried if decision.verdict == "accept"), tried[0])

    def _explain(self, packet: Packet, hook: Hook, where: Where) -> Decision:
        passed: tuple[Hit, ...] = ()
        for table, base in self._bases(hook, where.connection):
            verdict, hits = table.walk(base, packet, where)
            if verdict == "drop":
                return Decision("drop", hits)
            passed += hits
        return Decision("accept", passed)

    def translations(self, hook: Hook, iif: str, oif: str) -> tuple[Translation, ...]:
        """How the first packets of connections are translated at a hook; all other packets stay as they are."""
        bases = [(table, base) for table, base in self._ordered(hook, "nat")]
        unread = [Translation("unknown", ALL_PACKETS, None, None, None, d.origin, d.reason) for d in self._doubts]
        found = [translations(bases, Where(iif, oif, "new", mark)) for mark in self._marks["new"].one_of_each]
        every = [item for item in found[0] if all(item in others for others in found)]
        some = [replace(item, doubt=item.doubt or MARKED) for items in found for item in items if item not in every]
        return (*unread, *some, *every)

    def _bases(self, hook: Hook, connection: str) -> Iterator[tuple[ReadyTable, NftChain]]:
        """The chains at a hook in the order in which packets meet them; nat chains see new connections only."""
        yield from self._ordered(hook, "filter")
        if connection == "new":
            yield from self._ordered(hook, "nat")

    def _ordered(self, hook: Hook, kind: str) -> list[tuple[ReadyTable, NftChain]]:
        found = [(table, base) for table in self._tables for base in table.bases(hook, kind)]
        return sorted(found, key=lambda item: item[1].priority)


def _any_of(found: Sequence[Passing]) -> tuple[Packets, Packets]:
    """What passes in one of several cases, and what in all of them; the same object when that is the same."""
    most, least = found[0].packets, found[0].certain
    for other in found[1:]:
        most, least = most | other.packets, least & other.certain
    return (most, least) if most - least else (most, most)
