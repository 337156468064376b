"""Attaches programs of BPF that let everything pass, runs a command, and takes them away again.

    python bpf.py [xdp:INTERFACE] [ingress:INTERFACE] [egress:INTERFACE] [netfilter:PRIORITY] COMMAND [ARGUMENT...]

Asks the kernel itself, for Debian has no compiler of BPF small enough to be wanted for this. `ingress` and `egress` are
those of tcx; that of netfilter stands where packets are forwarded.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
import subprocess
import sys
from typing import NamedTuple

NUMBERS = {"x86_64": 321, "aarch64": 280}
LOAD, LINK = 5, 28
IN_SOFTWARE = 2
IPV4, FORWARD = 2, 2


class Way(NamedTuple):
    """How a program is attached: its type and place as the kernel numbers them, and its answer for what may pass."""

    program: int
    place: int
    passes: int
    flags: int = 0


WAYS = {
    "xdp": Way(6, 37, 2, IN_SOFTWARE),
    "ingress": Way(3, 46, -1),
    "egress": Way(3, 47, -1),
    "netfilter": Way(32, 45, 1),
}


def bpf(command: int, attributes: bytes) -> int:
    """The file descriptor that the kernel gives."""
    libc = ctypes.CDLL(None, use_errno=True)
    padded = ctypes.create_string_buffer(attributes.ljust(128, b"\0"), 128)
    found: int = libc.syscall(NUMBERS[os.uname().machine], command, padded, 128)
    if found < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return found


def attach(how: str, where: str) -> None:
    """Lasts as long as this process."""
    way = WAYS[how]
    passes = struct.pack("<BBhi", 0xB7, 0, 0, way.passes) + struct.pack("<BBhi", 0x95, 0, 0, 0)
    code, licence = ctypes.create_string_buffer(passes), ctypes.create_string_buffer(b"GPL")
    place = way.place if how == "netfilter" else 0
    program = bpf(
        LOAD, struct.pack("<IIQQ44xI", way.program, 2, ctypes.addressof(code), ctypes.addressof(licence), place)
    )
    hook = struct.pack("<IIi", IPV4, FORWARD, int(where)) if how == "netfilter" else b""
    interface = 0 if hook else socket.if_nametoindex(where)
    bpf(LINK, struct.pack("<IIII", program, interface, way.place, way.flags) + hook)


def main(*words: str) -> int:
    """The command's exit code."""
    programs = [word for word in words if word.partition(":")[0] in WAYS]
    for program in programs:
        attach(*program.split(":"))
    return subprocess.run(words[len(programs) :], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
