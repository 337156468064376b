"""The mini city as a tree, and ways to spoil it: for tests that try what nobody thought of."""

from __future__ import annotations

import copy
import datetime as dt
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from inventory.loader import Loaded, judge
from inventory.origin import Origin
from inventory.source import Source
from inventory.yamltree import Node

MINI = Path(__file__).parents[1] / "cities" / "mini" / "mini.yaml"
TODAY = dt.date(2026, 11, 1)
PLAIN: dict[str, Any] = yaml.load(MINI.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506 strings only

WORDS = """
0 1 2 3 10 15 16 63 64 100 254 255 1023 1999 4094 4095 8 24 30 mynumber lgwan internet guest management
core edge firewall access frr nftables core1 core2 fw1 acc1 edge1 hall dc north branch true wireless
hall-core1:eth1 dc-fw1:eth6 core1:eth4 acc1:eth48 eth1 eth30 eth40-eth47 specified sanitised 2026-10-31
10.24.0.0/13 10.16.0.0/30 10.24.16.0/24 0.0.0.0/0 ::/0 fd5a:1:2::/48 fd5a:1:2:100::/64 fd5a:1:9::/64
172.31.0.0/30 172.31.0.5/30 fd00:ffff:9::1/64 203.0.113.9 alpha-prime 2018-09 */lg-office hall/lg-office
hall-lg-gate staff-pc lg-clients the-internet
"""
POOL: tuple[Any, ...] = (*WORDS.split(), "", None, [], {})
"""Values that are right somewhere, so that some of them are plausible anywhere."""


def node(value: Any, line: int = 1) -> Node:  # noqa: ANN401 YAML of any shape
    """Plain data as the loader's tree."""
    origin = Origin("mutant.yaml", line)
    if isinstance(value, dict):
        return Node({key: node(child, line + 1) for key, child in value.items()}, origin)
    if isinstance(value, list):
        return Node([node(child, line + 1) for child in value], origin)
    return Node(value, origin)


def judged(data: dict[str, Any]) -> Loaded:
    """What the loader makes of plain data."""
    return judge(Source("mutant", node(data).table, (), readable=True), TODAY)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:  # noqa: ANN401 YAML of any shape
    """Every path below a value."""
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [found for key in keys for found in ((*path, key), *places(value[key], (*path, key)))]


PLACES = places(PLAIN)


@st.composite
def mutants(draw: st.DrawFn, most: int = 4) -> dict[str, Any]:
    """The mini city with a few places overwritten, taken out, moved or doubled."""
    data = copy.deepcopy(PLAIN)
    for _ in range(draw(st.integers(1, most))):
        path = draw(st.sampled_from(PLACES))
        try:
            holder = data
            for key in path[:-1]:
                holder = holder[key]
            kind = draw(st.sampled_from(("set", "set", "set", "delete", "copy", "double")))
            if kind == "set":
                holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(POOL)))
            elif kind == "delete":
                del holder[path[-1]]
            elif kind == "copy":
                like = [other for other in PLACES if len(other) == len(path) and other[-1] == path[-1]]
                source: Any = PLAIN
                for key in draw(st.sampled_from(like)):
                    source = source[key]
                holder[path[-1]] = copy.deepcopy(source)
            else:
                holder[f"{path[-1]}-x"] = copy.deepcopy(holder[path[-1]])
        except (KeyError, IndexError, TypeError):
            continue
    return data
