"""The city wall as a Grafana dashboard, provisioned from files: schema version 38 (Grafana 10), no plugin, no network.

Grafana itself is not in Debian, so nothing here has been opened in it: the tests check the keys it reads and every
query.
"""

from __future__ import annotations

import json
from typing import Any

from monitoring.prometheus import names
from monitoring.prometheus.rule import dump
from monitoring.prometheus.settings import PROMETHEUS, Settings
from monitoring.prometheus.words import ALERTS, PHASES, SEVERITIES
from network.fabric import Fabric

UID = "sanso-wall"
FOLDER = "/etc/grafana/dashboards/sanso"
"""Where Grafana finds the dashboard when the rendered folder `grafana/` is copied to /etc/grafana."""
_SOURCE = {"type": "prometheus", "uid": "${datasource}"}
_STATE = {
    "1": {"text": "○ 正常", "color": "green", "index": 0},
    "0.5": {"text": "△ 一部異常", "color": "yellow", "index": 1},
    "0": {"text": "× 不通", "color": "red", "index": 2},
}
_UNKNOWN = "― データなし"


def grafana_files(fabric: Fabric, settings: Settings) -> dict[str, str]:
    """The dashboard and what provisions it."""
    source = {
        "name": "sanso",
        "uid": "sanso",
        "type": "prometheus",
        "access": "proxy",
        "url": f"http://{PROMETHEUS}",
        "isDefault": True,
        "jsonData": {"timeInterval": f"{settings.probe}s"},
    }
    provider = {
        "name": "sanso",
        "type": "file",
        "allowUiUpdates": False,
        "disableDeletion": True,
        "options": {"path": FOLDER},
    }
    return {
        "grafana/provisioning/datasources/sanso.yml": dump({"apiVersion": 1, "datasources": [source]}),
        "grafana/provisioning/dashboards/sanso.yml": dump({"apiVersion": 1, "providers": [provider]}),
        "grafana/dashboards/sanso/wall.json": json.dumps(dashboard(fabric), ensure_ascii=False, indent=1) + "\n",
    }


def dashboard(fabric: Fabric) -> dict[str, Any]:
    """The dashboard as Grafana reads it."""
    panels = [
        _separation(),
        _stat("停止・孤立した拠点", "count(sanso:site_reachable == 0) or vector(0)", 6),
        _stat("不通の回線", "count(sanso:circuit_up == 0) or vector(0)", 12),
        _stat("実施中の訓練", "count(sanso_drill_running == 1) or vector(0)", 18),
        _matrix(fabric),
        _table("回線", [("sanso:circuit_up", "回線"), ("sanso:line_up", "外部接続")], "title", _place(12, 5, 12, 8)),
        _table("業務システム", [("max by (workload) (sanso_workload_up)", "業務")], "workload", _place(12, 13, 6, 5)),
        _drill(),
        _alerts(),
    ]
    return {
        "id": None,
        "uid": UID,
        "title": f"{fabric.city.title} 見張り画面",
        "tags": ["sanso"],
        "timezone": "Asia/Tokyo",
        "schemaVersion": 38,
        "version": 1,
        "editable": False,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "label": "データソース",
                    "type": "datasource",
                    "query": "prometheus",
                    "current": {"text": "sanso", "value": "sanso"},
                    "hide": 0,
                }
            ]
        },
        "annotations": {"list": []},
        "links": [],
        "panels": [{"id": number, "datasource": _SOURCE, **panel} for number, panel in enumerate(panels, 1)],
    }


def _target(expr: str, name: str = "A", *, table: bool = False) -> dict[str, Any]:
    shape = {"format": "table"} if table else {}
    return {"refId": name, "datasource": _SOURCE, "expr": expr, "instant": True, "range": False, **shape}


def _place(x: int, y: int, width: int, height: int) -> dict[str, int]:
    return {"x": x, "y": y, "w": width, "h": height}


def _values(options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """What stands for values, and for none."""
    none = {"type": "special", "options": {"match": "null", "result": {"text": _UNKNOWN, "color": "text"}}}
    return {"mappings": [_value_map(options), none], "noValue": _UNKNOWN}


def _value_map(options: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {"type": "value", "options": options}


def _separation() -> dict[str, Any]:
    options = {"1": {"text": "○ 維持", "color": "green"}, "0": {"text": "× 破れ", "color": "red"}}
    return {
        "type": "stat",
        "title": "領域分離",
        "gridPos": _place(0, 0, 6, 5),
        "targets": [_target("min(sanso:separation_state)")],
        "fieldConfig": {"defaults": _values(options), "overrides": []},
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "background", "graphMode": "none"},
    }


def _stat(title: str, expr: str, x: int) -> dict[str, Any]:
    steps = [{"color": "green", "value": None}, {"color": "red", "value": 1}]
    return {
        "type": "stat",
        "title": title,
        "gridPos": _place(x, 0, 6, 5),
        "targets": [_target(expr)],
        "fieldConfig": {
            "defaults": {"noValue": _UNKNOWN, "thresholds": {"mode": "absolute", "steps": steps}},
            "overrides": [],
        },
        "options": {"reduceOptions": {"calcs": ["lastNotNull"]}, "colorMode": "value", "graphMode": "none"},
    }


def _matrix(fabric: Fabric) -> dict[str, Any]:
    """Sites below one another, a column a segment."""
    city = fabric.city
    titles = {name: names.SHORT[segment.kind] for name, segment in city.segments.items()}
    sites = {name: {"text": site.title, "index": index} for index, (name, site) in enumerate(city.sites.items())}
    return {
        "type": "table",
        "title": "領域 × 拠点",
        "gridPos": _place(0, 5, 12, 13),
        "targets": [_target("sanso:segment_site_up", table=True)],
        "transformations": [
            {
                "id": "groupingToMatrix",
                "options": {"columnField": "segment", "rowField": "site", "valueField": "Value", "emptyValue": "null"},
            }
        ],
        "fieldConfig": {
            "defaults": {**_values(_STATE), "custom": {"align": "center", "cellOptions": {"type": "color-text"}}},
            "overrides": [
                _override(r"site\segment", [("displayName", "拠点"), ("mappings", [_value_map(sites)])]),
                *(_override(name, [("displayName", title)]) for name, title in titles.items()),
            ],
        },
        "options": {"showHeader": True},
    }


def _table(title: str, rows: list[tuple[str, str]], label: str, place: dict[str, int]) -> dict[str, Any]:
    return {
        "type": "table",
        "title": title,
        "gridPos": place,
        "targets": [_target(expr, chr(ord("A") + number), table=True) for number, (expr, _) in enumerate(rows)],
        "transformations": [
            {"id": "merge", "options": {}},
            {"id": "filterFieldsByName", "options": {"include": {"pattern": f"^({label}|Value.*)$"}}},
        ],
        "fieldConfig": {
            "defaults": {**_values(_STATE), "custom": {"cellOptions": {"type": "color-text"}}},
            "overrides": [
                _override(label, [("displayName", title)]),
                *(
                    _override(f"Value #{chr(ord('A') + number)}" if rows[1:] else "Value", [("displayName", name)])
                    for number, (_, name) in enumerate(rows)
                ),
            ],
        },
        "options": {"showHeader": True},
    }


def _drill() -> dict[str, Any]:
    """The running drill by its title, and its phase."""
    phased = "sanso_drill_phase_info * on (drill) group_left (title) sanso_drill_running == 1"
    unphased = "sanso_drill_running == 1 unless on (drill) sanso_drill_phase_info"
    return {
        "type": "table",
        "title": "訓練の段階",
        "gridPos": _place(18, 13, 6, 5),
        "targets": [_target(f"{phased} or {unphased}", table=True)],
        "transformations": [
            {"id": "filterFieldsByName", "options": {"include": {"pattern": "^(title|phase)$"}}},
            {"id": "organize", "options": {"renameByName": {"title": "訓練", "phase": "段階"}}},
        ],
        "fieldConfig": {
            "defaults": {"noValue": "実施中の訓練なし"},
            "overrides": [_override("段階", [("mappings", _texts(PHASES))])],
        },
        "options": {"showHeader": True},
    }


def _texts(words: dict[str, str]) -> list[dict[str, Any]]:
    return [_value_map({name: {"text": title} for name, title in words.items()})]


def _alerts() -> dict[str, Any]:
    return {
        "type": "table",
        "title": "警報",
        "gridPos": _place(0, 18, 24, 8),
        "targets": [_target("sanso:alert_shown_timestamp_seconds * 1000", table=True)],
        "transformations": [
            {
                "id": "organize",
                "options": {
                    "excludeByName": {"Time": True},
                    "indexByName": {"severity": 0, "alertname": 1, "title": 2, "Value": 3},
                    "renameByName": {"severity": "重大度", "alertname": "警報", "title": "対象", "Value": "発生"},
                },
            }
        ],
        "fieldConfig": {
            "defaults": {"noValue": "○ 警報なし"},
            "overrides": [
                _override("重大度", [("mappings", _texts(SEVERITIES))]),
                _override("警報", [("mappings", _texts(ALERTS))]),
                _override("発生", [("unit", "dateTimeAsLocal")]),
            ],
        },
        "options": {"showHeader": True},
    }


def _override(name: str, properties: list[tuple[str, Any]]) -> dict[str, Any]:
    return {
        "matcher": {"id": "byName", "options": name},
        "properties": [{"id": key, "value": value} for key, value in properties],
    }
