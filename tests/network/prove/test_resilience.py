"""Single points of failure: those of the star, none of the mesh, and each kind of thing that can fail."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest
from asking import asked

from inventory.checks import check_city
from inventory.loader import load_city
from inventory.model import City
from inventory.origin import Origin
from inventory.text import Language
from network.compiled import compile_city
from network.prove.findings import Finding
from network.prove.resilience import resilience
from network.prove.service import service
from network.prove.subject import Subject
from network.state import UnknownLine

HERE = Path(__file__).parent
CITIES = HERE.parents[1] / "cities"
DAY = dt.date(2026, 11, 20)


def subject_of(city: City) -> Subject:
    compiled = compile_city(city, DAY)
    return Subject(compiled.fabric, DAY, compiled.states, compiled.states)


def spofs(city: City) -> dict[str, Finding]:
    verdict, found = asked(resilience, subject_of(city))
    assert verdict == ("findings" if found else "proved")
    return {finding.subject: finding for finding in found}


def changed(city: City, **tables: dict[str, object]) -> City:
    """The city with elements of tables replaced or added, or taken out by None; it must still pass the checks."""
    data = city.model_dump(by_alias=True)
    for table, rows in tables.items():
        for path, value in rows.items():
            here, *rest = (data[table], *path.split("/"))
            while len(rest) > 1:
                here = here[rest.pop(0)]
            if value is None:
                del here[rest[0]]
            else:
                here[rest[0]] = value
    found = City.model_validate(data)
    assert [finding.what.en for finding in check_city(found, DAY) if finding.severity == "error"] == []
    return found


@pytest.fixture(scope="module")
def yasu() -> City:
    return load_city("yasu", DAY)


@pytest.fixture(scope="module")
def star(yasu: City) -> dict[str, Finding]:
    return spofs(yasu)


@pytest.fixture(scope="module")
def mini() -> City:
    return load_city(CITIES / "mini", DAY)


@pytest.mark.parametrize("language", ["en", "ja"])
def test_the_star_shows_its_weak_points(star: dict[str, Finding], language: Language) -> None:
    golden = HERE / "golden" / f"yasu-spof.{language}.txt"
    said = "".join(
        f"{finding.key}\n  {finding.what.say(language)}\n  {finding.hint.say(language) if finding.hint else ''}\n"
        for finding in star.values()
    )
    if os.environ.get("REWRITE"):
        golden.write_text(said, encoding="utf-8")
    assert said == golden.read_text(encoding="utf-8")


def test_the_mesh_has_none() -> None:
    mesh = load_city("yasu-mesh", DAY)
    assert spofs(mesh) == {}
    assert asked(service, subject_of(mesh)) == ("proved", ())
    assert not mesh.waivers


def test_the_stars_waivers_name_exactly_what_is_found(yasu: City, star: dict[str, Finding]) -> None:
    names = [name for waiver in yasu.waivers.values() for name in waiver.findings]
    assert sorted(names) == sorted(finding.key for finding in star.values())
    assert {waiver.expires_on for waiver in yasu.waivers.values()} == {dt.date(2027, 3, 31)}
    assert all(waiver.assumed and "メッシュ" in waiver.reason for waiver in yasu.waivers.values())


def test_what_fails_of_the_small_city(mini: City) -> None:
    assert list(spofs(mini)) == [
        "node hall-core1",
        "node hall-fw1",
        "circuit north",
        "line security-cloud/main",
        "power hall A",
        "risk conduit-north",
    ]


def test_a_link_that_everything_passes() -> None:
    tiny = load_city(CITIES / "tiny", DAY)
    assert list(spofs(tiny)) == ["node hall-fw1", "link hall/fw-a", "line security-cloud/main"]


def test_a_finding_has_packet_hops_and_lines(mini: City) -> None:
    found = spofs(mini)["circuit north"]
    assert found.what.en == (
        "Circuit north is a single point of failure: without it 1 site (north) cannot use 1 row of the register (f001)"
    )
    assert found.what.ja == (
        "回線 north(北支所回線)は単一障害点です。失われると、1 拠点(北支所)で登録通信 1 件(f001)が使えなくなります"
    )
    assert str(found.packet) == "tcp 10.24.160.100:49152 → 172.20.10.10:443"
    assert [(hop.node, hop.place) for hop in found.hops] == [
        ("north-lg-pc", "vlan 210"),
        ("north-acc1", "vlan 210"),
        ("north-edge1", "vrf lgwan"),
        ("hall-core1", "vrf lgwan"),
        ("hall-fw1", "forward"),
        ("peer:lgwan", "line lgwan/main"),
    ]
    assert [hop.node for hop in found.hops if "lost" in hop.why.en] == ["north-edge1"]
    assert [hop.node for hop in found.hops if "失われる" in hop.why.ja] == ["north-edge1"]
    assert [str(origin) for origin in found.origins] == ["mini.yaml:110"]
    assert all(hop.origins for hop in found.hops)


def test_a_shared_risk_takes_all_that_name_it(mini: City) -> None:
    lines = {origin.line for origin in spofs(mini)["risk conduit-north"].origins}
    assert lines == {mini.risk_groups["conduit-north"].origin.line, 108, 110}


def test_a_second_circuit_over_other_ground_is_enough(mini: City) -> None:
    second = {**mini.circuits["north"].model_dump(), "number": 3, "a": "hall-core2:eth11", "b": "north-edge1:eth3"}
    apart = spofs(changed(mini, circuits={"north-2": {**second, "risks": ["conduit-south"]}}))
    assert {"circuit north", "risk conduit-north", "node hall-core1"}.isdisjoint(apart)
    together = spofs(changed(mini, circuits={"north-2": {**second, "risks": ["conduit-north"]}}))
    assert "circuit north" not in together
    assert "risk conduit-north" in together


def test_what_the_ends_stand_on_is_no_finding(mini: City) -> None:
    """Gateways, access switches and the power of a subnet's own site take the place itself."""
    own = {"node north-edge1", "node north-acc1", "link north/down1", "power north A", "power dc A", "node dc-core1"}
    assert own.isdisjoint(spofs(mini))


def test_two_feeds_keep_a_site_alive_unless_a_device_hangs_on_one(mini: City) -> None:
    twice = {"feeds": ["A", "B"]}
    assert "power hall A" not in spofs(changed(mini, sites={"hall/power": twice}))
    core = {**mini.sites["hall"].devices["core1"].model_dump(), "feeds": ["A"]}
    found = spofs(changed(mini, sites={"hall/power": twice, "hall/devices/core1": core}))
    assert [name for name in found if name.startswith("power")] == ["power hall A"]
    assert "北支所" in found["power hall A"].what.ja


def test_a_second_line_at_the_other_firewall(mini: City) -> None:
    main = mini.peers["security-cloud"].attachments["main"].model_dump()
    second = {**main, "device": "dc-fw1:eth6", "ipv4": "172.31.1.2/31", "ipv6": "fd00:ffff:12::/127", "preference": 50}
    found = spofs(changed(mini, peers={"security-cloud/attachments/second": second}))
    assert {"line security-cloud/main", "node hall-fw1"}.isdisjoint(found)


def test_unread_lines_leave_it_unproved() -> None:
    mesh = subject_of(load_city("yasu-mesh", DAY))
    line = UnknownLine(Origin("hall-core1", 7), "ip rule add from 10.0.0.0/8 table 7")
    unread = Subject(mesh.fabric, DAY, mesh.states, mesh.intended, {"hall-core1": (line,)})
    assert asked(resilience, unread) == ("not-proved", ())
    assert asked(service, unread) == ("not-proved", ())
