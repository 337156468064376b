from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.loader import load_city
from monitoring.prometheus import Settings, files
from monitoring.prometheus.grafana import UID, dashboard
from monitoring.prometheus.watchers import Exporters
from monitoring.prometheus.words import ALERTS
from network.build import build_fabric
from network.fabric import Fabric
from sanso import run
from tests.conftest import DAY

ROOT = Path(__file__).parents[3]
TOWN = ROOT / "tests/cities/town"
GOLDEN = Path(__file__).with_name("alerts.txt")


def rules_of(folder: Path) -> list[dict[str, Any]]:
    files = sorted((folder / "rules").iterdir())
    groups = [group for file in files for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def alerts_of(folder: Path) -> list[dict[str, Any]]:
    return [rule for rule in rules_of(folder) if "alert" in rule]


def passes(*words: str | Path) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("city", ["yasu", "yasu-mesh", str(TOWN)])
def test_promtool_and_amtool_accept_what_is_written(city: str, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run(["monitoring", "render", city, "-o", str(folder), "--on", "2026-11-20"]) == 0
    passes("promtool", "check", "config", "--syntax-only", folder / "prometheus.yml")
    passes("promtool", "check", "rules", *sorted((folder / "rules").iterdir()))
    passes("amtool", "check-config", folder / "alertmanager.yml")


def test_it_tells_which_flows_nobody_tries_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["monitoring", "render", "yasu", "-o", str(tmp_path / "out"), "--on", "2026-11-20"]
    assert run(["--lang", "en", *words]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "Flows tried end to end: 23 of 27.",
        "  not tried c11: it is begun from outside the city",
        "  not tried m01: open in its maintenance window only",
        "  not tried m02: open in its maintenance window only",
        "  not tried m03: open in its maintenance window only",
    ]
    assert run(["--lang", "ja", *words]) == 0
    assert capsys.readouterr().out.splitlines()[1:3] == [
        "端から端まで試す登録通信: 27 行のうち 23 行。",
        "  対象外 c11: 庁外の機器から始まる通信のため",
    ]


def test_a_flow_is_asked_of_the_exporter_that_tries_it(town_files: dict[str, str]) -> None:
    """The town's only such row comes from a server that is not the segment's watch."""
    (target,) = json.loads(town_files["targets/flow.json"])
    assert target == {
        "targets": ["127.0.0.1:9633"],
        "labels": {
            "instance": "f004",
            "segment": "lgwan",
            "site": "hall",
            "role": "flow",
            "flow": "f004",
            "source": "hall-lg-gate",
            "far_site": "dc",
            "exporter": "management",
            "__param_target": "f004",
            "__scheme__": "http",
        },
    }


def test_a_city_with_an_snmp_credential_has_every_device_and_server_polled(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    assert run(["monitoring", "render", str(TOWN), "-o", str(folder), "--on", "2026-11-20"]) == 0
    fabric = build_fabric(load_city(TOWN, DAY))
    servers = {name: host.site for name, host in fabric.hosts.items() if host.kind == "server"}
    rows = [row["labels"] for row in json.loads((folder / "targets/snmp.json").read_text(encoding="utf-8"))]
    assert {row["device"]: (row["segment"], row["site"], row["role"]) for row in rows} == {
        **{name: ("management", device.site, device.spec.role) for name, device in fabric.devices.items()},
        **{name: ("management", site, "server") for name, site in servers.items()},
    }
    exporter = yaml.safe_load((folder / "exporters/management.yaml").read_text(encoding="utf-8"))
    assert exporter["snmp"]["credentials"] == str(Path("~/.config/sanso/snmp.yaml").expanduser())


def test_every_server_is_looked_at_over_the_management_network(town_files: dict[str, str], town_fabric: Fabric) -> None:
    servers = {name: host for name, host in town_fabric.hosts.items() if host.kind == "server"}
    rows = {row["labels"]["device"]: row for row in json.loads(town_files["targets/server.json"])}
    assert {name: (row["targets"], row["labels"]["site"], row["labels"]["role"]) for name, row in rows.items()} == {
        name: (["127.0.0.1:9633"], host.site, "server") for name, host in servers.items()
    }
    exporter = yaml.safe_load(town_files["exporters/management.yaml"])
    assert {name: node["address"] for name, node in exporter["servers"].items()} == {
        name: str(host.management.ip) for name, host in servers.items()
    }


def test_a_city_without_one_has_none_polled(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    tiny = ROOT / "tests/cities/tiny"
    assert run(["monitoring", "render", str(tiny), "-o", str(folder), "--on", "2026-11-20"]) == 0
    assert json.loads((folder / "targets/snmp.json").read_text(encoding="utf-8")) == []


def test_the_same_city_gives_the_same_bytes(
    town_fabric: Fabric, town_exporters: Exporters, town_files: dict[str, str]
) -> None:
    again = build_fabric(town_fabric.city)
    assert files(again, town_exporters, Settings.lab(5, Path("/state/ca.pem"), len(town_fabric.devices))) == town_files


def test_a_folder_of_somebody_else_stays_as_it_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine").write_text("mine", encoding="utf-8")
    assert run(["--lang", "en", "monitoring", "render", str(TOWN), "-o", str(tmp_path)]) == 2
    assert "was not written by sanso monitoring render" in capsys.readouterr().err
    assert [file.name for file in tmp_path.iterdir()] == ["mine"]


def test_what_alerts_say(city_folder: Path) -> None:
    """The first alert of each name, whole; the file is the review of the words."""
    blocks: dict[str, str] = {}
    for alert in alerts_of(city_folder):
        words = alert["annotations"]
        head = f"{alert['alert']} [{alert['labels']['severity']}]"
        said = [words[key] for key in ("summary", "description", "summary_en", "description_en")]
        blocks.setdefault(head, "\n  ".join([head, *said]) + "\n")
    text = "\n".join(blocks[head] for head in sorted(blocks))
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_every_alert_leads_to_a_page_and_has_a_short_name(town_folder: Path) -> None:
    for alert in alerts_of(town_folder):
        assert (ROOT / alert["annotations"]["runbook_url"]).is_file(), alert["alert"]
        assert alert["labels"]["severity"] in {"critical", "warning", "info"}
        assert ALERTS[alert["alert"]]
    assert {alert["alert"] for alert in alerts_of(town_folder)} == set(ALERTS)
    assert {page.stem for page in (ROOT / "docs/runbooks/alerts").iterdir()} == set(ALERTS)


@pytest.mark.parametrize("page", sorted((ROOT / "docs/runbooks/alerts").iterdir()), ids=lambda page: page.stem)
def test_a_page_names_its_alert_and_commands_and_rows_that_there_are(
    page: Path, town_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith(f"# {text[2:].partition('(')[0]}({page.stem})\n")
    for command in re.findall(r"`sanso ([a-z]+)[^`]*`", text):
        assert run([command, "--help"]) == 0
        capsys.readouterr()
    recorded = {rule["record"] for rule in rules_of(town_folder) if "record" in rule}
    for name in re.findall(r"sanso:[a-z_]+", text):
        assert name in recorded


def test_braces_in_a_title_open_nothing(town_fabric: Fabric, town_exporters: Exporters, tmp_path: Path) -> None:
    city = town_fabric.city
    site = city.sites["north"].model_copy(update={"title": "北支所 {{ .Danger }} </td>"})
    fabric = build_fabric(city.model_copy(update={"sites": {**city.sites, "north": site}}))
    written = files(fabric, town_exporters, Settings())
    file = tmp_path / "circuits.yml"
    file.write_text(written["rules/circuits.yml"], encoding="utf-8")
    passes("promtool", "check", "rules", file)
    assert "北支所 {{`{{`}} .Danger" in written["rules/circuits.yml"]
    assert "北支所 {{`{{`}} .Danger }} &lt;/td&gt;" in written["consoles/wall.html"]


def test_the_wall_asks_for_nothing_from_elsewhere(town_files: dict[str, str]) -> None:
    assert not re.search(r"https?://|src=|@import|url\(", town_files["consoles/wall.html"])


def test_every_query_of_the_dashboard_is_one(town_fabric: Fabric, tmp_path: Path) -> None:
    """Grafana is not in Debian: its queries are read by promtool, its keys are compared with what it reads."""
    board = dashboard(town_fabric)
    rules = [
        {"record": f"panel:{panel['id']}:{target['refId']}", "expr": target["expr"]}
        for panel in board["panels"]
        for target in panel["targets"]
    ]
    file = tmp_path / "dashboard.yml"
    file.write_text(yaml.safe_dump({"groups": [{"name": "dashboard", "rules": rules}]}), encoding="utf-8")
    passes("promtool", "check", "rules", file)


def test_the_dashboard_has_the_shape_grafana_provisions(town_files: dict[str, str]) -> None:
    board = json.loads(town_files["grafana/dashboards/sanso/wall.json"])
    assert (board["id"], board["uid"], board["schemaVersion"]) == (None, UID, 38)
    assert [variable["type"] for variable in board["templating"]["list"]] == ["datasource"]
    ids = [panel["id"] for panel in board["panels"]]
    assert len(ids) == len(set(ids))
    for panel in board["panels"]:
        assert panel["type"] in {"stat", "table"}
        assert panel["datasource"]["uid"] == "${datasource}"
        assert set(panel["gridPos"]) == {"x", "y", "w", "h"}
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
        assert all(target["datasource"]["uid"] == "${datasource}" for target in panel["targets"])
    cells = {(x, y) for panel in board["panels"] for x, y in covered(panel["gridPos"])}
    assert len(cells) == sum(panel["gridPos"]["w"] * panel["gridPos"]["h"] for panel in board["panels"])
    sources = yaml.safe_load(town_files["grafana/provisioning/datasources/sanso.yml"])
    assert sources["datasources"][0]["type"] == "prometheus"
    provider = yaml.safe_load(town_files["grafana/provisioning/dashboards/sanso.yml"])["providers"][0]
    assert provider["options"]["path"].endswith("dashboards/sanso")


def covered(place: dict[str, int]) -> list[tuple[int, int]]:
    across, down = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return [(x, y) for x in across for y in down]
