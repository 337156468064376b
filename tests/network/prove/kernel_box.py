"""Runs in a network namespace of its own, made by `unshare -n`: what does the kernel forward under a rule set?

Reads cases from standard input as JSON, a list of {"ruleset": text, "packets": [hex of an IP packet], "answers":
[likewise]}, and writes for each the list of verdicts on its packets (true: forwarded). Packets enter on interface a1
and leave on b0. A packet is known again by all that forwarding does not change. Nothing
outlives the process: the namespace goes with it.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

FAR = "02:00:00:00:00:99"
"""Nobody's address: what leaves is seen on the far end and taken by nobody."""
TO_A1, TO_B0 = bytes.fromhex("020000000001020000000002"), bytes.fromhex("020000000003020000000004")
"""Addresses of frames to each interface."""
ETH_P_ALL = 3
ETHERTYPES = {4: b"\x08\x00", 6: b"\x86\xdd"}
SENTINEL = bytes.fromhex("020000000098020000000097" + "88b5") + bytes(46)
LIMIT_S = 10
NETLINK_NETFILTER, CT_DELETE, NLM_F_REQUEST, NLM_F_ACK = 12, 1 << 8 | 2, 1, 4
"""linux/netlink.h, linux/netfilter/nfnetlink_conntrack.h"""
SETUP = f"""
link add a0 type veth peer name a1 address 02:00:00:00:00:01
link add b0 address 02:00:00:00:00:03 type veth peer name b1
addr add 192.0.2.1/24 dev b0
addr add 2001:db8::1/64 dev b0 nodad
link set a0 up
link set a1 up
link set b0 up
link set b1 up
neigh add 192.0.2.2 lladdr {FAR} dev b0 nud permanent
neigh add 2001:db8::2 lladdr {FAR} dev b0 nud permanent
route add default via 192.0.2.2
route add default via 2001:db8::2 dev b0
"""
COUNTED = """
table inet counted {
    counter seen { }
    chain count { type filter hook forward priority -1000; ct state new counter name seen accept; counter name seen; }
}
"""
FORGET = "".join(f"table inet {name}\ndelete table inet {name}\n" for name in ("one", "two"))
"""The tables that cases have: replaced in one transaction, so that conntrack stays on."""


def run(*command: str, text: str = "") -> str:
    return subprocess.run(command, input=text, text=True, check=True, stdout=subprocess.PIPE).stdout


def set_up() -> None:
    for name in ("ipv4/conf/all/rp_filter", "ipv4/conf/default/rp_filter"):
        Path("/proc/sys/net", name).write_text("0")
    for name in ("ipv4/ip_forward", "ipv6/conf/all/forwarding"):
        Path("/proc/sys/net", name).write_text("1")
    run("ip", "-batch", "-", text=SETUP)
    run("nft", "-f", "-", text=COUNTED)


def forget_connections() -> None:
    """Ask the kernel, by netfilter's netlink, to delete all it tracks; it answers when that is done."""
    request = struct.pack("=IHHII", 20, CT_DELETE, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + bytes(4)
    with contextlib.closing(socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)) as netlink:
        netlink.send(request)
        error = struct.unpack_from("=i", netlink.recv(4096), 16)[0]
    if error:
        raise OSError(-error, os.strerror(-error))


def raw_socket(interface: str) -> socket.socket:
    found = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    found.bind((interface, 0))
    found.settimeout(LIMIT_S)
    return found


def seen() -> int:
    found = re.search(r"packets (\d+)", run("nft", "list", "counter", "inet", "counted", "seen"))
    return int(found[1]) if found else -1


def key(packet: bytes) -> bytes:
    """What forwarding leaves as it is: in IPv4 all but TTL and checksum, in IPv6 all but the hop limit."""
    return packet[:8] + packet[9:10] + packet[12:] if packet[0] >> 4 == 4 else packet[:7] + packet[8:]


class Box:
    """The namespace's wires: what is sent into one is seen at the end of the other."""

    def __init__(self, entry: socket.socket, far: socket.socket) -> None:
        self._entry, self._far = entry, far

    def forwarded(self, packets: list[bytes], answers: list[bytes]) -> set[bytes]:
        """Send `packets` by a1 and `answers` by b0; the keys of all that left by b0."""
        before = seen()
        for packet in packets:
            self._entry.send(TO_A1 + ETHERTYPES[packet[0] >> 4] + packet)
        for packet in answers:
            self._far.send(TO_B0 + ETHERTYPES[packet[0] >> 4] + packet)
        for _ in range(1000):
            if seen() >= before + len(packets) + len(answers):
                break
        else:
            raise TimeoutError(seen() - before)
        with contextlib.closing(raw_socket("b0")) as last:
            last.send(SENTINEL)
        arrived = set[bytes]()
        while (frame := self._far.recv(65536)) != SENTINEL:
            arrived.add(key(frame[14:]))
        return arrived

    def verdicts(self, case: dict[str, Any]) -> list[bool]:
        """What the case's rule set forwards; where there are answers, of connections that were answered before."""
        packets, answers = ([bytes.fromhex(item) for item in case[name]] for name in ("packets", "answers"))
        run("nft", "-f", "-", text=FORGET)
        forget_connections()
        if answers:
            self.forwarded(packets, answers)
        run("nft", "-f", "-", text=f"{FORGET}{case['ruleset']}\n")
        arrived = self.forwarded(packets, [])
        return [key(packet) in arrived for packet in packets]


def main() -> None:
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    set_up()
    with contextlib.closing(raw_socket("a0")) as entry, contextlib.closing(raw_socket("b1")) as far:
        box = Box(entry, far)
        json.dump([box.verdicts(case) for case in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
