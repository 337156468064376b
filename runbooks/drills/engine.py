"""Run a drill: hypothesis, faults, clocks, steps, green; then always the way back, and the hypothesis again.

Every part is in the journal before it is begun and after it is done. So an engine that is given the standing of a drill
that was cut short goes on from there: what was done is not done again, what was only begun is begun again (runbooks
and faults may be done twice).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from deploy.journal import OvertakenError
from inventory.errors import SansoError
from inventory.model import City
from inventory.text import Text
from runbooks.drills.clocks import judged
from runbooks.drills.diary import Diary
from runbooks.drills.interrupts import Interrupts, tell
from runbooks.drills.model import Scenario, Step
from runbooks.drills.operator import Operator, TerminalGoneError
from runbooks.drills.rollback import go_back
from runbooks.drills.standing import Phase, Standing
from runbooks.drills.world import Deviated, Done, World

Verdict = Literal["met", "missed", "stopped", "not-restored"]

VERDICTS: Mapping[Verdict, Text] = {
    "met": Text("all targets were met, and all is as it was", "目標をすべて達成し、元の状態に復旧しました"),
    "missed": Text("a target was missed; all is as it was", "未達の目標があります。元の状態には復旧しました"),
    "stopped": Text("the drill was stopped; all is as it was", "訓練を中止し、元の状態に復旧しました"),
    "not-restored": Text("NOT all is as it was", "元の状態に復旧できていません"),
}
_CLAIMS_S = 90.0
_PAUSE_S = 0.5


@dataclass(frozen=True, slots=True)
class Cast:
    """Who takes part: the name behind each role; who operates; `abort`: only the way back is wanted."""

    names: Mapping[str, str]
    operator: str
    abort: bool = False


class Engine:
    """One drill in one process."""

    def __init__(  # noqa: PLR0913, PLR0917 what is drilled, on what, by whom, and where it is written
        self,
        scenario: Scenario,
        city: City,
        world: World,
        operator: Operator,
        cast: Cast,
        diary: Diary,
        interrupts: Interrupts,
    ) -> None:
        self.scenario = scenario
        self.city = city
        self.world = world
        self.operator = operator
        self.cast = cast
        self.diary = diary
        self.interrupts = interrupts
        self.so_far: Standing = diary.standing()

    def run(self) -> Verdict:
        """Run it to its end; its verdict."""
        self.so_far = self.diary.standing()
        try:
            if self.so_far.deviation is None and not self.so_far.retried:
                self._forward()
        except Deviated as deviated:
            self._deviate(deviated.code, deviated.reason)
        except TerminalGoneError as gone:
            self._deviate("terminal", gone.what)
        except OvertakenError:
            raise
        except SansoError as error:
            self._deviate("failure", error.what)
        except OSError as error:
            self._deviate("failure", Text(f"unexpected failure: {error}", f"想定外の障害: {error}"))
        self.so_far = self.diary.standing()
        restored = go_back(self)
        return self._end(restored=restored)

    def watch(self) -> None:
        """Raise Deviated as soon as the drill has to stop."""
        reason = self.interrupts.reason
        if reason is not None:
            raise Deviated(reason, "interrupt")
        trouble = self.world.trouble(self.so_far)
        if trouble is not None:
            raise Deviated(trouble[1], trouble[0])
        if self.world.now() - self.so_far.at > self.scenario.stop.total_minutes * 60:
            raise Deviated(Text("the drill took too long", "訓練全体の制限時間を超えました"), "time")

    def phase(self, name: Phase, title: Text) -> None:
        """Go on to a phase."""
        self.diary.write("phase", {"phase": name})
        self.so_far.phase = name
        tell(Text(f"── {title.en}", f"── {title.ja}"))

    def look(self, when: Literal["before", "after"], limit_s: float) -> bool:
        """Look at the hypothesis, and write what was seen; whether all of it is green."""
        watch = self.watch if when == "before" else (lambda: None)
        seen = self.world.claims(self.scenario.hypothesis, limit_s, watch)
        rows = [{"id": item.claim.id, "good": item.good, "told": item.told} for item in seen]
        self.diary.write("hypothesis", {"when": when, "claims": rows})
        for item in seen:
            mark = "○" if item.good else "×"
            tell(Text(f"   {mark} {item.claim.title.en}  {item.told}", f"   {mark} {item.claim.title.ja}  {item.told}"))
        return all(item.good for item in seen)

    def _forward(self) -> None:
        if self.cast.abort:
            raise Deviated(Text("it was cut short and is taken back", "途中で終わった訓練を取り消します"), "abort")
        self.phase("prepare", Text("Hypothesis: all green before it begins?", "開始前の確認"))
        if not self.so_far.faults:
            if not self.look("before", _CLAIMS_S):
                raise Deviated(
                    Text("not all is green: nothing was broken", "前提を満たさないため、障害は起こしていません"),
                    "hypothesis",
                )
            self.so_far.marker = self.world.marker()
            if self.so_far.marker is not None:
                self.diary.write("marker", self.so_far.marker)
        self._faults()
        self._detect()
        self._steps()
        self._green()

    def _faults(self) -> None:
        self.phase("fault", Text("Fault", "障害の発生"))
        for fault in self.scenario.faults:
            part = self.so_far.faults.get(fault.id)
            if part is not None and part.done is not None:
                continue
            self.watch()
            self.diary.write("fault", {"id": fault.id, "state": "begun"})
            tell(fault.title.text)
            self.world.inject(fault)
            self.diary.write("fault", {"id": fault.id, "state": "done", "good": True})
        self.so_far = self.diary.standing()

    @property
    def fault_at(self) -> float:
        """When the first fault was begun."""
        return min(part.begun for part in self.so_far.faults.values())

    def _detect(self) -> None:
        if "detected" in self.so_far.clocks or any(step.clock == "detected" for step in self.scenario.steps):
            return
        self.phase("detect", Text("Waiting for the fault to be noticed", "検知を待っています"))
        limit = self.fault_at + self.scenario.detection.minutes * 60
        while (found := self.world.detected(self.fault_at, self.watch)) is None:
            self.watch()
            if self.world.now() > limit:
                raise Deviated(Text("nobody noticed in time", "制限時間内に検知されませんでした"), "undetected")
            self.world.wait(_PAUSE_S)
        self._clock("detected", {"by": found.by, **found.told})

    def _clock(self, name: str, told: Mapping[str, Any]) -> None:
        if name in self.so_far.clocks:
            return
        self.diary.write(name, told)
        self.so_far = self.diary.standing()
        since = self.so_far.clocks[name]["at"] - self.fault_at
        words = CLOCKS[name]
        tell(Text(f"   {words.en}: {since:.1f} s after the fault", f"   {words.ja}: 障害発生から {since:.1f} 秒"))

    def _steps(self) -> None:
        self.phase("steps", Text("Steps", "対応"))
        for step in self.scenario.steps:
            part = self.so_far.steps.get(step.id)
            if part is None or not part.good:
                self._step(step)
            elif step.clock is not None:  # done by a process that died before it told the time
                who = self.cast.names.get(step.role, "")
                self._clock(step.clock, {**self._by(step, part.told, who), "at": part.done})

    def _step(self, step: Step) -> None:
        self.watch()
        who = self.cast.names.get(step.role, "")
        self.diary.write("step", {"id": step.id, "state": "begun", "by": step.by, "role": step.role, "who": who})
        if step.by == "hand":
            done = self.world.by_hand(step, who, self.watch)
        else:
            role = self.scenario.roles[step.role].title.text
            tell(Text(f"   [{role.en}] {step.title.en}", f"   [{role.ja}] {step.title.ja}"))
            decided = self.so_far.clocks.get("decided", {})
            done = self.world.by_machine(step, str(decided.get("by", "")), self._must_stop)
        self.diary.write("step", {"id": step.id, "state": "done", "good": done.good, **done.told})
        self.so_far = self.diary.standing()
        if not done.good:
            self.watch()
            raise Deviated(
                Text("step not done: {title}", "手順を完了できませんでした: {title}").format(title=step.title.text),
                "step",
            )
        if step.clock is not None:
            self._clock(step.clock, self._by(step, done.told, who))

    @staticmethod
    def _by(step: Step, told: Mapping[str, Any], who: str) -> dict[str, Any]:
        return {"by": told.get("who", who), "how": told.get("how", step.by)}

    def _must_stop(self) -> bool:
        """For what cannot be interrupted by an exception: asked again and again while a runbook runs."""
        try:
            self.watch()
        except Deviated as deviated:
            self._deviate(deviated.code, deviated.reason)
            return True
        return False

    def _green(self) -> None:
        self.phase("green", Text("Waiting for the service to be green", "業務の再開を待っています"))
        executed = self.so_far.clocks["executed"]["at"]
        limit = executed + self.scenario.green_minutes * 60
        while (found := self.world.green(self.fault_at, self.watch)) is None:
            self.watch()
            if self.world.now() > limit:
                raise Deviated(
                    Text("the service did not come back in time", "制限時間内に業務が再開しませんでした"), "not-green"
                )
            self.world.wait(_PAUSE_S)
        self._clock("green", found)
        if self.so_far.survived is None:
            told = self.world.survived(self.so_far.marker, self.fault_at, self.watch)
            self.diary.write("survived", told)
            self.so_far.survived = told

    def _deviate(self, code: str, reason: Text) -> None:
        if self.so_far.deviation is not None:
            return
        told = {"code": code, "en": reason.en, "ja": reason.ja, "phase": self.so_far.phase}
        self.so_far.deviation = told
        self.diary.write("deviation", told)
        tell(Text(f"Stopping: {reason.en}.", f"訓練を中止します: {reason.ja}。"))

    def _end(self, *, restored: bool) -> Verdict:
        self.so_far = self.diary.standing()
        results = judged(self.scenario, self.city, self.so_far)
        if not restored:
            verdict: Verdict = "not-restored"
        elif self.so_far.deviation is not None:
            verdict = "stopped"
        else:
            verdict = "met" if results and all(result.met for result in results) else "missed"
        measured = {**self.world.close(), **self.so_far.measured}
        clocks = self.so_far.clocks.items()
        body = {
            "success": verdict == "met",
            "verdict": verdict,
            "clocks": {name: round(float(clock.get("moment", clock["at"])), 3) for name, clock in clocks},
            "targets": [result.as_json() for result in results],
            "measured": measured,
        }
        self.diary.write("phase", {"phase": "end"})
        self.diary.write("end", body)
        tell(VERDICTS[verdict])
        return verdict


CLOCKS: Mapping[str, Text] = {
    "detected": Text("detected", "検知"),
    "decided": Text("decided", "判断"),
    "executed": Text("executed", "実施"),
    "green": Text("service green", "業務再開"),
}

__all__ = ["CLOCKS", "VERDICTS", "Cast", "Done", "Engine", "Verdict"]
