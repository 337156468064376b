"""The wall's page in a real browser, without a lab: a whole city of which nothing is known, and a page left open."""

from __future__ import annotations

import datetime as dt
import http.client
import http.server
import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromium import Chromium

from inventory.loader import load_city
from monitoring.exporter.configuration import Station, configurations
from monitoring.prometheus import RENDERED, Settings, files
from network.access import Access
from network.build import build_fabric
from network.documents import write_folder

pytestmark = pytest.mark.long
DAY = dt.date(2026, 11, 20)

MEASURE = """
const main = document.querySelector("main").getBoundingClientRect();
const cut = [...document.querySelectorAll("tbody th, thead span, h1, h2, .verdict, aside li, header p")]
  .filter((one) => one.scrollWidth > one.clientWidth + 1 && one.clientWidth).map((one) => one.textContent.trim());
const size = (one) => parseFloat(getComputedStyle(one).fontSize);
const read = "tbody th, tbody td, aside td, aside li, thead span";
const least = Math.min(...[...document.querySelectorAll(read)].map(size));
const low = (one) => one.getBoundingClientRect().bottom > innerHeight + 1;
const below = [...document.querySelectorAll("section, tr")].filter(low).length;
document.title = JSON.stringify({width: main.width, cut, least, below});
"""


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The rendered folder of Yasu."""
    fabric = build_fabric(load_city("yasu", DAY))
    exporters = configurations(fabric, DAY, Station(Access("sanso", None, None), "yasu", "sqlite:////state/journal.db"))
    folder = tmp_path_factory.mktemp("page") / "yasu"
    write_folder(folder, files(fabric, exporters, Settings()), RENDERED)
    return folder


@contextmanager
def prometheus(folder: Path, home: Path, configuration: str) -> Iterator[tuple[int, subprocess.Popen[bytes]]]:
    """A real one that makes the page in `folder`; its port, and the process."""
    (home / "prometheus.yml").write_text(configuration, encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {
        "config.file": home / "prometheus.yml",
        "storage.tsdb.path": home / "data",
        "web.listen-address": f"127.0.0.1:{port}",
        "web.console.templates": folder / "consoles",
        "web.console.libraries": folder / "console_libraries",
    }
    words = ["prometheus", *(f"--{name}={value}" for name, value in options.items())]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            yield port, process
        finally:
            process.terminate()


@pytest.fixture(scope="module")
def unknown(written: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The wall of Yasu as Prometheus makes it when it has been told nothing."""
    with prometheus(written, tmp_path_factory.mktemp("nothing"), "{}") as (port, process):
        return fetched(port, process)


def fetched(port: int, process: subprocess.Popen[bytes]) -> str:
    while process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
            connection.request("GET", "/consoles/wall.html")
            answer = connection.getresponse()
            body = answer.read().decode()
        except OSError:
            body = ""
        if body and answer.status == http.client.OK:
            return body
        time.sleep(0.1)
    pytest.fail("Prometheus does not start")


@contextmanager
def served(*pages: str) -> Iterator[str]:
    """A server that answers one page after the other, and nothing any more when all are gone."""
    left = list(pages)

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path != "/" or not left:
                self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(left.pop(0).encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


def test_nothing_known_is_nothing_well(unknown: str) -> None:
    body = unknown.partition("<main>")[2]
    assert "― データなし" in body
    assert "警報なし" not in body
    assert "すべて正常" not in body
    words = re.sub(r"<small>○ 正常.*?</small>", "", body)
    assert "○" not in words.partition("</main>")[0]


DRILL = """
sanso_drill_running{drill="20261120-ab12",scenario="circuit-cut",title="回線の<b>切断</b>"} 1
sanso_drill_phase_info{drill="20261120-ab12",phase="detect"} 1
"""


def test_a_running_drill_is_told_by_its_title_and_phase(written: Path, tmp_path: Path) -> None:
    with metrics(DRILL) as address:
        scrape = {"job_name": "sanso-journal", "scrape_interval": "1s", "static_configs": [{"targets": [address]}]}
        with prometheus(written, tmp_path, json.dumps({"scrape_configs": [scrape]})) as (port, process):
            end = time.monotonic() + 30
            while "訓練中" not in (page := fetched(port, process)) and time.monotonic() < end:
                time.sleep(0.2)
    told = page.partition('<section id="drill">')[2].partition("</section>")[0]
    assert "回線の&lt;b&gt;切断&lt;/b&gt;" in told
    assert "検知待ち" in told
    assert "circuit-cut" not in told


@contextmanager
def metrics(text: str) -> Iterator[str]:
    """An exporter that always tells the same; its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_city_of_thirty_sites_fits_and_can_be_read(unknown: str, tmp_path: Path) -> None:
    page = unknown.replace("</body>", f"<script>{MEASURE}</script></body>")
    with served(page) as url:
        text = Chromium(tmp_path).text(url)
    told = re.search(r"<title>(\{.*?\})</title>", text)
    assert told is not None
    found = json.loads(told[1].replace("&amp;", "&"))
    assert found["width"] == 1920
    assert found["below"] == 0
    # Whole but for the longest title of a site.
    assert found["cut"] == ["共同クラウド データセンター(市のIaaS区画)"]
    assert found["least"] >= 19


def test_a_page_left_open_renews_itself(unknown: str, tmp_path: Path) -> None:
    later = unknown.replace("― データなし", "― 次の画面", 1)
    with served(unknown, later, later, later) as url:
        text = Chromium(tmp_path, wait_ms=25_000).text(url)
    assert "― 次の画面" in text.partition("<main>")[2]
    assert 'class="small lost"' not in text


def test_a_page_left_open_says_when_nobody_answers_any_more(unknown: str, tmp_path: Path) -> None:
    with served(unknown) as url:
        browser = Chromium(tmp_path, wait_ms=25_000)
        text = browser.text(url)
    assert 'class="small lost"' in text
    assert "表示を更新できません" in text
