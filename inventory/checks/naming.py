"""Full names: unique in the city, short enough for a host name, and free of names the system keeps for itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from inventory.checks.finding import Path, problem
from inventory.checks.survey import Survey
from inventory.errors import Finding
from inventory.text import Text
from inventory.words import same, subject

LONGEST_NAME = 63
"""A DNS label (RFC 1035)."""

KEPT = re.compile(r"default|all|any|lo|global|main|local|mgmt|eth[0-9]+.*|ovs-.*|br[0-9]*")
"""Names that Linux, FRR or the devices use for something else."""


def full_names(survey: Survey) -> Iterator[Finding]:
    """Devices, servers, terminal groups and peers are told apart by their full names."""
    seen: dict[str, Path] = {f"peer-{key}": ("peers", key) for key in survey.city.peers}
    for s, site in survey.city.sites.items():
        for table, names in (("devices", site.devices), ("servers", site.servers), ("terminals", site.terminals)):
            for key in names:
                name, path = f"{s}-{key}", ("sites", s, table, key)
                other = seen.setdefault(name, path)
                if other is not path:
                    holder = subject(other)
                    yield problem(
                        "name-twice",
                        path,
                        Text(f"its full name {name} is already used", f"正式名 {name} は使用済みです"),
                        expected=Text("a full name of its own (<site>-<name>)", "重複しない正式名 (<拠点>-<名前>)"),
                        found=Text(f"{name}, as has {holder.en}", f"{holder.ja} と同じ {name}"),
                        hint=Text("give it another name", "別の名前にしてください"),
                    )
                if len(name) > LONGEST_NAME:
                    yield problem(
                        "name-long",
                        path,
                        Text("its full name is too long for a host name", "正式名がホスト名として長すぎます"),
                        expected=Text(f"at most {LONGEST_NAME} signs", f"{LONGEST_NAME} 文字まで"),
                        found=Text(f"{name} ({len(name)} signs)", f"{name} ({len(name)} 文字)"),
                        hint=Text("shorten the site's name or its own", "拠点名か機器名を短くしてください"),
                    )


def vrf_names(survey: Survey) -> Iterator[Finding]:
    """A VRF is an interface on the device: its name must not be one of the system's."""
    for key, segment in survey.city.segments.items():
        if KEPT.fullmatch(segment.vrf):
            yield problem(
                "vrf-reserved",
                ("segments", key, "vrf"),
                Text(f"the VRF name {segment.vrf} is kept by the system", f"VRF 名 {segment.vrf} はシステムが使います"),
                expected=Text("another name", "別の名前"),
                found=same(segment.vrf),
                hint=Text(f"did you mean `{key}`?", f"`{key}` ではありませんか") if len(key) <= 15 else None,  # noqa: PLR2004
            )
