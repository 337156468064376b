from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

TABLE: dict[str, dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("alerts.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def rules(town_folder: Path, city_folder: Path, request: pytest.FixtureRequest) -> Path:
    """The rules that a case is about."""
    title = request.node.callspec.params.get("title", "") if hasattr(request.node, "callspec") else ""
    return (city_folder if TABLE.get(title, {}).get("in") == "city" else town_folder) / "rules"


def written(labels: dict[str, str]) -> str:
    return ", ".join(f'{key}="{value}"' for key, value in sorted(labels.items()))


def firing(rules: Path, scratch: Path, case: dict[str, Any], which: str, expected: list[dict[str, str]]) -> str:
    """What promtool has against exactly these alerts of the case's name firing with its rows; "" when it agrees."""
    every = case.get("every", "5s")
    name, severity = case["name"], case["labels"]["severity"]
    rows = [{"labels": f"ALERTS{{{written(row)}}}", "value": 1} for row in expected]
    test = {
        "rule_files": [str(rules / f"{case['group']}.yml")],
        "evaluation_interval": every,
        "tests": [
            {
                "interval": every,
                "input_series": [{"series": series, "values": str(values)} for series, values in case[which]],
                "promql_expr_test": [
                    {
                        "expr": f'ALERTS{{alertname="{name}",alertstate="firing",severity="{severity}"}}',
                        "eval_time": case["at"],
                        "exp_samples": rows,
                    }
                ],
            }
        ],
    }
    file = scratch / f"{which}.yml"
    file.write_text(yaml.safe_dump(test, allow_unicode=True, width=1000), encoding="utf-8")
    done = subprocess.run(["promtool", "test", "rules", file], capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


@pytest.mark.parametrize("title", TABLE)
def test_the_alert_fires(title: str, rules: Path, tmp_path: Path) -> None:
    case = {"name": title.partition(",")[0], **TABLE[title]}
    labels = {"alertname": case["name"], "alertstate": "firing", **case["labels"]}
    assert firing(rules, tmp_path, case, "fires", [labels]) == ""


@pytest.mark.parametrize("title", TABLE)
def test_the_alert_stays_silent(title: str, rules: Path, tmp_path: Path) -> None:
    case = {"name": title.partition(",")[0], **TABLE[title]}
    assert firing(rules, tmp_path, case, "silent", []) == ""


def test_every_alert_has_a_case(rules: Path) -> None:
    groups = [yaml.safe_load(file.read_text(encoding="utf-8"))["groups"] for file in rules.iterdir()]
    alerts = {rule["alert"] for found in groups for group in found for rule in group["rules"] if "alert" in rule}
    assert alerts == {title.partition(",")[0] for title in TABLE}
