"""The names nftables 1.0 prints for numbers, in the order in which it prints them.

Source: `nft describe icmp type`, `nft describe icmpv6 type`, `nft describe ct state`, and nft(8) on priorities.
"""

from __future__ import annotations

import re

NFT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
"""What nft takes as a name without quotes."""

NOT_QUOTED = '"'
"""What a comment cannot hold."""

NOT_LOGGED = '"$'
"""What a log prefix cannot hold: nft takes `$` for a variable there."""

LONGEST_COMMENT = 128
LONGEST_LOG = 127
"""In bytes."""

ICMP_TYPES: dict[int, dict[str, int]] = {
    4: {
        "echo-reply": 0,
        "destination-unreachable": 3,
        "source-quench": 4,
        "redirect": 5,
        "echo-request": 8,
        "router-advertisement": 9,
        "router-solicitation": 10,
        "time-exceeded": 11,
        "parameter-problem": 12,
        "timestamp-request": 13,
        "timestamp-reply": 14,
        "info-request": 15,
        "info-reply": 16,
        "address-mask-request": 17,
        "address-mask-reply": 18,
    },
    6: {
        "destination-unreachable": 1,
        "packet-too-big": 2,
        "time-exceeded": 3,
        "parameter-problem": 4,
        "echo-request": 128,
        "echo-reply": 129,
        "mld-listener-query": 130,
        "mld-listener-report": 131,
        "mld-listener-done": 132,
        "nd-router-solicit": 133,
        "nd-router-advert": 134,
        "nd-neighbor-solicit": 135,
        "nd-neighbor-advert": 136,
        "nd-redirect": 137,
        "router-renumbering": 138,
        "ind-neighbor-solicit": 141,
        "ind-neighbor-advert": 142,
        "mld2-listener-report": 143,
    },
}
"""Family → name → ICMP type."""

CT_STATES: dict[str, int] = {"invalid": 1, "established": 2, "related": 4, "new": 8, "untracked": 64}
"""Connection states and their bits."""

PRIORITIES: dict[str, int] = {
    "raw": -300,
    "mangle": -150,
    "dstnat": -100,
    "filter": 0,
    "security": 50,
    "srcnat": 100,
}
"""Standard priorities of base chains."""

ONLY_AT: dict[str, str] = {"dstnat": "prerouting", "srcnat": "postrouting"}
"""Priority names that nft knows at one hook only."""

DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""Days of the week by their numbers."""

LAST_SECOND = 24 * 60 * 60 - 1
"""Of a day."""

HIGHEST_MARK = 2**32 - 1
"""Of a connection."""

NEAR = 10
"""nft prints a priority as `filter + 5` when it is at most this far from a standard one."""


def priority_text(hook: str, priority: int) -> str:
    """A priority as `nft list` prints it at `hook`."""
    for name, standard in PRIORITIES.items():
        offset = priority - standard
        if abs(offset) <= NEAR and ONLY_AT.get(name, hook) == hook:
            return f"{name} {'+' if offset > 0 else '-'} {abs(offset)}" if offset else name
    return str(priority)


def mark_text(mark: int) -> str:
    """A connection's mark as `nft list` prints it."""
    return f"0x{mark:08x}"


def clock_text(second: int) -> str:
    """A second of the day as `nft list` prints it to a process whose time zone is UTC."""
    minutes, seconds = divmod(second, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def interface_order(name: str) -> bytes:
    """Sorts interface names as nft prints them: the kernel's zero-padded name read as a little-endian number."""
    return name.encode().ljust(16, b"\0")[::-1]
