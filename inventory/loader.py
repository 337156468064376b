"""Load a city: read its YAML files, merge templates into sites, validate, keep every element's origin."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

from inventory.model import City
from inventory.origin import Origin

CITIES = Path(__file__).parent / "cities"


def load_city(name_or_path: str | Path) -> City:
    """The city in a directory, or the named one of `inventory/cities`."""
    path = Path(name_or_path)
    if not path.is_dir():
        path = CITIES / str(name_or_path)
    data: dict[str, Any] = {}
    for file in sorted(path.glob("*.yaml")):
        node = YAML().load(file.read_text(encoding="utf-8"))
        for key, value in _plain(node, file.name).items():
            if isinstance(value, dict) and key in data:
                data[key].update(value)
            else:
                data[key] = value
    templates = data.pop("templates", {})
    city = data.pop("city")
    data.pop("origin", None)
    for site in data.get("sites", {}).values():
        if isinstance(site, dict) and site.get("template"):
            merged = _merge(templates[site["template"]], site)
            site.clear()
            site.update(merged)
    return City.model_validate({**city, **data})


def _merge(base: Any, over: Any) -> Any:
    if isinstance(base, dict) and isinstance(over, dict):
        merged = dict(base)
        for key, value in over.items():
            if value is None:
                merged.pop(key, None)
            else:
                merged[key] = _merge(merged[key], value) if key in merged else value
        return merged
    return over


CONTAINERS = frozenset(
    "templates segments sites circuits peers groups flows risk_groups terminal_classes devices links vlans servers terminals rooms attachments hosts".split()
)


def _plain(node: Any, file: str, *, container: bool = True) -> Any:
    if isinstance(node, CommentedMap):
        out = {}
        for key, value in node.items():
            child = _plain(value, file, container=key in CONTAINERS and not (container and file == ""))
            if isinstance(child, dict) and key not in CONTAINERS:
                child["origin"] = Origin(file, node.lc.key(key)[0] + 1)
            out[key] = child
        return out
    if isinstance(node, CommentedSeq):
        rows = []
        for index, value in enumerate(node):
            child = _plain(value, file)
            if isinstance(child, dict):
                child["origin"] = Origin(file, node.lc.item(index)[0] + 1)
            rows.append(child)
        return rows
    return node
