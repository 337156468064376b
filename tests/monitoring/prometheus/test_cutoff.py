from __future__ import annotations

import datetime as dt
from itertools import combinations

import pytest

from inventory.loader import load_city
from monitoring.prometheus.cutoff import cuts, root
from network.build import build_fabric
from network.fabric import Fabric


@pytest.fixture(scope="module", params=["yasu", "yasu-mesh"])
def city(request: pytest.FixtureRequest) -> Fabric:
    return build_fabric(load_city(request.param, dt.date(2026, 11, 20)))


def reached(fabric: Fabric, lost: frozenset[str], segment: str | None) -> set[str]:
    """Sites that reach the city hall, the slow and simple way."""
    found = {root(fabric)}
    while True:
        more = set()
        for name, wire in fabric.wires.items():
            if wire.circuit and name not in lost and (segment is None or segment in wire.segments):
                ends = {fabric.devices[end.device].site for end in (wire.a, wire.b)}
                if ends & found:
                    more |= ends
        if more <= found:
            return found
        found |= more


@pytest.mark.parametrize("segment", [None, "mynumber", "guest"])
def test_every_pair_of_circuits_cuts_off_what_the_cuts_say(city: Fabric, segment: str | None) -> None:
    sets = cuts(city, segment)
    there = reached(city, frozenset(), segment)
    for size in (1, 2):
        for lost in map(frozenset, combinations(city.city.circuits, size)):
            said = {site for site, found in sets.items() if any(lost.issuperset(cut) for cut in found)}
            assert said == there - reached(city, lost, segment), lost


def test_a_cut_is_one_and_the_smallest(city: Fabric) -> None:
    for site, found in cuts(city).items():
        for cut in found:
            assert site not in reached(city, frozenset(cut), None)
            for circuit in cut:
                assert site in reached(city, frozenset(cut) - {circuit}, None)


def test_the_data_center_is_cut_off_by_all_its_circuits_together() -> None:
    fabric = build_fabric(load_city("yasu", dt.date(2026, 11, 20)))
    assert ("backup-dc", "dc-a", "dc-b", "disaster-dc") in cuts(fabric)["dc"]
    assert cuts(fabric)["cc-mikami"] == (("cc-mikami",),)
