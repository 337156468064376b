"""The small city with another register, for the tests of this folder."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

from inventory.loader import load_city
from inventory.model import City, Flow, HostGroup, Member
from inventory.text import Language
from network.build import build_fabric
from network.fabric import Fabric

MINI = Path(__file__).parents[2] / "cities" / "mini"
GOLDEN = Path(__file__).parent / "golden"
LANGUAGES: tuple[Language, ...] = ("en", "ja")
DAY = dt.date(2026, 11, 20)
GROUPS = {
    "lg-all": HostGroup(title="LGWAN系すべて", members=(Member(segment="lgwan"),)),
    "mn-all": HostGroup(title="マイナンバー系すべて", members=(Member(segment="mynumber"),)),
}


def flow(source: str, destination: str, *ports: str, **fields: Any) -> Flow:  # noqa: ANN401 any field of a row
    """A row with all it needs."""
    given = {
        "kind": "service",
        "title": "試験",
        "from": source,
        "to": destination,
        "ports": ports,
        "reason": "試験のため",
        "owner": "情報政策課",
        "approver": "CISO",
        "approved_on": dt.date(2026, 4, 1),
        "expires_on": dt.date(2031, 3, 31),
        "document": "情政第9号",
    }
    return Flow.model_validate({**given, **fields})


def city(**flows: Flow) -> City:
    """The small city with these rows alone, and two wide groups more."""
    mini = load_city(MINI, DAY)
    return mini.model_copy(update={"flows": flows, "groups": {**mini.groups, **GROUPS}})


def fabric(**flows: Flow) -> Fabric:
    return build_fabric(city(**flows))
