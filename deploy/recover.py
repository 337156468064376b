"""Recover: finish, or undo, a change that was cut short, from what the journal and the devices tell."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from deploy.approval import whoami
from deploy.fleet import Fleet
from deploy.journal import Journal
from deploy.plan import Plan, read_plan
from deploy.record import Record, unfinished
from deploy.settlement import settle
from deploy.target import Target
from deploy.transaction import Outcome
from inventory.errors import SansoError
from inventory.text import Text


def recover(
    journal: Journal,
    target_of: Callable[[Plan], Target],
    fleet_of: Callable[[Target, Plan], AbstractContextManager[Fleet]],
    *,
    overwrite: bool = False,
) -> Outcome | None:
    """Bring the unfinished change to one side (the rule is in `deploy.settlement`); None when there is none.

    Safe to be killed and to be called again at any moment. Devices that do not answer are named in the outcome.
    """
    found = unfinished(journal)
    if found is None:
        return None
    plan = read_plan(journal.plan(found.plan), found.change)
    target = target_of(plan)
    if plan.target != target.label:
        raise SansoError(
            Text(
                f"The unfinished change {found.change} is on {plan.target}, not on {target.label}.",
                f"未完了の変更 {found.change} の対象は {plan.target} です ({target.label} ではありません)。",
            ),
            Text("Aim the command at it (with or without --lab).", "--lab の有無を確認してください。"),
        )
    record = Record(journal, found.change, found.last)
    record.write("recover", {"login": whoami(), "overwrite": overwrite})
    with fleet_of(target, plan) as fleet:
        outcome = settle(fleet, record, plan.changed, overwrite=overwrite)
    return Outcome(found.change, outcome.side, None, outcome.unsettled)
