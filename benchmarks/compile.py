"""Compile and render generated cities of 100, 1,000 and 2,000 devices, beside pyavd building 100 in the same run.

    python benchmarks/compile.py --peer .venv-bench/bin/python

pyavd has dependencies of its own, so it lives in a virtual environment of its own:

    python3 -m venv .venv-bench && .venv-bench/bin/pip install -r requirements-bench.txt

Timed is everything from the typed inventory to configuration text: fabric, states, rendering; on pyavd's side facts,
structured configuration and text. Reading and checking the input is outside on both sides.
"""

from __future__ import annotations

import argparse
import datetime as dt
import gc
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from inventory.generate import generate_city  # noqa: E402 the repository is not installed
from network.compiled import compile_city  # noqa: E402

SIZES = (100, 1000, 2000)
DAY = dt.date(2026, 11, 20)
ROUNDS = 3
MOST_MS_A_DEVICE = 10.0
LEAST_RATIO_A_LINE = 10.0


@dataclass(frozen=True)
class Result:
    """One build: how many devices, how many lines of configuration, in how many seconds."""

    who: str
    devices: int
    lines: int
    seconds: float

    @property
    def ms_a_device(self) -> float:
        return 1000 * self.seconds / self.devices

    @property
    def ms_a_line(self) -> float:
        return 1000 * self.seconds / self.lines

    def say(self) -> str:
        numbers = f"{self.devices:6} devices {self.lines:8} lines {self.seconds:7.2f} s"
        return f"{self.who:14}{numbers}{self.ms_a_device:9.2f} ms a device{self.ms_a_line:9.4f} ms a line"


def ours(devices: int) -> Result:
    """The best of some rounds."""
    city = generate_city(devices)
    best = float("inf")
    lines = 0
    for _ in range(ROUNDS):
        gc.collect()
        begun = time.perf_counter()
        compiled = compile_city(city, DAY)
        best = min(best, time.perf_counter() - begun)
        lines = sum(text.count("\n") for text in compiled.texts.values())
    return Result("sanso", devices, lines, best)


def peer(python: Path) -> Result:
    """pyavd, run once by the Python that has it: its first build is a warm-up."""
    done = subprocess.run([python, HERE / "avd_peer.py", "100"], check=True, capture_output=True, text=True)
    told = json.loads(done.stdout)
    return Result(f"pyavd {told['version']}", told["devices"], told["lines"], told["seconds"])


def main() -> int:
    """Run, print, and say by the exit code whether the targets are met."""
    parser = argparse.ArgumentParser(description="compile and render, beside pyavd")
    parser.add_argument("--peer", type=Path, help="a Python that has pyavd; left out: no comparison")
    options = parser.parse_args()
    results = [ours(devices) for devices in SIZES]
    for result in results:
        print(result.say())
    growth = results[-1].ms_a_device / results[0].ms_a_device
    print(f"cost of a device among {SIZES[-1]} over among {SIZES[0]}: {growth:.2f}")
    met = all(result.ms_a_device <= MOST_MS_A_DEVICE for result in results)
    if options.peer:
        other = peer(options.peer)
        print(other.say())
        by_line = other.ms_a_line / results[0].ms_a_line
        print(f"pyavd over sanso, 100 devices: {other.ms_a_device / results[0].ms_a_device:.1f} a device")
        print(f"pyavd over sanso, 100 devices: {by_line:.1f} a line (target {LEAST_RATIO_A_LINE:g})")
        met = met and by_line >= LEAST_RATIO_A_LINE
    print("targets met" if met else "TARGETS MISSED")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
