"""The fleet transaction: a plan comes to all of its devices, or to none.

stage all → look again → commit all with a revert timer → check → decide → confirm all → close. Until the decision is
in the journal, doing nothing brings every device back: the timers see to that. From the first confirmation on,
`settlement` brings all to one side, here or in `sanso recover`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from deploy import checks
from deploy.checks import Check
from deploy.clock import Clock
from deploy.device import Driver, Observation, TroubleError
from deploy.fleet import WORKERS, Fleet, FleetError, split
from deploy.journal import JournalError, OvertakenError
from deploy.plan import Plan, digest
from deploy.record import Record, Side
from deploy.settlement import settle
from inventory.errors import EXIT_FINDINGS, SansoError
from inventory.text import Text


@dataclass(frozen=True, slots=True)
class Timing:
    """How the revert timer is made up, in seconds.

    `commit_s`: the slowest device may take as long to commit; so many are at it at the same time that a large fleet
    takes several rounds. `check_s`: neighbours may take as long to come up (an
    OSPF adjacency with default timers is up within 40 s, BGP retries after 10 to 30 s). `margin_s`: what must be left
    on every device's timer before the first confirmation is sent: one attempt at the SSH time-out (20 s) and half as
    much again, so that no confirmation meets a timer that has run out.
    """

    commit_s: int = 60
    check_s: int = 90
    margin_s: int = 30

    def revert_s(self, devices: int) -> int:
        """For a change of so many devices."""
        return self.commit_s * math.ceil(devices / WORKERS) + self.check_s + self.margin_s


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a change ended: the side, why not the new one, and the devices not known to be there yet."""

    change: str
    side: Side
    reason: Text | None
    unsettled: Mapping[str, Text]


class StaleError(FleetError):
    """A device does not run any more what it ran when the plan was made."""

    exit_code = EXIT_FINDINGS


class _BackError(Exception):
    """Go back, for this reason. Never leaves this module."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason


def look_again(fleet: Fleet, plan: Plan) -> set[Check]:
    """The checks of the plan that are green now.

    Refuses the plan when a device does not answer, has a commit pending, or changed since; all are named at once. All
    devices are looked at, also those that do not change: the plan's proof rests on what they run. A device that finds
    itself that it runs the plan's text, line by line in its context, is not read once more.
    """

    def as_planned(name: str, seen: Observation) -> None:
        if seen.pending is not None and not seen.pending.confirmed:
            change = seen.pending.change
            raise checks.WrongError(name, Text(f"commit {change} is pending", f"コミット {change} が保留中です"))
        if digest(seen.running) != plan.devices[name].running_hash:
            raise checks.WrongError(name, _STALE)

    what = Text("comparing with the plan", "計画との照合")
    texts = {name: device.payload("old") for name, device in plan.devices.items()}
    green, bad = checks.look(fleet, plan.checks, what, texts, as_planned)
    if bad:
        raise StaleError(
            Text(
                "The plan no longer fits these devices; nothing was changed:",
                "計画は次の機器に適合しなくなっています。何も変更していません:",
            ),
            bad,
            Text("Make a new plan once they answer.", "機器が応答することを確認し、計画を作り直してください。"),
        )
    return green


def rehearse(fleet: Fleet, plan: Plan) -> dict[str, str]:
    """Everything up to the commit, which is not in here: look again, stage on every device, take back. The diffs."""
    look_again(fleet, plan)
    diffs, bad = _stage(fleet, plan)
    _discard(fleet, diffs)
    if bad:
        raise FleetError(
            Text(
                "These devices would not take the change; nothing was changed:",
                "次の機器は変更を受け付けません。何も変更していません:",
            ),
            bad,
        )
    return diffs


class Transaction:
    """One run of a plan over a fleet. The change's `begin` is in the journal already; every device answers.

    `before` are the checks that are green before it, as `look_again` tells.
    """

    def __init__(  # noqa: PLR0913, PLR0917 what a transaction is made of
        self, fleet: Fleet, plan: Plan, before: set[Check], record: Record, clock: Clock, timing: Timing
    ) -> None:
        self.before = before
        self.fleet = fleet
        self.plan = plan
        self.record = record
        self.clock = clock
        self.timing = timing
        self._revert_s = timing.revert_s(len(plan.changed))
        self._started = 0.0
        self._committed = False
        self._decided = False

    def run(self) -> Outcome:
        """Carry it through, or back; SansoError when the journal fails on the way."""
        try:
            try:
                self._forward()
            except _BackError as back:
                return self._back(back.reason)
            found = settle(self.fleet, self.record, self.plan.changed)
        except OvertakenError:
            raise
        except JournalError as error:
            self._back_unrecorded(error)
        reason = None if found.side == "new" else _LATE
        return Outcome(self.record.change, found.side, reason, found.unsettled)

    def _forward(self) -> None:
        needed, green = checks.required(self.plan.checks, self.before), len(self.before)
        self.record.write("stage", {"devices": list(self.plan.changed), "required": len(needed), "green": green})
        diffs, bad = _stage(self.fleet, self.plan)
        self.record.write("staged", {"failed": _words(bad)})
        if diffs and (bad or self.clock.interrupted):
            _discard(self.fleet, diffs)
        self._none(bad, _NOT_STAGED)
        self._go_on()
        self._commit()
        self._check(needed)
        self._confirm()

    def _commit(self) -> None:
        seconds = self._revert_s
        self.record.write("commit", {"devices": list(self.plan.changed), "revert_s": seconds})
        self._started, self._committed = self.clock.now(), True

        def commit(_name: str, driver: Driver) -> None:
            driver.commit_config(message=self.record.change, revert_in=seconds)

        _, bad = split(self.fleet.each(self.plan.changed, Text("committing", "コミット"), commit))
        self.record.write("committed", {"failed": _words(bad)})
        self._none(bad, _NOT_COMMITTED)
        self._go_on()

    def _check(self, needed: tuple[checks.Check, ...]) -> None:
        self.record.write("check", {"required": len(needed)})

        def as_committed(name: str, seen: Observation) -> None:
            pending = seen.pending
            if not self.plan.devices[name].runs("new", seen.running):
                raise checks.WrongError(name, _NOT_AS_STAGED)
            if pending is None or pending.change != self.record.change or pending.confirmed:
                raise checks.WrongError(name, _NOT_WAITING)

        until = self.clock.now() + self.timing.check_s
        texts = {name: device.payload("new") for name, device in self.plan.changed.items()}
        verdict = checks.wait_for(self.fleet, needed, self.clock, until, texts, as_committed)
        red = [check.text.en for check in verdict.red]
        self.record.write("checked", {"passed": verdict.passed, "red": red, "silent": _words(verdict.silent)})
        self._go_on()
        if verdict.red:
            raise _BackError(
                Text(
                    "\n  ".join(["Checks stayed red:", *(check.text.en for check in verdict.red)]),
                    "\n  ".join(["次の確認項目が不合格です:", *(check.text.ja for check in verdict.red)]),
                )
            )
        self._none(verdict.silent, _SILENT)

    def _confirm(self) -> None:
        left = self._started + self._revert_s - self.clock.now()
        if left < self.timing.margin_s:
            raise _BackError(
                Text(
                    f"Only {left:.0f} s are left on the revert timers;"
                    f" {self.timing.margin_s} s are needed to confirm safely.",
                    f"自動復帰まで残り {left:.0f} 秒です。安全な確定には {self.timing.margin_s} 秒必要です。",
                )
            )
        self.record.write("decide", {"side": "new", "left_s": int(left)})
        self._decided = True
        results = self.fleet.each(
            self.plan.changed, Text("confirming", "確定"), lambda _name, driver: driver.confirm_commit()
        )
        failed = split(results)[1]
        self.record.write("confirmed", {"failed": _words(failed)})
        if not failed:
            self.record.write("settled", {"side": "new"})

    def _back(self, reason: Text) -> Outcome:
        self.record.write("back", {"reason": reason.en})
        found = settle(self.fleet, self.record, self.plan.changed, side="old")
        return Outcome(self.record.change, found.side, reason, found.unsettled)

    def _back_unrecorded(self, error: JournalError) -> NoReturn:
        """The journal is gone. Before the decision going back needs no record; after it, nothing is touched."""
        if self._committed and not self._decided:

            def undo(_name: str, driver: Driver) -> None:
                pending = driver.pending_commit()
                if pending is not None and pending.change == self.record.change:
                    driver.rollback()

            self.fleet.each(self.plan.changed, Text("going back", "復帰"), undo)
        raise SansoError(
            Text(
                f"{error.what.en} The change {self.record.change} stopped in the middle.",
                f"{error.what.ja} 変更 {self.record.change} は途中で停止しました。",
            ),
            Text(
                "Make the journal writable again, then run: sanso recover",
                "変更記録に書き込めるようにしてから sanso recover を実行してください。",
            ),
        ) from error

    def _none(self, bad: Mapping[str, TroubleError], what: Text) -> None:
        if bad:
            raise _BackError(FleetError(what, bad).what)

    def _go_on(self) -> None:
        if self.clock.interrupted:
            raise _BackError(Text("Interrupted by the operator.", "操作者が中断しました。"))


def _stage(fleet: Fleet, plan: Plan) -> tuple[dict[str, str], dict[str, TroubleError]]:
    """Stage every candidate: the device's own diff, or its trouble."""

    def stage(name: str, driver: Driver) -> str:
        driver.load_over(plan.devices[name].running, plan.devices[name].payload("new"))
        diff = driver.compare_config()
        if not diff.strip():
            driver.discard_config()
            raise TroubleError(name, "refused", _NO_DIFF)
        return diff

    return split(fleet.each(plan.changed, Text("staging", "設定案の投入"), stage))


def _discard(fleet: Fleet, staged: Mapping[str, str]) -> None:
    fleet.each(
        staged, Text("taking back what was staged", "設定案の取り消し"), lambda _name, driver: driver.discard_config()
    )


def _words(bad: Mapping[str, TroubleError]) -> dict[str, str]:
    return {name: error.reason.en for name, error in bad.items()}


_STALE = Text("its configuration changed since the plan was made", "計画の作成後に設定が変更されています")
_NO_DIFF = Text(
    "it sees no difference, though the plan has one", "計画には差分がありますが、機器は差分なしと報告しています"
)
_NOT_AS_STAGED = Text("it does not run what was committed", "コミットした設定どおりに動作していません")
_NOT_WAITING = Text("its commit is no longer waiting for a confirmation", "コミットが確定待ちではなくなっています")
_SILENT = Text("These devices could not be checked:", "次の機器を確認できません:")
_NOT_STAGED = Text("These devices would not take the change:", "次の機器が変更を受け付けません:")
_NOT_COMMITTED = Text("These devices could not commit:", "次の機器がコミットできません:")
_LATE = Text("Not every device could be confirmed.", "確定できない機器がありました。")
