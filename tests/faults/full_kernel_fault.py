"""Boot the city of a fault, do the fault by hand, and print what a ping shows before and after.

full_kernel_fault.py FAULT STATE_DIRECTORY
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parent / "network" / "lab"), str(HERE)]

from matrix import addresses, answers, configurations, tell  # noqa: E402 found by the line above
from seeded import DAY, catalogue  # noqa: E402 likewise

from inventory.loader import load_city  # noqa: E402 likewise
from network.build import build_fabric  # noqa: E402 likewise
from network.lab import boot  # noqa: E402 likewise


def main() -> None:
    name, state = sys.argv[1], Path(sys.argv[2])
    fault = next(fault for fault in catalogue() if fault.id == name)
    assert fault.hand
    fabric = build_fabric(load_city(HERE.parent / "cities" / fault.city, DAY))
    lab = boot(fabric, configurations(fabric), state, lambda step, done, total: tell(f"{step.en} {done}/{total}"))
    source, target = fault.hand.packet.source, fault.hand.packet.target
    there = {target: addresses(fabric)[target]}
    told: dict[str, object] = {"backend": lab.backend, "before": answers(lab, source, there)[target][0]}
    for device, commands in fault.hand.do.items():
        for command in commands:
            done = lab.run(device, ["sh", "-c", command])
            assert done.returncode == 0, done.stderr
    told["after"] = answers(lab, source, there)[target][0]
    lab.down()
    sys.stdout.write(f"FAULT {json.dumps(told)}\n")


if __name__ == "__main__":
    main()
