"""All of Yasu: exactly the registered flows pass, tried with real packets between every pair of segments and sites."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache

import pytest

from inventory.loader import load_city
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab, boot
from network.probe import judge, measure, plan_of
from network.render import render

pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]
DAY = dt.date(2026, 11, 20)


@pytest.fixture(scope="module")
def fabric() -> Fabric:
    return build_fabric(load_city("yasu"))


@pytest.fixture(scope="module")
def lab(fabric: Fabric, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    texts = {name: render(state) for name, state in compile_fabric(fabric, DAY).items()}
    lab = boot(fabric, texts, tmp_path_factory.mktemp("yasu"))
    yield lab
    lab.down()


def test_yasu_agrees_with_its_register(fabric: Fabric, lab: Lab) -> None:
    plan = plan_of(fabric, DAY)
    report = judge("yasu", DAY.isoformat(), plan, measure(fabric, plan, cache(lab.netns)))
    assert not report.violations
    assert not report.blind
    places = {(host.segment, host.site) for host in fabric.hosts.values()}
    tried = {(a, b) for a, b in report.cells if a in places and b in places}
    assert len(tried) >= len(places) * (len(places) - 1)


def test_a_path_opened_between_two_segments_is_named(fabric: Fabric, lab: Lab) -> None:
    opened = "insert rule inet sanso forward iifname @zone_guest oifname @zone_iot accept"
    assert lab.run("hall-fw1", ["nft", *opened.split()]).returncode == 0
    plan = plan_of(fabric, DAY)
    report = judge("yasu", DAY.isoformat(), plan, measure(fabric, plan, cache(lab.netns)))
    assert report.violations
    assert {(one.source_zone, one.destination_zone) for one in report.violations} == {("guest", "iot")}
