"""Every fault of the catalogue is found with its lines, and nothing is said of what is right."""

from __future__ import annotations

from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

import pytest
from seeded import DAY, HARMLESS, Fault, SeededCity, catalogue, cited, line_of, seeded_cities

from inventory.generate import generate_city
from inventory.loader import load_city
from inventory.model import City
from network.build import build_fabric
from network.prove import compiled_subject, prove

CITIES = Path(__file__).parents[1] / "cities"
FAULTS, HARMLESS_ROWS = catalogue(), catalogue(HARMLESS)
MISSED = {fault.id for fault in FAULTS if fault.missed}
JOINS = {
    "a vlan in two vrfs", "allowed list", "bridge between vlans", "destination nat", "dual-homed host", "filter",
    "firewall interface", "import/export", "link", "native vlan", "own addresses", "policy route", "redundancy",
    "route leak", "routing", "source nat", "stateful return traffic", "static route into another vrf", "tunnel",
    "vlan", "wrong vrf",
}  # fmt: skip


@pytest.fixture(scope="module")
def cities() -> dict[str, SeededCity]:
    return seeded_cities()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.id)
def test_a_fault_is_found(cities: dict[str, SeededCity], fault: Fault) -> None:
    city = cities[fault.city]
    proof, subject, texts = city.proof(fault)
    keys = {finding.key for finding in proof.open}
    if fault.missed:
        assert not keys, "found by now: say so in the catalogue"
        return
    assert {key for key in keys if not any(fnmatchcase(key, wanted) for wanted in fault.finds)} == set()
    assert {wanted for wanted in fault.finds if not any(fnmatchcase(key, wanted) for key in keys)} == set()
    found = cited(proof.open)
    uncited = [said for said in fault.lines if not line_of(said, texts, subject.fabric.city) & found]
    if fault.misplaced:
        assert uncited == list(fault.lines), "cited by now: say so in the catalogue"
    else:
        assert uncited == []
    for finding in proof.open:
        assert finding.what.ja
        assert finding.packet is not None or finding.kind in {"unread", "filter"}


@pytest.mark.parametrize("change", HARMLESS_ROWS, ids=lambda change: change.id)
def test_what_is_harmless_raises_no_alarm(cities: dict[str, SeededCity], change: Fault) -> None:
    proof, _, _ = cities[change.city].proof(change)
    assert proof.findings == ()
    assert proof.proved


@pytest.mark.parametrize(
    "city",
    [
        load_city("yasu", DAY),
        load_city("yasu-mesh", DAY),
        load_city(CITIES / "mini", DAY),
        load_city(CITIES / "tiny", DAY),
        *(generate_city(devices, segments) for devices, segments in ((24, 6), (40, 9), (75, 8), (150, 12))),
    ],
    ids=lambda city: city.name,
)
def test_a_correct_city_raises_no_alarm(city: City) -> None:
    proof = prove(compiled_subject(build_fabric(city), DAY), ("separation", "service"))
    assert proof.open == ()
    assert proof.proved


def test_the_catalogue_covers_every_join_and_place() -> None:
    assert {fault.join for fault in FAULTS} == JOINS
    assert {fault.where for fault in FAULTS} == {"text", "inventory", "device"}
    assert {fault.city for fault in FAULTS} == {"tiny", "mini", "yasu", "yasu-mesh", "generated"}
    assert {fault.claim for fault in FAULTS} == {"separation", "service", "resilience"}
    assert [name for name, times in Counter(fault.id for fault in (*FAULTS, *HARMLESS_ROWS)).items() if times > 1] == []
    assert len(FAULTS) - len(MISSED) >= 60
    assert all(bool(fault.finds) != bool(fault.missed) for fault in FAULTS)
