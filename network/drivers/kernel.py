"""Answers of iproute2 and FRR as JSON: interfaces with the VRF they stand in, and several values in one text."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Link:
    """An interface. `vrf` is "default", a kernel VRF or a named network namespace."""

    name: str
    vrf: str
    data: dict[str, Any]

    @property
    def enabled(self) -> bool:
        return "UP" in self.data["flags"]

    @property
    def up(self) -> bool:
        return self.enabled and ("LOWER_UP" in self.data["flags"])

    @property
    def is_vrf(self) -> bool:
        return bool(self.data.get("linkinfo", {}).get("info_kind") == "vrf")


def rows(text: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Lines of "NAMESPACE<TAB>JSON list"; "" is the main namespace."""
    for line in text.splitlines():
        space, tab, data = line.partition("\t")
        if tab:
            yield space, json.loads(data) if data.strip() else []


def links_of(text: str) -> tuple[Link, ...]:
    """The interfaces of all namespaces; a namespace's own `lo` is left out."""
    found = []
    for space, items in rows(text):
        vrfs = {item["ifname"] for item in items if item.get("linkinfo", {}).get("info_kind") == "vrf"}
        for item in items:
            name = item["ifname"]
            if space and name == "lo":
                continue
            master = item.get("master", "")
            place = space or (name if name in vrfs else master if master in vrfs else "default")
            found.append(Link(name, place, item))
    return tuple(found)


def objects(text: str) -> Iterator[Any]:
    """The JSON values written one after another in a text; what is no JSON ends it."""
    decoder = json.JSONDecoder()
    place = 0
    while True:
        while place < len(text) and text[place].isspace():
            place += 1
        try:
            value, place = decoder.raw_decode(text, place)
        except ValueError:
            return
        yield value
