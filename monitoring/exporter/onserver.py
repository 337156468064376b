"""What is run on a server that a flow comes from: every path tried at once, one line told for each.

It is sent as text to the server's own Python (3.9 or newer, standard library only) and leaves no file there; `servers`
puts the call of `main` beneath it. It knows no protocol: it sends the bytes it is given and tells what came.
"""

from __future__ import annotations

import errno
import selectors
import socket
import sys
import time

Order = tuple[str, str, int, str, bytes, int]
"""From, to, port, protocol, what is sent, and an echo reply's type."""
PATH = "="
"""Begins the line of a path; whatever else a server says is its own."""
ANSWERED, SILENT, FORBIDDEN = "answered", "silent", "forbidden"
_FINAL = (ANSWERED, FORBIDDEN, "ECONNREFUSED", "ECONNRESET")
_BYTES = 2048
_VERSION_4 = 4
_WAITS = (errno.EINPROGRESS, errno.EAGAIN, errno.EINTR)


def main(orders: list[Order], patience_s: float, tries: int) -> None:
    """Try each order and print what came of it, in their order; what is not reached is tried again.

    A line is `=answered SECONDS`, `=silent SECONDS`, `=forbidden SECONDS` (this user may not open such a socket), or
    the error's name, such as `=ECONNREFUSED SECONDS`.
    """
    said: dict[int, tuple[str, float]] = {}
    for _ in range(tries):
        left = {number: order for number, order in enumerate(orders) if said.get(number, ("",))[0] not in _FINAL}
        said.update(_round(left, patience_s))
    for number in range(len(orders)):
        word, seconds = said[number]
        sys.stdout.write(f"{PATH}{word} {seconds:.6f}\n")


def _round(orders: dict[int, Order], patience_s: float) -> dict[int, tuple[str, float]]:
    start = time.monotonic()
    found: dict[int, tuple[str, float]] = {}
    doors: dict[int, socket.socket] = {}
    with selectors.DefaultSelector() as waiting:
        for number, order in orders.items():
            try:
                doors[number] = _opened(order)
            except PermissionError:
                found[number] = FORBIDDEN, 0.0
                continue
            try:
                waiting.register(doors[number], _begun(doors[number], order), number)
            except OSError as error:
                found[number] = _named(error.errno), time.monotonic() - start
        while len(found) < len(orders):
            for key, _ in waiting.select(max(0.0, start + patience_s - time.monotonic())):
                word = _heard(doors[key.data], orders[key.data])
                if word:
                    found[key.data] = word, time.monotonic() - start
                    waiting.unregister(key.fileobj)
            if time.monotonic() > start + patience_s:
                break
    for door in doors.values():
        door.close()
    return {number: found.get(number, (SILENT, patience_s)) for number in orders}


def _opened(order: Order) -> socket.socket:
    family = socket.AF_INET6 if ":" in order[0] else socket.AF_INET
    if order[3] != "icmp":
        return socket.socket(family, socket.SOCK_STREAM if order[3] == "tcp" else socket.SOCK_DGRAM)
    number = socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP
    try:
        return socket.socket(family, socket.SOCK_RAW, number)
    except PermissionError:
        return socket.socket(family, socket.SOCK_DGRAM, number)


def _begun(door: socket.socket, order: Order) -> int:
    """Send; what to wait for."""
    source, to, port, protocol, sent, _ = order
    door.setblocking(False)  # noqa: FBT003 the standard library's own signature
    door.bind((source, 0))
    if protocol != "tcp":
        door.connect((to, port))
        door.send(sent)
        return selectors.EVENT_READ
    code = door.connect_ex((to, port))
    if code and code not in _WAITS:
        raise OSError(code, "")
    return selectors.EVENT_WRITE


def _heard(door: socket.socket, order: Order) -> str:
    """The word for what came; "" when something else came."""
    _, _, _, protocol, sent, reply = order
    if protocol == "tcp":
        code = door.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return _named(code) if code else ANSWERED
    try:
        data = door.recv(_BYTES)
    except OSError as error:
        return "" if error.errno in _WAITS else _named(error.errno)
    if protocol == "udp":
        return ANSWERED
    if data[:1] and data[0] >> 4 == _VERSION_4:  # a raw socket hears the header of IPv4 too
        data = data[(data[0] & 15) * 4 :]
    return ANSWERED if data[:1] == bytes([reply]) and data[6:] == sent[6:] else ""


def _named(number: int | None) -> str:
    return errno.errorcode.get(number or 0, f"E{number}")
