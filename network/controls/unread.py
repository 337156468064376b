"""What is not known of devices: it leaves open whatever reads their states."""

from __future__ import annotations

from collections.abc import Iterator

from inventory.model import Platform
from inventory.text import Text
from network.controls.control import Evidence, waiting
from network.controls.facts import Facts


def unread(facts: Facts, platform: Platform) -> Iterator[Evidence]:
    """What is not known of a platform's devices leaves open whatever reads their states."""
    for name in facts.of_platform(platform):
        lines = facts.unknown.get(name, ())
        if name not in facts.states:
            yield waiting(Text(f"the configuration of {name}", f"{name} の設定"), facts.fabric.devices[name].origin)
        elif lines:
            yield Evidence(
                "open",
                Text(f"{name}: {len(lines)} lines are not understood", f"{name}: 解釈できない行が {len(lines)} 行"),
                lines[0].origin,
            )
