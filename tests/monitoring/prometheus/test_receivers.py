"""Where alerts go: as the inventory names it, with secrets from the vault; the wall alone where it names nobody."""

from __future__ import annotations

import http.client
import http.server
import json
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.servers.vault import write_vault
from inventory.loader import load_city
from monitoring.exporter.configuration import Station, configurations
from monitoring.prometheus import Settings, files
from network.access import Access
from network.build import build_fabric
from sanso import run
from tests.conftest import DAY

TINY = Path(__file__).parents[2] / "cities" / "tiny"
PASSWORD, TOKEN = "smtp-password-of-the-city", "token-of-the-noc"
MAIL = (
    "mail: {to: [noc@city.example, chief@city.example], from: sanso@city.example, "
    "smarthost: 'mail.city.example:587', user: sanso}"
)
HOOK = "webhook: {url: 'http://127.0.0.1:PORT/alerts', token: true}"


def city(tmp_path: Path, alerts: str) -> Path:
    """The smallest city with these receivers."""
    folder = tmp_path / "tiny"
    shutil.copytree(TINY, folder)
    text = (folder / "tiny.yaml").read_text(encoding="utf-8")
    bare = "management: {ipv4: 10.255.0.0/16}"
    assert bare in text
    text = text.replace(bare, f"management: {{ipv4: 10.255.0.0/16, alerts: {{{alerts}}}}}")
    (folder / "tiny.yaml").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A vault with both secrets; the file of its password."""
    monkeypatch.setenv("SANSO_STATE", str(tmp_path / "state"))
    (tmp_path / "state").mkdir()
    write_vault(tmp_path / "state/secrets.yaml", {"alerts.smtp": PASSWORD, "alerts.webhook": TOKEN}, b"horse")
    file = tmp_path / "password"
    file.touch(0o600)
    file.write_text("horse\n", encoding="utf-8")
    return file


def rendered(place: Path, out: Path, *words: str, code: int = 0) -> Path:
    assert (
        run(["--lang", "en", "monitoring", "render", str(place), "-o", str(out), "--on", "2026-11-20", *words]) == code
    )
    return out


def receivers(text: str) -> dict[str, dict[str, Any]]:
    return {found["name"]: found for found in yaml.safe_load(text)["receivers"]}


def test_mail_and_webhook_with_secrets_in_files_of_their_own(tmp_path: Path, password: Path) -> None:
    place = city(tmp_path, f"{MAIL}, {HOOK.replace('PORT', '1')}")
    out = rendered(place, tmp_path / "out", "--vault-password-file", str(password))
    done = subprocess.run(
        ["amtool", "check-config", out / "alertmanager.yml"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = receivers((out / "alertmanager.yml").read_text(encoding="utf-8"))
    assert {name: set(one) for name, one in found.items()} == {
        "critical": {"name", "email_configs", "webhook_configs"},
        "warning": {"name", "email_configs", "webhook_configs"},
        "info": {"name"},
    }
    (mail,), (hook,) = found["critical"]["email_configs"], found["critical"]["webhook_configs"]
    assert (mail["to"], mail["require_tls"]) == ("noc@city.example, chief@city.example", True)
    assert mail["headers"]["Subject"].startswith("[重大] ")
    named = {mail["auth_password_file"]: PASSWORD, hook["http_config"]["authorization"]["credentials_file"]: TOKEN}
    assert {str(file) for file in (out / "secrets").iterdir()} == set(named)
    for file, secret in named.items():
        assert Path(file).stat().st_mode & 0o777 == 0o600
        assert Path(file).read_text(encoding="utf-8") == secret
    others = [file for file in out.rglob("*") if file.is_file() and str(file) not in named]
    assert not [file for file in others for secret in (PASSWORD, TOKEN) if secret in file.read_text(encoding="utf-8")]


def test_what_is_sent_may_begin_at_another_severity(tmp_path: Path) -> None:
    mail = MAIL.replace(", user: sanso", "")
    out = rendered(city(tmp_path, f"lowest: critical, {mail}"), tmp_path / "out")
    found = receivers((out / "alertmanager.yml").read_text(encoding="utf-8"))
    assert [name for name, one in found.items() if "email_configs" in one] == ["critical"]
    assert "auth_password_file" not in found["critical"]["email_configs"][0]
    assert not (out / "secrets").exists()


def test_a_secret_that_is_missing_is_named_and_nothing_is_written(
    tmp_path: Path, password: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_vault(tmp_path / "state/secrets.yaml", {"alerts.webhook": TOKEN}, b"horse")
    out = rendered(city(tmp_path, MAIL), tmp_path / "out", "--vault-password-file", str(password), code=2)
    told = capsys.readouterr().err
    assert "lacks secrets: alerts.smtp." in told
    assert "sanso secrets edit" in told
    assert not out.exists()


def test_nobody_is_told_by_a_city_that_names_nobody_nor_by_a_lab(tmp_path: Path) -> None:
    out = rendered(TINY, tmp_path / "out")
    assert [set(one) for one in receivers((out / "alertmanager.yml").read_text("utf-8")).values()] == [{"name"}] * 3
    fabric = build_fabric(load_city(city(tmp_path, MAIL), DAY))
    exporters = configurations(fabric, DAY, Station(Access("sanso"), "tiny", "sqlite:////j.db"))
    written = files(fabric, exporters, Settings.lab(5, Path("/ca.pem"), 1))
    assert [set(one) for one in receivers(written["alertmanager.yml"]).values()] == [{"name"}] * 3


@contextmanager
def noc(heard: queue.Queue[tuple[str, Any]]) -> Iterator[int]:
    """A NOC's system that notes who comes with what; its port."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            heard.put((self.headers.get("Authorization", ""), body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.mark.long
def test_a_real_alertmanager_posts_what_is_severe_enough(tmp_path: Path, password: Path, port: int) -> None:
    heard: queue.Queue[tuple[str, Any]] = queue.Queue()
    with noc(heard) as there:
        out = rendered(
            city(tmp_path, HOOK.replace("PORT", str(there))), tmp_path / "out", "--vault-password-file", str(password)
        )
        words = [f"--config.file={out / 'alertmanager.yml'}", f"--storage.path={tmp_path}", "--cluster.listen-address="]
        with subprocess.Popen(
            ["prometheus-alertmanager", *words, f"--web.listen-address=127.0.0.1:{port}"], stderr=subprocess.DEVNULL
        ) as process:
            try:
                alerts = [
                    {"labels": {"alertname": name, "severity": severity, "site": name}}
                    for name, severity in (("SnmpDown", "info"), ("ServerDown", "critical"))
                ]
                post(port, alerts)
                login, body = heard.get(timeout=40)
            finally:
                process.terminate()
    assert login == f"Bearer {TOKEN}"
    assert [alert["labels"]["alertname"] for alert in body["alerts"]] == ["ServerDown"]
    assert heard.empty()


def post(port: int, alerts: list[dict[str, Any]]) -> None:
    """As soon as it listens."""
    end = time.monotonic() + 30
    while True:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("POST", "/api/v2/alerts", json.dumps(alerts), {"Content-Type": "application/json"})
            assert connection.getresponse().status == http.client.OK
        except OSError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
