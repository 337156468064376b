"""The commands of `runbooks`: runbook, drill."""

from __future__ import annotations

import typer

from runbooks.drills.cli import app as drill_app
from runbooks.procedures.cli import app as runbook_app

app = typer.Typer()
app.add_typer(runbook_app, name="runbook")
app.add_typer(drill_app, name="drill")
