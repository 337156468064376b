"""The exporters' configurations as derived from a city: what they try agrees with the register, and is bounded."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from conftest import DAY

from inventory.loader import load_city
from monitoring.exporter.configuration import (
    ALWAYS,
    REGISTERED,
    Station,
    configurations,
    inside,
    unwatched,
    watchers,
    write,
    written,
)
from monitoring.exporter.reading import read_configuration
from network.access import Access
from network.build import build_fabric
from network.fabric import Fabric
from network.probe.parties import parties
from network.probe.register import NO_ROW, register

STATION = Station(Access("sanso"), "town", "sqlite:////var/lib/sanso/journal.db")
YASU_DAY = dt.date(2026, 11, 20)
OPEN = dt.datetime(2026, 11, 21, 15, 0, tzinfo=dt.UTC)
"""Midnight of a Sunday in Japan: windows of maintenance are open."""


@pytest.fixture(scope="module")
def yasu_fabric() -> Fabric:
    return build_fabric(load_city("yasu", YASU_DAY))


def test_one_exporter_in_each_segment_with_a_watching_server_and_one_for_the_devices(town_fabric: Fabric) -> None:
    found = configurations(town_fabric, DAY, STATION)
    assert {name: one.host for name, one in found.items()} == {
        "mynumber": "hall-mn-infra",
        "lgwan": "hall-lg-infra",
        "internet": "hall-net-infra",
        "management": "operator",
    }
    assert list(found["management"].devices) == list(town_fabric.devices)
    assert found["management"].separation is None
    assert list(found["mynumber"].workloads) == ["certificates"]
    assert not found["lgwan"].workloads


def test_what_is_written_is_read_back_the_same(town_fabric: Fabric, tmp_path: Path) -> None:
    found = configurations(town_fabric, DAY, STATION)
    files = write(town_fabric, tmp_path / "exporters", DAY, STATION)
    assert {name: file.name for name, file in files.items()} == {name: f"{name}.yaml" for name in found}
    for name, file in files.items():
        read = read_configuration(file).model_dump_json(exclude_defaults=True)
        assert _plain(json.loads(read)) == _plain(json.loads(found[name].model_dump_json(exclude_defaults=True)))
        assert file.read_text() == written(found[name])


def _plain(value: object) -> object:
    """Without the lines things were read from."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key != "origin"}
    return value


def test_no_path_the_register_permits_is_taken_for_forbidden(yasu_fabric: Fabric) -> None:
    everybody = {party.name: party for party in parties(yasu_fabric)}
    rules = register(yasu_fabric, everybody.values(), YASU_DAY, OPEN)
    for segment, host in watchers(yasu_fabric).items():
        found = inside(yasu_fabric, host, YASU_DAY)
        assert found.separation is not None
        for name, there in found.separation.destinations.items():
            assert there.segment != segment
            for family, ports in ((4, there.ports4), (6, there.ports6)):
                for port in ports:
                    row = rules.row(everybody[host.name], everybody[name], family, port.protocol, port.low)
                    assert row == NO_ROW, (host.name, name, str(port))
        for row, flow in found.flows.items():
            for name, there in flow.destinations.items():
                for family, ports in ((4, there.ports4), (6, there.ports6)):
                    for port in ports:
                        let = rules.permits[host.name, name, family]
                        assert any(one.row == row and one.covers(port.protocol, port.low) for one in let)


def test_every_other_segment_is_tried_at_every_site_and_the_number_of_paths_is_bounded(yasu_fabric: Fabric) -> None:
    everybody = parties(yasu_fabric)
    for segment, host in watchers(yasu_fabric).items():
        found = inside(yasu_fabric, host, YASU_DAY).separation
        assert found is not None
        tried = {(there.segment, there.site) for there in found.destinations.values()}
        assert tried == {(party.zone, party.site) for party in everybody if party.zone != segment}
        most = len(ALWAYS) + REGISTERED
        assert all(len(there.ports4) <= most and len(there.ports6) <= most for there in found.destinations.values())


def test_rows_that_no_exporter_can_stand_for_are_named(town_fabric: Fabric, yasu_fabric: Fabric) -> None:
    assert unwatched(town_fabric, DAY) == ("f001", "f002", "f003", "f004")
    watched = {row for host in watchers(yasu_fabric).values() for row in inside(yasu_fabric, host, YASU_DAY).flows}
    left = unwatched(yasu_fabric, YASU_DAY)
    assert watched
    assert not watched & set(left)
    assert watched | set(left) <= set(yasu_fabric.city.flows)
