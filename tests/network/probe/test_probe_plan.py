from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

import pytest

from inventory.loader import load_city
from inventory.model import City
from inventory.windows import JAPAN, Window
from network.build import build_fabric
from network.fabric import Fabric
from network.probe.parties import parties, representatives
from network.probe.plan import Plan, Probe, plan_of
from network.probe.register import INSIDE, NO_ROW, register

TODAY = dt.date(2026, 11, 20)
SUNDAY_NIGHT = dt.datetime(2026, 11, 22, 21, tzinfo=JAPAN)
MINI = Path(__file__).parents[2] / "cities" / "mini"


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build_fabric(load_city(MINI))


@pytest.fixture(scope="module")
def plan(fabric: Fabric) -> Plan:
    return plan_of(fabric, TODAY)


def found(probes: tuple[Probe, ...], source: str, target: str) -> set[tuple[int, str, int, str]]:
    return {
        (probe.family, probe.protocol, probe.port, probe.row)
        for probe in probes
        if (probe.source.name, probe.target.name) == (source, target) and probe.spoofed is None
    }


def test_a_registered_flow_must_pass_in_both_families(plan: Plan) -> None:
    flow = found(plan.wanted, "north-lg-pc", "lgwan/asp1")
    assert flow == {(4, "tcp", 443, "f001"), (6, "tcp", 443, "f001")}


def test_every_machine_a_row_covers_is_tried(plan: Plan) -> None:
    senders = {probe.source.name for probe in plan.wanted if probe.row == "f001"}
    assert senders == {"hall-lg-pc", "north-lg-pc"}


def test_all_other_ports_of_a_registered_pair_must_not_pass(plan: Plan) -> None:
    stopped = {(protocol, port) for _, protocol, port, _ in found(plan.unwanted, "north-lg-pc", "lgwan/asp1")}
    assert ("tcp", 443) not in stopped
    assert {("tcp", 442), ("tcp", 444), ("tcp", 3389), ("udp", 7), ("icmp", 0)} <= stopped


def test_registered_ports_must_not_pass_between_other_pairs(plan: Plan) -> None:
    stopped = found(plan.unwanted, "hall-mn-pc", "internet/web")
    for family in (4, 6):
        assert {(family, "tcp", 443, NO_ROW), (family, "udp", 443, NO_ROW), (family, "icmp", 0, NO_ROW)} <= stopped


def test_the_way_back_is_not_open(plan: Plan) -> None:
    assert (4, "tcp", 443, NO_ROW) in found(plan.unwanted, "lgwan/asp1", "north-lg-pc")


def test_every_ordered_pair_of_places_is_tried(fabric: Fabric, plan: Plan) -> None:
    everybody = parties(fabric)
    chosen = representatives(everybody, fabric)
    tried = {(probe.source.name, probe.target.name) for probe in (*plan.wanted, *plan.unwanted)}
    for a in chosen:
        for b in chosen:
            if a != b and (a.zone != b.zone or a.inside):
                assert (a.name, b.name) in tried
    places = {(host.segment, host.site) for host in fabric.hosts.values()}
    assert {(party.zone, party.site) for party in chosen if party.inside} == places


def test_every_machine_is_tried_from_every_segment(plan: Plan) -> None:
    zones = {party.zone for party in plan.parties}
    for party in plan.parties:
        tried = {probe.source.zone for probe in plan.unwanted if probe.target == party}
        assert tried == zones - {party.zone}


def test_inside_a_segment_everything_passes(plan: Plan) -> None:
    assert found(plan.wanted, "hall-mn-pc", "north-mn-pc") == {
        (family, protocol, port, INSIDE)
        for family in (4, 6)
        for protocol, port in (("tcp", 7), ("udp", 7), ("icmp", 0))
    }


def test_nothing_is_both_wanted_and_unwanted(plan: Plan) -> None:
    def key(probe: Probe) -> tuple[object, ...]:
        return probe.source.name, probe.target.name, probe.family, probe.protocol, probe.port, probe.spoofed

    wanted = Counter(map(key, plan.wanted))
    assert max(wanted.values()) == 1
    assert not wanted.keys() & set(map(key, plan.unwanted))


def test_spoofed_sources_stand_in_another_zone_than_their_owner(fabric: Fabric, plan: Plan) -> None:
    owners = {address: party for party in plan.parties for address in (party.ipv4, party.ipv6)}
    lies = [probe for probe in plan.unwanted if probe.spoofed is not None]
    assert {fabric.endpoints[flow.source].zone for flow in fabric.city.flows.values()} == {
        owners[probe.spoofed].zone for probe in lies if probe.spoofed
    }
    for probe in lies:
        assert probe.spoofed is not None
        assert probe.source.zone not in {owners[probe.spoofed].zone, probe.target.zone}


def test_devices_are_tried_on_their_addresses_of_other_segments(plan: Plan) -> None:
    targets = {probe.target.name for probe in plan.unwanted if probe.source.name == "north-mn-pc"}
    assert {"north-edge1(lgwan)", "hall-core1(lgwan)", "hall-fw1(internet)", "hall-fw1(mynumber)"} <= targets
    assert "north-edge1(mynumber)" not in targets


def test_a_listener_stands_wherever_a_flow_must_be_answered(plan: Plan) -> None:
    for probe in plan.wanted:
        if probe.kind == "flow" and probe.protocol != "icmp":
            assert any(
                (port.protocol, port.low) == (probe.protocol, probe.port) for port in plan.listeners[probe.target.name]
            )


def test_an_expired_row_permits_nothing(fabric: Fabric) -> None:
    later = plan_of(fabric, dt.date(2031, 4, 1))
    assert not [probe for probe in later.wanted if probe.kind == "flow"]
    assert not register(fabric, later.parties, dt.date(2031, 4, 1), SUNDAY_NIGHT).permits
    assert (4, "icmp", 0, NO_ROW) in found(later.unwanted, "north-lg-pc", "lgwan/asp1")


def with_window(city: City) -> Fabric:
    """Row f001 is open on Sundays from 20:00 to 22:00 only."""
    flow = city.flows["f001"].model_copy(update={"kind": "maintenance", "window": (Window.parse("sun 20:00-22:00"),)})
    return build_fabric(city.model_copy(update={"flows": {**city.flows, "f001": flow}}))


@pytest.mark.parametrize(
    ("clock", "wanted", "unwanted"), [("21:00", True, False), ("19:00", False, True), ("19:55", False, False)]
)
def test_a_row_is_tried_as_its_window_stands(fabric: Fabric, clock: str, *, wanted: bool, unwanted: bool) -> None:
    at = dt.datetime.combine(SUNDAY_NIGHT.date(), dt.time.fromisoformat(clock), JAPAN)
    plan = plan_of(with_window(fabric.city), TODAY, at)
    packet = (4, "tcp", 443, "f001" if wanted else NO_ROW)
    assert (packet in found(plan.wanted, "north-lg-pc", "lgwan/asp1")) is wanted
    assert ((4, "tcp", 443, NO_ROW) in found(plan.unwanted, "north-lg-pc", "lgwan/asp1")) is unwanted


def test_all_of_yasu_is_planned() -> None:
    yasu = plan_of(build_fabric(load_city("yasu")), TODAY, SUNDAY_NIGHT)
    rows = {probe.row for probe in yasu.wanted}
    assert rows - {INSIDE} == set(load_city("yasu").flows) - {"m02"}
    assert len(yasu.unwanted) > 100_000
