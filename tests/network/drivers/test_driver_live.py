"""NAPALM's own suite and nornir on live devices."""

from __future__ import annotations

import os
import subprocess
import sys
import unittest
from collections.abc import Iterator

import pytest
from handmade import HERE, Devices, needs
from live_configs import prepare
from napalm.base.test.base import TestConfigNetworkDriver as NapalmConfigSuite
from nornir import InitNornir
from nornir.core.inventory import ConnectionOptions, Defaults, Groups, Host, Hosts, Inventory
from nornir.core.plugins.inventory import InventoryPluginRegister
from nornir_napalm.plugins.tasks import napalm_configure, napalm_get

from network.drivers.beside import SECTION

pytestmark = [pytest.mark.lab, pytest.mark.long]


@pytest.fixture(scope="module")
def wired(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Devices]:
    if os.geteuid() != 0 or needs("vtysh", "ovs-vsctl", "nft", "sshd", "tini"):
        pytest.skip("needs root, FRR, Open vSwitch, nftables, sshd and tini")
    state = tmp_path_factory.mktemp("wired")
    devices = Devices(state, r1="frr", r2="frr", fw1="nftables", r3="frr", sw1="openvswitch", h1="frr")
    with devices.station():
        prepare(devices)
        yield devices
    devices.close()


@pytest.mark.parametrize(("name", "platform"), [("r1", "frr"), ("fw1", "nftables"), ("sw1", "openvswitch")])
def test_napalms_own_getter_suite_on_a_live_device(wired: Devices, name: str, platform: str) -> None:
    options = f'{{"key_file": "{wired.key}", "known_hosts_file": "{wired.known_hosts}"}}'
    environment = {
        **os.environ,
        "NAPALM_TEST_MOCK": "0",
        "NAPALM_HOSTNAME": wired.addresses[name],
        "NAPALM_USERNAME": "root",
        "NAPALM_PASSWORD": "",
        "NAPALM_OPTIONAL_ARGS": options,
    }
    without = ["-k", "not lldp"] if needs("lldpd") else []
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            HERE / f"test_{platform}_getters.py",
            *without,
        ],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", ["r1", "fw1", "h1"])
def test_one_look_sees_what_each_getter_tells(wired: Devices, name: str) -> None:
    with wired.open(name) as device:
        seen = device.observe({"": ["127.0.0.1", "192.0.2.77"]})
        assert seen.running == device.get_config("running")["running"]
        assert seen.pending == device.pending_commit()
        assert seen.answering == {"": {"127.0.0.1"}}
        apart = {"ospf": device.get_ospf_neighbors(), "bfd": device.get_bfd_neighbors()}
        for kind, rows in apart.items():
            assert [{**row, "uptime": 0} for row in seen.neighbors[kind]] == [{**row, "uptime": 0} for row in rows]
        assert seen.neighbors["bgp"].keys() == device.get_bgp_neighbors().keys()
        assert {row["version"] for row in seen.neighbors["ospf"]} == (set() if name == "h1" else {2, 3})


@pytest.mark.parametrize("name", ["r1", "fw1"])
def test_a_device_that_runs_what_is_expected_tells_the_same(wired: Devices, name: str) -> None:
    with wired.open(name) as device:
        read = device.observe({})
        found = device.observe({}, read.running)
        assert (found.running, found.pending) == (read.running, read.pending)
        for kind in ("ospf", "bfd"):
            assert [{**row, "uptime": 0} for row in found.neighbors[kind]] == [
                {**row, "uptime": 0} for row in read.neighbors[kind]
            ]
        assert found.neighbors["bgp"].keys() == read.neighbors["bgp"].keys()


@pytest.mark.parametrize("name", ["r1", "fw1"])
def test_a_device_that_runs_something_else_is_read(wired: Devices, name: str) -> None:
    with wired.open(name) as device:
        running = device.get_config("running")["running"]
        assert device.observe({}, f"{running}ip route 198.51.100.0/24 Null0\n").running == running
        first, _, rest = running.rpartition("\nrouter ospf")
        assert device.observe({}, f"{first}\n!router ospf{rest}").running == running


@pytest.mark.parametrize("name", ["r1", "fw1", "sw1"])
def test_what_was_made_by_hand_beside_the_configuration_is_told_and_left_alone(wired: Devices, name: str) -> None:
    vxlan, rule = (
        "ip link add vx7 up type vxlan id 7 remote 192.0.2.9 dstport 4789",
        "from 192.0.2.0/24 lookup 77 pref 99",
    )
    with wired.open(name) as device:
        before = device.get_config("running")["running"]
        device.cli([vxlan, f"ip rule add {rule}"])
        try:
            running = device.get_config("running")["running"]
            assert SECTION in running
            assert [line for line in running.splitlines() if line not in {*before.splitlines(), SECTION}] == [
                "ip link vx7 type vxlan remote 192.0.2.9",
                "ip rule 99 from 192.0.2.0/24 lookup table 77",
            ]
            assert [device.observe({}, text).running for text in ("", before, running)] == [running] * 3
            assert SECTION not in device.get_config("startup")["startup"]
            for candidate in (before, running):
                device.load_replace_candidate(config=candidate)
                assert device.compare_config() == ""
                device.commit_config()
                assert device.get_config("running")["running"] == running
        finally:
            device.cli(["ip link del vx7", f"ip rule del {rule}"])
        assert device.get_config("running")["running"] == before


def test_a_sweep_tells_who_answers_over_ipv4_and_ipv6(wired: Devices) -> None:
    there = {f"127.0.1.{number}" for number in range(1, 230)} | {"::1"}
    away = {"192.0.2.77", "2001:db8::77", "fe80::77", "255.255.255.255"}
    with wired.open("r1") as device:
        assert device.answering({"": sorted(there | away)}) == {"": there}


def test_napalms_own_configuration_suite(wired: Devices, monkeypatch: pytest.MonkeyPatch) -> None:
    class Suite(NapalmConfigSuite, unittest.TestCase):  # type: ignore[misc]
        vendor = "frr"
        device = wired.driver("h1")

        test_load_template = None  # its template changes the host name, which none of our commits does

        @classmethod
        def setUpClass(cls) -> None:
            cls.device.open()
            cls.device.load_replace_candidate(filename="frr/initial.conf")
            cls.device.commit_config()

    monkeypatch.chdir(HERE / "frr" / "configs")
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Suite).run(result)
    assert not result.failures + result.errors, result
    assert result.testsRun == 6
    assert not result.skipped


def test_nornir_reads_and_configures_all_of_them_at_once(wired: Devices) -> None:
    class Handmade:
        def load(self) -> Inventory:
            extras = {"optional_args": {"key_file": str(wired.key), "known_hosts_file": str(wired.known_hosts)}}
            hosts = {
                name: Host(
                    name=name,
                    hostname=wired.addresses[name],
                    username="root",
                    password="",
                    platform=wired.platforms[name],
                    connection_options={"napalm": ConnectionOptions(extras=extras)},
                )
                for name in ("r1", "r2", "fw1", "sw1")
            }
            return Inventory(hosts=Hosts(hosts), groups=Groups(), defaults=Defaults())

    InventoryPluginRegister.register("handmade", Handmade)
    nornir = InitNornir(
        inventory={"plugin": "handmade"},
        logging={"enabled": False},
        runner={"plugin": "threaded", "options": {"num_workers": 4}},
    )
    facts = nornir.run(task=napalm_get, getters=["facts", "interfaces_ip"])
    assert not facts.failed
    assert {name: result[0].result["facts"]["hostname"] for name, result in facts.items()} == {
        name: name for name in ("r1", "r2", "fw1", "sw1")
    }
    routers = nornir.filter(platform="frr")
    line = "ip route 10.7.0.0/16 blackhole\n"
    done = routers.run(task=napalm_configure, configuration=line, dry_run=False)
    assert not done.failed
    assert all(result[0].diff == "+" + line.strip() for result in done.values())
    nornir.close_connections()
