#!/usr/bin/python3 -IS
"""subif add|del <"PORT TAG [NETNS]" lines: the lab's stand-in for 802.1Q sub-interfaces on a kernel that has none."""

import socket
import sys

USAGE = 'usage: subif add|del, and lines "PORT TAG [NETNS]" on the standard input'


def main() -> str | None:
    """Ask the lab; what went wrong, if anything."""
    verb = sys.argv[1:]
    if verb not in (["add"], ["del"]):
        return USAGE
    with socket.socket(socket.AF_UNIX) as lab:
        lab.connect("/usr/local/lib/sanso-lab/socket")
        lab.sendall(f"{verb[0]}\n{sys.stdin.read()}".encode())
        lab.shutdown(socket.SHUT_WR)
        answer = lab.makefile(encoding="utf-8").readline().strip()
    return None if answer == "ok" else f"subif: {answer}"


if __name__ == "__main__":
    sys.exit(main())
