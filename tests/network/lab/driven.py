"""Boot the smallest city and change one of its routers by its driver; print as JSON what that read: on any kernel.

driven.py STATE_DIRECTORY
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE.parents[2]), str(HERE)]

from matrix import ROOT, configurations, tell  # noqa: E402 found by the line above
from napalm import get_network_driver  # noqa: E402 likewise

from inventory.loader import load_city  # noqa: E402 likewise
from network.build import build_fabric  # noqa: E402 likewise
from network.lab import Lab, boot  # noqa: E402 likewise

ROUTER = "north-edge1"
MORE = """\
vrf guest
exit-vrf
!
interface eth2.299 vrf guest
 ip address 10.99.0.1/24
exit
!
"""


def changed(text: str) -> str:
    """Another cost in a VRF that is there, and a new VRF with an interface."""
    return text.replace(" ip ospf cost 10\n", " ip ospf cost 20\n") + MORE


def drive(lab: Lab, text: str) -> dict[str, str]:
    """What the router runs, and what it says it would change, at each step of a change that is taken back."""
    told = {"shown": lab.run(ROUTER, ["vtysh", "-c", "show running-config"], timeout=300).stdout}
    access = lab.access()
    lab.enter_operator()
    options = {"key_file": str(access.key), "known_hosts_file": str(access.known_hosts)}
    with get_network_driver("frr")(lab.address(ROUTER), access.user, "", timeout=600, optional_args=options) as device:

        def note(step: str) -> None:
            told[step] = device.get_config("running")["running"]
            tell(f"{step}\n{told[step]}")

        note("read")
        told["looked"] = device.observe({}).running
        told["expected"] = device.observe({}, text).running
        device.load_replace_candidate(config=changed(text))
        told["difference"] = device.compare_config()
        device.commit_config(message="a change", revert_in=3600)
        note("committed")
        device.confirm_commit()
        told["startup"] = device.get_config("startup")["startup"]
        device.rollback()
        note("rolled back")
    return told


def main() -> None:
    fabric = build_fabric(load_city(ROOT / "tests/cities/tiny"))
    texts = configurations(fabric)
    lab = boot(fabric, texts, Path(sys.argv[1]), lambda step, done, total: tell(f"{step.en} {done}/{total}"))
    told = {"backend": lab.backend, "text": texts[ROUTER], **drive(lab, texts[ROUTER])}
    lab.down()
    sys.stdout.write(f"DRIVEN {json.dumps(told)}\n")


if __name__ == "__main__":
    main()
