"""Run many commands of `ip` or `tc` as one process, and the one ioctl neither offers. Standard library only."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import socket
import struct
import subprocess
from collections.abc import Iterable
from pathlib import Path

IP = "/usr/sbin/ip"
TC = "/usr/sbin/tc"
_SIOCETHTOOL = 0x8946
_ETHTOOL_STXCSUM = 0x17
_DOOMED = 99
"""A group of links that nothing else uses."""


def batch(tool: str, lines: Iterable[str]) -> None:
    """Run `lines`; OSError with the tool's own words when one fails."""
    text = "\n".join(lines)
    if text:
        run([tool, "-batch", "-"], text + "\n")


def delete(links: Iterable[str]) -> None:
    """Delete links of this network namespace, those that are there: as one group, for which the kernel waits once."""
    lines = [f"link set {link} group {_DOOMED}" for link in links]
    if lines:
        with contextlib.suppress(OSError):
            run([IP, "-force", "-batch", "-"], "\n".join([*lines, f"link del group {_DOOMED}", ""]))


def run(command: list[str], text: str = "", *, environment: dict[str, str] | None = None) -> str:
    """Run a command to its end; OSError with its own words when it fails."""
    done = subprocess.run(  # noqa: S603 fixed programs, arguments built here
        command, input=text, text=True, capture_output=True, check=False, env=environment
    )
    if done.returncode:
        raise OSError(errno.EIO, f"{Path(command[0]).name}: {done.stderr.strip()}")
    return done.stdout


def whole_checksums(links: Iterable[str]) -> None:
    """Frames leave these links with their checksums computed, as a card would leave them on the cable."""
    value = ctypes.create_string_buffer(struct.pack("II", _ETHTOOL_STXCSUM, 0))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as handle:
        for link in links:
            request = struct.pack("16sP", link.encode(), ctypes.addressof(value))
            fcntl.ioctl(handle, _SIOCETHTOOL, request.ljust(40, b"\0"))
