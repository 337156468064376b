"""Correct cities raise no alarm, whatever their size; what was worked out once is used again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from mutated import DAY

from inventory.generate import generate_city
from inventory.loader import load_city
from inventory.model import City
from network.build import build_fabric
from network.fabric import Fabric
from network.parse import parse
from network.prove.proof import Prover, prove
from network.prove.subjects import compiled_subject
from network.render import render

TINY = Path(__file__).parents[2] / "cities" / "tiny"


@pytest.mark.parametrize(
    "city",
    [load_city("yasu", DAY), load_city(TINY, DAY), generate_city(24), generate_city(60, 12)],
    ids=["yasu", "tiny", "generated-24", "generated-60"],
)
def test_a_correct_city_is_proved(city: City) -> None:
    proof = prove(compiled_subject(build_fabric(city), DAY), ("separation",))
    assert proof.findings == ()
    assert proof.claims == {"separation": "proved"}


def test_the_small_city_is_proved(mini_fabric: Fabric) -> None:
    assert prove(compiled_subject(mini_fabric, DAY), ("separation",)).proved


def test_a_changed_device_is_looked_at_anew(mini_fabric: Fabric) -> None:
    subject = compiled_subject(mini_fabric, DAY)
    prover = Prover()
    assert prover.prove(subject, ("separation",)).proved
    text = render(subject.intended["hall-acc1"])
    changed_text = text.replace("eth15 vlan_mode=access tag=301", "eth15 vlan_mode=access tag=101")
    changed = parse("openvswitch", "hall-acc1", changed_text).state
    found = prover.prove(replace(subject, states={**subject.states, "hall-acc1": changed}), ("separation",))
    assert {item.subject for item in found.findings} == {"mynumber > internet", "internet > mynumber"}
    assert prover.prove(subject, ("separation",)).proved


def test_an_inventory_that_itself_joins_segments(mini_fabric: Fabric) -> None:
    """Nothing differs from what is intended; cited are the inventory's lines."""
    city = mini_fabric.city
    site = city.sites["north"]
    vlans = {**site.vlans, "lg-office": site.vlans["lg-office"].model_copy(update={"id": 110})}
    broken = city.model_copy(update={"sites": {**city.sites, "north": site.model_copy(update={"vlans": vlans})}})
    proof = prove(compiled_subject(build_fabric(broken), DAY), ("separation",))
    found = next(item for item in proof.findings if item.subject == "mynumber > lgwan")
    assert any(origin.file == "mini.yaml" for origin in found.origins)
    assert found.hint is not None
    assert "inventory" in found.hint.en
