"""Rows of the register that permit the same packets: what is said twice, and what one row makes void of another.

The register only ever permits, so where two rows overlap the wider counts. That is an error where a condition of one
row (how it is sanitised, when it is open) is void because the other row does not have it; otherwise a warning.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from itertools import combinations

from inventory.checks.finding import problem, warning
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.model import Flow, Member
from inventory.text import Text
from inventory.values import ProtocolPort
from inventory.words import FLOW_KINDS, listed, subject

_EXPECTED = Text("one row for each permission", "1 つの許可に 1 行")
_HINT = Text(
    "let one row alone permit these packets: narrow the groups or ports of one of the two, or take one out",
    "この通信を許可する行を 1 つにしてください (一方のグループやポートを絞るか、一方を削除します)",
)


@dataclass(frozen=True, slots=True)
class _Place:
    """Whom a group names: whole VLANs, single servers with their VLANs, and prefixes at peers."""

    lans: frozenset[str]
    servers: frozenset[tuple[str, str]]
    prefixes: tuple[IPv4Network | IPv6Network, ...]

    def meets(self, other: _Place) -> bool:
        """Whether somebody is in both."""
        hosts = self.servers & other.servers or {vlan for _, vlan in self.servers} & other.lans
        others = {vlan for _, vlan in other.servers} & self.lans
        far = any(_overlap(one, two) for one in self.prefixes for two in other.prefixes)
        return bool(self.lans & other.lans or hosts or others or far)


def flows_apart(survey: Survey) -> Iterator[Finding]:
    """No two rows permit the same packets, above all not under different conditions."""
    known = {
        key: flow
        for key, flow in survey.city.flows.items()
        if (flow.expires_on is None or survey.today <= flow.expires_on) and survey.sound("flows", key)
    }
    places = {name: _place(survey, name) for flow in known.values() for name in (flow.source, flow.destination)}
    for (one, first), (two, second) in combinations(known.items(), 2):
        shared = _shared(first.ports, second.ports)
        if not shared or not all(
            places[near].meets(places[far])
            for near, far in ((first.source, second.source), (first.destination, second.destination))
        ):
            continue
        void, apart = tuple(_void(first, second)), tuple(_apart(first, second))
        if void or not _said_twice(first, second):
            yield _finding((one, first), (two, second), shared, (*void, *apart), void=bool(void))


def _finding(
    one: tuple[str, Flow], two: tuple[str, Flow], shared: tuple[str, ...], differs: tuple[Text, ...], *, void: bool
) -> Finding:
    holder, ports = subject(("flows", one[0])), listed(shared)
    en, ja = "; ".join(text.en for text in differs), "。".join(text.ja for text in differs)
    path = ("flows", two[0])
    what = Text(f"{ports.en} overlaps with {holder.en}", f"{ports.ja} の許可が{holder.ja} と重なります")
    found = Text(
        f"{holder.en} ({one[1].origin})" + (f": {en}" if en else ""),
        f"{holder.ja} ({one[1].origin})" + (f": {ja}" if ja else ""),
    )
    if void:
        return problem("flow-contradicts", path, what, expected=_EXPECTED, found=found, hint=_HINT)
    return warning("flow-overlaps", path, what, expected=_EXPECTED, found=found, hint=_HINT)


def _void(first: Flow, second: Flow) -> Iterator[Text]:
    """Conditions of one row that the other makes void."""
    if (first.gateway, first.sanitised_by) != (second.gateway, second.sanitised_by):
        yield Text("the two are not sanitised alike", "無害化の有無または方式が異なります")
    if first.window != second.window:
        yield Text("their windows differ", "作業時間帯が異なります")


def _apart(first: Flow, second: Flow) -> Iterator[Text]:
    """What the two say differently otherwise."""
    if first.kind != second.kind:
        kinds = FLOW_KINDS[first.kind], FLOW_KINDS[second.kind]
        yield Text(f"kinds {kinds[0].en} and {kinds[1].en}", f"種別が「{kinds[0].ja}」と「{kinds[1].ja}」で異なります")
    if first.owner != second.owner:
        yield Text(
            f"owners {first.owner} and {second.owner}", f"所管課が「{first.owner}」と「{second.owner}」で異なります"
        )
    if first.expires_on != second.expires_on:
        yield Text("they expire on different days", "期限が異なります")


def _said_twice(first: Flow, second: Flow) -> bool:
    """Whether `flow-twice` tells it already."""
    ends = (first.source, first.destination) == (second.source, second.destination)
    return ends and bool(set(first.ports) & set(second.ports))


def _shared(first: Iterable[ProtocolPort], second: Iterable[ProtocolPort]) -> tuple[str, ...]:
    """The ports that both permit, as the narrower of two ranges says them."""
    pairs = ((one, two) for one in first for two in second if one.protocol == two.protocol)
    common = (
        ProtocolPort(one.protocol, max(one.low, two.low), min(one.high, two.high))
        for one, two in pairs
        if one.low <= two.high and two.low <= one.high
    )
    return tuple(dict.fromkeys(map(str, common)))


def _place(survey: Survey, group: str) -> _Place:
    members = survey.city.groups[group].members
    servers = [member.server for member in members if member.server is not None]
    return _Place(
        frozenset(name for member in members for name in _lans(survey, member)),
        frozenset((name, f"{survey.servers[name][0]}/{survey.servers[name][2].vlan}") for name in servers),
        tuple(prefix for member in members for prefix in _prefixes(survey, member)),
    )


def _lans(survey: Survey, member: Member) -> Iterator[str]:
    if member.segment is not None:
        yield from (lan.name for lan in survey.lans if lan.vlan.segment == member.segment)
    if member.vlan is not None:
        site, _, key = member.vlan.partition("/")
        yield from (lan.name for lan in survey.lans if lan.key == key and site in {"*", lan.site})
    if member.terminals is not None:
        for name, place in survey.city.sites.items():
            for terminals in place.terminals.values():
                if terminals.class_ == member.terminals:
                    yield from (f"{name}/{vlan}" for vlan in terminals.vlans)


def _prefixes(survey: Survey, member: Member) -> tuple[IPv4Network | IPv6Network, ...]:
    if member.peer is None:
        return ()
    peer = survey.city.peers[member.peer]
    return member.prefixes or (*peer.prefixes4, *peer.prefixes6)


def _overlap(one: IPv4Network | IPv6Network, other: IPv4Network | IPv6Network) -> bool:
    return one.version == other.version and (one[0] in other or other[0] in one)
