"""Approval: somebody else's yes, bound to the exact bytes of a plan, in the journal."""

from __future__ import annotations

import datetime as dt
import getpass
import os
from typing import Any

from deploy.chain import Row
from deploy.journal import Journal
from deploy.plan import Plan, PlanError, altered, digest
from deploy.record import unfinished
from deploy.target import Target
from inventory.errors import EXIT_FINDINGS, SansoError
from inventory.text import Text


class RefusedError(SansoError):
    """A plan that may not be approved or applied."""


class UnprovedError(RefusedError):
    """A plan whose proof does not hold."""

    exit_code = EXIT_FINDINGS


def whoami() -> str:
    """The person at the keyboard: who called sudo, else the login name."""
    return os.environ.get("SUDO_USER") or getpass.getuser()


def approve(journal: Journal, plan: Plan, content: bytes, approver: str) -> Row:
    """Record that `approver` agrees to these bytes; RefusedError for the author's own plan, or one without a change."""
    if not approver.strip():
        raise RefusedError(Text("An approval needs a name.", "承認には氏名が必要です。"))
    if approver.strip().casefold() == plan.author.strip().casefold():
        raise RefusedError(
            Text(
                f"{approver} is the plan's author; somebody else has to approve it.",
                f"{approver} は計画の作成者です。承認は別の人が行ってください。",
            )
        )
    if not plan.changed:
        raise RefusedError(
            Text("The plan changes nothing; there is nothing to approve.", "計画に変更がないため、承認は不要です。")
        )
    body = {
        "plan": plan.id,
        "sha256": digest(content),
        "author": plan.author,
        "by": approver,
        "login": whoami(),
        "target": plan.target,
    }
    return journal.append("", "approve", body)


def admit(journal: Journal, plan: Plan, content: bytes, target: Target) -> str:
    """Who approved these bytes for this target; RefusedError or PlanError when they may not be applied."""
    if plan.target != target.label:
        raise RefusedError(
            Text(
                f"The plan was made for {plan.target}, not for {target.label}.",
                f"計画の対象は {plan.target} です。{target.label} には適用できません。",
            ),
            Text(
                "With --lab a command acts on the running lab, without it on the city.",
                "--lab を付けると起動中のラボ、付けないと実際の市が対象になります。",
            ),
        )
    open_change = unfinished(journal)
    if open_change is not None:
        raise RefusedError(
            Text(
                f"Change {open_change.change} was begun and not finished.",
                f"変更 {open_change.change} が完了していません。",
            ),
            Text("Finish it first: sanso recover", "先に sanso recover で完了させてください。"),
        )
    given = [row for row in journal.rows("") if row.step == "approve" and row.body["plan"] == plan.id]
    if not given:
        raise RefusedError(
            Text("The plan is not approved.", "計画が承認されていません。"),
            Text(
                "Have somebody other than its author run: sanso approve FILE --as NAME",
                "作成者以外の人が sanso approve ファイル --as 氏名 を実行してください。",
            ),
        )
    wanted = digest(content)
    for row in given:
        if row.body["sha256"] == wanted and row.body["by"].casefold() != plan.author.casefold():
            return str(row.body["by"])
    name = f"plan {plan.id}"
    raise altered(name, Text("the bytes that were approved", "承認時の内容"))


def require_proof(journal: Journal, plan: Plan, content: bytes, today: dt.date, *, rehearsal: bool = False) -> None:
    """UnprovedError unless the plan's proof lets it pass on this day; the journal tells of it, but of no rehearsal."""
    reasons, hint = _against(plan, today)
    if not reasons:
        return
    if not rehearsal:
        body = {
            "plan": plan.id,
            "sha256": digest(content),
            "author": plan.author,
            "login": whoami(),
            "target": plan.target,
            "reasons": [reason.en for reason in reasons],
        }
        journal.append("", "refused", body)
    raise UnprovedError(
        Text(
            "\n  ".join(["The plan is refused; nothing was changed:", *(reason.en for reason in reasons)]),
            "\n  ".join(["計画は適用できません。何も変更していません:", *(reason.ja for reason in reasons)]),
        ),
        hint,
    )


def _against(plan: Plan, today: dt.date) -> tuple[list[Text], Text]:
    """All that speaks against applying a plan on a day, and what to do."""
    proof = plan.proof
    if proof is None:
        return [Text("It carries no proof.", "証明が付いていません。")], _ANEW
    stopping = [_OPEN.format(key=item.key) for item in {item.key: item for item in proof.open}.values()]
    ended = [
        _ENDED.format(name=name, until=waived.until) for name, waived in proof.waivers.items() if waived.until < today
    ]
    ended += [_OVER.format(row=row, until=until) for row, until in proof.terms.items() if until < today]
    return [*stopping, *ended], _CORRECT if stopping else _ANEW


_OPEN = Text("finding {key}, which no waiver covers", "是正猶予のない指摘 {key}")
_ENDED = Text("waiver {name} ended on {until}", "是正猶予 {name} は {until} に期限を過ぎています")
_OVER = Text("row {row}, which it opens, ended on {until}", "許可する登録番号 {row} は {until} に期限を過ぎています")
_ANEW = Text(
    "Make a new plan and have it approved: sanso plan CITY -o FILE",
    "計画を作り直し、承認を受けてください (sanso plan 市 -o ファイル)。",
)
_CORRECT = Text(
    "Correct the inventory, or have the findings accepted until a day (waivers); then make a new plan.",
    "インベントリを修正するか、期限付きの是正猶予 (waivers) の承認を受けたうえで、計画を作り直してください。",
)


def begin(journal: Journal, plan: Plan, content: bytes, approver: str) -> tuple[str, int]:
    """Open a change in the journal; its name, and the number of its first row."""
    if not plan.changed:
        raise PlanError(Text("The plan changes nothing.", "計画に変更はありません。"))
    sha256 = digest(content)
    journal.keep_plan(sha256, content)
    runs = {row.change for row in journal.rows() if row.step == "begin" and row.body["id"] == plan.id}
    change = f"{plan.id}-{len(runs) + 1}"
    body = {
        "plan": sha256,
        "id": plan.id,
        "target": plan.target,
        "city": plan.city,
        "author": plan.author,
        "approved_by": approver,
        "login": whoami(),
        "devices": {
            name: {"old": device.running_hash, "new": device.candidate_hash} for name, device in plan.changed.items()
        },
        "proof": _proved(plan),
    }
    return change, journal.append(change, "begin", body, after=0).seq


def _proved(plan: Plan) -> dict[str, Any] | None:
    """What the journal keeps of a plan's proof."""
    if plan.proof is None:
        return None
    told = plan.proof.model_dump(mode="json", include={"day", "result", "way", "waivers"})
    return {"sha256": digest(plan.proof.model_dump_json()), **told}
