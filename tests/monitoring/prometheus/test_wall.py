"""The city wall in a real browser: the town's lab watched by real exporters, healthy, a circuit cut, and healed."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from chromium import Chromium
from PIL import Image

from deploy.target import lab_target
from monitoring.prometheus.lab import LabWatch, WatchPlan
from monitoring.prometheus.settings import ALERTMANAGER, PROMETHEUS
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab, boot
from network.lab.blueprint import OPERATOR
from network.render import render

pytestmark = [pytest.mark.lab, pytest.mark.long]
DAY = dt.date(2026, 11, 20)
ROOT = Path(__file__).parents[3]
TOWN = ROOT / "tests" / "cities" / "town"
WALL = "/consoles/wall.html"


@pytest.fixture(scope="module")
def lab(town_fabric: Fabric, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """The town with its network and its servers: the workload is the real one."""
    if os.geteuid() != 0:
        pytest.skip("a lab needs root")
    states = compile_fabric(town_fabric, on=DAY)
    work = tmp_path_factory.mktemp("wall")
    lab = boot(town_fabric, {name: render(state) for name, state in states.items()}, work)
    try:
        _deploy(work)
        yield lab
    finally:
        lab.down()


def _deploy(work: Path) -> None:
    password, plan = work / "password", str(work / "plan.json")
    password.touch(0o600)
    password.write_text("long enough", encoding="ascii")
    environment = {**os.environ, "SANSO_STATE": str(work), "SANSO_VAULT_PASSWORD_FILE": str(password)}
    for words in (
        ["secrets", "init", str(TOWN)],
        ["plan", str(TOWN), "-o", plan, "--author", "sato"],
        ["approve", plan, "--as", "suzuki"],
        ["apply", plan],
    ):
        command = [sys.executable, "-m", "sanso", "--lab", *words]
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def watch(lab: Lab, town_fabric: Fabric) -> LabWatch:
    state = lab.folder.parent
    watch = LabWatch(lab, state)
    watch.up(town_fabric, lab_target(lab, state), WatchPlan(str(TOWN), DAY, 5))
    return watch


class Cells(HTMLParser):
    """The words of every section, and of every row of the matrix, without what is no word."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.words: dict[str, list[str]] = {}
        self._open: list[str] = []
        self._silent = 0
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"style", "script"}
        name = dict(attrs).get("id")
        if tag in {"section", "tr", "p", "header"}:
            self._open.append(name or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "script"}
        if tag in {"section", "tr", "p", "header"}:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            for name in self._open:
                self.words.setdefault(name, []).append(" ".join(data.split()))


def read(page: str) -> dict[str, str]:
    return {name: " ".join(words) for name, words in Cells(page).words.items()}


def until(page: Callable[[], dict[str, str]], good: Callable[[dict[str, str]], bool]) -> dict[str, str]:
    """Wait for the wall to say it; the last page when it never does."""
    end = time.monotonic() + 120
    while True:
        found = page()
        if good(found) or time.monotonic() > end:
            return found
        time.sleep(1)


@pytest.fixture
def page(watch: LabWatch) -> Callable[[], dict[str, str]]:
    return lambda: read((watch.ask(PROMETHEUS, WALL) or b"").decode())


@pytest.fixture
def browser(lab: Lab, tmp_path: Path) -> Chromium:
    return Chromium(tmp_path, lab.netns(OPERATOR))


def all_well(found: dict[str, str]) -> bool:
    return found.get("alerts") == "警報 ○ 警報なし" and "○ 維持" in found.get("separation", "")


def shows_something(picture: Path) -> bool:
    with Image.open(picture) as image:
        assert image.size == (1920, 1080)
        colours = image.convert("L").histogram()
    return sum(colours[200:]) > 10_000 and sum(colours[:50]) > 1_000_000


def test_a_healthy_town(browser: Chromium, page: Callable[[], dict[str, str]], tmp_path: Path) -> None:
    until(page, all_well)
    found = read(browser.text(f"http://{PROMETHEUS}{WALL}"))
    assert found["alerts"] == "警報 ○ 警報なし"
    assert re.fullmatch(
        r"領域分離 ○ 維持 禁止経路 \d+ 本を常時試行 マイナンバー ○ LGWAN ○ インターネット ○", found["separation"]
    )
    assert found["site-hall"] == "本庁舎 ○ ○ ○"
    assert found["site-dc"] == "データセンター ○ ○ ・"
    assert found["site-north"] == "北支所 ○ ○ ・"
    assert found["circuits"].startswith("回線 正常 3 / 全 3 ○ データセンター回線1 ○ データセンター回線2 ○ 北支所回線 ○")
    assert found["workloads"] == "業務システム ○ 証明書発行"
    assert found["drill"] == "訓練 実施中の訓練なし"
    assert re.search(r"データ \d\d:\d\d:\d\d 以降", found["data"])
    assert shows_something(browser.picture(f"http://{PROMETHEUS}{WALL}", tmp_path / "healthy.png"))


def test_a_circuit_is_cut_and_healed(
    lab: Lab, watch: LabWatch, browser: Chromium, page: Callable[[], dict[str, str]], tmp_path: Path
) -> None:
    until(page, all_well)
    lab.cut("north")
    try:
        until(page, lambda found: "拠点孤立" in found.get("alerts", ""))
        found = read(browser.text(f"http://{PROMETHEUS}{WALL}"))
        picture = browser.picture(f"http://{PROMETHEUS}{WALL}", tmp_path / "cut.png")
        told = json.loads(watch.ask(ALERTMANAGER, "/api/v2/alerts?active=true&inhibited=false") or b"[]")
    finally:
        lab.heal("north")
    assert re.search(r"重大 回線断 北支所回線 \d\d:\d\d", found["alerts"])
    assert re.search(r"重大 拠点孤立 北支所 \d\d:\d\d", found["alerts"])
    assert "○ 維持" in found["separation"]
    assert found["site-north"] == "北支所 × 不通 × 不通 ・"
    assert found["site-hall"] == "本庁舎 ○ ○ ○"
    assert "正常 2 / 全 3" in found["circuits"]
    assert "× 不通 北支所回線" in found["circuits"]
    assert shows_something(picture)
    assert {alert["labels"]["alertname"] for alert in told} == {"CircuitDown", "SiteCutOff"}
    assert all_well(until(page, all_well))


def test_a_cut_that_leaves_the_carrier_is_seen_too(lab: Lab, page: Callable[[], dict[str, str]]) -> None:
    until(page, all_well)
    lab.cut("dc-a", silent=True)
    try:
        found = until(page, lambda found: "回線断" in found.get("alerts", ""))
    finally:
        lab.heal("dc-a")
    assert re.fullmatch(r"警報 注意 1 注意 回線断 データセンター回線1 \d\d:\d\d", found["alerts"])
    assert found["site-dc"] == "データセンター △ 一部 △ 一部 ・"
    assert all_well(until(page, all_well))


def test_a_server_that_does_not_answer_is_told_until_it_is_back(
    lab: Lab, watch: LabWatch, page: Callable[[], dict[str, str]]
) -> None:
    until(page, all_well)
    lab.stop("hall-mn-cert")
    try:
        found = until(page, lambda found: "サーバ停止" in found.get("alerts", ""))
        told = json.loads(watch.ask(ALERTMANAGER, "/api/v2/alerts?active=true&inhibited=false") or b"[]")
    finally:
        lab.start("hall-mn-cert")
    assert re.fullmatch(
        r"警報 重大 1 重大 サーバ停止 証明書発行サーバ\(待機\)\(hall-mn-cert\) \d\d:\d\d", found["alerts"]
    )
    summaries = [alert["annotations"]["summary"] for alert in told if alert["labels"]["alertname"] == "ServerDown"]
    assert summaries == [
        "サーバ停止: 本庁舎の証明書発行サーバ(待機)(hall-mn-cert)(マイナンバー利用事務系)が応答しません。"
    ]
    assert all_well(until(page, all_well))


def test_what_is_not_watched_is_not_told_to_be_well(lab: Lab, page: Callable[[], dict[str, str]]) -> None:
    until(page, all_well)
    lab.stop("hall-lg-infra")
    found = until(page, lambda found: "監視停止" in found.get("alerts", ""))
    assert "△ 一部未確認" in found["separation"]
    assert "LGWAN ― データなし" in found["separation"]
    assert re.search(r"重大 監視停止 LGWAN接続系 \d\d:\d\d", found["alerts"])
    assert "分離未確認" not in found["alerts"]


def test_the_watch_ends_with_the_lab(lab: Lab, watch: LabWatch) -> None:
    pids = [pid for part in watch.parts for pid in watch.running(part)]
    assert len(pids) == len(watch.parts) - 1  # one server is off
    lab.down()
    assert not [pid for pid in pids if Path(f"/proc/{pid}").exists()]
