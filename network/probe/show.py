"""The report of a measurement for a person: a matrix of segments, of sites on demand, and the violations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rich.cells import cell_len

from inventory.model import City
from inventory.text import Language, Text
from network.probe.parties import PEER
from network.probe.verdict import Cell, Report, Violation

SHOWN = 20
"""Violations told in full; the rest are counted."""

_EXPECTED = {
    "answered": Text("must be answered", "応答があるべき"),
    "not-arrived": Text("must not arrive", "届いてはならない"),
    "not-answered": Text("must not be answered", "応答してはならない"),
    "heard": Text("must be heard in its VLAN", "同じVLANに届くべき"),
    "not-heard": Text("must not be heard outside its VLAN", "VLANの外に届いてはならない"),
}
_SEEN = {
    "nothing": Text("nothing came", "何も届かなかった"),
    "arrived": Text("it arrived", "届いた"),
    "answered": Text("it was answered", "応答があった"),
    "refused": Text("it was refused by a reset", "リセットで拒否された"),
    "heard": Text("it was heard", "届いた"),
}
_ROWS = {"no row": Text("no row", "登録なし"), "inside": Text("inside one segment", "領域内")}
_LEGEND = Text(
    "from ↓ to →   ○ passed of those that must   × stopped of those that must   ! something is wrong",
    "行から列へ   ○ 通るべきもののうち通った数   × 止まるべきもののうち止まった数   ! 異常あり",
)
_GOOD = Text(
    "Every registered flow passes and nothing else does: {probes} probes in {seconds:.1f} s.",
    "登録された通信はすべて通り、それ以外は一つも通りません: {probes} 件を {seconds:.1f} 秒で確認しました。",
)
_BAD = Text(
    "{leaks} leaks and {failures} failures in {probes} probes ({seconds:.1f} s).",
    "漏れ {leaks} 件、不通 {failures} 件 ({probes} 件を {seconds:.1f} 秒で確認)。",
)
_BLIND = Text(
    "Nothing at all was seen at {names}: what is said of them means nothing.",
    "{names} では何も観測できませんでした。これらについての結果は無効です。",
)
_MORE = Text("… and {count} more; --json shows all.", "… 他に {count} 件。--json ですべて表示します。")
_LEAK, _FAILURE = Text("LEAK", "漏れ"), Text("FAIL", "不通")
_DETAIL = Text("Sites, from {a} to {b}", "拠点別: {a} から {b} へ")


def told(report: Report, city: City, language: Language, detail: tuple[str, str] | None = None) -> str:
    """The whole report as text; `detail` adds the sites of (from, to), where "" stands for every zone."""
    parts = [_matrix(report, city, language)]
    if detail is not None:
        parts.append(_sites(report, city, language, *detail))
    parts.append(_violations(report, city, language))
    if report.blind:
        parts.append(_BLIND.format(names=", ".join(report.blind)).say(language))
    leaks = sum(violation.leak for violation in report.violations)
    summary = _GOOD if report.good else _BAD
    parts.append(
        summary.format(
            probes=f"{report.probes:,}", seconds=report.seconds, leaks=leaks, failures=len(report.violations) - leaks
        ).say(language)
    )
    return "\n\n".join(part for part in parts if part)


def zone_title(zone: str, city: City, language: Language) -> str:
    """A zone as a person calls it: a segment's name or title (without what stands in brackets), a peer's likewise."""
    name, beyond = zone.removeprefix(PEER), zone.startswith(PEER)
    if language == "en":
        return f"peer {name}" if beyond else name
    thing = city.peers.get(name) if beyond else city.segments.get(name)
    if beyond and thing:
        return f"接続先 {_short(thing.title)}"
    return _short(thing.title) if thing else name


def _short(title: str) -> str:
    return re.split("[(\uff08]", title)[0].strip()


def _cell(cell: Cell | None) -> tuple[str, str]:
    if cell is None:
        return "", ""
    passed = f"○{cell.passed}" if cell.passing == cell.passed else f"!○{cell.passed}/{cell.passing}"
    stopped = f"×{cell.stopped}" if cell.stopping == cell.stopped else f"!×{cell.stopped}/{cell.stopping}"
    return (passed if cell.passing else "", stopped if cell.stopping else "")


def _matrix(report: Report, city: City, language: Language) -> str:
    cells = report.matrix()
    zones = list(dict.fromkeys(zone for pair in cells for zone in pair))
    titles = [zone_title(zone, city, language) for zone in zones]
    return _LEGEND.say(language) + "\n" + _grid(zones, cells, titles)


def _sites(report: Report, city: City, language: Language, source: str, destination: str) -> str:
    """One line for each pair of places: every site of `source` to every site of `destination`."""
    everything = Text("everything", "すべて")
    names = [
        Text(zone_title(zone, city, "en"), zone_title(zone, city, "ja")) if zone else everything
        for zone in (source, destination)
    ]
    lines = [_DETAIL.format(a=names[0], b=names[1]).say(language)]
    for (a, b), cell in report.cells.items():
        if source in {"", a[0]} and destination in {"", b[0]}:
            ends = " → ".join(f"{zone_title(zone, city, language)} {site}" for zone, site in (a, b))
            lines.append(f"{'  ' if cell.good else '! '}{ends}: {' '.join(filter(None, _cell(cell)))}")
    return "\n".join(lines)


def _grid(zones: Sequence[str], cells: dict[tuple[str, str], Cell], titles: Sequence[str]) -> str:
    """A table with two lines a row; columns are numbered like the rows."""
    heads = [f"{number} {title}" for number, title in enumerate(titles, start=1)]
    body = [[_cell(cells.get((row, column))) for column in zones] for row in zones]
    widths = [
        max(cell_len(word) for line in body for word in (*line[index], str(index + 1))) for index in range(len(zones))
    ]
    first = max(map(cell_len, heads))
    lines = [_line("", first, [str(index + 1) for index in range(len(zones))], widths)]
    for head, line in zip(heads, body, strict=True):
        lines.append(_line(head, first, [cell[0] for cell in line], widths))
        lines.append(_line("", first, [cell[1] for cell in line], widths))
    return "\n".join(lines)


def _line(head: str, width: int, words: Sequence[str], widths: Sequence[int]) -> str:
    columns = (" " * (wide - cell_len(word)) + word for word, wide in zip(words, widths, strict=True))
    return (head + " " * (width - cell_len(head)) + "  " + "  ".join(columns)).rstrip()


def _violations(report: Report, city: City, language: Language) -> str:
    """Leaks first; what differs only in family, protocol and port stands in one line."""
    merged: dict[tuple[object, ...], list[Violation]] = {}
    for violation in sorted(report.violations, key=lambda one: not one.leak):
        key = (
            violation.source, violation.destination, violation.expected, violation.seen, violation.row,
            violation.spoofed,
        )  # fmt: skip
        merged.setdefault(key, []).append(violation)
    lines = [_violation(same, city, language) for same in list(merged.values())[:SHOWN]]
    if len(merged) > SHOWN:
        lines.append(_MORE.format(count=len(merged) - SHOWN).say(language))
    return "\n".join(lines)


def _violation(same: Sequence[Violation], city: City, language: Language) -> str:
    one = same[0]
    label = (_LEAK if one.leak else _FAILURE).say(language)
    ends = [
        f"{name} ({zone_title(zone, city, language)}, {site})"
        for name, zone, site in (
            (one.source, one.source_zone, one.source_site),
            (one.destination, one.destination_zone, one.destination_site),
        )
    ]
    ports = dict.fromkeys(f"{v.protocol}/{v.port}" if v.port else v.protocol for v in same)
    families = [f"IPv{family}" for family in sorted({v.family for v in same}) if family]
    spoofed = Text(f", as if from {one.spoofed}", f"、送信元を {one.spoofed} と偽装") if one.spoofed else Text("", "")
    what = " ".join([", ".join(ports), *families])
    row = _ROWS.get(one.row, Text(f"row {one.row}", f"登録 {one.row}")).say(language)
    expected, seen = _EXPECTED[one.expected].say(language), _SEEN[one.seen].say(language)
    return f"{label}  {ends[0]} → {ends[1]}: {what}{spoofed.say(language)}\n      {expected}; {seen}; {row}"
