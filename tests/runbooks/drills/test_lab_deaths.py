"""Whoever dies in the middle of a live drill, it stops, goes back, and its record says so."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.runbooks.drills.town import CITY, FIRST_QUESTION, Town, ended

pytestmark = [pytest.mark.lab, pytest.mark.long]
SCENARIOS = Path(__file__).parents[3] / "runbooks/scenarios"


def test_sanso_killed_it_is_taken_back(town: Town) -> None:
    person = town.person("killed")
    person.hear(FIRST_QUESTION, 300)
    person.process.send_signal(signal.SIGKILL)
    person.process.wait()
    assert list(town.lab.faults()) == ["dc-a"]
    said = town.sanso("--lab", "drill", "run", "circuit-cut", str(CITY), "--decide-automatically", code=2)
    assert "sanso drill resume" in said
    town.sanso("--lab", "drill", "abort", "-o", str(town.folder / "killed"))
    assert town.lab.faults() == {}
    found = town.told("killed")
    assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", "abort", True)
    assert "引き継いだ" in town.page("killed")
    assert "No drill is unfinished" in town.sanso("--lab", "drill", "abort", code=2)


def test_sanso_killed_it_is_gone_on_with(town: Town) -> None:
    person = town.person("resumed")
    person.hear(FIRST_QUESTION, 300)
    person.process.send_signal(signal.SIGKILL)
    person.process.wait()
    words = ["drill", "resume", "--decide-automatically", "-o", str(town.folder / "resumed")]
    town.sanso("--lab", *words)
    assert town.lab.faults() == {}
    assert town.told("resumed")["verdict"] == "met"


def test_its_terminal_gone_it_goes_back(town: Town) -> None:
    person = town.person("gone")
    person.hear(FIRST_QUESTION, 300)
    os.close(person.ours)
    person.process.wait(300)
    assert town.lab.faults() == {}
    found = town.told("gone")
    assert (found["verdict"], found["rollback"]) == ("stopped", True)
    assert found["deviation"] in {"terminal", "interrupt"}


def test_a_breach_of_the_separation_stops_it(town: Town) -> None:
    person = town.person("breach")
    person.hear(FIRST_QUESTION, 300)
    words = ["nft", "--echo", "--handle", "insert", "rule", "inet", "sanso", "forward", "accept"]
    told = town.lab.run("hall-fw1", words).stdout
    try:
        person.hear("訓練を中止します", 120)
    finally:
        handle = told.rsplit("handle ", 1)[1].split()[0]
        town.lab.run("hall-fw1", ["nft", "delete", "rule", "inet", "sanso", "forward", "handle", handle])
    assert ended(person) == 1
    found = town.told("breach")
    assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", "separation", True)
    assert "領域の分離が破れています" in town.page("breach")


@pytest.mark.parametrize(
    ("part", "code", "words"),
    [
        ("prometheus", "monitoring", "Prometheus が応答しなくなりました"),
        ("exporter-mynumber", "agent", "監視エージェントが応答しなくなりました: mynumber"),
    ],
    ids=["prometheus", "exporter"],
)
def test_a_part_of_the_watch_dead_it_goes_back(town: Town, part: str, code: str, words: str) -> None:
    person = town.person(part)
    person.hear(FIRST_QUESTION, 300)
    town.kill_watcher(part)
    try:
        assert ended(person) == 1
        assert town.lab.faults() == {}
        found = town.told(part)
        assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", code, True)
        assert words in town.page(part)
    finally:
        town.sanso("monitoring", "up", str(CITY))


def test_the_workload_dead_after_its_failover_nothing_that_was_issued_is_lost(town: Town, tmp_path: Path) -> None:
    scenario = tmp_path / "impatient.yaml"
    text = (SCENARIOS / "data-center-lost.yaml").read_text(encoding="utf-8")
    scenario.write_text(text.replace("outage_minutes: 60", "outage_minutes: 2"), encoding="utf-8")
    person = town.person("dead", str(scenario))
    for role in (FIRST_QUESTION, "[システム担当", "[訓練統括 佐藤"):
        person.hear(role, 300)
        person.answer("")
    person.hear("[窓口担当", 300)
    issued = town.client("issue", "after the failover")
    assert issued["server"] == "hall-mn-cert"
    kill_postgres(town, "hall-mn-cert")
    assert ended(person) == 1
    found = town.told("dead")
    assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", "loss", True)
    assert "業務停止が上限を超えました" in town.page("dead")
    assert town.client("read", str(issued["number"])) == issued
    assert town.client("issue", "after the drill")["server"] == "dc-mn-cert"
    assert all(node.up for node in town.lab.nodes.values())


def kill_postgres(town: Town, node: str) -> None:
    """Kill the database's first process; the others end themselves."""
    pids = [pid for pid, words in town.lab.processes(node).items() if words and words[0].endswith("/bin/postgres")]
    assert len(pids) == 1
    os.kill(pids[0], signal.SIGKILL)


def test_an_agents_server_dead_what_is_not_back_is_tried_again(town: Town) -> None:
    person = town.person("off")
    person.hear(FIRST_QUESTION, 300)
    town.lab.stop("hall-mn-infra")
    assert ended(person) == 2
    found = town.told("off")
    assert (found["verdict"], found["rollback"]) == ("not-restored", False)
    assert found["deviation"] in {"agent", "blind"}
    assert town.lab.faults() == {}
    assert "直ちに確認が必要である" in town.page("off")
    town.lab.start("hall-mn-infra")
    town.sanso("monitoring", "up", str(CITY))
    assert "No drill is unfinished" in town.sanso("--lab", "drill", "resume", "--decide-automatically", code=2)
    town.sanso("--lab", "drill", "abort", "-o", str(town.folder / "off"))
    found = town.told("off")
    assert (found["verdict"], found["rollback"]) == ("stopped", True)
    assert "復旧をやり直した" in town.page("off")
    assert "No drill is unfinished" in town.sanso("--lab", "drill", "abort", code=2)
