"""Servers that are each a Debian of their own, with systemd, sudo and apt, take their places in a lab's town."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
from collections.abc import Iterator
from dataclasses import replace

import pytest
from debian_box import RELEASE, Debian, make_tree, run
from served_town import Town, as_operator, eventually, town_target

from deploy.device import Station
from deploy.servers.compile import server_texts
from deploy.servers.sessions import sessions
from deploy.servers.text import dump
from network.lab import Lab

pytestmark = [pytest.mark.lab, pytest.mark.long]
NAMES, CERTIFICATES = "hall-lg-infra", "hall-mn-cert"
HOST_KEY = "ssh_host_ed25519_key"
STATE = "systemctl is-active unbound chrony; systemctl is-enabled unbound chrony; true"
CONFIGURATIONS = "/etc/unbound/unbound.conf /etc/chrony/chrony.conf"


@pytest.fixture(scope="module")
def debians(bare: Town, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Debian]]:
    folder = tmp_path_factory.mktemp("debians")
    texts = server_texts(bare.fabric)
    wanted = sorted({package for name in (NAMES, CERTIFICATES) for package in texts[name].packages})
    make_tree(folder / RELEASE, wanted)
    key = run("ssh-keygen", "-y", "-f", str(bare.lab.access().key)).strip()
    with contextlib.ExitStack() as ends:
        ends.callback(shutil.rmtree, folder)
        found = {}
        for name in (NAMES, CERTIFICATES):
            run("cp", "-a", str(folder / RELEASE), str(folder / name))
            host_key = folder / f"{name}.d" / HOST_KEY
            host_key.parent.mkdir()
            host_key.write_text(bare.on(name, f"cat /etc/ssh/{HOST_KEY}"))
            make_room(bare.lab, name)
            found[name] = Debian(name, folder / name, bare.lab.netns(name), key, host_key)
            ends.callback(found[name].power_off)
            start(found[name])
        yield found


def make_room(lab: Lab, node: str) -> None:
    """The node's own sshd ends; its network stays."""
    for number, words in lab.processes(node).items():
        if words[:1] and words[0].startswith("sshd:"):
            os.kill(number, signal.SIGKILL)


def start(debian: Debian) -> None:
    debian.boot()
    eventually(lambda: debian.on("systemctl is-active ssh") == "active")


def asked(town: Town, name: str) -> str:
    """What the Debian says when its segment asks it for a server's address."""
    return town.on(
        "hall-lg-pc", f"dig +short +time=1 +tries=1 @{town.address(NAMES)} {name}.town.example.lg.jp"
    ).strip()


def test_a_first_deployment_that_goes_back_leaves_nothing_but_packages(bare: Town, debians: dict[str, Debian]) -> None:
    """The packages come by apt, their daemons and their own files wait for the commit."""
    city = bare.work / "town"
    bare.run("secrets", "init", str(city))
    names = debians[NAMES]
    assert names.on("dpkg-query -W unbound") == ""
    bare.on("hall-net-infra", "mv /usr/bin/dig /usr/bin/dig.away")
    told = bare.run("apply", str(bare.planned(city)), "--check-seconds", "60", code=1)
    bare.on("hall-net-infra", "mv /usr/bin/dig.away /usr/bin/dig")
    assert "hall-net-infra: the service dns does its work" in told
    assert "every device is on the old configuration" in told
    assert "unbound" in names.on("dpkg-query -W unbound")
    assert names.on(STATE).split() == ["inactive", "inactive", "disabled", "disabled"]
    assert names.on(f"ls {CONFIGURATIONS}; ls /usr/sbin/policy-rc.d; true") == ""


def test_real_debians_are_deployed_as_any_server(bare: Town, debians: dict[str, Debian]) -> None:
    city = bare.work / "town"
    assert "every device is on the new configuration" in bare.run("apply", str(bare.planned(city)))
    assert debians[NAMES].on(STATE).split() == ["active", "active", "enabled", "enabled"]
    assert asked(bare, "hall-lg-file") == bare.address("hall-lg-file")
    replicating = "runuser -u postgres -- psql -XAtc 'SELECT application_name, sync_state FROM pg_stat_replication'"
    assert bare.on("dc-mn-cert", f"{replicating} postgres").strip() == f"{CERTIFICATES}|sync"
    assert "No drift" in bare.run("drift", str(city))
    assert "No change: all 14 devices" in bare.run("plan", str(city), "-o", str(bare.work / "p"))


def test_after_a_boot_they_serve(bare: Town, debians: dict[str, Debian]) -> None:
    for debian in debians.values():
        debian.power_off()
        start(debian)
    eventually(lambda: asked(bare, "hall-lg-file") == bare.address("hall-lg-file"))
    eventually(lambda: "No drift" in bare_drift(bare))
    assert bare.on("hall-mn-infra", "sanso-certificates issue 'systemd'") != ""


def bare_drift(town: Town) -> str:
    process = town.start("drift", str(town.work / "town"))
    return process.communicate(timeout=120)[0]


def test_a_power_cut_in_the_middle_is_undone_by_systemd_at_boot(bare: Town, debians: dict[str, Debian]) -> None:
    names = debians[NAMES]
    before = names.on("cat /etc/unbound/unbound.conf")
    process = bare.applying(bare.planned(bare.work / "other"), "committed")
    names.power_off()
    told, _ = process.communicate(timeout=400)
    assert process.returncode in {1, 2}, told
    start(names)
    eventually(lambda: names.on("systemctl is-active unbound") == "active")
    assert names.on("/usr/local/lib/sanso/guard status").split("\n")[0] in {"", "reverted"}
    bare.run("recover")
    assert names.on("cat /etc/unbound/unbound.conf") == before
    assert names.on("systemctl show -p Result sanso-boot") == "Result=success"
    assert "No drift" in bare_drift(bare)


def test_an_account_with_sudo_is_enough(bare: Town, debians: dict[str, Debian]) -> None:
    text = server_texts(bare.fabric)[NAMES]
    station = Station(NAMES, "debian", str(bare.fabric.hosts[NAMES].management.ip), (dump(text),))
    target = town_target(bare)
    target = replace(target, access=replace(target.access, user="sanso"))
    changed = dump(text).replace(" hide-version: yes", " hide-version: no")

    def work() -> None:
        driver = sessions([station], target, install=False)(station)
        assert driver is not None
        before = driver.get_config("running")["running"]
        driver.load_over(before, changed)
        driver.commit_config("by sudo", revert_in=60)
        assert debians[NAMES].on("grep hide-version: /etc/unbound/unbound.conf").split() == ["hide-version:", "no"]
        driver.confirm_commit()
        driver.rollback()
        assert driver.get_config("running")["running"] == before
        driver.close()

    as_operator(bare, work)
