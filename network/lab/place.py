"""Where a lab keeps its state, who holds it, and how it is ended.

The folder is locked by the lab's supervisor for as long as it lives: so a living lab is told from what a dead one left.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inventory.text import Text
from network.lab.errors import LabError

STARTED: dict[int, subprocess.Popen[bytes]] = {}
"""Supervisor → the process that carries it, where this very process has started it and must bury it."""


def folder_of(state_dir: Path | None) -> Path:
    """The lab's folder in a state directory: the one given, $SANSO_STATE, or .sanso in the working directory."""
    return (state_dir or Path(os.environ.get("SANSO_STATE", ".sanso"))).absolute() / "lab"


@contextmanager
def claim(folder: Path) -> Iterator[int]:
    """The folder, locked and empty, as a file descriptor; LabError when a lab lives in it."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LabError(
                Text(f"A lab is up already in {folder.parent}.", f"{folder.parent} では既にラボが動いています。"),
                Text("Take it down first: sanso lab down", "先に停止してください: sanso lab down"),
            ) from None
        clear(fd)
        yield fd
    finally:
        os.close(fd)


def alive(folder: Path) -> bool:
    """Whether a lab lives in the folder."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(fd)


def clear(folder: int) -> None:
    """Remove the files of a lab that is no more."""
    for name in os.listdir(folder):
        with contextlib.suppress(OSError):
            os.unlink(name, dir_fd=folder)


def kill(pid: int) -> None:
    """End a supervisor, and with it the whole lab, and wait until the kernel has let go of every process of it."""
    with contextlib.suppress(ProcessLookupError, FileNotFoundError), contextlib.ExitStack() as stack:
        supervisor, carrier = (_hold(stack, each) for each in (pid, _parent(pid)))
        signal.pidfd_send_signal(supervisor, signal.SIGKILL)
        for watched in (supervisor, carrier):
            select.select([watched], [], [])
    child = STARTED.pop(pid, None)
    if child is not None:
        child.wait()


def _hold(stack: contextlib.ExitStack, pid: int) -> int:
    fd = os.pidfd_open(pid)
    stack.callback(os.close, fd)
    return fd


def _parent(pid: int) -> int:
    """The process that carries a supervisor, and holds the folder's lock a moment longer."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])
