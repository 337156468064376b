"""The results for people, in their language, and for programs, in both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from inventory.model import City
from inventory.origin import Origin
from inventory.text import Text
from network.controls.catalog import CHAPTERS
from network.controls.control import MODELS, Evidence, Result
from network.controls.facts import Facts
from network.controls.words import BASES, MARKS, NOT_THE_MINISTRY, SIDE_MARKS, SIDES, STATUSES


def summary_lines(facts: Facts, results: Iterable[Result]) -> Iterator[Text]:
    """All results, chapter by chapter: one line each, and for those that do not pass what was found or is missing."""
    judged = {result.control.id: result for result in results}
    yield _heading(facts)
    for chapter in CHAPTERS:
        rows = [judged[control.id] for control in chapter.controls if control.id in judged]
        if rows:
            yield Text("", "")
            yield chapter.title
        for result in rows:
            yield from _brief(facts.city, result)
    yield Text("", "")
    yield _tally(judged.values())
    yield NOT_THE_MINISTRY


def detail_lines(facts: Facts, result: Result) -> Iterator[Text]:
    """One result with all of its evidence."""
    control = result.control
    yield _heading(facts)
    yield Text("", "")
    yield _line(result)
    yield Text("  rule: {rule}", "  基準: {rule}").format(rule=control.rule)
    yield Text("  basis: {bases}", "  根拠: {bases}").format(bases=_bases(result))
    if result.expected != control.rule:
        yield Text("  expected: {text}", "  期待: {text}").format(text=result.expected)
    yield Text("  actual: {text}", "  実際: {text}").format(text=result.actual)
    if result.reason is not None:
        yield Text("  reason: {text}", "  理由: {text}").format(text=result.reason)
    if control.limits is not None:
        yield Text("  note: {text}", "  留意: {text}").format(text=control.limits)
    if result.evidence:
        yield Text("  evidence:", "  証拠:")
    for side in SIDES:
        for item in result.of(side):
            yield from _evidence(facts.city, item)


def results_json(facts: Facts, results: Iterable[Result]) -> dict[str, Any]:
    """The results for programs."""
    chapters = {control.id: chapter.title for chapter in CHAPTERS for control in chapter.controls}
    rows = list(results)
    return {
        "city": facts.city.name,
        "day": facts.day.isoformat(),
        "source": facts.source,
        "edition": facts.city.edition,
        "model": facts.city.model,
        "counts": {status: sum(row.status == status for row in rows) for status in STATUSES},
        "bases": {basis: _both(text) for basis, text in BASES.items()},
        "controls": [_result_json(facts.city, chapters[row.control.id], row) for row in rows],
    }


def _result_json(city: City, chapter: Text, result: Result) -> dict[str, Any]:
    control = result.control
    return {
        "id": control.id,
        "chapter": _both(chapter),
        "title": _both(control.title),
        "rule": _both(control.rule),
        "bases": list(control.bases),
        "edition_from": control.edition_from,
        "edition_to": control.edition_to,
        "models": list(control.models),
        "needs": list(control.needs),
        "status": result.status,
        "expected": _both(result.expected),
        "actual": _both(result.actual),
        "reason": _both(result.reason),
        "limits": _both(control.limits),
        "waivers": {name: city.waivers[name].expires_on.isoformat() for name in result.waivers},
        "waived": result.waived,
        "evidence": [
            {"side": item.side, "what": _both(item.what), "where": _place(item.where), "waiver": item.waiver or None}
            for item in result.evidence
        ],
    }


def _heading(facts: Facts) -> Text:
    city = facts.city
    sources: Mapping[str, Text] = {
        "compiled": Text("judged by the intended configuration", "インベントリから生成した設定で判定"),
        "files": Text("judged by configuration files", "設定ファイルで判定"),
        "running": Text("judged by the running configuration", "稼働中の設定で判定"),
    }
    return Text(
        "{en}: model {model}, guideline edition {edition}, on {day}, {source}",
        "{ja}: {called}、ガイドライン {edition} 版、{day} 時点、{source}",
    ).format(
        en=city.name,
        ja=city.title,
        model=city.model,
        called=MODELS[city.model],
        edition=city.edition,
        day=facts.day,
        source=sources[facts.source],
    )


def _line(result: Result) -> Text:
    control = result.control
    return Text("{mark} {id} [{bases}] {title}: {status}", "{mark} {id} [{bases}] {title}: {status}").format(
        mark=MARKS[result.status],
        id=control.id,
        bases=",".join(control.bases),
        title=control.title,
        status=STATUSES[result.status],
    )


def _brief(city: City, result: Result) -> Iterator[Text]:
    """Two lines at most: the verdict, and why it is no pass."""
    grace = ", ".join(f"{name} {city.waivers[name].expires_on}" for name in result.waivers)
    whole = Text("waived", "是正猶予") if result.waived else Text("waived in part", "一部是正猶予")
    note = (
        Text(" ({whole}: {grace})", "({whole}: {grace} まで)").format(whole=whole, grace=grace)
        if grace
        else Text("", "")
    )
    yield Text("  {line}{note}", "  {line}{note}").format(line=_line(result), note=note)
    if result.status != "pass":
        yield Text("      {text}", "      {text}").format(text=result.reason or result.actual)


def _bases(result: Result) -> Text:
    rows = [(basis, BASES[basis]) for basis in result.control.bases]
    return Text(
        ", ".join(f"{basis} {text.en}" for basis, text in rows), "、".join(f"{basis} {text.ja}" for basis, text in rows)
    )


def _evidence(city: City, item: Evidence) -> Iterator[Text]:
    place = f"  ({_place(item.where)})" if item.where.file else ""
    yield Text("    {mark} {side}: {what}{place}", "    {mark} {side}: {what}{place}").format(
        mark=SIDE_MARKS[item.side], side=SIDES[item.side], what=item.what, place=place
    )
    if item.waiver:
        waiver = city.waivers[item.waiver]
        why = f"({item.waiver}): {waiver.reason} ({waiver.owner} / {waiver.approver})"
        yield Text(f"      waived until {waiver.expires_on} {why}", f"      是正猶予 {waiver.expires_on} まで {why}")


def _tally(results: Iterable[Result]) -> Text:
    counts = Counter(result.status for result in results)
    en = ", ".join(f"{text.en} {counts[status]}" for status, text in STATUSES.items())
    ja = "、".join(f"{text.ja} {counts[status]}" for status, text in STATUSES.items())
    return Text(f"{sum(counts.values())} controls: {en}", f"全 {sum(counts.values())} 項目: {ja}")


def _both(text: Text | None) -> dict[str, str] | None:
    return None if text is None else {"en": text.en, "ja": text.ja}


def _place(origin: Origin) -> str | None:
    return str(origin) if origin.file else None
