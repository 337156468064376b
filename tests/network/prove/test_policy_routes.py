"""Policy routes on the way of registered flows: what they lose is named; what arrives another way is no finding."""

from __future__ import annotations

from pathlib import Path

import pytest
from asking import asked
from test_service import DAY, subject_of, unserved

from inventory.loader import load_city
from network.compiled import Compiled, compile_city
from network.prove import Prover
from network.prove.resilience import resilience
from network.prove.service import service

CITIES = Path(__file__).parents[2] / "cities"
Change = tuple[str, str, str]
FROM_NORTH, TO_NORTH = ("hall-core1", "eth11.2002 vrf lgwan"), ("north-edge1", "eth1.2002 vrf lgwan")
"""By which packets of the north branch come to the cores, and answers to the branch."""
CORE2, FIREWALL, NOBODY = "10.31.128.33", "10.31.128.35", "10.24.16.77"
TO_LGWAN = "match dst-ip 172.20.10.0/24"


@pytest.fixture(scope="module")
def mini() -> Compiled:
    return compile_city(load_city(CITIES / "mini", DAY), DAY)


def policy(device: str, interface: str, *rules: str) -> list[Change]:
    """A policy map on an interface; a rule is its lines, with `;` between."""
    lines = [f"pbr-map lift seq {number}\n " + rule.replace("; ", "\n ") for number, rule in enumerate(rules, 1)]
    there = f"interface {interface}\n"
    return [
        (device, there, f"{there} pbr-policy lift\n"),
        (device, "!\nbfd\n", "!\n" + "".join(f"{rule}\nexit\n!\n" for rule in lines) + "bfd\n"),
    ]


def via(address: str, match: str = TO_LGWAN) -> str:
    return f"{match}; set nexthop {address} nexthop-vrf lgwan"


LOST = {
    "nobody-has-the-next-hop": policy(*FROM_NORTH, via(NOBODY)),
    "another-vrf": policy(*FROM_NORTH, f"{TO_LGWAN}; set vrf internet"),
    "a-next-hop-in-the-default-table": policy(*FROM_NORTH, f"{TO_LGWAN}; set nexthop {CORE2}"),
    "an-interface-alone": policy(*FROM_NORTH, f"{TO_LGWAN}; set nexthop eth1.2002 nexthop-vrf lgwan"),
    "at-the-gateway": policy("north-edge1", "eth2.210 vrf lgwan", via(NOBODY, "match src-ip 10.24.160.0/24")),
    "some-of-the-packets": policy(*FROM_NORTH, via(NOBODY, "match ip-protocol tcp; match src-port 50000")),
    "the-answers": policy(*TO_NORTH, via(NOBODY, "match src-port 443; match ip-protocol tcp")),
    "the-answers-at-the-branch": policy(*TO_NORTH, via("10.24.160.99", "match dst-ip 10.24.160.0/24")),
    "back-where-they-came-from": policy(*FROM_NORTH, via("10.31.255.251")),
    "a-later-rule": policy(*FROM_NORTH, via(CORE2, "match dst-ip 172.21.0.0/16"), via(NOBODY)),
}  # fmt: skip
KEPT = {
    "the-other-core": policy(*FROM_NORTH, via(CORE2)),
    "the-firewall-itself": policy(*FROM_NORTH, via(FIREWALL)),
    "the-same-table": policy(*FROM_NORTH, f"{TO_LGWAN}; set vrf unchanged"),
    "the-same-table-by-its-name": policy(*FROM_NORTH, f"{TO_LGWAN}; set vrf lgwan"),
    "other-packets": policy(*FROM_NORTH, via(NOBODY, "match dst-port 80; match ip-protocol tcp")),
    "an-interface-they-do-not-come-by": policy("hall-core1", "eth1.2002 vrf lgwan", via(NOBODY)),
    "an-earlier-rule-has-them": policy(*FROM_NORTH, f"{TO_LGWAN}; set vrf unchanged", via(NOBODY)),
    "an-earlier-next-hop-has-them": policy(*FROM_NORTH, via(CORE2), via(NOBODY)),
    "no-action": policy(*FROM_NORTH, TO_LGWAN),
}  # fmt: skip
WEAKER = {
    "the-firewall-itself": {"spof:line lgwan/main"},  # the other firewall has a line too, but gets no packets
    "an-earlier-next-hop-has-them": {"spof:link hall/cores", "spof:node hall-core2"},  # the later rule has them then
}


@pytest.mark.parametrize("changes", LOST.values(), ids=LOST.keys())
def test_a_policy_route_into_nowhere_is_named(mini: Compiled, changes: list[Change]) -> None:
    found = unserved(mini, *changes)
    assert set(found) == {"f001"}
    finding = found["f001"]
    device = changes[0][0]
    assert f"a policy route of {device} (pbr-map lift seq " in finding.what.en
    assert "ポリシールーティング" in finding.what.ja
    assert finding.packet is not None
    texts = dict(mini.texts)
    for name, old, new in changes:
        texts[name] = texts[name].replace(old, new)
    lines = texts[device].split("\n")
    cited = {lines[origin.line - 1].split(" seq")[0] for origin in finding.origins if origin.file == device}
    assert {"pbr-map lift", changes[0][1].strip()} <= cited


@pytest.mark.parametrize("changes", KEPT.values(), ids=KEPT.keys())
def test_a_policy_route_that_arrives_is_no_finding(
    mini: Compiled, changes: list[Change], request: pytest.FixtureRequest
) -> None:
    assert unserved(mini, *changes) == {}
    right, found = (
        {finding.key for finding in asked(resilience, subject_of(mini, *some))[1]} for some in ((), changes)
    )
    assert found - right == WEAKER.get(request.node.callspec.id, set())
    assert right <= found


def test_packets_that_two_routers_send_to_each_other_do_not_arrive(mini: Compiled) -> None:
    here = policy(*FROM_NORTH, via(CORE2))
    there = policy("hall-core2", "eth1.2002 vrf lgwan", via("10.31.128.32"))
    assert unserved(mini, *here, *there) == {}, "the first core sends them on itself when they come back"
    again = [("hall-core1", "interface eth1.2002 vrf lgwan\n", "interface eth1.2002 vrf lgwan\n pbr-policy lift\n")]
    found = unserved(mini, *here, *there, *again)["f001"]
    assert "a policy route of hall-core" in found.what.en


def test_policy_routes_of_a_firewall(mini: Compiled) -> None:
    """Towards the peer it sends to anyway, and to nobody."""
    fabric = mini.fabric
    lines = [line for line in fabric.peer_lines.values() if line.peer == "lgwan"]
    right, wrong = [], []
    for line in lines:
        for inward in ("eth1.2002", "eth2.2002"):
            if f"interface {inward}\n" in mini.texts[line.device]:
                entry = (line.device, f"interface {inward}\n", f"interface {inward}\n pbr-policy lift\n")
                right.append(entry)
                wrong.append(entry)
        for found, address in ((right, line.peer_ipv4.ip), (wrong, line.peer_ipv4.ip + 1000)):
            rule = f"pbr-map lift seq 1\n match dst-ip 172.20.10.0/24\n set nexthop {address}\nexit\n!\n"
            found.append((line.device, "!\nbfd\n", f"!\n{rule}bfd\n"))
    assert {device for device, *_ in right} == {"hall-fw1", "dc-fw1"}
    assert unserved(mini, *right) == {}
    assert "a policy route of " in unserved(mini, *wrong)["f001"].what.en


def test_the_spare_way_into_a_policy_route_makes_a_single_point_of_failure(mini: Compiled) -> None:
    """Only when the wire to the firewall is cut do packets come to the other core from the first."""
    spare = policy(
        "hall-core2", "eth1.2003 vrf internet", "match dst-port 443; match ip-protocol tcp; set vrf mynumber"
    )
    assert unserved(mini, *spare) == {}
    before, after = (
        {finding.subject: finding for finding in asked(resilience, subject_of(mini, *changes))[1]}
        for changes in ((), spare)
    )
    assert set(after) - set(before) == {"link hall/fw-a"}
    assert "f002" in after["link hall/fw-a"].what.en


def test_a_policy_route_that_appears_is_seen_by_a_prover_that_knows_the_city(mini: Compiled) -> None:
    prover = Prover()
    changes = LOST["nobody-has-the-next-hop"]
    assert prover.prove(subject_of(mini), ("service",)).proved
    assert [f.key for f in prover.prove(subject_of(mini, *changes), ("service",)).open] == ["unserved:f001"]
    assert prover.prove(subject_of(mini), ("service",)).proved
    assert asked(service, subject_of(mini, *changes))[0] == "findings"
