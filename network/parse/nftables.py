"""nftables firewalls: the rule set and FRR's part, from one text of two sections."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

from network.nft_names import PRIORITIES
from network.parse import frr
from network.parse import words as w
from network.parse.frr_draft import Draft
from network.parse.nft_cursor import Cursor
from network.parse.nft_lexer import Statement, statements
from network.parse.nft_rule import SET_FAMILIES, SetKind, read_rule
from network.parse.nft_values import interface, mark, nft_name, prefixes
from network.parse.source import Source
from network.render.nftables import FRR_SECTION, NFT_SECTION
from network.state import DeviceState, Network, NftChain, NftRule, NftSet, NftTable

_KINDS: dict[str, SetKind] = {"ifname": "ifname", "ipv4_addr": "ipv4", "ipv6_addr": "ipv6", "mark": "mark"}
_Elements = tuple[str, ...] | tuple[Network, ...] | tuple[int, ...]
_HOOKS = ("input", "forward", "output", "prerouting", "postrouting")
_MARK = "# ==> "


def parse(source: Source) -> DeviceState:
    """Read both sections; what stands in neither is doubted."""
    sections: dict[str, list[tuple[int, str]]] = {NFT_SECTION: [], FRR_SECTION: []}
    current: list[tuple[int, str]] | None = None
    for number, text in source.numbered(1, len(source.lines)):
        if text.startswith(_MARK):
            current = sections.get(text.rstrip())
        if current is None:
            source.doubt(number)
        else:
            current.append((number, text))
    draft = Draft(source)
    frr.read_lines(draft, sections[FRR_SECTION])
    tables = _Tables(source)
    for statement in statements(source, sections[NFT_SECTION]):
        tables.read(statement)
    return replace(draft.state("nftables"), tables=tables.done())


@dataclass(slots=True)
class _TableDraft:
    """Blocks of a table; nft joins those of one name."""

    origin: Statement
    sets: dict[str, NftSet] = field(default_factory=dict)
    chains: dict[str, list[Statement]] = field(default_factory=dict)


class _Tables:
    """Tables being read. Rules are read last, when all sets are known."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._tables: dict[str, _TableDraft] = {}

    def read(self, statement: Statement) -> None:
        match statement.tokens:
            case ["flush", "ruleset"] if statement.body is None:
                return
            case ["table", "inet", name] if statement.body is not None and _is_name(name):
                table = self._tables.setdefault(name, _TableDraft(statement))
                for block in statement.body:
                    self._block(table, block)
            case _:
                self._doubt(statement)

    def _block(self, table: _TableDraft, block: Statement) -> None:
        match block.tokens:
            case ["set", name] if block.body is not None and _is_name(name) and name not in table.sets:
                found = self._set(name, block, block.body)
                if found:
                    table.sets[name] = found
            case ["chain", name] if block.body is not None and _is_name(name):
                table.chains.setdefault(name, []).append(block)
            case _:
                self._doubt(block)

    def _doubt(self, statement: Statement) -> None:
        self._source.doubt(statement.first, statement.last)

    def _set(self, name: str, block: Statement, body: Sequence[Statement]) -> NftSet | None:
        said = _set_of(tuple([statement.tokens for statement in body]))
        if said is None:
            self._doubt(block)
            return None
        for place in said.doubted:
            self._doubt(body[place])
        return NftSet(name, said.kind, said.elements, self._source.origin(block.first))

    def done(self) -> tuple[NftTable, ...]:
        """The tables read, in the order in which they came."""
        return tuple(
            NftTable(
                name=name,
                sets=tuple(table.sets.values()),
                chains=tuple(self._chain(key, blocks, table) for key, blocks in table.chains.items()),
                origin=self._source.origin(table.origin.first),
            )
            for name, table in self._tables.items()
        )

    def _chain(self, name: str, blocks: list[Statement], table: _TableDraft) -> NftChain:
        kinds = {f"@{s.name}": s.kind for s in table.sets.values()}
        chain = NftChain(name, origin=self._source.origin(blocks[0].first))
        rules: list[NftRule] = []
        for statement in (statement for block in blocks for statement in block.body or ()):
            try:
                if statement.tokens[0] == "type":
                    chain = _hooked(chain, Cursor(statement.tokens))
                elif statement.tokens[0] == "policy":
                    chain = _with_policy(chain, statement.tokens)
                else:
                    origin = self._source.origin(statement.first)
                    rules.append(read_rule(statement.tokens, kinds, origin))
            except (ValueError, LookupError):
                self._doubt(statement)
        return replace(chain, rules=tuple(rules))


def _is_name(word: str) -> bool:
    try:
        nft_name(word)
    except ValueError:
        return False
    return True


class _SetSaid(NamedTuple):
    """What a set's statements say; `doubted` are the places of those that say something else."""

    kind: SetKind
    elements: _Elements
    doubted: tuple[int, ...]


@lru_cache(w.REMEMBERED)
def _set_of(body: tuple[tuple[str, ...], ...]) -> _SetSaid | None:
    """A set from the tokens of its statements; None when they do not make one. Firewalls share most sets."""
    kinds = [_KINDS[tokens[1]] for tokens in body if tokens[0] == "type" and tokens[1:] and tokens[1] in _KINDS]
    intervals = ("flags", "interval") in body
    if len(kinds) != 1 or intervals != (kinds[0] in SET_FAMILIES):
        return None
    elements: _Elements = ()
    doubted = []
    for place, tokens in enumerate(body):
        match tokens:
            case ["type", _] | ["flags", "interval"]:
                continue
            case ["elements", "=", *_] if not elements:
                try:
                    elements = _elements(tokens, kinds[0])
                except ValueError:
                    doubted.append(place)
            case _:
                doubted.append(place)
    return _SetSaid(kinds[0], elements, tuple(doubted))


def _elements(tokens: tuple[str, ...], kind: SetKind) -> _Elements:
    cursor = Cursor(tokens[2:])
    found: _Elements
    if kind == "ifname":
        found = cursor.values(interface)
    elif kind == "mark":
        found = cursor.values(mark)
    else:
        groups = cursor.values(lambda token: prefixes(token, SET_FAMILIES[kind]))
        found = tuple(network for group in groups for network in group)
    if cursor.more():
        raise ValueError(cursor.peek())
    return found


def _hooked(chain: NftChain, cursor: Cursor) -> NftChain:
    """A base chain: `type filter hook forward priority filter + 5`."""
    if chain.hook or not cursor.skip("type"):
        raise ValueError(chain.hook)
    kind = cursor.word()
    if kind not in {"filter", "nat"} or not cursor.skip("hook"):
        raise ValueError(kind)
    hook = cursor.word()
    if hook not in _HOOKS or not cursor.skip("priority"):
        raise ValueError(hook)
    priority = _priority(cursor)
    if cursor.more():
        raise ValueError(cursor.peek())
    return replace(chain, kind=kind, hook=hook, priority=priority, policy=chain.policy or "accept")  # type: ignore[arg-type] # both just looked up


def _priority(cursor: Cursor) -> int:
    word = cursor.word()
    base = PRIORITIES[word] if word in PRIORITIES else _signed(word)
    if not cursor.more():
        return base
    sign = cursor.word()
    return base + {"+": 1, "-": -1}[sign] * w.number(cursor.word())


def _signed(word: str) -> int:
    return -w.number(word[1:]) if word.startswith("-") else w.number(word)


def _with_policy(chain: NftChain, words: tuple[str, ...]) -> NftChain:
    match words:
        case ["policy", "accept" | "drop" as policy]:
            return replace(chain, policy=policy)
    raise ValueError(words)
