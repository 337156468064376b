"""Marks: how a firewall knows to which row of the flow register a connection belongs.

A row's mark follows from what the row says and from nothing else, so that no other row's mark moves when a row comes or
goes: the first 31 bits of SHA-256 over the row's name, its two groups and its ports. A row that is changed to permit
something else is thereby another one; its title, reason, term and approval, and the members of its groups, do not
matter. Two rows of one mark are an error of the inventory (`inventory.checks.flows`).
"""

from __future__ import annotations

from hashlib import sha256

from inventory.model import Flow

_UNUSED_BITS = 1


def connection_mark(row: str, flow: Flow) -> int:
    """The mark of a row's connections, 1 to 2³¹ - 1; connections that no row let through have mark 0."""
    said = "\n".join((row, flow.source, flow.destination, *sorted(map(str, set(flow.ports)))))
    return int.from_bytes(sha256(said.encode()).digest()[:4], "big") >> _UNUSED_BITS or 1
