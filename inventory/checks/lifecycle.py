"""End of support: what is no longer maintained is told (C44)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from inventory.checks.finding import Path, warning
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import same


def supported(survey: Survey) -> Iterator[Finding]:
    """Devices and servers are supported on the day."""
    rows: list[tuple[Path, dt.date | None]] = []
    for s, site in survey.city.sites.items():
        rows += [(("sites", s, "devices", key), device.end_of_support) for key, device in site.devices.items()]
        rows += [(("sites", s, "servers", key), server.end_of_support) for key, server in site.servers.items()]
    for path, end in rows:
        if end is not None and end < survey.today:
            yield warning(
                "support-ended",
                (*path, "end_of_support"),
                Text("its support has ended", "保守期限が切れています"),
                expected=Text(f"{survey.today} or after", f"{survey.today} 以降"),
                found=same(end),
                hint=Text("plan its replacement or an update", "更新または入替えを計画してください"),
            )
