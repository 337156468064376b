"""Approvals of the flow register: complete, in order, and alive on the day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from inventory.checks.finding import Path, problem, warning
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.model import Flow
from inventory.text import Text
from inventory.words import listed, same

NEEDED = ("reason", "owner", "approver", "approved_on", "expires_on", "document")
SOON = 30
LATER = 60
"""Days before the expiry from which it is told."""


def approvals_complete(survey: Survey) -> Iterator[Finding]:
    """Every row has a reason, an owner, an approval and an expiry (C02)."""
    for key, flow in survey.city.flows.items():
        path: Path = ("flows", key)
        lacking = [name for name in NEEDED if not getattr(flow, name) and survey.sound(*path, name)]
        if lacking:
            row = listed(f"`{name}`" for name in lacking)
            yield problem(
                "flow-incomplete",
                path,
                Text("its approval is incomplete", "承認の記録が揃っていません"),
                expected=Text(
                    "reason, owner, approver, approved_on, expires_on and document",
                    "reason (理由), owner (所管課), approver (承認者), approved_on (承認日), "
                    "expires_on (期限), document (文書番号)",
                ),
                found=Text(f"{row.en} missing", f"{row.ja} がありません"),
            )


def approvals_live(survey: Survey) -> Iterator[Finding]:
    """Approved by today; a row that has expired, or soon will, is told of: it closes by itself."""
    for key, flow in survey.city.flows.items():
        yield from _dates(("flows", key), flow, survey.today)


def _dates(path: Path, flow: Flow, today: dt.date) -> Iterator[Finding]:
    approved, expires = flow.approved_on, flow.expires_on
    if approved is not None and approved > today:
        yield problem(
            "flow-approved-later",
            (*path, "approved_on"),
            Text("it is approved in the future", "承認日が未来になっています"),
            expected=Text(f"{today} or before", f"{today} 以前"),
            found=same(approved),
        )
    if approved is not None and expires is not None and expires < approved:
        yield problem(
            "flow-dates",
            (*path, "expires_on"),
            Text("it expires before it is approved", "期限が承認日より前です"),
            expected=Text(f"{approved} or after", f"{approved} 以降"),
            found=same(expires),
        )
    elif expires is not None and expires < today:
        yield warning(
            "flow-expired",
            (*path, "expires_on"),
            Text(
                "its approval has expired; the next plan closes it",
                "承認の期限が切れています。次の計画で遮断されます",
            ),
            expected=Text(f"{today} or after", f"{today} 以降"),
            found=same(expires),
            hint=Text("have it approved again, or remove the row", "再承認を受けるか、この行を消してください"),
        )
    elif expires is not None and (expires - today).days <= LATER:
        left = (expires - today).days
        within = SOON if left <= SOON else LATER
        yield warning(
            "flow-expiring",
            (*path, "expires_on"),
            Text(f"its approval expires within {within} days", f"承認の期限が {within} 日以内に切れます"),
            expected=Text("a renewed approval in time", "期限前の再承認"),
            found=Text(f"{expires}, {left} day(s) left", f"{expires} (残り {left} 日)"),
        )
