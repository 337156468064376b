"""Counters are read from every firewall, or it is told which did not answer."""

from __future__ import annotations

from typing import Any

import pytest

from deploy.device import Station
from deploy.fleet import Fleet, FleetError
from deploy.flow_counters import read_counters
from network.fabric import Fabric
from network.register.counters import Count, hits


class Firewall:
    """A simulated session: one rule of row f001 that has counted."""

    def get_firewall_policies(self) -> dict[str, list[dict[str, Any]]]:
        return {"inet sanso forward": [{"id": "f001", "packet_hits": 2, "byte_hits": 120}]}

    def close(self) -> None:
        pass


def test_only_the_firewalls_are_asked(mini_fabric: Fabric) -> None:
    found = read_counters(mini_fabric, lambda stations: Fleet(stations, lambda _station: Firewall()))
    assert hits(["f001"], found)["f001"].by_firewall == {"hall-fw1": Count(2, 120), "dc-fw1": Count(2, 120)}


def test_a_firewall_that_does_not_answer_is_named(mini_fabric: Fabric) -> None:
    def opener(station: Station) -> Firewall:
        if station.name == "dc-fw1":
            raise ConnectionError(111, "refused")
        return Firewall()

    with pytest.raises(FleetError) as caught:
        read_counters(mini_fabric, lambda stations: Fleet(stations, opener))
    assert "2 台中 1 台" in caught.value.say("ja")
    assert "dc-fw1" in caught.value.say("ja")
    assert "hall-fw1" not in caught.value.say("ja")
