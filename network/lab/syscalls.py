"""The few Linux system calls Python 3.11 does not wrap: namespaces, mounts, process controls.

Standard library only: the supervisor of a lab starts from this module in a bare interpreter.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

MS_RDONLY = 1
MS_NOSUID = 2
MS_NODEV = 4
MS_NOEXEC = 8
MS_REMOUNT = 32
MS_BIND = 4096
MS_REC = 16384
MS_PRIVATE = 1 << 18
MS_SHARED = 1 << 20
MNT_DETACH = 2

PR_CAPBSET_DROP = 24
FORBIDDEN = {"sys_module": 16, "sys_rawio": 17, "sys_time": 25, "mknod": 27}
"""Capabilities no program of a node has: they reach the machine itself."""

SYS_PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}

_libc = ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Give this process new namespaces; CLONE_NEWPID takes effect for its next child."""
    _check(_libc.unshare(flags), "unshare")


def setns(fd: int, kind: int) -> None:
    """Move the calling thread into the namespace behind `fd`; CLONE_NEWPID takes effect for its next child."""
    _check(_libc.setns(fd, kind), "setns")


def mount(source: str, target: str | Path, kind: str = "", flags: int = 0, options: str = "") -> None:
    """Mount, bind or remount; empty strings are nothing."""
    result = _libc.mount(source.encode(), str(target).encode(), kind.encode(), ctypes.c_ulong(flags), options.encode())
    _check(result, f"mount {target}")


def detach(target: str | Path) -> None:
    """Unmount lazily."""
    _check(_libc.umount2(str(target).encode(), MNT_DETACH), f"umount {target}")


def pivot_root(new: Path) -> None:
    """Make `new`, a mount point, the root of this mount namespace and let the old root go."""
    os.chdir(new)
    _check(_libc.syscall(SYS_PIVOT_ROOT[os.uname().machine], b".", b"."), "pivot_root")
    detach(".")
    os.chdir("/")


def drop_capabilities() -> None:
    """Take what is FORBIDDEN from this process's bounding set: no program it starts gets it."""
    for number in FORBIDDEN.values():
        _check(_libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0), "prctl")


def enter_network(path: str | Path) -> None:
    """Move the calling thread into the network namespace at `path` for good."""
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        setns(fd, CLONE_NEWNET)
    finally:
        os.close(fd)


@contextmanager
def network(path: str | Path) -> Iterator[None]:
    """The calling thread stands in the network namespace at `path` while the block runs."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        enter_network(path)
        try:
            yield
        finally:
            setns(home, CLONE_NEWNET)
    finally:
        os.close(home)
