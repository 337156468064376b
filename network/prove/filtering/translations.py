"""Address translation at a hook: which packets a firewall translates, and what it makes of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from inventory.origin import Origin
from inventory.text import Text
from network.prove.filtering.nft_chain import Step, Where
from network.prove.filtering.nft_table import ReadyTable
from network.prove.sets.packets import ALL_PACKETS, NO_PACKETS, Packets, Span
from network.state import Address, NftChain, NftRule

_TRANSLATES: dict[str, Literal["source", "destination", "masquerade"]] = {
    "snat": "source",
    "dnat": "destination",
    "masquerade": "masquerade",
}


@dataclass(frozen=True, slots=True)
class Translation:
    """A rule that translates, and all packets that it may reach.

    `kind` "masquerade" takes an address of the interface the packet leaves by (then `to` is None); "unknown" is a line
    or rule that may translate to anything. With a `doubt` the packets may also stay as they are.
    """

    kind: Literal["source", "destination", "masquerade", "unknown"]
    packets: Packets
    to: Address | None
    to_port: int | None
    rule: NftRule | None
    origin: Origin
    doubt: Text | None = None

    def apply(self, packets: Packets, own: Iterable[Span] = ()) -> Packets:
        """What becomes of those of `packets` that this rule translates.

        A translated source port may be any: the kernel takes another one when two connections would be alike.

        Args:
            packets: packets as they come to the rule.
            own: the addresses that masquerading takes.
        """
        mine = packets & self.packets
        match self.kind:
            case "source" if self.to is not None:
                return mine.translated(source=[(self.to, self.to)], any_source_port=True)
            case "destination" if self.to is not None:
                return mine.translated(destination=[(self.to, self.to)], destination_port=self.to_port)
            case "masquerade":
                return mine.translated(source=own, any_source_port=True)
        return ALL_PACKETS if mine else NO_PACKETS


def translations(bases: Iterable[tuple[ReadyTable, NftChain]], where: Where) -> tuple[Translation, ...]:
    """The translations of nat chains, given in the order in which packets meet them."""
    found: list[Translation] = []
    live = ALL_PACKETS
    for table, base in bases:
        chain = _Translations(table, where)
        chain.walk(base.name, live, ())
        for item in chain.found:
            if item.doubt is None:
                live -= item.packets
        found += chain.found
    return tuple(found)


class _Translations:
    """What the chains of one table translate."""

    def __init__(self, table: ReadyTable, where: Where) -> None:
        self._table, self._where = table, where
        self.found: list[Translation] = []

    def walk(self, name: str, live: Packets, trail: tuple[str, ...]) -> Packets:
        """Note what a chain translates of `live`; the packets that come back from it."""
        ready, back = self._table.ready(name), NO_PACKETS
        if ready is None or name in trail:
            return live
        for step in ready.steps(self._where):
            mine = step.packets & live
            if not mine:
                continue
            returned = NO_PACKETS
            match step.verdict:
                case "translate" | "unknown":
                    self.found.append(_translation(step, mine))
                case "return":
                    back |= mine
                case "jump":
                    returned = self.walk(step.target, mine, (*trail, name))
                case "goto":
                    back |= self.walk(step.target, mine, (*trail, name))
            if step.doubt is None:
                live = (live - mine) | returned
        return live | back


def _translation(step: Step, packets: Packets) -> Translation:
    rule = step.rule
    if rule is None:
        return Translation("unknown", packets, None, None, None, step.origin, step.doubt)
    return Translation(_TRANSLATES[rule.verdict], packets, rule.to, rule.to_port, rule, step.origin, step.doubt)
