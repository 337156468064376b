"""The address plan: every number finds room in its block, and no two parts of the plan overlap."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network
from itertools import combinations

from inventory.checks.finding import Path, problem
from inventory.checks.survey import PlannedLan, Survey
from inventory.errors import Finding
from inventory.plan import LAN6_PREFIX, capacity, management_block, part_of, site_block4, site_block6
from inventory.text import Text
from inventory.words import same, tied

Network = IPv4Network | IPv6Network
LONGEST_LAN4 = 30


def blocks_fit(survey: Survey) -> Iterator[Finding]:
    """A segment's blocks are not larger than its supernet."""
    for key, segment in survey.city.segments.items():
        for family, plan in (("ipv4", segment.ipv4), ("ipv6", segment.ipv6)):
            if plan.site_prefix < plan.supernet.prefixlen:
                yield problem(
                    "block-large",
                    ("segments", key, family, "site_prefix"),
                    Text(
                        "a site's block is larger than the supernet",
                        "拠点ごとのブロックが領域全体より大きくなっています",
                    ),
                    expected=_longer(plan.supernet.prefixlen),
                    found=same(f"/{plan.site_prefix}"),
                )
    plan4 = survey.city.management
    if plan4.site_prefix < plan4.ipv4.prefixlen:
        yield problem(
            "block-large",
            ("city", "management", "site_prefix"),
            Text(
                "a site's management block is larger than the management network",
                "拠点ごとの管理ブロックが管理ネットワークより大きくなっています",
            ),
            expected=_longer(plan4.ipv4.prefixlen),
            found=same(f"/{plan4.site_prefix}"),
        )


def _longer(prefix: int) -> Text:
    return Text(f"/{prefix} or longer", f"/{prefix} またはそれより長いもの")


def sites_fit(survey: Survey) -> Iterator[Finding]:
    """A site's number has a block in each segment it needs one of, and in the management network."""
    for s, site in survey.city.sites.items():
        needed: dict[tuple[str, str], Network] = {}
        for vlan in site.vlans.values():
            segment = survey.city.segments[vlan.segment]
            if vlan.ipv4 is None and site_block4(segment, site) is None:
                needed.setdefault((vlan.segment, "IPv4"), segment.ipv4.supernet)
            if vlan.ipv6 is None and site_block6(segment, site) is None:
                needed.setdefault((vlan.segment, "IPv6"), segment.ipv6.supernet)
        for (name, family), supernet in needed.items():
            segment = survey.city.segments[name]
            prefix = segment.ipv4.site_prefix if family == "IPv4" else segment.ipv6.site_prefix
            yield from _outside(
                s, site.number, Text(f"segment {name} ({family})", f"領域 {name} ({family})"), supernet, prefix
            )
        plan = survey.city.management
        if (site.devices or site.servers or site.terminals) and management_block(plan, site) is None:
            what = Text("the management network", "管理ネットワーク")
            yield from _outside(s, site.number, what, plan.ipv4, plan.site_prefix)


def _outside(site: str, number: int, whose: Text, supernet: Network, prefix: int) -> Iterator[Finding]:
    room = capacity(supernet, prefix)
    if room:
        yield problem(
            "site-number-outside",
            ("sites", site, "number"),
            Text(f"its block lies outside {whose.en}", f"拠点のブロックが{tied(whose.ja, 'の範囲を超えます')}"),
            expected=Text(
                f"0 to {room - 1} ({supernet} holds {room} blocks of /{prefix})",
                f"0 から {room - 1} ({supernet} に /{prefix} は {room} 個)",
            ),
            found=same(number),
            hint=Text(
                "choose a smaller number, or a longer `site_prefix`",
                "小さい番号にするか、`site_prefix` を長くしてください",
            ),
        )


def slots_fit(survey: Survey) -> Iterator[Finding]:
    """A VLAN's slot lies inside the site's block."""
    for lan in survey.lans:
        site, segment = survey.city.sites[lan.site], survey.city.segments[lan.vlan.segment]
        block4, block6 = site_block4(segment, site), site_block6(segment, site)
        if lan.vlan.ipv4 is None and block4 is not None and lan.ipv4 is None:
            yield from _slot(lan, block4, lan.vlan.prefix4)
        elif lan.vlan.ipv6 is None and block6 is not None and lan.ipv6 is None:
            yield from _slot(lan, block6, LAN6_PREFIX)


def _slot(lan: PlannedLan, block: Network, prefix: int) -> Iterator[Finding]:
    room = capacity(block, prefix)
    if room == 0:
        yield problem(
            "vlan-large",
            (*lan.path, "prefix4"),
            Text("it is larger than the site's block", "拠点のブロックより大きいサブネットです"),
            expected=_longer(block.prefixlen),
            found=same(f"/{prefix}"),
        )
        return
    yield problem(
        "slot-outside",
        (*lan.path, "slot"),
        Text("its slot lies outside the site's block", "スロットが拠点のブロックの範囲を超えます"),
        expected=Text(
            f"0 to {room - 1} ({block} holds {room} subnets of /{prefix})",
            f"0 から {room - 1} ({block} に /{prefix} は {room} 個)",
        ),
        found=same(lan.vlan.slot),
    )


def overrides_fit(survey: Survey) -> Iterator[Finding]:
    """A prefix given by hand stays in its segment and has room for a gateway and hosts."""
    for lan in survey.lans:
        segment = survey.city.segments[lan.vlan.segment]
        if lan.vlan.ipv4 is not None:
            yield from _override(lan, "ipv4", lan.vlan.ipv4, segment.ipv4.supernet)
            if lan.vlan.ipv4.prefixlen > LONGEST_LAN4:
                yield problem(
                    "override-small",
                    (*lan.path, "ipv4"),
                    Text("the prefix has no room for hosts", "ホストに使えるアドレスがありません"),
                    expected=Text(f"/{LONGEST_LAN4} or shorter", f"/{LONGEST_LAN4} またはそれより短いもの"),
                    found=same(lan.vlan.ipv4),
                )
        if lan.vlan.ipv6 is not None:
            yield from _override(lan, "ipv6", lan.vlan.ipv6, segment.ipv6.supernet)
            if lan.vlan.ipv6.prefixlen != LAN6_PREFIX:
                yield problem(
                    "override-not-64",
                    (*lan.path, "ipv6"),
                    Text("an IPv6 subnet of a VLAN is a /64", "VLAN の IPv6 サブネットは /64 です"),
                    expected=same(f"/{LAN6_PREFIX}"),
                    found=same(lan.vlan.ipv6),
                )


def _override(lan: PlannedLan, family: str, given: Network, supernet: Network) -> Iterator[Finding]:
    if not part_of(given, supernet):
        yield problem(
            "override-outside",
            (*lan.path, family),
            Text(
                f"the prefix lies outside segment {lan.vlan.segment}",
                f"プレフィックスが領域 {lan.vlan.segment} の範囲外です",
            ),
            expected=Text(f"a part of {supernet}", f"{supernet} の一部"),
            found=same(given),
        )


def hosts_fit(survey: Survey) -> Iterator[Finding]:
    """A host's number lies inside its VLAN's prefix."""
    for s, site in survey.city.sites.items():
        rows: list[tuple[Path, str, int]] = []
        rows += [(("sites", s, "servers", key), server.vlan, server.number) for key, server in site.servers.items()]
        rows += [
            (("sites", s, "terminals", key), group.vlans[0], group.number)
            for key, group in site.terminals.items()
            if group.vlans
        ]
        for path, vlan, number in rows:
            network = survey.lan[f"{s}/{vlan}"].ipv4
            if network is None or network.prefixlen > LONGEST_LAN4:
                continue
            if number > (last := network.num_addresses - 2):
                yield problem(
                    "host-outside",
                    (*path, "number"),
                    Text(
                        f"host number {number} lies outside VLAN {vlan}",
                        f"ホスト番号 {number} が VLAN {vlan} の範囲外です",
                    ),
                    expected=Text(f"2 to {last} ({network})", f"2 から {last} ({network})"),
                    found=same(number),
                    hint=Text(
                        "give the VLAN a shorter `prefix4`, or choose a smaller number",
                        "VLAN の `prefix4` を短くするか、小さい番号にしてください",
                    ),
                )


def supernets_apart(survey: Survey) -> Iterator[Finding]:
    """Supernets, foreign transit prefixes and the management network do not overlap."""
    for family in ("ipv4", "ipv6"):
        rows: list[tuple[str, Path, Network, Text]] = []
        for key, segment in survey.city.segments.items():
            plan = segment.ipv4 if family == "ipv4" else segment.ipv6
            path: Path = ("segments", key, family)
            rows.append((key, (*path, "supernet"), plan.supernet, Text(f"segment {key}", f"領域 {key}")))
            if not part_of(plan.transit, plan.supernet):
                name = Text(f"transit of {key}", f"{key} のルータ間接続用")
                rows.append((key, (*path, "transit"), plan.transit, name))
        if family == "ipv4" and survey.sound("city", "management"):
            rows.append(
                (
                    "",
                    ("city", "management", "ipv4"),
                    survey.city.management.ipv4,
                    Text("the management network", "管理ネットワーク"),
                )
            )
        for (owner1, _, one, name), (owner2, path, two, _) in combinations(rows, 2):
            if owner1 == owner2:
                if part_of(one, two):
                    yield _overlap(
                        path,
                        two,
                        one,
                        name,
                        Text("a part of the supernet, or apart from it", "領域の一部、または領域と重ならない範囲"),
                    )
            elif one.overlaps(two):
                yield _overlap(path, two, one, name, Text("prefixes that do not overlap", "重ならないプレフィックス"))


def _overlap(path: Path, found: Network, other: Network, name: Text, expected: Text) -> Finding:
    name_ja = tied(name.ja, "は")
    return problem(
        "prefix-overlap",
        path,
        Text(f"{found} overlaps {other}", f"{found} が {other} と重なります"),
        expected=expected,
        found=Text(f"{found}; {name.en} has {other}", f"{found}。{name_ja} {other}"),
    )
