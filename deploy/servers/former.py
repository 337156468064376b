"""Servers that served once: they have no service to be deployed any more, and still what the last change brought them.

The inventory does not say so, and asking every server that has no service whether it once had one would make a plan
wait for machines that are none of its business. The journal knows.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

from sqlalchemy import make_url

from deploy.chain import Row
from deploy.journal import Journal
from deploy.record import progress
from deploy.servers.text import parse


def once_served(url: str, names: Collection[str]) -> tuple[str, ...]:
    """Those of `names` that the last change they were part of left with files of ours; none without a journal."""
    place = make_url(url)
    if not names or (place.drivername == "sqlite" and not Path(place.database or "").exists()):
        return ()
    left, found = set(names), set[str]()
    with Journal(url) as journal:
        for plan in _came_through(journal):
            content = journal.plan(plan)
            # A plan is big and rarely speaks of one of them: it is not read for nothing.
            hit = {name for name in left if f'"{name}"'.encode() in content}
            devices = json.loads(content)["devices"] if hit else {}
            for name in hit & devices.keys():
                left.discard(name)
                if parse(devices[name]["candidate"]).files:
                    found.add(name)
    return tuple(sorted(found))


def _came_through(journal: Journal) -> Iterator[str]:
    """Plans whose change ended on its new side, the last one first."""
    stories = dict[str, list[Row]]()
    for row in journal.rows():
        if row.change:
            stories.setdefault(row.change, []).append(row)
    changes = [progress(story) for story in stories.values() if story[0].step == "begin"]
    for change in sorted(changes, key=lambda one: one.last, reverse=True):
        if change.ended and change.settled == "new":
            yield change.plan
