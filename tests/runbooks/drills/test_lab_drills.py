"""Drills live in the town: real faults, alerts and runbooks; what is told and shown, and what is kept secret."""

from __future__ import annotations

import json
import signal
import tempfile
import time
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from monitoring.prometheus.settings import PROMETHEUS
from network.lab.blueprint import OPERATOR
from tests.monitoring.prometheus.chromium import Chromium
from tests.runbooks.drills.town import CITY, FIRST_QUESTION, Town
from tests.secrecy import Listener, files_in, hidden_in, tells

# Alone: it reads all new files below /tmp. Another test may have mounted a /proc there, whose kmsg has no end.
pytestmark = [pytest.mark.lab, pytest.mark.alone, pytest.mark.long]
DATABASE_SECRETS = (
    "/etc/postgresql/15/certificates/server.key",
    "/etc/sanso/certificates.sql",
    "/etc/sanso/pgpass",
    "/etc/sanso/replication.pgpass",
)
AT_HOME = {
    "dc-mn-cert": DATABASE_SECRETS,
    "hall-mn-cert": DATABASE_SECRETS,
    "hall-mn-infra": ("/etc/sanso/pgpass",),
}
"""Where a secret belongs: the servers' own files, which their service alone may read."""
PLACES = (tempfile.gettempdir(), "/var/tmp", "/var/log", "/dev/shm", "/run", str(Path.home()))  # noqa: S108 not used


def workers() -> list[str]:
    """Processes of runbooks that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if "runbooks.procedures.worker" in line:
            found.append(line)
    return found


@dataclass(frozen=True)
class Lost:
    """The drill of the lost data center: what its record tells, and the argument lists seen meanwhile."""

    told: dict[str, Any]
    heard: set[bytes]


@pytest.fixture(scope="module")
def lost(town: Town) -> Lost:
    words = ["drill", "run", "data-center-lost", str(CITY), "--decide-automatically", "-o", str(town.folder / "b")]
    with Listener() as listener:
        town.sanso("--lab", *words)
    return Lost(town.told("b"), listener.heard)


def test_the_circuit_is_cut_and_service_goes_on(town: Town) -> None:
    words = ["drill", "run", "circuit-cut", str(CITY), "--decide-automatically", "-o", str(town.folder / "a")]
    town.sanso("--lab", *words)
    found = town.told("a")
    assert (found["verdict"], found["rollback"]) == ("met", True)
    holes = json.loads((town.folder / "a/journal.jsonl").read_text().splitlines()[-1])["body"]["measured"]["holes"]
    assert holes
    assert all(hole["seconds"] is not None for hole in holes)
    assert found["survived"]["lost"] == []
    assert town.lab.faults() == {}


def test_the_data_center_is_lost_and_certificates_go_on(town: Town, lost: Lost) -> None:
    found = lost.told
    assert (found["verdict"], found["rollback"]) == ("met", True)
    assert found["survived"]["marker_kept"]
    assert found["survived"]["lost"] == []
    clocks = [found["clocks"][name] for name in ("detected", "decided", "executed")]
    assert clocks == sorted(clocks)
    assert all(node.up for node in town.lab.nodes.values())
    assert town.client("issue", "after")["server"] == "dc-mn-cert"
    assert workers() == []


def test_no_secret_is_written_or_told_by_a_plan_an_apply_and_a_drill(town: Town, lost: Lost) -> None:
    (vault,) = town.state.rglob("secrets.yaml")
    hidden = hidden_in(vault, town.password)
    assert len(town.heard) > 100
    assert len(lost.heard) > 100
    assert not [line for line in town.heard | lost.heard if any(value in line for value in hidden)]
    assert not [said for said in town.said if any(value in said.encode() for value in hidden)]
    since = town.password.stat().st_ctime
    written = {file for place in (*PLACES, town.folder) for file in files_in(Path(place), since)}
    for part in ("plan.json", "b/journal.jsonl", "b/report.pdf", "b/index.html"):
        assert town.folder / part in written
    for name in ("journal.db", "service.csv"):
        assert any(file.name == name for file in written)
    assert not [file for file in written if tells(file, hidden)]
    assert on_disks(town, hidden) == AT_HOME


def on_disks(town: Town, hidden: set[bytes]) -> dict[str, tuple[str, ...]]:
    """Node → files on its disk that hold a secret; each has to be its owner's alone."""
    home = Path(f"/proc/{town.lab.pid}/root/mnt")
    found: dict[str, tuple[str, ...]] = {}
    for node in town.lab.nodes:
        upper = home / node / "upper"
        files = [file for file in files_in(upper) if tells(file, hidden)]
        assert all(file.stat().st_mode & 0o077 == 0 for file in files)
        if files:
            found[node] = tuple(sorted(f"/{file.relative_to(upper)}" for file in files))
    return found


class _Section(HTMLParser):
    """The words of one section of a page."""

    def __init__(self, page: str, name: str) -> None:
        super().__init__()
        self._name, self._inside = name, False
        self.words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._inside = dict(attrs).get("id") == self._name

    def handle_endtag(self, tag: str) -> None:
        self._inside = self._inside and tag != "section"

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.words = " ".join([*self.words.split(), *data.split()])


def test_the_wall_shows_the_running_drill_and_ctrl_c_takes_it_back(town: Town, tmp_path: Path) -> None:
    browser = Chromium(tmp_path, town.lab.netns(OPERATOR))
    wall = f"http://{PROMETHEUS}/consoles/wall.html"

    def shown(mark: str) -> str:
        end = time.monotonic() + 60
        while mark not in (seen := _Section(browser.text(wall), "drill").words) and time.monotonic() < end:
            time.sleep(2)
        return seen

    assert shown("実施中") == "訓練 実施中の訓練なし"
    person = town.person("wall")
    person.hear(FIRST_QUESTION, 300)
    assert shown("対応中") == "訓練 訓練中 本庁舎・データセンター間の回線切断 対応中"
    assert browser.picture(wall, tmp_path / "drill.png").stat().st_size > 10_000
    person.process.send_signal(signal.SIGINT)
    assert person.process.wait(300) == 130
    found = town.told("wall")
    assert (found["verdict"], found["deviation"], found["rollback"]) == ("stopped", "interrupt", True)
    assert town.lab.faults() == {}


def test_a_site_is_taken_out_and_back(town: Town) -> None:
    def costs() -> int:
        return town.lab.run("hall-core1", ["vtysh", "-c", "show running-config"]).stdout.count("cost 65535")

    words = [str(CITY), "-p", "site=dc"]
    assert "needs the approval" in town.sanso("--lab", "runbook", "run", "site-out", *words, code=2)
    town.sanso("--lab", "runbook", "approve", "site-out", *words, "--as", "佐藤")
    town.sanso("--lab", "runbook", "run", "site-out", *words, "--as", "田中")
    assert costs() > 0
    assert "needs the approval" in town.sanso("--lab", "runbook", "run", "site-out", *words, "--as", "田中", code=2)
    town.sanso("--lab", "runbook", "run", "site-back", *words, "--as", "田中")
    assert costs() == 0
