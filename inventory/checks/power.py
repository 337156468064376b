"""Power: a device hangs on feeds that its site has."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.checks.finding import problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import did_you_mean, nearest, one_of, same


def feeds_exist(survey: Survey) -> Iterator[Finding]:
    """Every feed that a device names is one of its site's."""
    for s, key, device in survey.devices.values():
        known = survey.city.sites[s].power.feeds
        for feed in device.feeds:
            if feed not in known:
                yield problem(
                    "feed-unknown",
                    ("sites", s, "devices", key, "feeds"),
                    Text(f"the site has no power feed `{feed}`", f"拠点に電源系統 `{feed}` はありません"),
                    expected=one_of(known),
                    found=same(f"`{feed}`"),
                    hint=did_you_mean(nearest(feed, known)),
                )
