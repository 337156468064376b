"""Start a node: namespaces, its own root, its VRFs, and tini running the boot script. Standard library only."""

from __future__ import annotations

import os
import signal
import socket
from dataclasses import dataclass
from pathlib import Path

from network.lab import disk, syscalls
from network.lab.blueprint import FORWARDING, Kind, Node
from network.lab.startup import Implied

TINI = "/usr/bin/tini"
BOOT = "/usr/local/lib/sanso-lab/boot"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "MALLOC_ARENA_MAX": "1",
}

_ALL = {
    "ipv6/conf/all/accept_dad": 0,
    "ipv6/conf/default/accept_dad": 0,
    "ipv6/conf/default/dad_transmits": 0,
    "ipv6/conf/all/accept_ra": 0,
    "ipv6/conf/default/accept_ra": 0,
    "ipv6/conf/default/router_solicitations": 0,
    "ipv4/icmp_ratelimit": 0,
    "ipv6/icmp/ratelimit": 0,
}
_FORWARDING = {
    "ipv4/ip_forward": 1,
    "ipv4/igmp_max_memberships": 1024,
    "ipv6/conf/all/forwarding": 1,
    "ipv4/conf/all/rp_filter": 0,
    "ipv4/conf/default/rp_filter": 0,
    "ipv4/conf/all/ignore_routes_with_linkdown": 1,
    "ipv4/conf/default/ignore_routes_with_linkdown": 1,
    "ipv6/conf/all/ignore_routes_with_linkdown": 1,
    "ipv6/conf/default/ignore_routes_with_linkdown": 1,
}


@dataclass
class Process:
    """A node being started: the pid of its init, and pipes to and from it."""

    pid: int
    ready: int
    """Readable: one byte when the namespaces stand, "up" when all services run, end of file when the node died."""
    go: int
    """Written to let it run on."""


_SWITCH = {"ipv6/conf/all/disable_ipv6": 1, "ipv6/conf/default/disable_ipv6": 1, "ipv4/conf/all/arp_ignore": 1}
"""What passes a switch is not for its own kernel, though that sees it."""


def tune(kind: Kind) -> None:
    """Set the calling thread's network namespace up for lab traffic: no DAD, no ICMP rate limits."""
    more = _FORWARDING if kind in FORWARDING else _SWITCH if kind == "switch" else {}
    for name, value in {**_ALL, **more}.items():
        Path("/proc/sys/net", name).write_text(str(value), encoding="ascii")


def spawn(node: Node, folder: Path, implied: Implied) -> Process:
    """Fork the init of a node. It makes its namespaces, says so, and waits for `go` before it boots."""
    ready, said = os.pipe2(os.O_CLOEXEC)
    waits, go = os.pipe2(os.O_CLOEXEC)
    home = os.open("/proc/self/ns/pid", os.O_RDONLY | os.O_CLOEXEC)
    syscalls.unshare(syscalls.CLONE_NEWPID)
    pid = os.fork()
    if pid == 0:
        try:
            os.close(ready)
            os.close(go)
            _become(node, folder, implied, said, waits)
        except BaseException as error:  # noqa: BLE001 a forked child never returns into its parent's code
            os.write(2, f"{node.name}: {error}\n".encode())
        finally:
            os._exit(1)
    syscalls.setns(home, syscalls.CLONE_NEWPID)
    for fd in (home, said, waits):
        os.close(fd)
    return Process(pid, ready, go)


def _become(node: Node, folder: Path, implied: Implied, said: int, waits: int) -> None:
    os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    signal.set_wakeup_fd(-1)
    syscalls.unshare(syscalls.CLONE_NEWNS | syscalls.CLONE_NEWNET | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS)
    socket.sethostname(node.name)
    disk.enter(folder)
    tune(node.kind)
    _name_vrfs(implied.vrfs)
    syscalls.drop_capabilities()
    os.write(said, b"+")
    if os.read(waits, 1) != b"+":
        return
    null = os.open("/dev/null", os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.dup2(said, 3)
    os.execve(TINI, [TINI, "--", BOOT], ENVIRONMENT)  # noqa: S606 no shell is wanted


def _name_vrfs(names: tuple[str, ...]) -> None:
    """Make each VRF as a named network namespace, as `ip netns add` would."""
    if not names:
        return
    syscalls.mount("/run/netns", "/run/netns", flags=syscalls.MS_BIND | syscalls.MS_REC)
    syscalls.mount("", "/run/netns", flags=syscalls.MS_SHARED | syscalls.MS_REC)
    home = os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    for name in names:
        place = Path("/run/netns", name)
        place.touch()
        syscalls.unshare(syscalls.CLONE_NEWNET)
        tune("router")
        syscalls.mount("/proc/self/ns/net", place, flags=syscalls.MS_BIND)
        syscalls.setns(home, syscalls.CLONE_NEWNET)
    os.close(home)
