"""What is to be better next time: what the operator says, and what the clocks say by themselves."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from inventory.expectations import date_meant
from inventory.text import Text
from runbooks.drills.diary import Diary
from runbooks.drills.interrupts import tell
from runbooks.drills.material import Material
from runbooks.drills.operator import Operator, TerminalGoneError
from runbooks.drills.words import TARGETS, duration

PROPOSED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Issue:
    """What to do about it, who does it and until when. `proposed`: written by the tool, to be decided."""

    issue: str
    improvement: str
    owner: str
    due: str
    proposed: bool = False


def ask_issues(operator: Operator, diary: Diary, day: dt.date) -> None:
    """Ask the operator for issues until there is no more, or the terminal is gone, and write each."""
    if not operator.automatic:
        with contextlib.suppress(TerminalGoneError):
            _ask(operator, diary, day)


def _ask(operator: Operator, diary: Diary, day: dt.date) -> None:
    watch: Callable[[], None] = lambda: None  # noqa: E731 the drill is over: nothing stops the questions
    tell(
        Text("Issues found in this drill (Enter: no more)", "この訓練で見つかった課題を入力してください (Enter: 終了)")
    )
    while issue := operator.note(Text("  Issue:", "  課題:"), watch):
        improvement = operator.note(Text("  Improvement:", "  改善策:"), watch)
        owner = operator.note(Text("  Owner (department):", "  担当課:"), watch)
        due = ""
        while not due:
            said = operator.note(Text("  Due (YYYY-MM-DD):", "  期限 (YYYY-MM-DD):"), watch)
            due = _date(said, day)
        diary.write("issue", {"issue": issue, "improvement": improvement, "owner": owner, "due": due})


def _date(said: str, day: dt.date) -> str:
    try:
        due = dt.date.fromisoformat(said)
    except ValueError:
        meant = date_meant(said)
        tell(
            Text(
                f"  a date such as {day}" + (f"; did you mean {meant}?" if meant else ""),
                f"  日付は {day} の形で入力してください" + (f" ({meant} ですか)" if meant else ""),
            )
        )
        return ""
    if due < day:
        tell(Text("  the day has passed already", "  過ぎた日付です"))
        return ""
    return due.isoformat()


def issues_of(material: Material) -> tuple[Issue, ...]:
    """Those the operator gave, then those that follow from what was measured."""
    said = (Issue(row["issue"], row["improvement"], row["owner"], row["due"]) for row in material.standing.issues)
    return (*said, *_measured(material))


def _measured(material: Material) -> Iterator[Issue]:
    begun = dt.datetime.fromtimestamp(material.standing.at, tz=dt.UTC).astimezone()
    due = (begun.date() + dt.timedelta(days=PROPOSED_DAYS)).isoformat()
    deviation = material.standing.deviation
    if deviation is not None:
        yield Issue(
            f"訓練を中止した: {deviation['ja']}",
            "原因を調べ、対策後に再度訓練を行う",
            _owner(material, ""),
            due,
            proposed=True,
        )
    for result in material.results:
        if not result.met and deviation is None:
            yield Issue(
                f"{result.task.ja}の{TARGETS[result.kind]}が未達"
                f"(目標 {duration(result.target_s)}、実績 {duration(result.actual_s)})",
                "原因を調べ、手順または構成を見直す",
                result.owner,
                due,
                proposed=True,
            )
    for step in material.drill.scenario.steps:
        part = material.standing.steps.get(step.id)
        if part is not None and part.done is not None and part.done - part.begun > step.minutes * 60:
            yield Issue(
                f"手順「{step.title.ja}」が見込み({step.minutes} 分)を超えた(実績 {duration(part.done - part.begun)})",
                "手順と要員を見直し、見込み時間を改める",
                _owner(material, step.role),
                due,
                proposed=True,
            )
    rollback = material.standing.rollback
    if rollback is not None and not rollback["success"]:
        yield Issue(
            "復旧後の確認で元の状態に戻っていない",
            "現状を確認し、直ちに復旧する",
            _owner(material, ""),
            begun.date().isoformat(),
            proposed=True,
        )


def _owner(material: Material, role: str) -> str:
    roles = material.drill.scenario.roles
    chosen = roles.get(role) or next(iter(roles.values()))
    return chosen.department or chosen.title.ja
