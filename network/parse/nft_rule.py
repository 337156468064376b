"""nftables: one rule. Matches come first, then log, counter and mark, then the verdict, then the comment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Literal

from inventory.origin import Origin
from network.nft_names import CT_STATES, ICMP_TYPES, LONGEST_COMMENT, LONGEST_LOG, NOT_LOGGED, NOT_QUOTED
from network.parse import words as w
from network.parse.nft_cursor import Cursor
from network.parse.nft_lexer import text_of
from network.parse.nft_values import day, endpoint, interface, mark, nft_name, port_range, prefixes, second
from network.render.errors import is_line_text
from network.state import Family, NftRule

SetKind = Literal["ifname", "ipv4", "ipv6", "mark"]
SET_FAMILIES: dict[SetKind | None, Family] = {"ipv4": 4, "ipv6": 6}
_MATCHES, _STATEMENTS, _VERDICT, _COMMENT = range(4)
_HIGHEST_COUNT = 2**64 - 1
_ENDS = {"saddr": "src", "daddr": "dst"}
_PORTS = {"sport": "sports", "dport": "dports"}
_FAMILIES: dict[str, Family] = {"ipv4": 4, "ipv6": 6}
_FAMILY_WORDS: dict[str, Family] = {"ip": 4, "ip6": 6}
_REJECTIONS: dict[str, Family | None] = {"icmp": 4, "icmpv6": 6, "icmpx": None}
_STEPS = {
    **dict.fromkeys(("log", "counter"), _STATEMENTS),
    **dict.fromkeys(("accept", "drop", "reject", "jump", "goto", "return", "snat", "dnat", "masquerade"), _VERDICT),
    "comment": _COMMENT,
}
_PROTOCOLS: dict[str, tuple[str, Family | None]] = {
    "tcp": ("tcp", None),
    "udp": ("udp", None),
    "icmp": ("icmp", 4),
    "ipv6-icmp": ("icmp", 6),
}


def read_rule(tokens: tuple[str, ...], kinds: Mapping[str, SetKind], origin: Origin) -> NftRule:
    """The rule that these tokens make.

    Args:
        tokens: the rule's.
        kinds: the kind of every set in the table, by its reference ("@name").
        origin: where it stands.

    Raises:
        ValueError, LookupError: it says something that state cannot say.
    """
    return _said(tokens, tuple([kinds.get(token) for token in tokens if token[0] == "@"]))(origin=origin)


@lru_cache(w.REMEMBERED)
def _said(tokens: tuple[str, ...], kinds: tuple[SetKind | None, ...]) -> Callable[..., NftRule]:
    """A rule but for its origin, from its tokens and the kinds of the sets it names; firewalls share most rules."""
    references = (token for token in tokens if token[0] == "@")
    return _RuleReader(tokens, dict(zip(references, kinds, strict=True))).rule()


class _RuleReader:
    """Reads a rule from its tokens. Of the sets it names, the kinds are known; None is a set that is not there."""

    def __init__(self, tokens: tuple[str, ...], kinds: Mapping[str, SetKind | None]) -> None:
        self._cursor = Cursor(tokens)
        self._kinds = kinds
        self._fields: dict[str, Any] = {}
        self._family: Family | None = None
        self._both = False

    def rule(self) -> Callable[..., NftRule]:
        phase = _MATCHES
        cursor = self._cursor
        while cursor.more():
            word = cursor.word()
            step = _STEPS.get(word, _MATCHES)
            if word == "ct" and cursor.follows("mark", "set"):  # gives the connection its mark
                step = _STATEMENTS
            if step < phase or step == _VERDICT == phase:
                raise ValueError(word)
            phase = step
            self._match(word) if step == _MATCHES else self._act(word, step)
        if "verdict" not in self._fields or (self._both and self._family):
            raise ValueError(phase)
        to = self._fields.get("to")
        if to is not None and self._family not in {None, to.version}:
            raise ValueError(to)
        family = None if "src" in self._fields or "dst" in self._fields else self._family
        return partial(NftRule, family=family, **self._fields)

    def _match(self, word: str) -> None:
        match word:
            case "iifname" | "oifname":
                self._interface(word)
            case "meta":
                self._meta()
            case "ip" | "ip6":
                self._ip(word)
            case "tcp" | "udp":
                self._ports(word)
            case "icmp" | "icmpv6":
                self._icmp(word)
            case "ct":
                self._ct()
            case _:
                raise ValueError(word)

    def _act(self, word: str, step: int) -> None:
        match word:
            case "log":
                self._log()
            case "counter":
                self._counter()
            case "ct":
                self._cursor.skip("mark", "set")
                self._once("set_mark", mark(self._cursor.next()))
            case "comment":
                self._once("id", self._text(NOT_QUOTED, LONGEST_COMMENT))
            case _ if step == _VERDICT:
                self._verdict(word)

    def _once(self, field: str, value: object) -> None:
        if field in self._fields:
            raise ValueError(field)
        self._fields[field] = value

    def _only(self, family: Family | None) -> None:
        """The rule is limited to a family; no rule is limited to both."""
        if family is not None and self._family not in {None, family}:
            raise ValueError(family)
        self._family = family or self._family

    def _reference(self) -> str | None:
        """A reference to a named set, if it comes next."""
        return self._cursor.word() if self._cursor.peek().startswith("@") else None

    def _interface(self, word: str) -> None:
        reference = self._reference()
        if reference is None:
            self._once(word.removesuffix("name"), self._cursor.values(interface))
        elif self._kinds[reference] == "ifname":
            self._once(word.removesuffix("name"), reference)
        else:
            raise ValueError(reference)

    def _meta(self) -> None:
        match self._cursor.word():
            case "nfproto":
                self._only(_FAMILIES[self._cursor.word()])
            case "l4proto" if self._cursor.skip("{", "icmp", ",", "ipv6-icmp", "}"):
                self._once("protocol", "icmp")
                self._both = True
            case "l4proto":
                self._l4(self._cursor.word())
            case "day":
                self._once("days", self._cursor.values(day))
            case "hour":
                self._hours()
            case word:
                raise ValueError(word)

    def _hours(self) -> None:
        """From one second of the day to a later one; one that goes on past midnight is no span of a day."""
        first = second(self._cursor.string())
        if not self._cursor.skip("-"):
            raise ValueError(self._cursor.peek())
        last = second(self._cursor.string())
        if first >= last:
            raise ValueError(last)
        self._once("hours", (first, last))

    def _l4(self, word: str) -> None:
        protocol, family = _PROTOCOLS[word]
        self._once("protocol", protocol)
        self._only(family)

    def _ip(self, word: str) -> None:
        family: Family = 4 if word == "ip" else 6
        field = self._cursor.word()
        if field == "protocol" and word == "ip":
            self._l4(self._cursor.word())
        elif field == "saddr" and self._cursor.skip("!="):
            self._once("negate_src", value=True)
            self._addresses("src", family)
        else:
            self._addresses(_ENDS[field], family)
        self._only(family)

    def _addresses(self, field: str, family: Family) -> None:
        reference = self._reference()
        if reference is None:
            groups = self._cursor.values(lambda token: prefixes(token, family))
            self._once(field, tuple(network for group in groups for network in group))
        elif SET_FAMILIES.get(self._kinds[reference]) == family:
            self._once(field, reference)
        else:
            raise ValueError(reference)

    def _ports(self, word: str) -> None:
        if self._fields.setdefault("protocol", word) != word:
            raise ValueError(word)
        self._once(_PORTS[self._cursor.word()], self._cursor.values(port_range))

    def _icmp(self, word: str) -> None:
        if self._cursor.word() != "type":
            raise ValueError(word)
        family: Family = 4 if word == "icmp" else 6
        types = self._cursor.values(text_of)
        if not ICMP_TYPES[family].keys() >= set(types):
            raise ValueError(types)
        self._once("protocol", "icmp")
        self._once("icmp_types", types)
        self._only(family)

    def _ct(self) -> None:
        if self._cursor.skip("mark"):
            self._ct_mark()
            return
        if not self._cursor.skip("state"):
            raise ValueError(self._cursor.peek())
        states = list(self._cursor.values(text_of))
        while self._cursor.skip(","):
            states.append(self._cursor.word())
        if not CT_STATES.keys() >= set(states):
            raise ValueError(states)
        self._once("ct_states", tuple(states))

    def _ct_mark(self) -> None:
        reference = self._reference()
        if reference is None:
            self._once("ct_marks", self._cursor.values(mark))
        elif self._kinds[reference] == "mark":
            self._once("ct_marks", reference)
        else:
            raise ValueError(reference)

    def _text(self, without: str, longest: int, *, end: str = "") -> str:
        """A text of ours in quotes, which may end with `end`."""
        text = self._cursor.string()
        if not text or not is_line_text(text.removesuffix(end), without=without, longest=longest):
            raise ValueError(text)
        return text

    def _log(self) -> None:
        if not self._cursor.skip("prefix"):
            raise ValueError(self._cursor.peek())
        self._once("log", self._text(NOT_LOGGED, LONGEST_LOG - 1, end=" "))

    def _counter(self) -> None:
        self._once("counter", value=True)
        if self._cursor.skip("packets"):
            w.number(self._cursor.word(), high=_HIGHEST_COUNT)
            if not self._cursor.skip("bytes"):
                raise ValueError(self._cursor.peek())
            w.number(self._cursor.word(), high=_HIGHEST_COUNT)

    def _verdict(self, word: str) -> None:
        self._once("verdict", word)
        if word in {"jump", "goto"}:
            self._once("target", nft_name(self._cursor.word()))
        elif word in {"snat", "dnat"}:
            self._translation()
        elif word == "reject" and self._cursor.skip("with"):
            kind = self._cursor.word()
            self._cursor.skip("type")
            if not self._cursor.skip("port-unreachable"):
                raise ValueError(kind)
            self._only(_REJECTIONS[kind])

    def _translation(self) -> None:
        family = _FAMILY_WORDS.get(self._cursor.peek())
        if family:
            self._cursor.word()
        if not self._cursor.skip("to"):
            raise ValueError(self._cursor.peek())
        address, port = endpoint(self._cursor.word())
        if family not in {None, address.version} or (port and self._fields.get("protocol") not in {"tcp", "udp"}):
            raise ValueError(address)
        self._once("to", address)
        self._once("to_port", port)
