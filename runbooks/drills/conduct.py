"""Conduct a drill: begin one, or take over one that was cut short; then its record."""

from __future__ import annotations

import datetime as dt
import importlib.metadata
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from deploy.approval import RefusedError
from deploy.journal import Journal
from deploy.record import unfinished
from deploy.target import Target
from inventory.document import DocumentError
from inventory.loader import load_city
from inventory.model import City
from inventory.origin import Origin
from inventory.text import Text
from inventory.words import did_you_mean, nearest
from network.build import build_fabric
from network.lab import Lab
from runbooks.drills.diary import Diary
from runbooks.drills.engine import Cast, Engine, Verdict
from runbooks.drills.interrupts import Interrupts
from runbooks.drills.issues import ask_issues
from runbooks.drills.live import Live, Scene
from runbooks.drills.material import Material, samples_in
from runbooks.drills.model import Step, Undoing
from runbooks.drills.operator import Operator
from runbooks.drills.reading import Drillable, filled_in
from runbooks.drills.record import write_record
from runbooks.drills.standing import AGAIN, PREFIX, DrillError, Mode, Standing, drills, not_restored, open_drill
from runbooks.drills.tabletop import Tabletop
from runbooks.drills.world import World
from runbooks.procedures.arguments import unknown
from runbooks.procedures.catalog import procedure


@dataclass(frozen=True, slots=True)
class Stage:
    """What a command has: where it acts (`lab` None: at a table), its journal, who is asked, and by what it ends."""

    target: Target
    lab: Lab | None
    book: Journal
    operator: Operator
    interrupts: Interrupts


def begin(stage: Stage, drill: Drillable, city: City, place: str, cast: Cast) -> str:
    """Write that a drill begins; its id. `place` is the city's name or directory, for whoever takes over.

    Raises:
        DrillError: another drill or a change is not finished.
        DocumentError: a participant's role does not exist.
        RefusedError: the one who decides is the operator, and a runbook wants the approval of somebody else.
    """
    _refuse_unfinished(stage.book)
    _check_cast(drill, cast, automatic=stage.operator.automatic or stage.lab is None)
    now = dt.datetime.now(dt.UTC)
    name = f"{now:%Y%m%d}-{secrets.token_hex(2)}"
    stage.book.keep_plan(drill.digest, drill.content)
    body = {
        "scenario": drill.name,
        "title": drill.scenario.title.ja,
        "sha256": drill.digest,
        "parameters": dict(drill.values),
        "city": city.name,
        "place": place,
        "mode": _mode(stage),
        "target": stage.target.label,
        "participants": dict(cast.names),
        "operator": cast.operator,
        "automatic": stage.operator.automatic,
        "at": round(now.timestamp(), 3),
    }
    stage.book.append(PREFIX + name, "drill-begin", body, after=0)
    return name


def conduct(stage: Stage, found: Standing, *, abort: bool = False) -> tuple[Verdict, Material]:
    """Run a drill that has begun to its end, from wherever it is."""
    city = load_city(found.begin["place"])
    drill = _drillable(stage.book, found, city)
    world = _world(stage, found, drill, city)
    diary = Diary(stage.book, found.id, found.last, world.now)
    uses = world.prepare(found)
    if uses.get("detection") == "" and not found.faults and not abort:
        world.close()
        diary.write("end", {"success": False, "verdict": "stopped", "clocks": {}, "targets": [], "measured": {}})
        raise _no_monitoring(drill.scenario.detection.alert)
    cast = Cast(found.begin["participants"], found.begin["operator"], abort=abort)
    engine = Engine(drill.scenario, city, world, stage.operator, cast, diary, stage.interrupts)
    verdict = engine.run()
    if stage.interrupts.reason is None and not abort:
        ask_issues(stage.operator, diary, dt.datetime.now().astimezone().date())
    return verdict, material_of(stage.book, stage.target, diary.standing())


def take_over(stage: Stage, how: str) -> Standing:
    """The drill that was cut short, with the taking over written down.

    To abort is also to try again the way back of the last drill, if that left something behind.

    Raises:
        DrillError: there is none.
    """
    found = open_drill(stage.book)
    if found is None and how == "abort":
        found, how = not_restored(stage.book), AGAIN
    if found is None:
        raise DrillError(Text("No drill is unfinished.", "途中で終わった訓練はありません。"))
    if found.mode == "live" and stage.lab is None:
        raise DrillError(
            Text("The drill is live in the lab.", "この訓練はラボで実施中です。"),
            Text("Add --lab.", "--lab を付けてください。"),
        )
    moment = dt.datetime.now(dt.UTC).timestamp() if found.mode == "live" else found.at
    Diary(stage.book, found.id, found.last, lambda: moment).write("resumed", {"how": how})
    return replace_last(stage.book, found)


def replace_last(book: Journal, found: Standing) -> Standing:
    """The drill as the journal tells it now."""
    return replace(found, last=book.rows(PREFIX + found.id)[-1].seq)


def named(book: Journal, name: str) -> Standing:
    """A drill by its id; "" is the last one.

    Raises:
        DrillError: there is none.
    """
    known = drills(book.rows())
    for found in reversed(known):
        if name in {"", found.id, PREFIX + found.id}:
            return found
    ids = [found.id for found in known]
    raise DrillError(
        Text(f"The journal holds no drill {name}.".replace("  ", " "), f"記録に訓練 {name} はありません。"),
        did_you_mean(nearest(name, ids)),
    )


def folder_of(target: Target, found: Standing) -> Path:
    """Where the samples of a drill are kept while it runs."""
    return target.state / "drills" / found.id


def material_of(book: Journal, target: Target, found: Standing) -> Material:
    """What the record of a drill is made of.

    Raises:
        DrillError: it has not ended.
    """
    if found.end is None:
        raise DrillError(
            Text(f"Drill {found.id} has not ended.", f"訓練 {found.id} は終わっていません。"),
            Text(
                "Run: sanso drill resume, or sanso drill abort", "sanso drill resume または abort を実行してください。"
            ),
        )
    city = load_city(found.begin["place"])
    last = book.rows(PREFIX + found.id)[-1].seq
    rows = [row for row in book.rows() if row.seq <= last]
    return Material(
        _drillable(book, found, city),
        city,
        found,
        rows,
        samples_in(folder_of(target, found)),
        dt.datetime.fromisoformat(rows[-1].at).astimezone(dt.timezone(dt.timedelta(hours=9))),
        importlib.metadata.version("sanso"),
    )


def keep(target: Target, material: Material, output: Path | None = None) -> tuple[Path, str]:
    """Write the record; its folder and the digest of its manifest."""
    folder = output or folder_of(target, material.standing) / "record"
    return folder, write_record(folder, material)


def _mode(stage: Stage) -> Mode:
    return "tabletop" if stage.lab is None else "live"


def _world(stage: Stage, found: Standing, drill: Drillable, city: City) -> World:
    if stage.lab is None or found.mode == "tabletop":
        return Tabletop(drill.scenario, stage.operator)
    if stage.lab.city != city.name:
        raise DrillError(
            Text(f"The lab runs {stage.lab.city}, not {city.name}.", f"ラボで動いているのは {stage.lab.city} です。")
        )
    day = dt.datetime.now().astimezone().date()
    scene = Scene(stage.lab, build_fabric(city), stage.target, stage.book, folder_of(stage.target, found), day)
    return Live(found.id, drill.scenario, scene, stage.operator, found.begin["operator"], stage.interrupts)


def _drillable(book: Journal, found: Standing, city: City) -> Drillable:
    content = book.plan(found.begin["sha256"])
    return filled_in(found.begin["scenario"], content.decode(), found.begin["parameters"], city)


def _refuse_unfinished(book: Journal) -> None:
    found = open_drill(book)
    if found is not None:
        raise DrillError(
            Text(f"Drill {found.id} was begun and not ended.", f"訓練 {found.id} が終わっていません。"),
            Text(
                "Run: sanso drill resume, or sanso drill abort", "sanso drill resume または abort を実行してください。"
            ),
        )
    change = unfinished(book)
    if change is not None:
        raise DrillError(
            Text(f"Change {change.change} was begun and not finished.", f"変更 {change.change} が完了していません。"),
            Text("Finish it first: sanso recover", "先に sanso recover で完了させてください。"),
        )


def _check_cast(drill: Drillable, cast: Cast, *, automatic: bool) -> None:
    roles = drill.scenario.roles
    findings = [
        unknown(
            Text(f"there is no role `{role}`", f"役割 `{role}` はありません"),
            role,
            roles,
            Origin("--participant"),
            "role-unknown",
        )
        for role in cast.names
        if role not in roles
    ]
    if findings:
        raise DocumentError(tuple(findings))
    parts: list[Step | Undoing] = [*drill.scenario.steps, *drill.scenario.rollback]
    calls = [part.runbook for part in parts if part.runbook]
    if automatic or not any(procedure(name).runbook.approval for name in calls):
        return
    decider = next(step.role for step in drill.scenario.steps if step.clock == "decided")
    name = cast.names.get(decider, "").strip()
    if not name or name.casefold() == cast.operator.strip().casefold():
        title = roles[decider].title.text
        raise RefusedError(
            Text(
                f"A runbook of this drill needs the approval of somebody other than the operator: name {title.en}.",
                f"この訓練の手順書には操作者以外の承認が必要です。{title.ja}の氏名を指定してください。",
            ),
            Text(f"--participant {decider}=NAME", f"--participant {decider}=氏名"),
        )


def _no_monitoring(alert: str) -> DrillError:
    return DrillError(
        Text(
            f"The scenario wants alert {alert}, and Prometheus or Alertmanager does not answer.",
            f"シナリオは警報 {alert} による検知を求めていますが、Prometheus または Alertmanager が応答しません。",
        ),
        Text("Start them: sanso monitoring up", "起動してください: sanso monitoring up"),
    )


def names_of(words: Mapping[str, str]) -> dict[str, str]:
    """Participants without blanks."""
    return {role: name.strip() for role, name in words.items()}
