"""Plug hosts into a lab that runs: those its city has gained since it was booted."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from inventory.text import Text
from network.fabric import Fabric
from network.lab.blueprint import End
from network.lab.design import draw
from network.lab.errors import LabError
from network.lab.handle import Lab
from network.lab.keys import known_hosts, new_key


def plug(lab: Lab, fabric: Fabric) -> tuple[str, ...]:
    """Boot every host of `fabric` that the lab lacks, cabled to its switch port; their names.

    LabError when the city has gained devices too: those need a lab of their own.
    """
    if fabric.city.name != lab.city:
        raise LabError(
            Text(
                f"The lab runs {lab.city}, not {fabric.city.name}.",
                f"ラボの都市は {fabric.city.name} ではなく {lab.city} です。",
            )
        )
    there = lab.nodes
    new = [name for name in fabric.devices if name not in there]
    if new:
        names = ", ".join(new)
        raise LabError(
            Text(f"The lab lacks devices: {names}.", f"ラボに無い機器があります: {names}"),
            Text(
                "Boot the city anew: sanso lab down, sanso lab up",
                "sanso lab down の後、sanso lab up で再起動してください",
            ),
        )
    whole = draw(fabric, None, lab.backend)
    nodes = {node.name: node for node in whole.nodes}
    plugged = []
    for name in fabric.hosts:
        if name in there:
            continue
        key = new_key()
        cable = next(cable for cable in whole.cables if cable.b.node == name)
        neighbours = tuple(row for row in whole.neighbours if name in {row.node, row.far.node})
        added = replace(whole, nodes=(nodes[name],), cables=(cable,), neighbours=neighbours, routes=())
        lab.ask({"do": "plug", "blueprint": added.to_json(), "key": key.private})
        address = nodes[name].management.partition("/")[0]
        _append(lab.folder / "known_hosts", known_hosts([(name, address, key)]))
        _record(lab.folder / "lab.json", nodes[name].name, nodes[name].management, cable.name, (cable.a, cable.b))
        plugged.append(name)
    return tuple(plugged)


def _record(file: Path, name: str, management: str, cable: str, ends: tuple[End, End]) -> None:
    """Let later commands know of the host and its cable."""
    record = json.loads(file.read_text(encoding="utf-8"))
    record["nodes"][name] = {"kind": "host", "management": management}
    record["wires"][cable] = [f"{end.node}:{end.port}" for end in ends]
    _write(file, json.dumps(record))


def _append(file: Path, text: str) -> None:
    _write(file, file.read_text(encoding="utf-8") + text)


def _write(file: Path, text: str) -> None:
    """Whole or not at all."""
    draft = file.with_name(f".{file.name}")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
