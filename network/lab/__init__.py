"""The lab: a city on virtual switches, from the machine's own packages, in namespaces of its own.

    from network.lab import Lab, boot

    lab = boot(fabric, {name: text, ...}, state_dir)   # configurations as `network.render` writes them
    lab = boot(fabric, None, state_dir)                # factory state: host name and management address only
    lab = Lab.find(state_dir)                          # None when none is up; Lab.get raises LabError

    lab.run("hall-core1", ["vtysh", "-c", "show version"])     # without SSH; vrf="lgwan" runs it in a VRF
    lab.access()                                               # user, key, known_hosts for SSH
    lab.enter_operator()                                       # this thread now stands where nodes are reached
    lab.netns("hall-core1", "lgwan")                           # a path for setns
    lab.cut("dc-a"), lab.cut("dc-a", silent=True), lab.heal("dc-a")
    lab.stop("hall-core2"), lab.start("hall-core2")
    lab.down()

A node is a set of namespaces with its own root (an overlay over the machine's, on a small tmpfs), tini as its first
process, its own sshd, and its own snmpd in a city that has SNMP; see `nodes`, `disk` and `agent`. Cables are described
in `wires`. One supervisor holds it all: when it dies the kernel takes every process, namespace and mount of the lab
along. No interface, route or rule of the machine is touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from network.lab.errors import LabError
from network.lab.handle import Lab, LabNode

if TYPE_CHECKING:
    from network.lab.launch import boot

__all__ = ["Lab", "LabError", "LabNode", "boot"]


def __getattr__(name: str) -> object:
    """`boot` needs the whole model of a city, which the lab's supervisor and most commands do not."""
    if name == "boot":
        from network.lab.launch import boot  # noqa: PLC0415 only where it is used

        return boot
    raise AttributeError(name)
