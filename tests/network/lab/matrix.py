"""Boot the smallest city, configured, and print as JSON which host answers which: the same program on any kernel.

matrix.py BACKEND STATE_DIRECTORY
"""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
sys.path.insert(0, str(ROOT))

from inventory.loader import load_city  # noqa: E402 found by the line above
from network.build import build_fabric  # noqa: E402
from network.compile import compile_fabric  # noqa: E402
from network.fabric import Fabric  # noqa: E402
from network.lab import Lab, boot  # noqa: E402
from network.render import render  # noqa: E402

DAY = dt.date(2026, 11, 20)
SLOW_BFD = "\\g<0>\n  transmit-interval 3000\n  receive-interval 3000"
"""An emulated processor cannot keep 300 ms."""
MUTE = re.compile(r"^  (?:transmit|receive)-interval [0-9]+\n", re.MULTILINE)


def configurations(fabric: Fabric) -> dict[str, str]:
    texts = {name: render(state) for name, state in compile_fabric(fabric, on=DAY).items()}
    return {name: re.sub(r"(?m)^ profile \S+$", SLOW_BFD, MUTE.sub("", text)) for name, text in texts.items()}


def addresses(fabric: Fabric) -> dict[str, tuple[str, str]]:
    found = {host.name: (str(host.ipv4.ip), str(host.ipv6.ip)) for host in fabric.hosts.values()}
    for peer in fabric.city.peers.values():
        found.update({name: (str(host.ipv4), str(host.ipv6)) for name, host in peer.hosts.items()})
    return found


def answers(lab: Lab, host: str, targets: dict[str, tuple[str, str]]) -> dict[str, list[bool]]:
    """Target → whether it answers over IPv4 and IPv6."""
    every = " ".join(address for pair in targets.values() for address in pair)
    script = f"for a in {every}; do (ping -q -c 2 -W 4 $a >/dev/null && echo $a) & done; wait"
    heard = set(lab.run(host, ["sh", "-c", script], timeout=120).stdout.split())
    return {name: [address in heard for address in pair] for name, pair in targets.items()}


def main() -> None:
    fabric = build_fabric(load_city(ROOT / "tests/cities/tiny"))
    backend, state = sys.argv[1], Path(sys.argv[2])
    lab = boot(fabric, configurations(fabric), state, lambda step, done, total: tell(f"{step.en} {done}/{total}"))
    targets = addresses(fabric)
    matrix = {host: answers(lab, host, targets) for host in fabric.hosts}
    assert lab.backend == backend, lab.backend
    lab.down()
    sys.stdout.write(f"MATRIX {json.dumps(matrix, sort_keys=True)}\n")


def tell(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    main()
