"""How long a whole city takes to boot and converge as a lab, and what each node of it costs.

    benchmarks/lab_up.py [CITY]        default: yasu; needs root

Beside it, in the same run, the same city without its configuration: what is left is the price of namespaces, disks,
cables and services, and the ratio is what configuration and convergence add.
"""

from __future__ import annotations

import datetime as dt
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from inventory.loader import load_city
from network.build import build_fabric
from network.compile import compile_fabric
from network.fabric import Fabric
from network.lab import Lab, boot
from network.lab.cost import costs
from network.render import render

GOAL_SECONDS = 60
GOAL_MEMORY = 6 * 2**30
MIB = 2**20


def measure(fabric: Fabric, configurations: Mapping[str, str] | None, title: str) -> tuple[float, int]:
    """Boot, tell, take down; seconds and bytes (proportional share of memory)."""
    with tempfile.TemporaryDirectory() as state:
        begun = time.monotonic()
        lab = boot(fabric, configurations, Path(state))
        seconds = time.monotonic() - begun
        memory = tell(lab, title, seconds)
        lab.down()
    return seconds, memory


def tell(lab: Lab, title: str, seconds: float) -> int:
    """The whole and each kind of node; bytes in all."""
    found = costs(lab)
    memory = sum(cost.memory for cost in found.values())
    count = len(lab.nodes)
    print(f"{title}: {count} nodes, {seconds:.1f} s, {memory / MIB:.0f} MiB")
    print(f"  a node: {seconds / count:.3f} s, {memory / count / MIB:.1f} MiB")
    kinds = defaultdict(list)
    for name, node in lab.nodes.items():
        kinds[node.kind].append(found[name])
    for kind, rows in kinds.items():
        mean = sum(row.memory for row in rows) / len(rows) / MIB
        processor = sum(row.processor for row in rows) / len(rows)
        print(f"  {kind:9} {len(rows):4} x {mean:5.1f} MiB {processor:6.2f} s of processor")
    own = found[""]
    print(f"  the lab itself   {own.memory / MIB:5.1f} MiB {own.processor:6.2f} s of processor")
    if lab.missing:
        print(f"  routes missing on {', '.join(lab.missing)}")
    return memory


def main() -> int:
    """0 when within the goal."""
    fabric = build_fabric(load_city(sys.argv[1] if len(sys.argv) > 1 else "yasu"))
    today = dt.datetime.now(tz=dt.UTC).astimezone().date()
    texts = {name: render(state) for name, state in compile_fabric(fabric, on=today).items()}
    bare, _ = measure(fabric, None, "factory state")
    seconds, memory = measure(fabric, texts, "configured and converged")
    print(f"ratio configured / factory state: {seconds / bare:.2f}")
    print(f"of the goal: {seconds / GOAL_SECONDS:.2f} of {GOAL_SECONDS} s, {memory / GOAL_MEMORY:.2f} of 6 GiB")
    return 0 if seconds <= GOAL_SECONDS and memory <= GOAL_MEMORY else 1


if __name__ == "__main__":
    sys.exit(main())
