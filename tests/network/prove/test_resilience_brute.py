"""Single points of failure beside brute force: take each thing away and walk the inventory's graph from anew.

The walk knows nothing of configurations: it goes over the segment's wires between routers, to the cores beside a
firewall. It stands on what a compiled city promises: all cores of a segment hear its routes; a standby core takes no
route that another standby core brought.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from asking import asked

from inventory.checks import check_city
from inventory.generate import generate_city
from inventory.loader import load_city
from inventory.model import City
from network.compile.flows import live_flows
from network.compiled import compile_city
from network.fabric import Endpoint, Fabric, Lan
from network.prove.resilience import resilience
from network.prove.subject import Subject

DAY = dt.date(2026, 11, 20)
MINI = Path(__file__).parents[2] / "cities" / "mini"


Demand = tuple[str, str, Lan | None, str, Lan | None]
"""Row, and zone and LAN of both ends; None at a peer."""


class Walk:
    """The fabric without some devices and wires."""

    def __init__(self, fabric: Fabric, devices: set[str], wires: set[str]) -> None:
        self.fabric, self.devices, self.wires = fabric, devices, wires

    def firewalls(self) -> Iterator[str]:
        for name, device in self.fabric.devices.items():
            if device.spec.role == "firewall" and name not in self.devices:
                yield name

    def beside(self, firewall: str, segment: str) -> list[str]:
        rows = self.fabric.transits_of[firewall]
        up = [(t, far.device) for t, _, far in rows if t.segment == segment and t.wire not in self.wires]
        return [core for _, core in up if core not in self.devices]

    @cache  # noqa: B019 tests are short-lived
    def reached(self, core: str, segment: str, shut: frozenset[str]) -> frozenset[str]:
        seen, rest = {core}, [core]
        while rest:
            for transit, _, far in self.fabric.transits_of[rest.pop()]:
                if transit.segment != segment or transit.wire in self.wires or far.device in self.devices | shut | seen:
                    continue
                if self.fabric.devices[far.device].spec.role != "firewall":
                    seen.add(far.device)
                    rest.append(far.device)
        return frozenset(seen)

    @cache  # noqa: B019 likewise
    def joins(self, firewall: str, zone: str, lan: Lan | None) -> bool:
        """Whether an end can send to the firewall and the firewall deliver to it."""
        if lan is None:
            lines = [row for row in self.fabric.peer_lines.values() if f"peer:{row.peer}" == zone]
            return any(row.device == firewall and row.name not in self.wires for row in lines)
        cores, nobody = self.beside(firewall, zone), frozenset[str]()
        spare = frozenset(name for name, device in self.fabric.devices.items() if device.spec.standby)
        hears = any(
            lan.gateway in self.reached(core, zone, spare - {core} if core in spare else nobody) for core in cores
        )
        return hears and all(lan.gateway in self.reached(core, zone, nobody) for core in cores)

    def breaks(self, demand: Demand) -> bool:
        """Whether there is no path although both ends stand."""
        _, zone, source, other, destination = demand
        if any(lan is not None and lan.gateway in self.devices for lan in (source, destination)):
            return False
        return not any(
            self.joins(name, zone, source) and self.joins(name, other, destination) for name in self.firewalls()
        )


def demands(fabric: Fabric) -> list[Demand]:
    return [
        (live.row, live.source.zone, source, live.destination.zone, destination)
        for live in live_flows(fabric, DAY)
        for source in places(fabric, live.source)
        for destination in places(fabric, live.destination)
    ]


def places(fabric: Fabric, end: Endpoint) -> list[Lan | None]:
    if end.zone.startswith("peer:"):
        return [None]
    lans = (lan for lan in fabric.lans.values() if lan.segment == end.zone)
    return [lan for lan in lans if any(lan.ipv4.overlaps(net) for net in end.ipv4)]


def brute_force(fabric: Fabric) -> set[str]:
    """The names of all single points of failure."""
    things: dict[str, tuple[set[str], set[str]]] = {f"node {name}": ({name}, set()) for name in fabric.devices}
    for name, wire in fabric.wires.items():
        kind = "circuit" if wire.circuit else "line" if wire.kind == "peer" else "link"
        things[f"{kind} {name}"] = set(), {name}
        for risk in wire.risks:
            things.setdefault(f"risk {risk}", (set(), set()))[1].add(name)
    for key, site in fabric.city.sites.items():
        for feed in site.power.feeds:
            devices = {
                name
                for name, device in fabric.devices.items()
                if device.site == key and set(device.spec.feeds or site.power.feeds) == {feed}
            }
            things[f"power {key} {feed}"] = devices, set()
    asked = demands(fabric)
    assert not any(map(Walk(fabric, set(), set()).breaks, asked))
    return {name for name, (devices, wires) in things.items() if any(map(Walk(fabric, devices, wires).breaks, asked))}


def rewired(city: City, seed: int) -> City:
    """The city with further circuits, risks and feeds here and there."""
    draw = random.Random(seed)  # noqa: S311 a test's dice
    data = city.model_dump(by_alias=True)
    routers = {
        f"{site}-{key}": (site, device)
        for site, row in data["sites"].items()
        for key, device in row["devices"].items()
        if device["platform"] == "frr"
    }
    ports = dict.fromkeys(routers, 60)
    risks = list(data["risk_groups"]) or ["ground"]
    data["risk_groups"] |= {name: {"title": name, "kind": "conduit"} for name in risks}
    for circuit in data["circuits"].values():
        circuit["risks"] = draw.sample(risks, draw.randint(0, 1))
    for _, device in routers.values():
        device["ports"] = 128
    for number in range(draw.randint(1, 2 * len(data["sites"]))):
        a, b = draw.sample(sorted(routers), 2)
        if routers[a][0] == routers[b][0]:
            continue
        ends = {}
        for side, name in (("a", a), ("b", b)):
            ports[name] += 1
            ends[side] = f"{name}:eth{ports[name]}"
        data["circuits"][f"more{number}"] = {
            "number": 500 + number,
            **ends,
            "medium": "dark-fibre",
            "provider": "市",
            "bandwidth": "1G",
            "risks": draw.sample(risks, draw.randint(0, 1)),
        }
    for site in data["sites"].values():
        if draw.random() < 0.5:
            site["power"]["feeds"] = ["A", "B"]
            for device in site["devices"].values():
                device["feeds"] = draw.choice([[], ["A"], ["B"]])
    found = City.model_validate(data)
    assert [row.what.en for row in check_city(found, DAY) if row.severity == "error"] == []
    return found


@pytest.mark.parametrize("seed", range(18))
def test_the_same_as_brute_force(seed: int) -> None:
    base = load_city(MINI, DAY) if seed % 3 else generate_city(30 + seed, 6)
    compiled = compile_city(rewired(base, seed), DAY)
    _, found = asked(resilience, Subject(compiled.fabric, DAY, compiled.states, compiled.states))
    assert {finding.subject for finding in found} == brute_force(compiled.fabric)
