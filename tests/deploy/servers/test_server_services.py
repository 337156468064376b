"""What servers are told: only what belongs to their segment, and files that the services' own checkers take."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

import pytest

from deploy.servers.compile import server_texts
from deploy.servers.services import CHECKERS
from deploy.servers.text import ServerText
from inventory.loader import load_city
from network.build import build_fabric
from network.fabric import Fabric

DAY = dt.date(2026, 11, 20)
TOWN = str(Path(__file__).parents[2] / "cities" / "town")
UNBOUND, CHRONY = "/etc/unbound/unbound.conf", "/etc/chrony/chrony.conf"
DATA = re.compile(r'local-data: "(\S+)\. A+ (\S+)"')


@pytest.fixture(scope="module", params=["yasu", TOWN], ids=["yasu", "town"])
def fabric(request: pytest.FixtureRequest) -> Fabric:
    return build_fabric(load_city(request.param, DAY))


@pytest.fixture(scope="module")
def texts(fabric: Fabric) -> dict[str, ServerText]:
    return server_texts(fabric)


def held(fabric: Fabric, segment: str) -> list[IPv4Network | IPv6Network]:
    plan = fabric.city.segments[segment]
    return [plan.ipv4.supernet, plan.ipv6.supernet]


def with_file(texts: dict[str, ServerText], path: str) -> dict[str, str]:
    return {name: text.files[path].content for name, text in texts.items() if path in text.files}


def test_every_server_with_a_service_is_told_something(fabric: Fabric, texts: dict[str, ServerText]) -> None:
    deployed = {"dns", "ntp", "certificates"}
    wanted = {
        f"{site}-{key}"
        for site, part in fabric.city.sites.items()
        for key, server in part.servers.items()
        if deployed & set(server.services)
    }
    assert wanted
    assert wanted <= set(texts)


def test_names_are_those_of_the_own_segment_and_all_of_them(fabric: Fabric, texts: dict[str, ServerText]) -> None:
    for name, content in with_file(texts, UNBOUND).items():
        segment = fabric.hosts[name].segment
        book = {(host, address) for host, address in DATA.findall(content)}
        hosts = [host for host in fabric.hosts.values() if host.segment == segment]
        for host in hosts:
            full = f"{host.name}.{fabric.city.domain}"
            assert {(full, str(host.ipv4.ip)), (full, str(host.ipv6.ip))} <= book
        for full, address in book:
            own = [block for block in held(fabric, segment) if block.version == ip_address(address).version]
            assert any(ip_address(address) in block for block in own), (name, full, address)


def test_names_are_given_to_the_own_segment_only(fabric: Fabric, texts: dict[str, ServerText]) -> None:
    for name, content in with_file(texts, UNBOUND).items():
        segment = fabric.hosts[name].segment
        rules = dict(re.findall(r"access-control: (\S+) (\w+)", content))
        assert {rules.pop("0.0.0.0/0"), rules.pop("::/0")} == {"refuse"}
        assert set(rules.values()) == {"allow"}
        assert {ip_network(prefix) for prefix in rules} == set(held(fabric, segment))


def test_my_number_asks_nobody_for_names(fabric: Fabric, texts: dict[str, ServerText]) -> None:
    asking = set()
    for name, content in with_file(texts, UNBOUND).items():
        segment = fabric.city.segments[fabric.hosts[name].segment]
        assert set(re.findall(r"forward-addr: (\S+)", content)) == {str(address) for address in segment.resolvers}
        assert ('local-zone: "." refuse' in content) == (not segment.resolvers)
        asking.add((segment.kind, bool(segment.resolvers)))
    assert ("mynumber", False) in asking
    assert ("lgwan", True) in asking


def test_time_comes_from_the_city_and_goes_to_the_own_segment(fabric: Fabric, texts: dict[str, ServerText]) -> None:
    found = with_file(texts, CHRONY)
    assert found
    for name, content in found.items():
        host = fabric.hosts[name]
        assert re.findall(r"^(?:server|pool|peer) (\S+)", content, re.MULTILINE) == [str(fabric.city.management.time)]
        allowed = {ip_network(prefix) for prefix in re.findall(r"^allow (\S+)", content, re.MULTILINE)}
        assert allowed == set(held(fabric, host.segment))
        assert set(re.findall(r"^bindaddress (\S+)", content, re.MULTILINE)) == {str(host.ipv4.ip), str(host.ipv6.ip)}


def test_only_the_hosts_of_the_workload_replicate(fabric: Fabric, texts: dict[str, ServerText]) -> None:
    admitted = with_file(texts, "/etc/postgresql/15/certificates/pg_hba.conf")
    assert set(admitted) == set(fabric.city.workloads["certificates"].hosts)
    for name, content in admitted.items():
        (other,) = set(admitted) - {name}
        lines = [line.split() for line in content.splitlines()]
        assert {kind for kind, *_ in lines} == {"local", "hostssl"}
        replication = {line[3] for line in lines if line[1] == "replication"}
        assert replication == {f"{fabric.hosts[other].ipv4.ip}/32", f"{fabric.hosts[other].ipv6.ip}/128"}


def test_the_client_stands_where_the_workload_is_watched_and_nowhere_else(
    fabric: Fabric, texts: dict[str, ServerText]
) -> None:
    there = set(with_file(texts, "/usr/local/bin/sanso-certificates"))
    segment = fabric.city.workloads["certificates"].segment
    assert {fabric.hosts[name].segment for name in there} == {segment}
    assert there > set(fabric.city.workloads["certificates"].hosts)


def test_no_secret_stands_in_a_text(texts: dict[str, ServerText]) -> None:
    used = {name for text in texts.values() for name in text.secrets}
    assert {"certificates.application", "certificates.replication", "ca.crt"} <= used
    assert "ca.key" not in used
    for text in texts.values():
        assert all(file.sealed == bool(file.secrets) for file in text.files.values())


@pytest.mark.parametrize("path", [UNBOUND, CHRONY])
def test_the_services_own_checkers_take_the_files(path: str, texts: dict[str, ServerText], tmp_path: Path) -> None:
    if shutil.which(CHECKERS[path].split()[0]) is None:
        pytest.skip(f"needs {CHECKERS[path].split()[0]}")
    for name, content in with_file(texts, path).items():
        file = tmp_path / name
        file.write_text(content)
        command = CHECKERS[path].format(file=file)
        assert subprocess.run(["sh", "-c", command], check=False).returncode == 0, name
        file.write_text(content + "no such thing\n")
        assert subprocess.run(["sh", "-c", command], check=False, capture_output=True).returncode != 0


def test_every_script_is_one_for_a_plain_shell(texts: dict[str, ServerText], tmp_path: Path) -> None:
    scripts = {
        file.content for text in texts.values() for file in text.files.values() if file.content.startswith("#!/bin/sh")
    }
    assert scripts
    for number, script in enumerate(sorted(scripts)):
        file = tmp_path / str(number)
        file.write_text(script)
        assert subprocess.run(["dash", "-n", str(file)], check=False).returncode == 0
