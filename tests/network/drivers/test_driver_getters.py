"""Getters that NAPALM does not know, and the readers behind the others."""

from __future__ import annotations

import pytest
from napalm_double import recorded

from network.drivers.bgp import neighbor
from network.drivers.kernel import links_of, objects
from network.drivers.linux import temperatures
from network.drivers.ping import ping_command, ping_result
from network.drivers.policies import policies_of
from network.drivers.routing import seconds


@pytest.mark.parametrize("platform", ["frr", "nftables"])
@pytest.mark.parametrize("getter", ["get_ospf_neighbors", "get_bfd_neighbors"])
def test_neighbours_of_every_vrf(platform: str, getter: str) -> None:
    driver, expected = recorded(platform, getter)
    found = getattr(driver, getter)()
    assert found == expected
    assert {item["vrf"] for item in found} >= {"TEST"}
    assert len(found) >= 2


@pytest.mark.parametrize(
    ("text", "age"),
    [("00:01:30", 90), ("1d02h03m", 93780), ("2w1d04h", 1310400), ("", -1), ("never", -1)],
)
def test_ages_as_frr_prints_them(text: str, age: int) -> None:
    assert seconds(text) == age


def test_kernel_vrfs_and_namespaces_are_the_same_to_a_reader() -> None:
    kernel = (
        '\t[{"ifname": "lo", "flags": ["UP"]},'
        ' {"ifname": "lgwan", "flags": ["UP"], "linkinfo": {"info_kind": "vrf"}},'
        ' {"ifname": "br0", "flags": [], "linkinfo": {"info_kind": "bridge"}},'
        ' {"ifname": "eth2", "flags": ["UP"], "master": "br0"},'
        ' {"ifname": "eth1.10", "flags": ["UP", "LOWER_UP"], "master": "lgwan"}]\n'
    )
    inside = '[{"ifname": "lo", "flags": []}, {"ifname": "eth1.10", "flags": []}]'
    named = f'\t[{{"ifname": "lo", "flags": ["UP"]}}]\nlgwan\t{inside}\n'
    places = {link.name: link.vrf for link in links_of(kernel)}
    assert places == {"lo": "default", "lgwan": "lgwan", "br0": "default", "eth2": "default", "eth1.10": "lgwan"}
    assert {link.name: link.vrf for link in links_of(named)} == {"lo": "default", "eth1.10": "lgwan"}


def test_several_answers_in_one_text_and_none() -> None:
    assert list(objects('{"a": 1}\n[2]\n\n{}')) == [{"a": 1}, [2], {}]
    assert list(objects("% Unknown command\n")) == []


def test_ping() -> None:
    assert ping_command("192.0.2.1", "eth0", ttl=9, timeout=2, size=56, count=1) == (
        "ping -n -i 0.2 -c 1 -W 2 -s 56 -t 9 -I eth0 -- 192.0.2.1"
    )
    assert ping_result("ping: connect: Network is unreachable\n") == {"error": "ping: connect: Network is unreachable"}
    lost = ping_result("PING x\n\n--- x ping statistics ---\n5 packets transmitted, 0 received, 100% packet loss\n")
    assert (lost["success"]["probes_sent"], lost["success"]["packet_loss"]) == (5, 5)


def test_a_neighbour_that_is_down_or_switched_off() -> None:
    item = {
        "localAs": 1,
        "remoteAs": 2,
        "bgpState": "Idle",
        "adminShutDown": True,
        "addressFamilyInfo": {"ipv4Unicast": {}},
    }
    found = neighbor(item)
    assert (found["is_up"], found["is_enabled"], found["uptime"]) == (False, False, -1)
    assert found["address_family"]["ipv4"]["sent_prefixes"] == -1


def test_rules_with_negations_jumps_and_translation() -> None:
    text = (
        "table inet filter { # handle 1\n\tchain forward { # handle 2\n"
        '\t\tip6 saddr != @own iifname "eth1" tcp dport { 80, 443 } counter packets 3 bytes 120'
        ' jump web comment "F 1" # handle 4\n'
        "\t\toifname eth2 ip daddr 10.0.0.1 snat ip to 192.0.2.1 # handle 5\n\t}\n}\n"
    )
    first, second = policies_of(text)["inet filter forward"]
    assert (first["id"], first["packet_hits"], first["byte_hits"]) == ("F 1", 3, 120)
    assert (first["l3_src"], first["service"], first["src_zone"]) == ("!= @own", "{ 80, 443 }", "eth1")
    assert (first["action"], second["action"]) == ("jump web", "snat ip to 192.0.2.1")
    assert (second["position"], second["id"], second["packet_hits"]) == (2, "5", -1)


def testtemperatures() -> None:
    found = temperatures("thermal_zone0/type:cpu\nthermal_zone1/type:acpi\nthermal_zone0/temp:76000\n")
    assert found == {"thermal_zone0 cpu": {"temperature": 76.0, "is_alert": True, "is_critical": False}}
