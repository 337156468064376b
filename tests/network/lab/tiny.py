"""Boot the smallest city, configured, and print as JSON what is asked for: the same program on any kernel.

tiny.py STATE_DIRECTORY WORD...

"matrix": which host answers which. "driven": what a driver reads of one of its routers while it changes it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
sys.path[:0] = [str(ROOT), str(HERE)]

from driven import drive  # noqa: E402 found by the line above
from matrix import matrix  # noqa: E402 likewise

from inventory.loader import load_city  # noqa: E402 likewise
from network.build import build_fabric  # noqa: E402 likewise
from network.compile import compile_fabric  # noqa: E402 likewise
from network.fabric import Fabric  # noqa: E402 likewise
from network.lab import boot  # noqa: E402 likewise
from network.render import render  # noqa: E402 likewise

DAY = dt.date(2026, 11, 20)
SLOW_BFD = "\\g<0>\n  transmit-interval 3000\n  receive-interval 3000"
"""An emulated processor cannot keep 300 ms."""
MUTE = re.compile(r"^  (?:transmit|receive)-interval [0-9]+\n", re.MULTILINE)


def configurations(fabric: Fabric) -> dict[str, str]:
    texts = {name: render(state) for name, state in compile_fabric(fabric, on=DAY).items()}
    return {name: re.sub(r"(?m)^ profile \S+$", SLOW_BFD, MUTE.sub("", text)) for name, text in texts.items()}


def main() -> None:
    fabric = build_fabric(load_city(ROOT / "tests/cities/tiny"))
    texts = configurations(fabric)
    (state, *words), tell = sys.argv[1:], sys.stderr.write
    lab = boot(fabric, texts, Path(state), lambda step, done, total: tell(f"{step.en} {done}/{total}\n"))
    for word in words:
        found = matrix(lab, fabric) if word == "matrix" else drive(lab, texts)
        sys.stdout.write(f"TOLD {json.dumps({word: {'backend': lab.backend, **found}}, sort_keys=True)}\n")
        sys.stdout.flush()
    lab.down()


if __name__ == "__main__":
    main()
