"""External peers: how they are attached, what they announce, and what of ours they must not overlap."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Interface, IPv4Network, IPv6Interface, IPv6Network

from inventory.checks.finding import Path, problem, warning
from inventory.checks.layer2 import ROLE_WORD
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.model import Peer
from inventory.text import Text
from inventory.words import listed, one_of, same, subject

Network = IPv4Network | IPv6Network


def peers_attached(survey: Survey) -> Iterator[Finding]:
    """A peer has lines of its own, or stands behind one that has."""
    for key, peer in survey.city.peers.items():
        path: Path = ("peers", key)
        attached = [name for name, row in survey.city.peers.items() if row.attachments and name != key]
        if peer.behind is not None:
            if peer.behind not in attached and survey.sound("peers", peer.behind):
                yield problem(
                    "peer-behind",
                    (*path, "behind"),
                    Text("it stands behind a peer that has no line itself", "経由先の外部接続先に接続線がありません"),
                    expected=one_of(attached),
                    found=same(peer.behind),
                )
            if peer.attachments:
                yield problem(
                    "peer-two-ways",
                    (*path, "behind"),
                    Text("it has lines of its own and stands behind another", "自分の接続線と経由先の両方があります"),
                    expected=Text("either `attachments:` or `behind:`", "`attachments:` か `behind:` の一方"),
                    found=Text("both", "両方"),
                )
        elif not peer.attachments and survey.sound(*path):
            yield problem(
                "peer-unattached",
                path,
                Text("nothing leads to it", "接続する手段がありません"),
                expected=Text(
                    "a line under `attachments:`, or `behind:` another peer",
                    "`attachments:` の接続線、または `behind:` の経由先",
                ),
                found=Text("neither", "どちらもありません"),
            )


def peers_announce(survey: Survey) -> Iterator[Finding]:
    """A peer announces something, in both families, nothing of ours, and never a default route to My Number."""
    for key, peer in survey.city.peers.items():
        path: Path = ("peers", key)
        if not peer.prefixes4 and not peer.prefixes6:
            yield problem(
                "peer-empty",
                (*path, "prefixes4"),
                Text("it announces nothing", "広告する経路がありません"),
                expected=Text("at least one prefix", "1 つ以上のプレフィックス"),
                found=Text("empty lists", "空のリスト"),
            )
        elif not peer.prefixes6:
            yield warning(
                "peer-no-ipv6",
                (*path, "prefixes6"),
                Text("it is reached over IPv4 only", "IPv4 でしか到達できません"),
                expected=Text("an IPv6 prefix too", "IPv6 のプレフィックスも"),
                found=Text("an empty list", "空のリスト"),
            )
        kind = survey.city.segments[peer.segment].kind
        for where, prefix in _announced(key, peer):
            if kind == "mynumber" and prefix.prefixlen == 0:
                yield problem(
                    "mynumber-default-route",
                    where,
                    Text(
                        "My Number systems never have a default route", "マイナンバー利用事務系に既定経路は置けません"
                    ),
                    expected=Text("the prefixes of the systems that are used", "利用するシステムのプレフィックスのみ"),
                    found=same(prefix),
                )
            yield from _ours(survey, where, prefix)


def _ours(survey: Survey, path: Path, prefix: Network) -> Iterator[Finding]:
    """A prefix of a peer that lies inside (or is) one of ours; a wider one only routes what is not ours."""
    for name, segment in survey.city.segments.items():
        plan: Network = segment.ipv4.supernet if prefix.version == 4 else segment.ipv6.supernet  # noqa: PLR2004 IPv4
        if prefix.prefixlen >= plan.prefixlen and prefix.overlaps(plan):
            yield problem(
                "peer-prefix-ours",
                path,
                Text(f"{prefix} belongs to segment {name}", f"{prefix} は領域 {name} のものです"),
                expected=Text("a prefix outside our segments", "市の領域の外のプレフィックス"),
                found=Text(f"{prefix} in {plan}", f"{plan} の中の {prefix}"),
            )


def attachments_fit(survey: Survey) -> Iterator[Finding]:
    """A line ends on a firewall, has two addresses of its own, apart from ours and from other lines'."""
    seen: list[tuple[Network, Path]] = []
    for key, peer in survey.city.peers.items():
        for name, line in peer.attachments.items():
            path: Path = ("peers", key, "attachments", name)
            device = survey.devices[line.device.device][2]
            if device.role != "firewall":
                firewalls = [full for full, (_, _, other) in survey.devices.items() if other.role == "firewall"]
                yield problem(
                    "attachment-role",
                    (*path, "device"),
                    Text("a line to a peer ends on a firewall", "外部接続先への線はファイアウォールにつなぎます"),
                    expected=one_of(firewalls),
                    found=ROLE_WORD[device.role],
                )
            for family, ours in (("ipv4", line.ipv4), ("ipv6", line.ipv6)):
                yield from _line(survey, (*path, family), ours, seen)


def _line(
    survey: Survey, path: Path, ours: IPv4Interface | IPv6Interface, seen: list[tuple[Network, Path]]
) -> Iterator[Finding]:
    network: Network = ours.network
    room = ours.max_prefixlen - network.prefixlen
    wide = 2 if ours.version == 4 else 64  # noqa: PLR2004 IPv4; a /30, or the /64 of an IPv6 line
    edge = room != 1 and ours.ip in {network[0], network[-1]}
    if not 1 <= room <= wide or edge:
        pair = Text("/31 or /30, with a host address in it", "/31 または /30 のホストアドレス")
        six = Text("/127 to /64, with a host address in it", "/127 から /64 のホストアドレス")
        yield problem(
            "attachment-address",
            path,
            Text("the line has no address for the peer", "相手側に使えるアドレスがありません"),
            expected=pair if ours.version == 4 else six,  # noqa: PLR2004 IPv4
            found=same(ours),
        )
        return
    for other, where in seen:
        if other.version == network.version and other.overlaps(network):
            holder = subject(where[:4])
            yield problem(
                "attachment-overlap",
                path,
                Text("its addresses overlap another line's", "アドレスが別の接続線と重なります"),
                expected=Text("a prefix of its own", "重複しないプレフィックス"),
                found=Text(f"{network}; {holder.en} has {other}", f"{network}。{holder.ja} は {other}"),
            )
            break
    seen.append((network, path))
    for name, segment in survey.city.segments.items():
        plans: tuple[Network, ...] = (segment.ipv4.supernet, segment.ipv4.transit)
        if ours.version == 6:  # noqa: PLR2004 IPv6
            plans = (segment.ipv6.supernet, segment.ipv6.transit)
        clash = next((plan for plan in plans if plan.overlaps(network)), None)
        if clash is not None:
            yield problem(
                "attachment-ours",
                path,
                Text(f"its addresses belong to segment {name}", f"アドレスが領域 {name} のものです"),
                expected=Text("the addresses the provider gave", "事業者から割り当てられたアドレス"),
                found=Text(f"{network} in {clash}", f"{clash} の中の {network}"),
            )


def peer_hosts_inside(survey: Survey) -> Iterator[Finding]:
    """A peer's hosts have addresses of the peer, each its own."""
    for key, peer in survey.city.peers.items():
        seen: dict[object, str] = {}
        for name, host in peer.hosts.items():
            for family, address, prefixes in (("ipv4", host.ipv4, peer.prefixes4), ("ipv6", host.ipv6, peer.prefixes6)):
                path = ("peers", key, "hosts", name, family)
                if not any(address in prefix for prefix in prefixes):
                    yield problem(
                        "peer-host-outside",
                        path,
                        Text("its address is none of the peer's", "アドレスが外部接続先の範囲にありません"),
                        expected=one_of(str(prefix) for prefix in prefixes),
                        found=same(address),
                    )
                elif seen.setdefault(address, name) != name:
                    other = seen[address]
                    yield problem(
                        "peer-host-twice",
                        path,
                        Text(f"address {address} is already used", f"アドレス {address} は使用済みです"),
                        expected=Text("an address of its own", "重複しないアドレス"),
                        found=Text(f"also of host {other}", f"ホスト {other} でも使用"),
                    )


def announcements_apart(survey: Survey) -> Iterator[Finding]:
    """Two attached peers do not announce the very same prefix."""
    seen: dict[Network, str] = {}
    for key, peer in survey.city.peers.items():
        if peer.behind is not None:
            continue
        for path, prefix in _announced(key, peer):
            other = seen.setdefault(prefix, key)
            if other != key:
                row = listed([other])
                yield problem(
                    "peer-prefix-twice",
                    path,
                    Text(f"{prefix} is announced by two peers", f"{prefix} を 2 つの外部接続先が広告しています"),
                    expected=Text("one peer for each prefix", "1 つのプレフィックスに 1 つの接続先"),
                    found=Text(f"also by {row.en}", f"{row.ja} も広告"),
                )


def _announced(key: str, peer: Peer) -> Iterator[tuple[Path, Network]]:
    for index, prefix4 in enumerate(peer.prefixes4):
        yield ("peers", key, "prefixes4", str(index)), prefix4
    for index, prefix6 in enumerate(peer.prefixes6):
        yield ("peers", key, "prefixes6", str(index)), prefix6
