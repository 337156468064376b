#!/usr/bin/python3 -IS
"""subif add|del PORT TAG [NETNS]: the lab's stand-in for 802.1Q sub-interfaces on a kernel that has none."""

import socket
import sys

USAGE = "usage: subif add|del PORT TAG [NETNS]"


def main() -> str | None:
    """Ask the lab; what went wrong, if anything."""
    words = sys.argv[1:]
    if len(words) not in {3, 4} or words[0] not in {"add", "del"}:
        return USAGE
    with socket.socket(socket.AF_UNIX) as lab:
        lab.connect("/usr/local/lib/sanso-lab/socket")
        lab.sendall(" ".join(words).encode() + b"\n")
        answer = lab.makefile(encoding="utf-8").readline().strip()
    return None if answer == "ok" else f"subif: {answer}"


if __name__ == "__main__":
    sys.exit(main())
