"""Servers of a running lab: deployed from nothing, asked with real packets, killed, cut off, refused and recovered."""

from __future__ import annotations

import json
import os
import signal
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from served_town import PATIENCE_S, SERVERS, Town, as_operator, eventually, running, town_target

from deploy.device import Station
from deploy.plan import read_plan
from deploy.servers.compile import server_texts
from deploy.servers.crew import Crew, CrewConnection
from deploy.servers.sessions import sessions
from deploy.servers.text import dump
from network.drivers.errors import ClosedError, ReplaceError

pytestmark = [pytest.mark.lab, pytest.mark.long]


@pytest.fixture(scope="module")
def town(bare: Town) -> Town:
    """The servers deployed: refused without secrets, back where one does not serve, then brought to all."""
    city = bare.work / "town"
    assert "Make them: sanso secrets init CITY" in bare.run("plan", str(city), "-o", str(bare.work / "p"), code=2)
    bare.run("secrets", "init", str(city))
    before = running(bare)
    assert not any(text.count("\ndaemon ") for text in before.values())

    bare.on("hall-net-infra", "mv /usr/bin/dig /usr/bin/dig.away")
    file = bare.planned(city)
    told = bare.run("apply", str(file), "--check-seconds", "60", code=1)
    assert "hall-net-infra: the service dns does its work" in told
    assert "every device is on the old configuration" in told
    assert running(bare) == before
    assert "unbound" not in bare.on("hall-mn-infra", "ps ax")

    bare.on("hall-net-infra", "mv /usr/bin/dig.away /usr/bin/dig")
    file = bare.planned(city)
    assert set(read_plan(file.read_bytes(), "plan").changed) == set(SERVERS)
    rehearsed = bare.run("apply", str(file), "--dry-run")
    assert "+   interface: " in rehearsed
    assert running(bare) == before
    assert "every device is on the new configuration" in bare.run("apply", str(file))
    return bare


def test_a_second_run_changes_nothing(town: Town) -> None:
    assert "No change: all 14 devices" in town.run("plan", str(town.work / "town"), "-o", str(town.work / "p"))
    assert "No drift" in town.run("drift", str(town.work / "town"))


def dig(town: Town, node: str, server: str, *words: str) -> str:
    return town.on(node, f"dig +time=1 +tries=1 @{server} {' '.join(words)}")


def test_names_of_a_segment_are_given_to_it_and_to_nobody_else(town: Town) -> None:
    server, name = town.address("hall-mn-infra"), "dc-mn-cert.town.example.lg.jp"
    for kind, address in (("A", "ipv4"), ("AAAA", "ipv6")):
        wanted = str(getattr(town.fabric.hosts["dc-mn-cert"], address).ip)
        assert dig(town, "north-mn-pc", server, "+short", name, kind).strip() == wanted
    reverse = dig(town, "north-mn-pc", server, "+short", "-x", town.address("dc-mn-cert"))
    assert reverse.strip() == f"{name}."
    assert "status: NXDOMAIN" in dig(town, "hall-mn-pc", server, "hall-lg-file.town.example.lg.jp")
    assert "status: REFUSED" in dig(town, "hall-mn-pc", server, "www.example.com")
    assert dig(town, "hall-lg-pc", server, name) == ""
    assert "status: NXDOMAIN" in dig(town, "hall-lg-pc", town.address("hall-lg-infra"), name)
    # Over the management network nobody is answered, not even the operator.
    assert dig(town, "operator", str(town.fabric.hosts["hall-mn-infra"].management.ip), name) == ""


def test_time_comes_from_the_city_and_goes_to_the_own_segment(town: Town) -> None:
    def asked(node: str, server: str) -> bool:
        command = f"chronyd -Q -t 3 'server {server} iburst maxsamples 1' >/dev/null 2>&1 && echo told"
        return town.on(node, command).strip() == "told"

    def follows(name: str) -> bool:
        return "10.255.0.123" in town.on(name, "chronyc -n tracking")

    for name in ("hall-mn-infra", "hall-lg-infra", "hall-net-infra"):
        eventually(partial(follows, name))
    assert asked("north-mn-pc", town.address("hall-mn-infra"))
    assert asked("hall-net-pc", town.address("hall-net-infra"))
    assert not asked("hall-net-pc", town.address("hall-mn-infra"))
    assert not asked("operator", str(town.fabric.hosts["hall-mn-infra"].management.ip))


def test_certificates_are_issued_and_kept_on_both_hosts(town: Town) -> None:
    made = json.loads(town.on("hall-mn-infra", "sanso-certificates issue '野洲 太郎; --'"))
    assert made["name"] == "野洲 太郎; --"
    assert made["server"] == "dc-mn-cert"
    read = town.on("dc-mn-cert", f"sanso-certificates read {made['number']}")
    assert json.loads(read) == made
    sync = "runuser -u postgres -- psql -XAtc 'SELECT application_name, sync_state FROM pg_stat_replication' postgres"
    assert town.on("dc-mn-cert", sync).strip() == "hall-mn-cert|sync"
    plain = "psql 'service=certificates sslmode=disable' -c 'SELECT 1'"
    assert town.on("hall-mn-infra", f"PGSERVICEFILE=/etc/sanso/pg_service.conf {plain}") == ""


def test_a_server_that_reboots_serves_again(town: Town) -> None:
    town.lab.stop("hall-mn-infra")
    town.lab.start("hall-mn-infra")
    assert "No drift" in town.run("drift", str(town.work / "town"))
    name = "dc-mn-cert.town.example.lg.jp"
    assert dig(town, "hall-mn-pc", town.address("hall-mn-infra"), "+short", name).strip() == town.address("dc-mn-cert")


def test_what_was_changed_by_hand_is_told_and_put_right_and_what_it_hides_stays_hidden(town: Town) -> None:
    town.on("hall-mn-infra", "echo 'server: {}' >>/etc/unbound/unbound.conf; echo by-hand-secret >/etc/sanso/pgpass")
    town.on("hall-lg-infra", "service chrony stop")
    told = town.run("drift", str(town.work / "town"), code=1)
    assert "file /etc/unbound/unbound.conf (+0 −1 lines)" in told
    assert "file /etc/sanso/pgpass (+1 −1 lines)" in told
    assert "daemon chrony runs, now and after a boot" in told
    file = town.planned(town.work / "town", "--text")
    assert "by-hand-secret" not in file.read_text()
    assert not any("by-hand-secret" in said for said in town.said)
    assert "{{sealed " in file.read_text()
    assert set(read_plan(file.read_bytes(), "plan").changed) == {"hall-mn-infra", "hall-lg-infra"}
    town.run("apply", str(file))
    assert "No drift" in town.run("drift", str(town.work / "town"))
    assert "number" in town.on("hall-mn-infra", "sanso-certificates last")


def test_the_services_own_checker_is_asked_on_the_server_before_anything_changes(town: Town) -> None:
    text = server_texts(town.fabric)["hall-lg-infra"]
    station = Station("hall-lg-infra", "debian", str(town.fabric.hosts["hall-lg-infra"].management.ip), (dump(text),))

    def work() -> None:
        driver = sessions([station], town_target(town), install=False)(station)
        assert driver is not None
        before = driver.get_config("running")["running"]
        with pytest.raises(ReplaceError, match="expected yes or no"):
            driver.load_over(before, dump(text).replace(" hide-version: yes", " hide-version: perhaps"))
        assert driver.get_config("running")["running"] == before
        driver.close()

    as_operator(town, work)


def test_all_servers_are_worked_on_at_once_and_a_worker_that_died_is_told(town: Town) -> None:
    stations = [Station(name, "debian", str(town.fabric.hosts[name].management.ip)) for name in SERVERS]

    def work() -> None:
        crew = Crew(stations, town.lab.access())
        hands = [CrewConnection(crew, name, 60) for name in SERVERS]
        with ThreadPoolExecutor(len(hands)) as threads:
            said = list(threads.map(lambda hand: hand.run("date +%s%N; sleep 5; date +%s%N").text.split(), hands))
            assert max(int(begun) for begun, _ in said) < min(int(over) for _, over in said)
            asked = threads.submit(hands[0].run, "touch /tmp/begun; sleep 60")
            eventually(lambda: hands[1].alive() and town.on(SERVERS[0], "ls /tmp/begun"))
            worker = crew._process  # noqa: SLF001 it is to die
            assert worker is not None
            worker.kill()
            with pytest.raises(ClosedError, match="may or may not have been done"):
                asked.result()
        assert not hands[0].alive()
        for hand in hands:
            hand.close()

    as_operator(town, work)


@pytest.mark.parametrize("step", ["stage", "committed", "checked", "decide", "confirmed"])
def test_a_kill_at_any_step_leaves_all_servers_on_one_side(town: Town, step: str) -> None:
    before = town.forwarders()
    there = "other" if before["hall-net-infra"] == "" else "town"
    file = town.planned(town.work / there)
    process = town.applying(file, step)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    told = town.run("recover")
    after = town.forwarders()
    new = {"other": {"hall-lg-infra": "172.20.30.54", "hall-net-infra": "203.0.113.53"}}
    new["town"] = {"hall-lg-infra": "172.20.30.53", "hall-net-infra": ""}
    assert after in (before, new[there]), told
    for name in after:
        assert town.on(name, "/usr/local/lib/sanso/guard status").split("\n")[0] in {"", "reverted"}
    assert "No drift" in town.run("drift", str(town.work / (there if after == new[there] else _back(there))))


def _back(there: str) -> str:
    return "town" if there == "other" else "other"


def test_a_server_that_dies_in_the_middle_takes_all_back(town: Town) -> None:
    before = town.forwarders()
    there = "other" if before["hall-net-infra"] == "" else "town"
    process = town.applying(town.planned(town.work / there), "commit")
    town.lab.stop("hall-net-infra")
    told, _ = process.communicate(timeout=PATIENCE_S)
    assert process.returncode in {1, 2}, told
    assert "hall-net-infra" in told
    town.lab.start("hall-net-infra")
    town.run("recover")
    assert town.forwarders() == before
    assert "No drift" in town.run("drift", str(town.work / _back(there)))


def test_a_server_whose_sshd_dies_in_the_middle_takes_all_back(town: Town) -> None:
    """It runs on and cannot be asked any more: the others go back at once, it by its own timer, and recovery closes."""
    before = town.forwarders()
    there = "other" if before["hall-net-infra"] == "" else "town"
    process = town.applying(town.planned(town.work / there), "commit")
    for pid, words in town.lab.processes("hall-net-infra").items():
        if words[:1] and "sshd" in words[0]:
            os.kill(pid, signal.SIGKILL)
    told, _ = process.communicate(timeout=PATIENCE_S)
    town.said.append(told)
    assert process.returncode == 2, told
    assert "hall-net-infra: it does not answer over SSH" in told
    assert "sanso recover" in told
    assert town.forwarders()["hall-lg-infra"] == before["hall-lg-infra"]
    assert town.steps()[-1] == "unsettled"
    assert "hall-net-infra" in town.run("recover", code=2)
    assert town.steps()[-1] == "unsettled"

    town.on("hall-net-infra", "/usr/sbin/sshd")
    assert "every device is on the old configuration" in town.run("recover")
    assert town.steps()[-1] == "end"
    assert town.forwarders() == before
    assert "No drift" in town.run("drift", str(town.work / _back(there)))


def test_a_server_that_loses_its_last_service_loses_its_files_and_keeps_its_packages(town: Town) -> None:
    if town.forwarders()["hall-net-infra"]:
        town.run("apply", str(town.planned(town.work / "town")))
    assert "- daemon unbound" in town.run("plan", str(town.work / "fewer"), "-o", str(town.work / "p"))
    assert "not intended: daemon unbound" in town.run("drift", str(town.work / "fewer"), code=1)
    file = town.planned(town.work / "fewer")
    assert set(read_plan(file.read_bytes(), "plan").changed) == {"hall-net-infra"}
    assert "= left in place: bind9-dnsutils, chrony, unbound" in town.said[-2]
    town.run("apply", str(file))
    for path in ("/etc/unbound/unbound.conf", "/etc/chrony/chrony.conf", "/var/lib/sanso/managed"):
        assert town.on("hall-net-infra", f"[ ! -e {path} ] && echo gone") == "gone\n"
    assert "unbound" not in town.on("hall-net-infra", "ps ax")
    assert "ok installed" in town.on("hall-net-infra", "dpkg-query -W -f='${Status}' unbound")
    assert "No change: all 13 devices" in town.run("plan", str(town.work / "fewer"), "-o", str(town.work / "p"))
    town.run("apply", str(town.planned(town.work / "town")))
    assert "No drift" in town.run("drift", str(town.work / "town"))


def test_a_server_that_does_not_answer_is_named_and_may_be_left_out(town: Town) -> None:
    city = town.work / ("town" if town.forwarders()["hall-net-infra"] == "" else "other")
    town.lab.stop("hall-net-infra")
    told = town.run("plan", str(city), "-o", str(town.work / "p"), code=2)
    assert "1 of 14 devices could not be read" in told
    assert "hall-net-infra: it does not answer over SSH" in told
    others = [word for name in SERVERS if name != "hall-net-infra" for word in ("--only", name)]
    assert "No change: all 4 devices" in town.run("plan", str(city), "-o", str(town.work / "p"), *others)
    town.lab.start("hall-net-infra")
    assert "No drift" in town.run("drift", str(city))


def test_another_host_key_is_refused_and_nothing_is_sent(town: Town) -> None:
    key = "/etc/ssh/ssh_host_ed25519_key"
    town.on(
        "hall-net-infra", f"cp {key} {key}.kept && ssh-keygen -q -t ed25519 -N '' -f {key}.new && mv {key}.new {key}"
    )
    town.lab.stop("hall-net-infra")
    town.lab.start("hall-net-infra")
    told = town.run("drift", str(town.work / "town"), "--only", "hall-net-infra", code=2)
    assert "host key" in told.lower()
    town.on("hall-net-infra", f"mv {key}.kept {key}")
    town.lab.stop("hall-net-infra")
    town.lab.start("hall-net-infra")
