"""Somebody else's yes to a run: bound to the bytes of the runbook, its parameters and its target, and used once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from deploy.approval import RefusedError, whoami
from deploy.chain import canonical
from deploy.journal import Journal
from deploy.plan import digest
from inventory.text import Text
from runbooks.procedures.catalog import Procedure

GOOD_FOR = dt.timedelta(hours=24)


def agreed(procedure: Procedure, values: Mapping[str, str], target: str) -> str:
    """The digest of what is agreed to."""
    content = {"runbook": procedure.digest, "parameters": dict(values), "target": target}
    return digest(canonical(content).encode())


def approve(book: Journal, procedure: Procedure, values: Mapping[str, str], target: str, approver: str) -> str:
    """Record that `approver` agrees; the digest of what was agreed to."""
    if not approver.strip():
        raise RefusedError(Text("An approval needs a name.", "承認には氏名が必要です。"))
    sha256 = agreed(procedure, values, target)
    body = {
        "runbook": procedure.name,
        "parameters": dict(values),
        "sha256": sha256,
        "by": approver.strip(),
        "login": whoami(),
        "target": target,
    }
    book.append(_story(sha256), "run-approve", body)
    return sha256


def admit(book: Journal, procedure: Procedure, values: Mapping[str, str], target: str, operator: str) -> str:
    """Who has agreed to this run, not being its operator; the yes is used up.

    Raises:
        RefusedError: nobody has, or too long ago.
    """
    sha256 = agreed(procedure, values, target)
    rows = book.rows(_story(sha256))
    used = {int(row.body["approval"]) for row in rows if row.step == "run-admit"}
    now = dt.datetime.now(dt.UTC)
    for row in rows:
        fresh = now - dt.datetime.fromisoformat(row.at) < GOOD_FOR
        someone_else = str(row.body.get("by", "")).casefold() != operator.strip().casefold()
        if row.step == "run-approve" and row.seq not in used and fresh and someone_else:
            book.append(_story(sha256), "run-admit", {"approval": row.seq, "operator": operator})
            return str(row.body["by"])
    role = procedure.runbook.approval
    who = role.role.text if role is not None else Text("somebody", "担当者")
    raise RefusedError(
        Text(
            f"{procedure.name} needs the approval of somebody else ({who.en}) for exactly these parameters, at most 24"
            " hours ago.",
            f"{procedure.name} の実行には、同じ引数に対する別の人 ({who.ja}) の 24 時間以内の承認が必要です。",
        ),
        Text(
            f"Have them run: sanso runbook approve {procedure.name} … --as NAME",
            f"承認者が sanso runbook approve {procedure.name} … --as 氏名 を実行してください。",
        ),
    )


def _story(sha256: str) -> str:
    return f"run-approval-{sha256[:24]}"
