"""Numbers decide addresses: none is used twice where it must be unique."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from inventory.checks.finding import Path, problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import same, subject, tied

MOST_TERMINAL_GROUPS = 254
"""The lab's terminals take management addresses 256 to 509 of the site's block of at least 512."""

Row = tuple[Path, str, int | str | None]
"""Element, field, number."""


def numbers_once(survey: Survey) -> Iterator[Finding]:
    """Segments, sites, circuits; devices, links, VLANs and management addresses of a site; VRF names."""
    city = survey.city
    yield from _twice((("segments", key), "number", item.number) for key, item in city.segments.items())
    yield from _twice((("segments", key), "vrf", item.vrf) for key, item in city.segments.items())
    yield from _twice((("sites", key), "number", item.number) for key, item in city.sites.items())
    yield from _twice((("circuits", key), "number", item.number) for key, item in city.circuits.items())
    for s, site in city.sites.items():
        top = ("sites", s)
        yield from _twice(((*top, "devices", key), "number", item.number) for key, item in site.devices.items())
        yield from _twice(((*top, "links", key), "number", item.number) for key, item in site.links.items())
        yield from _twice(((*top, "vlans", key), "id", item.id) for key, item in site.vlans.items())
        yield from _twice(((*top, "servers", key), "management", item.management) for key, item in site.servers.items())


def _twice(rows: Iterable[Row]) -> Iterator[Finding]:
    seen: dict[int | str, Path] = {}
    listed = [row for row in rows if row[2] is not None]
    taken = {number for _, _, number in listed}
    for path, field, number in listed:
        if number is None:
            continue
        if number not in seen:
            seen[number] = path
            continue
        other = subject(seen[number])
        free = (
            next((n for n in range(int(number), int(number) + len(taken) + 1) if n not in taken), None)
            if isinstance(number, int)
            else None
        )
        yield problem(
            "number-twice",
            (*path, field),
            Text(f"`{field}` {number} is already used", f"`{field}` の {number} は使用済みです"),
            expected=Text(
                "a number of its own" if isinstance(number, int) else "a name of its own",
                "重複しない番号" if isinstance(number, int) else "重複しない名前",
            ),
            found=Text(f"{number}, as in {other.en}", f"{other.ja} と同じ {number}"),
            hint=None if free is None else Text(f"free: {free}", f"空き番号: {free}"),
        )


def hosts_once(survey: Survey) -> Iterator[Finding]:
    """Servers and the lab's terminals of one VLAN have different addresses, none of them the gateway's."""
    for s, site in survey.city.sites.items():
        rows: list[tuple[Path, str, int]] = []
        rows += [(("sites", s, "servers", key), server.vlan, server.number) for key, server in site.servers.items()]
        rows += [
            (("sites", s, "terminals", key), group.vlans[0], group.number)
            for key, group in site.terminals.items()
            if group.vlans
        ]
        seen: dict[tuple[str, int], Path] = {}
        for path, vlan, number in rows:
            gateway = number == 1
            other = seen.setdefault((vlan, number), path)
            if other is path and not gateway:
                continue
            holder = Text("the gateway", "ゲートウェイ") if gateway else subject(other)
            taken = {n for v, n in seen if v == vlan} | {1}
            free = next(n for n in range(number, number + len(taken) + 1) if n not in taken)
            yield problem(
                "host-number-twice",
                (*path, "number"),
                Text(
                    f"host number {number} of VLAN {vlan} is already used",
                    f"VLAN {vlan} のホスト番号 {number} は使用済みです",
                ),
                expected=Text("a number of its own in the VLAN", "VLAN の中で重複しない番号"),
                found=Text(f"{number}, as has {holder.en}", f"{tied(holder.ja, 'と同じ')} {number}"),
                hint=Text(f"free: {free}", f"空き番号: {free}"),
            )


def terminal_groups_few(survey: Survey) -> Iterator[Finding]:
    """A site's terminal groups fit its management block."""
    for s, site in survey.city.sites.items():
        if len(site.terminals) > MOST_TERMINAL_GROUPS:
            yield problem(
                "terminals-many",
                ("sites", s, "terminals"),
                Text("too many terminal groups", "端末群が多すぎます"),
                expected=Text(f"at most {MOST_TERMINAL_GROUPS}", f"{MOST_TERMINAL_GROUPS} 以下"),
                found=same(len(site.terminals)),
            )
