"""Wait until routing tables hold what they should, by listening to the kernel's own announcements (rtnetlink)."""

from __future__ import annotations

import errno
import selectors
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from network.lab import syscalls
from network.lab.blueprint import Routes

_RTM_NEWROUTE, _RTM_DELROUTE, _RTM_GETROUTE = 24, 25, 26
_NLMSG_DONE = 3
_REQUEST_DUMP = 0x301
_GROUPS = 0x40 | 0x400
_RTA_DST, _RTA_TABLE = 1, 15
_UNICAST = 1
MAIN = 254


@dataclass
class _Row:
    """The routes one table is waited for to hold."""

    want: Routes
    table: int
    missing: set[str] = field(default_factory=set)
    dumps: int = 0
    """Dumps still to be asked for: the kernel does one at a time for a socket."""


class Watch:
    """Tables that are waited for, each with a socket in its network namespace."""

    def __init__(
        self, routes: Iterable[Routes], place: Callable[[str, str], str | Path], table: Callable[[str, str], int]
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._rows: list[_Row] = []
        for want in routes:
            row = _Row(want, table(want.node, want.vrf), set(want.prefixes))
            self._rows.append(row)
            with syscalls.network(place(want.node, want.vrf)):
                listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            listener.bind((0, _GROUPS))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
            listener.setblocking(False)  # noqa: FBT003 the standard library's own signature
            self._selector.register(listener, selectors.EVENT_READ, row)
            self._ask(listener, row)

    def wait(self, seconds: float, progress: Callable[[int, int], None]) -> list[Routes]:
        """Listen until nothing is missing or `seconds` are over; what is still missing."""
        end = time.monotonic() + seconds
        try:
            while missing := self._missing():
                progress(len(self._rows) - len(missing), len(self._rows))
                left = end - time.monotonic()
                if left <= 0:
                    return missing
                for key, _ in self._selector.select(min(left, 1.0)):
                    if isinstance(key.fileobj, socket.socket):
                        self._hear(key.fileobj, key.data)
            progress(len(self._rows), len(self._rows))
            return []
        finally:
            for key in list(self._selector.get_map().values()):
                if isinstance(key.fileobj, socket.socket):
                    key.fileobj.close()
            self._selector.close()

    def _missing(self) -> list[Routes]:
        return [
            Routes(row.want.node, row.want.vrf, tuple(sorted(row.missing))) for row in self._rows if row.missing
        ]  # fmt: skip

    def _ask(self, listener: socket.socket, row: _Row) -> None:
        """Ask for the whole table: first family 4, then (when that is done) family 6."""
        row.missing = set(row.want.prefixes)
        row.dumps = 1
        _dump(listener, socket.AF_INET)

    def _hear(self, listener: socket.socket, row: _Row) -> None:
        try:
            data = listener.recv(1 << 18)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ENOBUFS:
                raise
            self._ask(listener, row)
            return
        for kind, body in _messages(data):
            if kind == _NLMSG_DONE and row.dumps:
                row.dumps -= 1
                _dump(listener, socket.AF_INET6)
            elif kind == _RTM_NEWROUTE:
                row.missing.discard(_prefix(body, row.table))
            elif kind == _RTM_DELROUTE and not row.dumps and _prefix(body, row.table) in row.want.prefixes:
                self._ask(listener, row)


def _dump(listener: socket.socket, family: int) -> None:
    body = struct.pack("BBBBBBBBI", family, 0, 0, 0, 0, 0, 0, 0, 0)
    listener.send(struct.pack("IHHII", 16 + len(body), _RTM_GETROUTE, _REQUEST_DUMP, 1, 0) + body)


def _messages(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 16:  # noqa: PLR2004 the length of a netlink header
        length, kind = struct.unpack_from("IH", data)
        yield kind, data[16:length]
        data = data[(length + 3) & ~3 :]


def _prefix(body: bytes, table: int) -> str:
    """`address/length` of a unicast route of `table`, else ""."""
    family, length, _, _, _, _, _, kind, _ = struct.unpack_from("BBBBBBBBI", body)
    if kind != _UNICAST:
        return ""
    address, found = "0.0.0.0" if family == socket.AF_INET else "::", MAIN  # noqa: S104 the default route's prefix
    rest = body[12:]
    while len(rest) >= 4:  # noqa: PLR2004 the length of an attribute's header
        size, attribute = struct.unpack_from("HH", rest)
        if attribute == _RTA_DST:
            address = str(ip_address(rest[4:size]))
        elif attribute == _RTA_TABLE:
            (found,) = struct.unpack_from("I", rest, 4)
        rest = rest[(size + 3) & ~3 :]
    return f"{address}/{length}" if found == table else ""
