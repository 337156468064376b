"""What `sanso lab` tells of a lab: its nodes, its wires, what it costs."""

from __future__ import annotations

from typing import Any

from rich.table import Table

from inventory import console
from inventory.text import Text
from network.lab.cost import Cost, costs
from network.lab.handle import Lab

_FAULTS = {"cut": Text("cut", "切断"), "silent": Text("cut silently", "無通信")}
_COLUMNS = (
    Text("Node", "ノード"),
    Text("Kind", "種別"),
    Text("Management", "管理アドレス"),
    Text("State", "状態"),
    Text("Processes", "プロセス"),
    Text("Memory MiB", "メモリ MiB"),
    Text("CPU s", "CPU 秒"),
)


def status_data(lab: Lab) -> dict[str, Any]:
    """All there is to tell, as plain data: memory in bytes (proportional share), processor time in seconds."""
    faults, found = lab.faults(), costs(lab)
    nodes = {
        name: {
            "kind": node.kind,
            "management": node.management,
            "up": node.up,
            **_cost(found.get(name, Cost())),
        }
        for name, node in lab.nodes.items()
    }
    wires = {name: {"ends": list(ends), "fault": faults.get(name, "")} for name, ends in lab.wires.items()}
    return {"city": lab.city, "backend": lab.backend, "nodes": nodes, "wires": wires, "supervisor": _cost(found[""])}


def _cost(cost: Cost) -> dict[str, float]:
    return {
        "processes": cost.processes,
        "memory_bytes": cost.memory,
        "processor_seconds": round(cost.processor, 2),
    }


def print_status(data: dict[str, Any], *, all_wires: bool) -> None:
    """Tables for people."""
    language = console.language()
    table = Table(*(column.say(language) for column in _COLUMNS), box=None)
    for name, node in data["nodes"].items():
        state = Text("up", "稼働") if node["up"] else Text("off", "停止")
        memory = f"{node['memory_bytes'] / 2**20:.1f}"
        row = (name, node["kind"], node["management"], state.say(language), str(node["processes"]), memory)
        table.add_row(*row, f"{node['processor_seconds']:.1f}")
    console.out().print(table)
    wires = Table(Text("Link", "配線").say(language), "", "", Text("State", "状態").say(language), box=None)
    for name, wire in data["wires"].items():
        if wire["fault"] or all_wires:
            fault = _FAULTS[wire["fault"]].say(language) if wire["fault"] else ""
            wires.add_row(name, *wire["ends"], fault)
    if wires.row_count:
        console.out().print(wires)
    everything = [*data["nodes"].values(), data["supervisor"]]
    memory = sum(row["memory_bytes"] for row in everything) / 2**20
    console.say(
        Text(
            f"{data['city']}: {len(data['nodes'])} nodes, {len(data['wires'])} links, {memory:.0f} MiB",
            f"{data['city']}: {len(data['nodes'])} ノード、{len(data['wires'])} 配線、{memory:.0f} MiB",
        )
    )


def tell_cost(lab: Lab, seconds: float) -> None:
    """One line: what the start of a lab took."""
    found = costs(lab)
    count = len(found) - 1
    memory = sum(cost.memory for cost in found.values()) / 2**20
    console.say(
        Text(
            f"{count} nodes are up after {seconds:.1f} s and take {memory:.0f} MiB: "
            f"{seconds / count:.2f} s and {memory / count:.1f} MiB a node.",
            f"{count} ノードが {seconds:.1f} 秒で起動しました。メモリ {memory:.0f} MiB"
            f"（1 ノードあたり {seconds / count:.2f} 秒、{memory / count:.1f} MiB）。",
        )
    )
