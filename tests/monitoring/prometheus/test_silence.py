"""What silences what, by a real Alertmanager, and by the rule from which the wall takes its alerts."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

FIRING = (
    {"alertname": "SiteCutOff", "site": "dc", "far_site": "dc"},
    {"alertname": "CircuitDown", "circuit": "dc-a"},
    {"alertname": "DeviceDown", "device": "dc-core1", "site": "dc"},
    {"alertname": "DeviceDown", "device": "hall-core1", "site": "hall"},
    {"alertname": "SnmpDown", "device": "hall-core1", "site": "hall"},
    {"alertname": "SnmpDown", "device": "hall-core2", "site": "hall"},
    {"alertname": "LinkDown", "link": "dc/down1", "site": "dc"},
    {"alertname": "ServerDown", "site": "dc", **dict.fromkeys(("device", "source", "far_server"), "dc-mn-cert")},
    {"alertname": "ServerDown", "site": "hall", **dict.fromkeys(("device", "source", "far_server"), "hall-mn-cert")},
    {"alertname": "SnmpDown", "device": "hall-mn-cert", "site": "hall"},
    {"alertname": "NodeBusy", "device": "hall-mn-cert", "site": "hall"},
    {"alertname": "FlowUnwatched", "source": "hall-mn-cert", "site": "hall"},
    {"alertname": "FlowDown", "flow": "f005", "site": "hall", "far_server": "hall-mn-cert"},
    {"alertname": "FlowDown", "flow": "f006", "site": "hall", "far_server": "hall-mn-core"},
    {"alertname": "WorkloadDown", "workload": "mail", "site": "hall", "device": "hall-mn-cert"},
    {"alertname": "FlowDown", "flow": "f004", "site": "hall", "far_site": "dc"},
    {"alertname": "FlowDown", "flow": "f001", "site": "hall"},
    {"alertname": "FlowUnwatched", "source": "dc-lg-patch", "site": "dc"},
    {"alertname": "FlowUnwatched", "source": "hall-lg-gate", "site": "hall"},
    {"alertname": "WorkloadDown", "workload": "certificates", "site": "dc"},
    {"alertname": "WorkloadBudgetBurn", "workload": "certificates", "site": "dc"},
    {"alertname": "SeparationBreached", "segment": "lgwan", "site": "dc"},
    {"alertname": "SeparationBudgetBurn", "segment": "lgwan"},
    {"alertname": "SeparationBudgetBurn", "segment": "mynumber"},
    {"alertname": "ExporterDown", "segment": "internet"},
    {"alertname": "ProbeMissing", "segment": "internet", "site": "hall"},
    {"alertname": "ProbeMissing", "segment": "lgwan", "site": "hall"},
)
TOLD = [
    {"alertname": "CircuitDown", "circuit": "dc-a"},
    {"alertname": "DeviceDown", "device": "hall-core1", "site": "hall"},
    {"alertname": "ExporterDown", "segment": "internet"},
    {"alertname": "FlowDown", "flow": "f001", "site": "hall"},
    {"alertname": "FlowDown", "flow": "f006", "site": "hall", "far_server": "hall-mn-core"},
    {"alertname": "FlowUnwatched", "source": "hall-lg-gate", "site": "hall"},
    {"alertname": "ProbeMissing", "segment": "lgwan", "site": "hall"},
    {"alertname": "SeparationBreached", "segment": "lgwan", "site": "dc"},
    {"alertname": "SeparationBudgetBurn", "segment": "mynumber"},
    {"alertname": "ServerDown", "site": "hall", **dict.fromkeys(("device", "source", "far_server"), "hall-mn-cert")},
    {"alertname": "SiteCutOff", "site": "dc", "far_site": "dc"},
    {"alertname": "SnmpDown", "device": "hall-core2", "site": "hall"},
    {"alertname": "WorkloadDown", "workload": "certificates", "site": "dc"},
    {"alertname": "WorkloadDown", "workload": "mail", "site": "hall", "device": "hall-mn-cert"},
]


@pytest.fixture
def alertmanager(town_folder: Path, tmp_path: Path) -> Iterator[int]:
    """The port of a real one, started with what was rendered."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [
        "prometheus-alertmanager",
        f"--config.file={town_folder / 'alertmanager.yml'}",
        "--cluster.listen-address=",
    ]
    words += [f"--web.listen-address=127.0.0.1:{port}", f"--storage.path={tmp_path}"]
    with subprocess.Popen(words, stderr=subprocess.DEVNULL) as process:
        try:
            while asked(port, "GET", "/-/ready") is None:
                assert process.poll() is None
                time.sleep(0.05)
            yield port
        finally:
            process.terminate()


def asked(port: int, method: str, path: str, body: Any = None) -> bytes | None:  # noqa: ANN401 JSON
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.read() if answer.status == 200 else None
    except OSError:
        return None
    finally:
        connection.close()


def ordered(rows: Iterable[dict[str, str]]) -> list[list[tuple[str, str]]]:
    return sorted(sorted(row.items()) for row in rows)


def test_alertmanager_silences_what_hangs_behind(alertmanager: int) -> None:
    assert asked(alertmanager, "POST", "/api/v2/alerts", [{"labels": labels} for labels in FIRING]) is not None
    told = json.loads(asked(alertmanager, "GET", "/api/v2/alerts?active=true&inhibited=false") or b"[]")
    assert ordered(alert["labels"] for alert in told) == ordered(TOLD)


def test_alertmanager_tells_all_when_nothing_greater_fires(alertmanager: int) -> None:
    alone = [row for row in FIRING if row["alertname"] in {"DeviceDown", "LinkDown", "FlowDown", "ProbeMissing"}]
    assert asked(alertmanager, "POST", "/api/v2/alerts", [{"labels": labels} for labels in alone]) is not None
    told = json.loads(asked(alertmanager, "GET", "/api/v2/alerts?active=true&inhibited=false") or b"[]")
    assert ordered(alert["labels"] for alert in told) == ordered(alone)


def row(metric: str, labels: dict[str, str]) -> str:
    return metric + "{" + ",".join(f'{key}="{value}"' for key, value in labels.items()) + "}"


def test_the_wall_shows_what_alertmanager_tells(town_folder: Path, tmp_path: Path) -> None:
    series = [{"series": row("ALERTS_FOR_STATE", labels), "values": "100x4"} for labels in FIRING]
    series += [{"series": row("ALERTS", {**labels, "alertstate": "firing"}), "values": "1x4"} for labels in FIRING]
    pending = {"alertname": "DeviceDown", "device": "hall-acc1", "site": "hall"}
    series += [{"series": row("ALERTS_FOR_STATE", pending), "values": "100x4"}]
    series += [{"series": row("ALERTS", {**pending, "alertstate": "pending"}), "values": "1x4"}]
    shown = "sanso:alert_shown_timestamp_seconds"
    test = {
        "rule_files": [str(town_folder / "rules/shown.yml")],
        "evaluation_interval": "5s",
        "tests": [
            {
                "interval": "5s",
                "input_series": series,
                "promql_expr_test": [
                    {
                        "expr": shown,
                        "eval_time": "10s",
                        "exp_samples": [{"labels": row(shown, labels), "value": 100} for labels in TOLD],
                    }
                ],
            }
        ],
    }
    file = tmp_path / "shown.yml"
    file.write_text(yaml.safe_dump(test), encoding="utf-8")
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
