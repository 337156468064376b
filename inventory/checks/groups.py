"""Host groups: each stands in exactly one zone of the firewall."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from inventory.checks.finding import Path, problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.model import Member
from inventory.plan import part_of
from inventory.text import Text
from inventory.words import listed, one_of, same

WAYS = ("segment", "vlan", "server", "terminals", "peer")


def members_said_once(survey: Survey) -> Iterator[Finding]:
    """A member is given in exactly one way; `prefixes` narrow a peer to a part of it."""
    for key, group in survey.city.groups.items():
        for index, member in enumerate(group.members):
            path: Path = ("groups", key, "members", str(index))
            given = [way for way in WAYS if getattr(member, way) is not None]
            if len(given) != 1:
                yield problem(
                    "member-ways",
                    path,
                    Text("a member is given in exactly one way", "構成員はどれか 1 つの方法で指定します"),
                    expected=one_of(WAYS),
                    found=listed(given) if given else Text("none of them", "どれもありません"),
                    hint=Text("make a member of each", "1 つずつ別の構成員にしてください") if given else None,
                )
            elif member.prefixes:
                yield from _prefixes(survey, (*path, "prefixes"), member)


def _prefixes(survey: Survey, path: Path, member: Member) -> Iterator[Finding]:
    if member.peer is None:
        yield problem(
            "member-prefixes",
            path,
            Text("prefixes narrow a peer only", "プレフィックスで絞れるのは外部接続先だけです"),
            expected=Text("`peer:` beside `prefixes:`", "`prefixes:` と `peer:` の組"),
            found=Text("no peer", "peer がありません"),
        )
        return
    peer = survey.city.peers[member.peer]
    theirs: tuple[IPv4Network | IPv6Network, ...] = (*peer.prefixes4, *peer.prefixes6)
    for index, prefix in enumerate(member.prefixes):
        if not any(part_of(prefix, other) for other in theirs):
            yield problem(
                "member-prefix-outside",
                (*path, str(index)),
                Text(
                    f"{prefix} is no part of peer {member.peer}",
                    f"{prefix} は外部接続先 {member.peer} の範囲にありません",
                ),
                expected=one_of(str(other) for other in theirs),
                found=same(prefix),
            )


def groups_in_one_zone(survey: Survey) -> Iterator[Finding]:
    """A group is not empty and does not stand in two zones."""
    ill = {path[1] for path in survey.broken if path[:1] == ("groups",) and len(path) > 1}
    for key, group in survey.city.groups.items():
        path: Path = ("groups", key, "members")
        zones = survey.zones_of(key)
        if any(sum(getattr(member, way) is not None for way in WAYS) != 1 for member in group.members) or key in ill:
            continue
        if len(zones) > 1:
            yield problem(
                "group-zones",
                path,
                Text("its members stand in several zones", "構成員が複数の区画にまたがっています"),
                expected=Text("one segment or one peer", "1 つの領域または 1 つの外部接続先"),
                found=listed(zones),
                hint=Text("make one group for each zone", "区画ごとにグループを分けてください"),
            )
        elif not group.members or (not zones and survey.sound("sites")):
            classes = [member.terminals for member in group.members if member.terminals is not None]
            unused = listed(classes)
            yield problem(
                "group-empty",
                path,
                Text("the group is empty", "グループに誰もいません"),
                expected=Text("at least one member that exists at a site", "どこかの拠点にある構成員が 1 つ以上"),
                found=Text(
                    f"no site has terminals of class {unused.en}", f"種別 {unused.ja} の端末がどの拠点にもありません"
                )
                if classes
                else Text("no members", "構成員なし"),
            )
        else:
            used = {terminals.class_ for site in survey.city.sites.values() for terminals in site.terminals.values()}
            for index, member in enumerate(group.members):
                if member.terminals is not None and member.terminals not in used and survey.sound("sites"):
                    yield problem(
                        "member-empty",
                        (*path, str(index)),
                        Text(
                            f"no site has terminals of class {member.terminals}",
                            f"種別 {member.terminals} の端末がどの拠点にもありません",
                        ),
                        expected=one_of(sorted(used)),
                        found=same(member.terminals),
                    )
