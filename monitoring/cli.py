"""The commands of `monitoring`."""

from __future__ import annotations

import typer

from monitoring.prometheus.cli import app as prometheus_app

app = typer.Typer()
app.add_typer(prometheus_app, name="monitoring")
