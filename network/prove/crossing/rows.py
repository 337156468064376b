"""Rules beside rows: every rule of a firewall that lets pass or translates, and the row of the register it serves.

Looked at are the chains that a packet between two zones can meet. Rules for packets of known connections need no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial, reduce
from operator import sub

from inventory.marks import connection_mark
from inventory.origin import Origin
from inventory.text import Text
from network.compile.flows import is_live
from network.compile.hours import spans, within
from network.nft_names import LAST_SECOND
from network.prove.crossing.causes import Intended, sets_of
from network.prove.crossing.firewall import Firewall
from network.prove.crossing.plant import Ground
from network.prove.filtering.nft_match import Match, Matcher
from network.prove.findings import Finding
from network.prove.register import PEER, Register, Row
from network.prove.sets.packets import Packets, union
from network.prove.subject import Subject
from network.state import NftChain, NftRule, NftTable

_KNOWN = frozenset({"established", "related"})
_TRANSLATES = frozenset({"snat", "dnat", "masquerade"})

_NO_ROW = Text(
    "A rule of {device} lets packets pass and names no row of the register.",
    "{device} に、登録番号のない許可規則があります。",
)
_UNKNOWN_ROW = Text(
    "A rule of {device} names row {row}, which the register does not have.",
    "{device} の許可規則が、登録簿にない登録番号 {row} を指しています。",
)
_DEAD_ROW = Text(
    "A rule of {device} names row {row}, which is not in force on {day}.",
    "{device} の許可規則が、{day} に有効でない登録番号 {row} を指しています。",
)
_MORE = Text(
    "A rule of {device} for row {row} lets pass other packets than the row: {what}.",
    "{device} の登録番号 {row} の許可規則が、登録と異なる通信を通します: {what}。",
)
_INTERFACES = Text("between interfaces that are not of its zones", "登録の領域に属さないインターフェースの間")
_STATES = Text("also packets of no connection", "接続に属さないパケットも対象")
_HOURS = Text("outside the row's window", "作業時間帯の外も対象")
_KNOWN_HOURS = Text(
    "A rule of {device} lets known connections of row {row} go on outside the row's window.",
    "{device} に、登録番号 {row} の確立済みの接続を作業時間帯の外でも通す規則があります。",
)
_PACKETS = Text("other addresses, protocols or ports", "アドレス・プロトコル・ポートが異なる")
_LESS = Text(
    "Row {row} is in force and both its zones stand on {device}, but no rule there lets all of it pass.",
    "登録番号 {row} は有効で、両方の領域が {device} につながっていますが、その全体を許可する規則がありません。",
)
_TRANSLATION = Text(
    "A rule of {device} translates addresses ({verb}) and the inventory does not name it.",
    "{device} に、インベントリにないアドレス変換規則 ({verb}) があります。",
)


class RowsAtFirewall:
    """Compares the rules of one firewall with the register."""

    def __init__(
        self, subject: Subject, ground: Ground, register: Register, intended: Intended, firewall: Firewall
    ) -> None:
        self._subject, self._register, self._intended = subject, register, intended
        self._state, self._filter, self._memo = firewall.state, firewall.filter, firewall.filter.memo
        self._zones = _interfaces(ground, firewall.name)
        self._served: dict[str, list[Packets]] = {}

    def findings(self) -> Iterator[Finding]:
        """A finding for each rule without its row, and each row without its rules."""
        for table in self._state.tables:
            matcher = self._filter.matcher(table.name)
            for chain in _reachable(table):
                for rule in chain.rules:
                    if rule.verdict == "accept" and chain.kind != "nat":
                        yield from self._accepting(table, rule, matcher)
                    elif rule.verdict in _TRANSLATES and not self._registered(rule, matcher):
                        what = _TRANSLATION.format(device=self._state.hostname, verb=rule.verdict)
                        yield self._finding(rule.id or rule.verdict, what, (rule.origin,))
        yield from self._missing()

    def _finding(self, subject: str, what: Text, origins: Iterable[Origin], example: Packets | None = None) -> Finding:
        lines = tuple(dict.fromkeys(origin for origin in origins if origin.line))
        return Finding(
            "filter", f"{self._state.hostname} {subject}", what, example.witness() if example else None, origins=lines
        )

    def _accepting(self, table: NftTable, rule: NftRule, matcher: Matcher) -> Iterator[Finding]:
        device, row = self._state.hostname, self._register.rows.get(rule.id)
        if not rule.id:
            if not (rule.ct_states and _KNOWN.issuperset(rule.ct_states)):
                found = union(match.packets for match in matcher.matches(rule))
                yield self._finding("rule without row", _NO_ROW.format(device=device), (rule.origin,), found)
            else:
                yield from self._known(rule, matcher)
            return
        if row is None:
            yield self._lifeless(rule)
            return
        matches = matcher.matches(rule)
        self._served.setdefault(rule.id, []).extend(
            m.packets for m in matches if self._between_zones(m, row) and not m.doubt
        )
        reason, example = self._more(matches, row)
        if reason is None and not _in_time(rule, row):
            reason = _HOURS
        if reason is not None:
            lines = (rule.origin, *self._changed_sets(table, rule), row.flow.origin)
            yield self._finding(rule.id, _MORE.format(device=device, row=rule.id, what=reason), lines, example)

    def _known(self, rule: NftRule, matcher: Matcher) -> Iterator[Finding]:
        """About a rule for known connections: those of a row with a window end with it."""
        here = ((name, row) for name, row in self._register.rows.items() if row.flow.window)
        for name, row in here:
            if not {row.source, row.destination} <= self._zones.keys():
                continue
            marks = (match.marks for match in matcher.matches(rule))
            mark = connection_mark(name, row.flow)
            if any(of is None or mark in of for of in marks) and not _in_time(rule, row):
                what = _KNOWN_HOURS.format(device=self._state.hostname, row=name)
                yield self._finding(f"{name} window", what, (rule.origin, row.flow.origin))

    def _lifeless(self, rule: NftRule) -> Finding:
        """About a rule whose row is not there, or not in force."""
        device, flow = self._state.hostname, self._subject.fabric.city.flows.get(rule.id)
        if flow is None:
            return self._finding(rule.id, _UNKNOWN_ROW.format(device=device, row=rule.id), (rule.origin,))
        if is_live(flow, self._subject.day):
            return self._finding(
                rule.id, _MORE.format(device=device, row=rule.id, what=_INTERFACES), (rule.origin, flow.origin)
            )
        what = _DEAD_ROW.format(device=device, row=rule.id, day=self._subject.day)
        return self._finding(rule.id, what, (rule.origin, flow.origin))

    def _more(self, matches: Iterable[Match], row: Row) -> tuple[Text | None, Packets | None]:
        """In what a rule goes beyond its row."""
        for match in matches:
            if not self._between_zones(match, row):
                return _INTERFACES, match.packets
            if self._memo.within(match.packets, row.packets):
                continue
            extra = match.packets - row.packets
            if not (row.source.startswith(PEER) and match.packets <= self._with_claims(row)):
                return _PACKETS, extra
        return None, None

    def _with_claims(self, row: Row) -> Packets:
        """A row from a peer as its rule says it: claims of our own addresses are dropped elsewhere."""
        return self._register.literal(row.name)

    def _between_zones(self, match: Match, row: Row) -> bool:
        ends = ((match.iif, row.source), (match.oif, row.destination))
        return all(names is not None and names <= self._zones.get(zone, frozenset()) for names, zone in ends)

    def _changed_sets(self, table: NftTable, rule: NftRule) -> Iterator[Origin]:
        meant = self._intended.table(self._state.hostname, table.name)
        known = {item.name: item for item in meant.sets} if meant else {}
        for item in sets_of(table, rule):
            other = known.get(item.name)
            if other != item:
                yield item.origin
                if other is not None:
                    yield other.origin

    def _registered(self, rule: NftRule, matcher: Matcher) -> bool:
        """Whether a translation is the one that a peer asks for."""
        for name, peer in self._subject.fabric.city.peers.items():
            zone = self._zones.get(f"{PEER}{name}", frozenset())
            outward = all(match.oif is not None and match.oif <= zone for match in matcher.matches(rule))
            if rule.verdict == "snat" and rule.to == peer.source_nat4 and outward and zone:
                return True
        return False

    def _missing(self) -> Iterator[Finding]:
        for name, row in self._register.rows.items():
            if not {row.source, row.destination} <= self._zones.keys():
                continue
            parts = row.packets, *self._served.get(name, ())
            rest = self._memo.of("unserved", parts, partial(reduce, sub, parts))
            if rest:
                what = _LESS.format(device=self._state.hostname, row=name)
                yield self._finding(name, what, (row.flow.origin,), rest)


def _in_time(rule: NftRule, row: Row) -> bool:
    """Whether a rule is open in its row's window only; a row without a window is open always."""
    return not row.flow.window or within(rule.days, rule.hours or (0, LAST_SECOND), spans(row.flow.window))


def _interfaces(ground: Ground, device: str) -> dict[str, frozenset[str]]:
    """Zone → the interfaces by which a firewall stands in it, as the inventory has it."""
    found: dict[str, set[str]] = {}
    for transit, own, _ in ground.fabric.transits_of[device]:
        found.setdefault(transit.segment, set()).add(own.interface)
    for line in ground.fabric.peer_lines.values():
        if line.device == device:
            found.setdefault(f"{PEER}{line.peer}", set()).add(line.interface)
    return {zone: frozenset(names) for zone, names in found.items()}


def _reachable(table: NftTable) -> Iterator[NftChain]:
    """The chains that a forwarded packet can meet."""
    chains = {chain.name: chain for chain in table.chains}
    waiting = [c.name for c in table.chains if c.hook in {"forward", "prerouting", "postrouting"}]
    seen = dict.fromkeys(waiting)
    while waiting:
        for rule in chains[waiting.pop()].rules:
            if rule.target in chains and rule.target not in seen:
                seen[rule.target] = None
                waiting.append(rule.target)
    return (chain for chain in table.chains if chain.name in seen)
