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
NUMBERS = ("0", "1", "2", "3", "7", "10", "15", "16", "30", "63", "100", "254")
LOCAL_PORTS = tuple(
    f"{device}:eth{port}" for device in ("core1", "core2", "fw1", "acc1") for port in (1, 2, 3, 4, 8, 20)
)
FULL_PORTS = tuple(
    f"{site}-{port}" for site in ("hall", "dc", "north") for port in ("core1:eth20", "edge1:eth3", "fw1:eth7")
)
VARIANTS: dict[str, tuple[Any, ...]] = {
    "number": NUMBERS,
    "management": ("64", "70", "71", "200", "254"),
    "slot": ("0", "1", "2", "3", "15", "16", "255", "256"),
    "id": ("2", "101", "110", "201", "202", "301", "1999"),
    "prefix4": ("16", "19", "20", "22", "24", "25", "28", "30"),
    "site_prefix": ("13", "16", "18", "20", "22", "24", "48", "52", "56", "60", "64"),
    "supernet": ("10.24.0.0/13", "10.40.0.0/13", "10.16.0.0/16", "10.16.0.0/20", "fd5a:1:2::/48", "fd5a:1:9::/56"),
    "transit": ("10.40.0.0/24", "10.31.0.0/26", "10.24.0.0/31", "192.168.0.0/32", "fd5a:1:9::/64", "fd5a:1:9::/120"),
    "ipv4": ("10.24.19.0/24", "10.24.20.0/22", "10.16.30.0/30", "172.31.5.1/30", "172.31.5.0/31", "203.0.113.7"),
    "ipv6": ("fd5a:1:2:109::/64", "fd5a:1:1:1ff::/64", "fd00:ffff:5::1/64", "fd00:ffff:5::/127", "2001:db8:113::7"),
    "port": ("eth2", "eth20", "eth30", "eth48"),
    "ports": ("eth30", "eth30-eth33", "eth44-eth48", "8", "24", "48", ["tcp/443"], ["icmp"], ["udp/1-65535"]),
    "gateway": ("core1", "core2", "fw1", "edge1", "hall-lg-gate", "dc-lg-mail"),
    "access": ("acc1", ["acc1"], ["acc1", "acc1"], ["core1"]),
    "switch": ("acc1", "core1"),
    "vlan": ("lg-office", "mn-office", ["lg-office", "lg-servers"], ["lg-office", "net-office"], "*/lg-office"),
    "segment": ("mynumber", "lgwan", "internet"),
    "segments": (["mynumber"], ["lgwan", "internet"], []),
    "role": ("core", "edge", "firewall", "access"),
    "platform": ("frr", "nftables", "openvswitch"),
    "standby": ("true", "false"),
    "asn": ("64512", "64520", "65000", None),
    "medium": ("wired", "wireless", "dark-fibre"),
    "kind": ("mynumber", "lgwan", "internet", "guest", "school", "service", "sanitised", "specified", "breakout", "pc"),
    "model": ("alpha", "alpha-prime", "beta"),
    "edition": ("2018-09", "2022-03", "2024-10"),
    "from": tuple(PLAIN["groups"]),
    "to": tuple(PLAIN["groups"]),
    "a": (*LOCAL_PORTS, *FULL_PORTS),
    "b": (*LOCAL_PORTS, *FULL_PORTS),
    "device": ("hall-fw1:eth7", "dc-fw1:eth7", "hall-core1:eth30"),
    "behind": ("security-cloud", "lgwan", None),
    "cost": ("1", "65535"),
    "bandwidth": ("1k", "2.5G"),
    "source_nat4": ("172.31.10.9", None),
    "prefixes4": (["0.0.0.0/0"], ["172.21.0.0/16"], ["10.0.0.0/8"], []),
    "prefixes6": (["::/0"], ["fd00:21::/32"], []),
    "members": ([{"segment": "lgwan"}], [{"vlan": "*/lg-office"}], [{"peer": "lgwan", "prefixes": ["172.20.1.0/24"]}]),
}
"""Values that fit a key, some of them too tight, some of them taken."""

OPTIONAL = {
    "vlans": ("prefix4", "ipv4", "ipv6", "medium", "slot"),
    "links": ("segments", "number"),
    "circuits": ("segments", "cost"),
    "devices": ("standby", "asn"),
    "attachments": ("preference",),
    "peers": ("source_nat4", "behind"),
    "segments": ("kind",),
}


@st.composite
def neighbours(draw: st.DrawFn, most: int = 3) -> dict[str, Any]:
    """Cities close to the mini city: a few values exchanged for others of their kind, many of them still sound."""
    data = copy.deepcopy(PLAIN)
    fitting = [path for path in PLACES if path[-1] in VARIANTS]
    elements = [path for path in PLACES if len(path) > 1 and path[-2] in OPTIONAL]
    for _ in range(draw(st.integers(1, most))):
        path = draw(st.sampled_from(fitting))
        if draw(st.booleans()):
            element = draw(st.sampled_from(elements))
            path = (*element, draw(st.sampled_from(OPTIONAL[element[-2]])))
        holder: Any = data
        for key in path[:-1]:
            holder = holder.get(key, {}) if isinstance(holder, dict) else {}
        if isinstance(holder, dict):
            holder[path[-1]] = copy.deepcopy(draw(st.sampled_from(VARIANTS.get(path[-1], NUMBERS))))
    return data


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
