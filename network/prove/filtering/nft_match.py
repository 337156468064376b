"""What a rule of nftables matches, as the kernel reads the text that `network.render` writes for it.

A field that cannot be read (a set that is not there, a type without a name here) leaves its dimension free, and the
match says so: it is then larger than the truth, never smaller.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from inventory.text import Text
from network.canonical import rule_family, set_families
from network.nft_names import CT_STATES, ICMP_TYPES
from network.prove.sets.fields import (
    ALL_ADDRESSES,
    ALL_EXTRAS,
    ALL_OF,
    ALL_SERVICES,
    ICMP,
    PORTED,
    address_ranges,
    boxes_of,
    services_of,
)
from network.prove.sets.intervals import Ranges, join, minus, ranges
from network.prove.sets.memo import Memo
from network.prove.sets.packets import ALL_PACKETS, Packets, packets
from network.state import Family, Network, NftRule, NftTable

Names = frozenset[str]
Marks = frozenset[int]

_SET = Text("the set {name} is not known in full", "セット {name} の内容が完全には分かりません")
_STATE = Text("a connection state is not known: {name}", "コネクション状態「{name}」の意味が分かりません")
_TYPE = Text("an ICMP type is not known: {name}", "ICMPタイプ「{name}」の意味が分かりません")
_FIELDS = Text("its conditions contradict each other", "条件どうしが矛盾しています")
_HOURS = Text("it matches at some hours only", "一致する時間帯が限られています")
_OTHER_FAMILY = Text(
    "whether it matches ICMP of the other IP version depends on how it is written",
    "もう一方のIPバージョンのICMPに一致するかどうかが、書き方によって変わります",
)


@dataclass(frozen=True, slots=True)
class Match:
    """What a rule matches: between interfaces, in connection states, of connections with which marks, which packets.

    `iif`, `oif`, `states` and `marks` are None when the rule does not look at them. With a `doubt` it may match less.
    """

    iif: Names | None
    oif: Names | None
    states: Names | None
    marks: Marks | None
    packets: Packets
    doubt: Text | None = None


class Matcher:
    """Reads the rules of one table; each named set is turned into numbers once.

    Args:
        table: the table.
        memo: rules and sets that say the same are the same objects for all that share it.
        uncertain: names of sets whose elements are not all known.
    """

    def __init__(self, table: NftTable, memo: Memo, uncertain: Collection[str] = ()) -> None:
        self._memo = memo
        self._found: dict[int, tuple[NftRule, tuple[Match, ...]]] = {}
        self._families = set_families(table)
        self._addresses: dict[str, Ranges] = {}
        self._names: dict[str, Names] = {}
        self._marks: dict[str, Marks] = {}
        for item in table.sets:
            if item.name in uncertain:
                continue
            if item.kind == "ifname":
                self._names[f"@{item.name}"] = memo.same(frozenset(e for e in item.elements if isinstance(e, str)))
            elif item.kind == "mark":
                self._marks[f"@{item.name}"] = memo.same(frozenset(e for e in item.elements if isinstance(e, int)))
            else:
                networks = (e for e in item.elements if not isinstance(e, str | int))
                self._addresses[f"@{item.name}"] = memo.same(address_ranges(networks))

    def matches(self, rule: NftRule) -> tuple[Match, ...]:
        """What `rule` matches: for certain, and then, if need be, what it matches perhaps.

        A permission for some hours counts as one for all; any other rule for some hours is in doubt.
        """
        known = self._found.get(id(rule))
        if known is None:
            sets = self._sets_of(rule)
            question = "match", _asked(rule), rule_family(rule, self._families)
            known = self._found[id(rule)] = rule, self._memo.of(question, sets, lambda: self._matches(rule))
        return known[1]

    def _sets_of(self, rule: NftRule) -> tuple[Names | Marks | Ranges | None, ...]:
        """What the named sets are that a rule looks at; None where it names none, or one that is not known."""
        found: list[Names | Marks | Ranges | None] = []
        tables = (self._names, rule.iif), (self._names, rule.oif), (self._marks, rule.ct_marks)
        ends = (self._addresses, rule.src), (self._addresses, rule.dst)
        for table, value in (*tables, *ends):
            found.append(table.get(value) if isinstance(value, str) else None)
        return tuple(found)

    def _matches(self, rule: NftRule) -> tuple[Match, ...]:
        doubts: list[Text] = []
        iif, oif = self._interfaces(rule.iif, doubts), self._interfaces(rule.oif, doubts)
        states = frozenset(rule.ct_states) or None
        if states and not CT_STATES.keys() >= states:
            doubts.append(_STATE.format(name=", ".join(sorted(states - CT_STATES.keys()))))
            states = None
        marks = self._marks_of(rule.ct_marks, doubts)
        found = self._packets(rule, doubts)
        if (rule.days or rule.hours) and rule.verdict != "accept":
            doubts.append(_HOURS)
        certain = Match(iif, oif, states, marks, found, doubts[0] if doubts else None)
        if rule.protocol == "icmp" and rule.family and not (rule.src or rule.dst or rule.icmp_types):
            other: Family = 6 if rule.family == 4 else 4  # noqa: PLR2004 the IP version
            strange = packets(family=other, protocol=ICMP[rule.family])
            return certain, Match(iif, oif, states, marks, strange, _OTHER_FAMILY)
        return (certain,)

    def _interfaces(self, value: tuple[str, ...] | str, doubts: list[Text]) -> Names | None:
        if not isinstance(value, str):
            return frozenset(value) or None
        if value and value not in self._names:
            doubts.append(_SET.format(name=value))
        return self._names.get(value)

    def _marks_of(self, value: tuple[int, ...] | str, doubts: list[Text]) -> Marks | None:
        if not isinstance(value, str):
            return frozenset(value) or None
        if value and value not in self._marks:
            doubts.append(_SET.format(name=value))
        return self._marks.get(value)

    def _packets(self, rule: NftRule, doubts: list[Text]) -> Packets:
        family = rule_family(rule, self._families)
        source, destination = (self._addresses_of(value, doubts) for value in (rule.src, rule.dst))
        if rule.negate_src:
            if family is None or not rule.src:
                doubts.append(_FIELDS)
            elif source is not None:
                source = self._memo.same(minus(ALL_OF[family], source))
        services, extras = _services(rule, family, doubts)
        if (source, destination, services, extras, family) == (None, None, ALL_SERVICES, ALL_EXTRAS, None):
            return ALL_PACKETS
        ends = [ALL_ADDRESSES if end is None else end for end in (source, destination)]
        return self._memo.of(
            ("rule", services, extras, family),
            ends,
            lambda: Packets(boxes_of(ends[0], ends[1], services, extras, family)),
        )

    def _addresses_of(self, value: tuple[Network, ...] | str, doubts: list[Text]) -> Ranges | None:
        """None is every address."""
        if not isinstance(value, str):
            return self._memo.same(address_ranges(value)) if value else None
        if value and value not in self._addresses:
            doubts.append(_SET.format(name=value))
        return self._addresses.get(value)


def _asked(rule: NftRule) -> tuple[object, ...]:
    """All of a rule that its match hangs on, but for the contents of named sets and the family they are of."""
    ports, ends = (rule.sports, rule.dports), (rule.src, rule.dst, rule.negate_src)
    inside = rule.iif, rule.oif, rule.ct_states, rule.ct_marks
    some_hours = rule.verdict != "accept" and bool(rule.days or rule.hours)
    return rule.family, rule.protocol, rule.icmp_types, ports, ends, inside, some_hours


def _services(rule: NftRule, family: Family | None, doubts: list[Text]) -> tuple[Ranges, Ranges]:
    """Services and extras that the rule matches; of a rule that no device would take, all."""
    ports = bool(rule.sports or rule.dports)
    if (ports and rule.protocol not in PORTED) or (rule.icmp_types and (rule.protocol != "icmp" or family is None)):
        doubts.append(_FIELDS)
        return ALL_SERVICES, ALL_EXTRAS
    if rule.protocol in PORTED:
        return services_of(PORTED[rule.protocol], rule.dports), ranges(rule.sports) or ALL_EXTRAS
    if rule.protocol != "icmp":
        return ALL_SERVICES, ALL_EXTRAS
    if family is None:
        return join(services_of(number) for number in ICMP.values()), ALL_EXTRAS
    return services_of(ICMP[family], _types(rule.icmp_types, family, doubts)), ALL_EXTRAS


def _types(names: Iterable[str], family: Family, doubts: list[Text]) -> list[tuple[int, int]]:
    known = ICMP_TYPES[family]
    unknown = [name for name in names if name not in known]
    if unknown:
        doubts.append(_TYPE.format(name=", ".join(unknown)))
        return []
    return [(known[name], known[name]) for name in names]
