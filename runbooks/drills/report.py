"""The report of a drill in Japanese: one page of HTML that needs no network, and the same as a book to be printed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from deploy.evidence.manifest import MANIFEST
from deploy.evidence.words import JAPAN
from network.documents.page import templates
from network.documents.words import NONE
from runbooks.drills.figures import figures
from runbooks.drills.issues import issues_of
from runbooks.drills.material import Material
from runbooks.drills.meters import outages
from runbooks.drills.standing import AGAIN, Part, Standing
from runbooks.drills.words import CLOCKS, DETECTIONS, HOW, KINDS, MODES, TARGETS, VERDICTS, duration

TEMPLATES = Path(__file__).parent / "templates"
STYLE = Path(__file__).parents[2] / "deploy/evidence/templates/style.css"


def page(material: Material, hashes: Mapping[str, str]) -> str:
    """The report as a page for a browser."""
    return _render(material, hashes, printed=False)


def book(material: Material, hashes: Mapping[str, str]) -> str:
    """The report as it is printed."""
    return _render(material, hashes, printed=True)


def japan_time(moment: float, pattern: str = "%H:%M:%S") -> str:
    """A moment (seconds since 1970) in Japan's time."""
    return dt.datetime.fromtimestamp(moment, tz=JAPAN).strftime(pattern)


def japan_day(moment: float) -> str:
    """A day as officials write it: 令和8年11月26日(木)."""
    day = dt.datetime.fromtimestamp(moment, tz=JAPAN)
    return f"令和{day.year - 2018}年{day.month}月{day.day}日({'月火水木金土日'[day.weekday()]})"


def _render(material: Material, hashes: Mapping[str, str], *, printed: bool) -> str:
    told = material.standing
    end = told.end or {}
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            printed=printed,
            style=Markup(STYLE.read_text(encoding="utf-8")),  # noqa: S704 our own file
            material=material,
            scenario=material.drill.scenario,
            city=material.city,
            told=told,
            verdict=VERDICTS[end.get("verdict", "not-restored")],
            results=material.results,
            clocks=list(_clocks(material)),
            summary=list(_summary(material)),
            steps=list(_steps(material, hashes)),
            undone=list(_undone(material, hashes)),
            figures=figures(material),
            issues=issues_of(material),
            cast=list(_cast(material)),
            holes=(end.get("measured") or {}).get("holes") or (),
            separation=_separation(material),
            head=material.journal[-1].digest,
        )
    )


def _clocks(material: Material) -> Iterator[tuple[str, str, str, str]]:
    """Clock, moment, time since the fault, and by what or whom."""
    begun = material.fault_at
    if begun is None:
        return
    yield "障害発生", japan_time(begun, "%H:%M:%S.%f")[:-5], "0 秒", "訓練用の障害"
    for name, title in CLOCKS.items():
        clock = material.standing.clocks.get(name)
        if clock is None:
            yield title, NONE, NONE, "記録なし"
            continue
        moment = float(clock.get("moment", clock["at"])) if name == "green" else float(clock["at"])
        yield title, japan_time(moment, "%H:%M:%S.%f")[:-5], duration(max(0.0, moment - begun)), _by(name, clock)


def _by(name: str, clock: Mapping[str, Any]) -> str:
    if name == "detected":
        alert = f"({clock['alert']})" if "alert" in clock else ""
        return DETECTIONS.get(str(clock["by"]), HOW.get(str(clock.get("how")), "")) + alert
    if name == "green":
        return f"{clock['server']} で再開" if clock.get("server") else str(clock.get("words", ""))
    who = str(clock.get("by") or "")
    how = HOW.get(str(clock.get("how")), "")
    return how if who in {"", "auto"} else f"{who}({how})"


def _summary(material: Material) -> Iterator[str]:
    """What an official reads first, in sentences."""
    told = material.standing
    scenario = material.drill.scenario
    faults = "、".join(fault.title.ja for fault in scenario.faults)
    if not told.faults:
        yield "開始前の確認で前提を満たさなかったため、障害は起こしていない。"
    else:
        yield f"想定した障害: {faults}。"
    begun, rows = material.fault_at, material.samples.get("service", ())
    if begun is not None and "green" in told.clocks:
        moment = float(told.clocks["green"].get("moment", told.clocks["green"]["at"]))
        lost = max(0.0, moment - begun)
        yield (
            "業務は止まらなかった。" if lost == 0 else f"障害発生から {duration(lost)}で、業務が行える状態に戻った。"
        )
    holes = ((told.end or {}).get("measured") or {}).get("holes") or ()
    longest = max((hole["seconds"] or 0.0 for hole in holes), default=None)
    if longest is not None:
        stops = len(outages(list(rows)))
        yield f"試験パケット(10 ms 間隔)の損失は最長 {longest * 1000:.0f} ミリ秒、利用者役の業務停止は {stops} 回。"
    if told.survived is not None and told.mode == "live":
        survived = told.survived
        yield (
            f"障害前に発行が完了した証明書 {survived['issued']} 件は、すべて読み出せた。"
            if not survived["lost"]
            else f"障害前に発行が完了した証明書 {survived['issued']} 件のうち {len(survived['lost'])} 件が失われた。"
        )
    if told.deviation is not None:
        yield f"訓練は途中で中止した。理由: {told.deviation['ja']}。"
    taken_over = sum(row["how"] != AGAIN for row in told.resumed)
    if taken_over:
        yield f"訓練の実行中に操作端末の処理が失われ、{taken_over} 回引き継いだ。"
    for row in told.resumed:
        if row["how"] == AGAIN:
            yield f"復旧が完了しなかったため、{japan_day(row['at'])} {japan_time(row['at'])} に復旧をやり直した。"
    yield VERDICTS[(told.end or {}).get("verdict", "not-restored")][2]


def _cast(material: Material) -> Iterator[tuple[str, str, str]]:
    names = material.standing.begin.get("participants", {})
    for key, role in material.drill.scenario.roles.items():
        yield role.title.ja, role.department or NONE, names.get(key) or NONE
    yield "訓練の操作", NONE, str(material.standing.begin.get("operator") or NONE)


def _steps(material: Material, hashes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    roles = material.drill.scenario.roles
    told = material.standing
    for fault in material.drill.scenario.faults:
        part = told.faults.get(fault.id)
        if part is not None:
            yield _row(
                "障害", fault.title.ja, "訓練装置", "", part, None, hashes.get(f"evidence/fault-{fault.id}.json")
            )
    for step in material.drill.scenario.steps:
        part = told.steps.get(step.id)
        who = (
            f"{roles[step.role].title.ja} {material.standing.begin.get('participants', {}).get(step.role, '')}".strip()
        )
        how = str((part.told if part else {}).get("how") or step.by)
        yield _row(
            "手順",
            step.title.ja,
            who,
            HOW.get(how, how),
            part,
            step.minutes,
            hashes.get(f"evidence/step-{step.id}.json"),
        )


def _undone(material: Material, hashes: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for item in material.drill.scenario.rollback:
        how = "手順書の自動実行" if item.runbook else "訓練装置"
        for name, part in tries(material.standing, item.id):
            yield _row("復旧", item.title.ja, "", how, part, item.minutes, hashes.get(f"evidence/rollback-{name}.json"))


def tries(told: Standing, part: str) -> Iterator[tuple[str, Part | None]]:
    """Every try of a step of the way back under a name of its own, the last one under the step's."""
    yield from ((f"{part}-{number}", old) for number, old in enumerate(told.failed.get(part, ()), start=1))
    yield part, told.undone.get(part)


def _row(  # noqa: PLR0913, PLR0917 the cells of a row
    kind: str, title: str, who: str, how: str, part: Part | None, minutes: int | None, sha256: str | None
) -> dict[str, Any]:
    state = "未実施" if part is None else "途中" if part.done is None else "完了" if part.good else "失敗"
    remark = ""
    runbook = None
    if part is not None:
        remark = str(part.told.get("words") or "")
        runbook = part.told.get("runbook")
        run = part.told.get("run") or {}
        remark = "。".join([remark, *(item["ja"] for item in run.get("objections", ()))]).strip("。")
    return {
        "kind": kind,
        "title": title,
        "who": who,
        "how": how,
        "begun": None if part is None else part.begun,
        "seconds": None if part is None or part.done is None else part.done - part.begun,
        "minutes": minutes,
        "state": state,
        "remark": remark,
        "runbook": runbook,
        "sha256": sha256,
        "seen": () if part is None else (part.told.get("run") or {}).get("seen", ()),
    }


def _separation(material: Material) -> dict[str, Any]:
    own = [row for row in material.samples.get("separation", ()) if row.good is not None]
    exporter = [row for row in material.samples.get("paths-blocked", ()) if row.good is not None]
    breaches = [row for row in (*own, *exporter) if row.good is False]
    paths = ((material.standing.end or {}).get("measured") or {}).get("separation_paths")
    return {"own": len(own), "exporter": len(exporter), "breaches": breaches, "paths": paths}


@cache
def _environment() -> Environment:
    environment = templates(TEMPLATES)
    environment.filters |= {"japan_time": japan_time, "japan_day": japan_day, "duration": duration}
    environment.globals |= {
        "KINDS": KINDS,
        "MODES": MODES,
        "TARGETS": TARGETS,
        "NONE": NONE,
        "MANIFEST": MANIFEST,
    }
    return environment
