"""Subnets in use: no two VLANs overlap, none overlaps a transit prefix, and no transit pair is taken twice."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network

from inventory.checks.finding import Path, problem
from inventory.checks.survey import PlannedLan, Survey
from inventory.errors import Finding
from inventory.plan import LAN6_PREFIX, LINKS_PER_SITE, block4, block6, capacity, site_block4, site_block6
from inventory.text import Text
from inventory.words import same, subject

Network = IPv4Network | IPv6Network
Row = tuple[int, int, Network, Path, PlannedLan | None]


def subnets_apart(survey: Survey) -> Iterator[Finding]:
    """One sweep over all subnets of a family, sorted by their first address."""
    told: set[tuple[Path, Path]] = set()
    places = {lan.path: index for index, lan in enumerate(survey.lans)}

    def order(row: Row) -> tuple[bool, int]:
        """The one to report comes last: what was given by hand, else what is written further on."""
        lan = row[4]
        by_hand = lan is not None and (lan.vlan.ipv4 is not None or lan.vlan.ipv6 is not None)
        return by_hand, places.get(row[3], -1)

    for family in (4, 6):
        rows = sorted(_rows(survey, family), key=lambda row: (row[0], -row[1]))
        widest: Row | None = None
        for row in rows:
            if widest is not None and row[0] <= widest[1]:
                other, found = sorted((widest, row), key=order)
                if (other[3], found[3]) not in told and not _same_site_number(survey, other[4], found[4]):
                    told.add((other[3], found[3]))
                    yield _overlap(survey, found, other)
            if widest is None or row[1] > widest[1]:
                widest = row


def _rows(survey: Survey, family: int) -> Iterator[Row]:
    for key, segment in survey.city.segments.items():
        transit: Network = segment.ipv4.transit if family == 4 else segment.ipv6.transit  # noqa: PLR2004 IPv4
        path: Path = ("segments", key, f"ipv{family}", "transit")
        yield int(transit[0]), int(transit[-1]), transit, path, None
    for lan in survey.lans:
        network: Network | None = lan.ipv4 if family == 4 else lan.ipv6  # noqa: PLR2004 IPv4
        if network is not None and (family == 4 or network.prefixlen == LAN6_PREFIX):  # noqa: PLR2004 IPv4
            yield int(network[0]), int(network[-1]), network, lan.path, lan


def _same_site_number(survey: Survey, one: PlannedLan | None, two: PlannedLan | None) -> bool:
    """Two sites of one number overlap everywhere; the number itself has its finding."""
    if one is None or two is None or one.site == two.site:
        return False
    return survey.city.sites[one.site].number == survey.city.sites[two.site].number


def _overlap(survey: Survey, found: Row, other: Row) -> Finding:
    lan = found[4]
    family = f"ipv{found[2].version}"
    given = lan is not None and getattr(lan.vlan, family) is not None
    holder = subject(other[3][:4] if other[4] is not None else other[3])
    return problem(
        "subnet-overlap",
        (*found[3], family if given else "slot") if lan is not None else found[3],
        Text(f"its subnet {found[2]} overlaps another", f"サブネット {found[2]} が他と重なります"),
        expected=Text("a subnet of its own", "重複しないサブネット"),
        found=Text(f"{holder.en} has {other[2]}", f"{holder.ja} が {other[2]} を使用"),
        hint=None if lan is None or given else _free_slot(survey, lan),
    )


def _free_slot(survey: Survey, lan: PlannedLan) -> Text | None:
    """The first slot of the site's block that is free in both families."""
    segment, site = survey.city.segments[lan.vlan.segment], survey.city.sites[lan.site]
    blocks = site_block4(segment, site), site_block6(segment, site)
    taken: list[Network] = [segment.ipv4.transit, segment.ipv6.transit]
    taken += [net for other in survey.lans if other is not lan and other.site == lan.site for net in _both(other)]
    if blocks[0] is None or blocks[1] is None:
        return None
    for slot in range(capacity(blocks[0], lan.vlan.prefix4)):
        wanted = block4(blocks[0], lan.vlan.prefix4, slot), block6(blocks[1], LAN6_PREFIX, slot)
        if None not in wanted and not any(part is not None and _meet(part, net) for part in wanted for net in taken):
            return Text(f"free: slot {slot}", f"空きスロット: {slot}")
    return None


def _both(lan: PlannedLan) -> list[Network]:
    return [network for network in (lan.ipv4, lan.ipv6) if network is not None]


def _meet(one: Network, two: Network) -> bool:
    return one.version == two.version and one.overlaps(two)


def transits_once(survey: Survey) -> Iterator[Finding]:
    """Every routed wire finds its pair in each transit prefix; links count from its start, circuits from its end."""
    rows: list[tuple[Path, int, frozenset[str], bool]] = []
    for s, key, site, link in survey.routed_links():
        if link.number is not None:
            carried = survey.carried(f"{s}-{link.a.device}", f"{s}-{link.b.device}", link.segments)
            rows.append((("sites", s, "links", key), site.number * LINKS_PER_SITE + link.number, carried, False))
    for key, circuit in survey.city.circuits.items():
        carried = survey.carried(circuit.a.device, circuit.b.device, circuit.segments)
        rows.append((("circuits", key), circuit.number, carried, True))
    for name, segment in survey.city.segments.items():
        size = min(1 << max(0, 31 - segment.ipv4.transit.prefixlen), 1 << max(0, 127 - segment.ipv6.transit.prefixlen))
        if block4(segment.ipv4.transit, 31, 0) is None or block6(segment.ipv6.transit, 127, 0) is None:
            size = 0
        taken4: dict[int, Path] = {}
        taken6: dict[int, Path] = {}
        size4 = 1 << (31 - segment.ipv4.transit.prefixlen) if size else 0
        size6 = 1 << (127 - segment.ipv6.transit.prefixlen) if size else 0
        for path, index, carried, backwards in rows:
            if name not in carried:
                continue
            if index >= size:
                yield _no_pair(path, name, index, size)
                continue
            other = taken4.setdefault(size4 - 1 - index if backwards else index, path)
            other6 = taken6.setdefault(size6 - 1 - index if backwards else index, path)
            clash = other if other is not path else other6
            if clash is not path and clash[0] != path[0]:
                yield _pair_twice(path, name, clash)


def _no_pair(path: Path, segment: str, index: int, size: int) -> Finding:
    return problem(
        "transit-outside",
        (*path, "number"),
        Text(
            f"the transit prefix of segment {segment} has no room for it",
            f"領域 {segment} のルータ間接続用アドレスが足りません",
        ),
        expected=Text(f"an index below {size}", f"{size} 未満の番号"),
        found=same(index),
        hint=Text(
            "choose a shorter `transit` prefix for the segment", "領域の `transit` を短いプレフィックスにしてください"
        ),
    )


def _pair_twice(path: Path, segment: str, other: Path) -> Finding:
    holder = subject(other)
    return problem(
        "transit-twice",
        (*path, "number"),
        Text(
            f"its transit addresses in segment {segment} are already used",
            f"領域 {segment} のルータ間アドレスは使用済みです",
        ),
        expected=Text("a number that leads to a pair of its own", "重複しない番号"),
        found=Text(f"the pair of {holder.en}", f"{holder.ja} と同じ組"),
        hint=Text(
            "choose a shorter `transit` prefix for the segment", "領域の `transit` を短いプレフィックスにしてください"
        ),
    )
