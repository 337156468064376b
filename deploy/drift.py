"""Drift: where devices run something other than the city intends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from deploy.difference import Difference
from deploy.planning import Survey
from inventory.text import Text


def drift(found: Survey) -> dict[str, tuple[Difference, ...]]:
    """The devices that differ, each with what would have to be done to bring it back."""
    every = {
        name: tuple(item for item in found.differences(name) if item.sign != "=")
        for name in (*found.running, *found.serving)
    }
    return {name: items for name, items in every.items() if items}


_SIGNS = {
    "+": Text("missing: ", "不足: "),
    "-": Text("not intended: ", "余分: "),
    "~": Text("differs (running → intended): ", "相違 (稼働中 → 本来): "),
}


def drift_lines(drifted: dict[str, tuple[Difference, ...]], devices: int) -> Iterator[Text]:
    """Drift for people."""
    for name, items in drifted.items():
        yield Text(name, name)
        for item in items:
            sign = _SIGNS[item.sign]
            yield Text(f"  {sign.en}{item.what.en}  ({item.origin})", f"  {sign.ja}{item.what.ja}  ({item.origin})")
    if drifted:
        yield Text(
            f"{len(drifted)} of {devices} devices drifted.",
            f"{devices} 台中 {len(drifted)} 台の設定が本来と異なります。",
        )
    else:
        yield Text(
            f"No drift: all {devices} devices run what the inventory intends.",
            f"差異なし: 全 {devices} 台がインベントリどおりに動作しています。",
        )


def drift_json(drifted: dict[str, tuple[Difference, ...]]) -> dict[str, Any]:
    """Drift for programs; signs as in a plan that would put it right."""
    return {
        name: [
            {"sign": item.sign, "en": item.what.en, "ja": item.what.ja, "origin": str(item.origin)} for item in items
        ]
        for name, items in drifted.items()
    }
