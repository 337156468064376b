"""The exporters' configurations as derived from a city: what they try agrees with the register, and is bounded."""

from __future__ import annotations

import datetime as dt
import json
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

import pytest
from scraping import DAY

from inventory.loader import load_city
from inventory.model import HostGroup, Member
from inventory.windows import Window
from monitoring.exporter.configuration import (
    ALWAYS,
    REGISTERED,
    Station,
    configurations,
    inside,
    unwatched,
    write,
    written,
)
from monitoring.exporter.reading import read_configuration
from monitoring.prometheus.settings import Settings
from network.access import Access
from network.build import build_fabric
from network.compile.flows import live_flows
from network.fabric import Fabric
from network.probe.parties import parties
from network.probe.register import NO_ROW, register
from network.register.tries import EVERY_S, tries, watchers

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


def test_every_row_in_force_is_tried_or_left_out_for_a_reason(town_fabric: Fabric, yasu_fabric: Fabric) -> None:
    for fabric, day in ((town_fabric, DAY), (yasu_fabric, YASU_DAY)):
        tried = [row for one in configurations(fabric, day, STATION).values() for row in one.flows]
        left = unwatched(fabric, day)
        assert sorted([*tried, *left]) == sorted(live.row for live in live_flows(fabric, day))
    assert {row: reason.en for row, reason in unwatched(town_fabric, DAY).items()} == {
        "f001": "no server and no watching machine stands in its source group lg-clients",
        "f002": "no server and no watching machine stands in its source group net-clients",
        "f003": "no server and no watching machine stands in its source group net-clients",
    }


def test_the_register_tells_of_the_tries_that_exporters_make(town_fabric: Fabric, yasu_fabric: Fabric) -> None:
    for fabric, day in ((town_fabric, DAY), (yasu_fabric, YASU_DAY)):
        made = {
            row: (
                flow.server.name if flow.server else one.host,
                sum(len(there.ports4) + len(there.ports6) for there in flow.destinations.values()),
            )
            for one in configurations(fabric, day, STATION).values()
            for row, flow in one.flows.items()
        }
        assert {row: (found.source, found.connections) for row, found in tries(fabric, day).items()} == made
        assert made
    assert Settings().flow == EVERY_S


def test_a_row_is_tried_from_its_segment_s_watch_or_else_from_a_server_of_its_source(yasu_fabric: Fabric) -> None:
    found = configurations(yasu_fabric, YASU_DAY, STATION)
    assert set(found["lgwan"].flows) == {"c03"}
    assert all(
        flow.server is None for name, one in found.items() if name != "management" for flow in one.flows.values()
    )
    everybody = {party.name: party for party in parties(yasu_fabric)}
    rules = register(yasu_fabric, everybody.values(), YASU_DAY, OPEN)
    for row, flow in found["management"].flows.items():
        assert flow.server is not None
        host = yasu_fabric.hosts[flow.server.name]
        assert (host.kind, host.management.ip) == ("server", flow.server.address)
        for name, there in flow.destinations.items():
            for family, ports in ((4, there.ports4), (6, there.ports6)):
                let = rules.permits.get((host.name, name, family), ())
                assert all(any(one.row == row and one.covers(p.protocol, p.low) for one in let) for p in ports)
    s05 = found["management"].flows["s05"]
    assert s05.server is not None
    assert (s05.server.name, list(s05.destinations)) == ("hall-mn-link", ["hall-lg-finance"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"window": (Window((0, 1), 18 * 60, 21 * 60),)}, "open in its maintenance window only"),
        ({"destination": "nobody"}, "the inventory has no machine in its destination group nobody"),
    ],
)
def test_why_a_row_is_not_tried(town_fabric: Fabric, change: dict[str, object], reason: str) -> None:
    city = town_fabric.city
    flows = {**city.flows, "f004": city.flows["f004"].model_copy(update=change)}
    prefixes = (IPv4Network("172.20.99.0/24"), IPv6Network("fd00:20:99::/48"))
    nobody = HostGroup(title="誰もいない", members=(Member(peer="lgwan", prefixes=prefixes),))
    fabric = build_fabric(city.model_copy(update={"flows": flows, "groups": {**city.groups, "nobody": nobody}}))
    assert unwatched(fabric, DAY)["f004"].en == reason


def test_a_row_that_begins_outside_is_not_tried(yasu_fabric: Fabric) -> None:
    assert unwatched(yasu_fabric, YASU_DAY)["c11"].en == "it is begun from outside the city"
