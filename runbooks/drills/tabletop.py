"""A drill at the table (机上訓練): people say what they would do and how long it would take; nothing is touched.

Time is the scenario's: it begins with the fault and goes on by the minutes people answer. So clocks and targets are
judged as in a live drill, and the record says that they were estimated.
"""

from __future__ import annotations

import re
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from inventory.text import Text
from runbooks.drills.interrupts import tell
from runbooks.drills.model import Claim, Fault, Scenario, Step, Undoing
from runbooks.drills.operator import Answer, Operator
from runbooks.drills.standing import Standing
from runbooks.drills.world import Detection, Done, Seen, Watch

_MINUTES = re.compile(r"^\s*([0-9]+(?:\.[0-9]+)?)\s*(?:分|min|m)?(?:\s|$)")


def minutes_of(words: str, otherwise: float) -> float:
    """The minutes at the beginning of an answer ("10 窓口が混む", "１５分"), else what was expected."""
    found = _MINUTES.match(unicodedata.normalize("NFKC", words))
    return float(found[1]) if found else otherwise


class Tabletop:
    """The table as a world."""

    touches = False

    def __init__(self, scenario: Scenario, operator: Operator) -> None:
        self._scenario = scenario
        self._operator = operator
        self._now = time.time()

    def now(self) -> float:
        return self._now

    def wait(self, seconds: float) -> None:
        self._now += seconds

    def prepare(self, so_far: Standing) -> Mapping[str, Any]:
        moments = [float(clock["at"]) for clock in so_far.clocks.values()]
        self._now = max([so_far.at, *moments, *(part.done or part.begun for part in so_far.steps.values())])
        return {"estimated": True}

    def claims(self, claims: Sequence[Claim], limit_s: float, watch: Watch) -> list[Seen]:
        del limit_s
        return [self._claim(claim, watch) for claim in claims]

    def _claim(self, claim: Claim, watch: Watch) -> Seen:
        title = claim.title
        answer = self._operator.ask(
            Text(
                f"   Would this be so? {title.en}   (Enter: yes / x: no)",
                f"   次の状態を確認できますか: {title.ja}   (Enter: できる / x: できない)",
            ),
            watch,
        )
        return Seen(claim, answer.good, answer.words)

    def marker(self) -> Mapping[str, Any] | None:
        return None

    def inject(self, fault: Fault) -> None:
        tell(Text(f"   (assumed: {fault.title.en})", f"   (想定: {fault.title.ja})"))

    def heal(self, fault: Fault) -> None:
        tell(Text(f"   (assumed mended: {fault.title.en})", f"   (復旧したものと想定: {fault.title.ja})"))

    def detected(self, since: float, watch: Watch) -> Detection | None:
        del since
        alarm = self._scenario.detection
        answer = self._minutes(
            Text("How would it be noticed, after how many minutes?", "どのように、障害から何分で気付きますか"),
            alarm.minutes,
            watch,
        )
        return Detection("table", {"words": answer.words, "who": answer.by})

    def by_hand(self, step: Step, who: str, watch: Watch) -> Done:
        role = self._scenario.roles[step.role].title.text
        name = f" {who}" if who else ""
        answer = self._minutes(
            Text(f"[{role.en}{name}] {step.title.en}", f"[{role.ja}{name}] {step.title.ja}"), step.minutes, watch
        )
        automatic = self._operator.automatic
        told = {
            "who": "auto" if automatic else who or answer.by,
            "how": "auto" if automatic else "table",
            "entered_by": answer.by,
            "words": answer.words,
        }
        return Done(answer.good, told)

    def by_machine(self, step: Step | Undoing, approver: str, stop: Callable[[], bool]) -> Done:
        del approver
        stop()
        tell(
            Text(
                f"   {step.title.en} — runbook {step.runbook}, expected {step.minutes} min",
                f"   {step.title.ja} — 手順書 {step.runbook}、見込み {step.minutes} 分",
            )
        )
        self._now += step.minutes * 60
        return Done(good=True, told={"runbook": step.runbook, "estimated_minutes": step.minutes, "how": "table"})

    def green(self, since: float, watch: Watch) -> Mapping[str, Any] | None:
        del since
        answer = self._minutes(
            Text("The service is back: after how many more minutes?", "業務が再開するまで、さらに何分かかりますか"),
            1,
            watch,
        )
        return {"moment": round(self._now, 3), "words": answer.words}

    def survived(self, marker: Mapping[str, Any] | None, since: float, watch: Watch) -> Mapping[str, Any]:
        del marker, since
        words = self._operator.note(
            Text(
                "Data of how many minutes before the fault would be lost? (Enter: none)",
                "障害前の何分間のデータが失われる見込みですか (Enter: なし)",
            ),
            watch,
        )
        return {"issued": 0, "lost": [], "rpo_s": minutes_of(words, 0.0) * 60, "words": words}

    def trouble(self, standing: Standing) -> tuple[str, Text] | None:
        del standing
        return None

    def close(self) -> Mapping[str, Any]:
        return {"estimated": True}

    def _minutes(self, question: Text, expected: float, watch: Watch) -> Answer:
        """Ask for minutes; the drill's time goes on by them."""
        answer = self._operator.ask(
            Text(
                f"   {question.en}\n   expected: {expected:g} min. Minutes, a remark / x: cannot / Enter: as expected",
                f"   {question.ja}\n   見込み {expected:g} 分。分数と所見を入力 / x: できない / Enter: 見込みどおり",
            ),
            watch,
        )
        self._now += minutes_of(answer.words, expected) * 60
        return answer
