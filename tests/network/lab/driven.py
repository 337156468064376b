"""One router of the smallest city is changed by its driver, and back: what that reads."""

from __future__ import annotations

import sys

from napalm import get_network_driver

from network.lab import Lab

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


def drive(lab: Lab, texts: dict[str, str]) -> dict[str, str]:
    """What the router runs, and what it says it would change, at each step of a change that is taken back."""
    text = texts[ROUTER]
    told = {"text": text, "shown": lab.run(ROUTER, ["vtysh", "-c", "show running-config"], timeout=300).stdout}
    access = lab.access()
    lab.enter_operator()
    options = {"key_file": str(access.key), "known_hosts_file": str(access.known_hosts)}
    with get_network_driver("frr")(lab.address(ROUTER), access.user, "", timeout=600, optional_args=options) as device:

        def note(step: str) -> None:
            told[step] = device.get_config("running")["running"]
            sys.stderr.write(f"{step}\n{told[step]}\n")

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
