"""What a lab costs: memory and processor time of each node, measured."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from network.lab.handle import Lab


@dataclass
class Cost:
    """`memory` in bytes (proportional share, PSS), `processor` in seconds since its start."""

    processes: int = 0
    memory: int = 0
    processor: float = 0.0


def costs(lab: Lab) -> dict[str, Cost]:
    """Node → its cost; "" is the lab itself: supervisor and splitter."""
    proc = Path(f"/proc/{lab.pid}/root/proc")
    of_pid_namespace = {
        str((proc / str(node.pid) / "ns/pid").readlink()): node.name
        for node in lab.nodes.values()
        if node.pid is not None
    }
    found: dict[str, Cost] = {name: Cost() for name in ("", *of_pid_namespace.values())}
    for entry in _processes(proc):
        try:
            name = of_pid_namespace.get(str((entry / "ns/pid").readlink()), "")
            memory, processor = _memory(entry), _processor(entry)
        except (FileNotFoundError, ProcessLookupError):
            continue
        cost = found[name]
        cost.processes += 1
        cost.memory += memory
        cost.processor += processor
    return found


def _processes(proc: Path) -> Iterator[Path]:
    return (entry for entry in proc.iterdir() if entry.name.isdigit())


def _memory(process: Path) -> int:
    for line in (process / "smaps_rollup").read_text(encoding="ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


def _processor(process: Path) -> float:
    """Of the process, and of those of its children that have ended."""
    fields = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
