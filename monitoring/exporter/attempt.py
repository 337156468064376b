"""One path tried once, with real packets: who answered, if anybody did.

TCP asks for a connection, ICMP for an echo. UDP sends a question its port understands (a name server, a time server and
an SNMP agent answer even a stranger) and to any other port a few bytes, to which the machine itself answers "port
unreachable" when nothing listens there. So silence on UDP means one of two things: a filter on the way, or a listener
that does not know the question. Who needs certainty tries a port on which nothing listens.

A refusal (TCP reset, port unreachable) counts as an answer of the machine, for the city's firewalls drop without a
word. A foreign filter that refuses in the machine's name cannot be told from it.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import socket
import struct
import time
from dataclasses import dataclass
from typing import Literal

from network.probe.packets import Transport, checksum
from network.state import Address

Reply = Literal["answered", "refused", "unreachable", "silent", "unsent", "forbidden"]
"""`unreachable`: a router or filter on the way said no. `unsent`: the packet could not even be sent from here.
`forbidden`: whoever tries lacks the right to (see `servers`).
"""

REACHED: frozenset[Reply] = frozenset({"answered", "refused"})
"""The packet got there and something came back."""

_DNS_PORT, _NTP_PORT, _SNMP_PORT = 53, 123, 161
_QUESTIONS = {
    _DNS_PORT: bytes.fromhex("5a5a 0100 0001 0000 0000 0000 00 0002 0001"),  # who serves the root zone?
    _NTP_PORT: b"\x23" + bytes(47),  # version 4, client
    _SNMP_PORT: bytes.fromhex(  # SNMPv3: which engine are you?
        "303a020103300f02025a01020300ffe30401040201030410300e0400020100020100040004000400301204000400a00c02025a010201000201003000"
    ),
}
KNOWN_QUESTIONS = frozenset(_QUESTIONS)
_ANY = b"sanso"
_REFUSED = frozenset({errno.ECONNREFUSED, errno.ECONNRESET})
_SAID_NO = frozenset({errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EACCES, errno.EHOSTDOWN, errno.ENOPROTOOPT})
"""What the kernel makes of ICMP errors; whatever else goes wrong is this machine's own trouble."""
_ECHO = {4: (8, 0), 6: (128, 129)}
_HEADER_WORDS = 0x0F
_sequence = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an attempt, after how many seconds."""

    reply: Reply
    seconds: float


async def attempt(source: Address, to: Address, protocol: Transport, port: int, patience_s: float) -> Outcome:
    """Try once. Both addresses are of one family; ICMP needs the right to raw sockets."""
    start = time.monotonic()
    try:
        async with asyncio.timeout(patience_s):
            reply = await _ask(source, to, protocol, port)
    except TimeoutError:
        reply = "silent"
    except OSError as error:
        reply = told_by(error.errno or 0)
    return Outcome(reply, time.monotonic() - start)


def told_by(number: int) -> Reply:
    """What an attempt that ended with this error number tells."""
    if number in _REFUSED:
        return "refused"
    return "unreachable" if number in _SAID_NO else "unsent"


def said(to: Address, protocol: Transport, port: int) -> tuple[bytes, int]:
    """What is sent there, and the type of an echo's reply; nothing is sent by TCP."""
    if protocol == "udp":
        return _QUESTIONS.get(port, _ANY), 0
    if protocol == "tcp":
        return b"", 0
    return _echo(to.version, next(_sequence) & 0xFFFF), _ECHO[to.version][1]


async def _ask(source: Address, to: Address, protocol: Transport, port: int) -> Reply:
    family = socket.AF_INET if to.version == 4 else socket.AF_INET6  # noqa: PLR2004 IP's versions
    loop = asyncio.get_running_loop()
    with _opened(family, protocol) as door:
        door.setblocking(False)  # noqa: FBT003 the standard library's own signature
        door.bind((str(source), 0))
        if protocol == "tcp":
            await loop.sock_connect(door, (str(to), port))
            return "answered"
        door.connect((str(to), port))
        if protocol == "udp":
            await loop.sock_sendall(door, said(to, protocol, port)[0])
            await loop.sock_recv(door, 2048)
            return "answered"
        number = next(_sequence) & 0xFFFF
        await loop.sock_sendall(door, _echo(to.version, number))
        while not _is_reply(await loop.sock_recv(door, 2048), to.version, number):
            pass
        return "answered"


def _opened(family: socket.AddressFamily, protocol: Transport) -> socket.socket:
    if protocol == "tcp":
        return socket.socket(family, socket.SOCK_STREAM)
    if protocol == "udp":
        return socket.socket(family, socket.SOCK_DGRAM)
    number = socket.IPPROTO_ICMP if family == socket.AF_INET else socket.IPPROTO_ICMPV6
    return socket.socket(family, socket.SOCK_RAW, number)


def _echo(version: int, number: int) -> bytes:
    """An echo request; the kernel fills in the checksum of ICMPv6."""
    body = struct.pack("!BBHHH", _ECHO[version][0], 0, 0, 0x5A5A, number) + _ANY + b"\0"
    return body if version == 6 else body[:2] + checksum(body).to_bytes(2, "big") + body[4:]  # noqa: PLR2004 likewise


def _is_reply(data: bytes, version: int, number: int) -> bool:
    """Whether this is the reply to that echo: a raw socket also sees what others get from the same machine."""
    if version == 4 and data:  # noqa: PLR2004 IP's versions
        data = data[(data[0] & _HEADER_WORDS) * 4 :]
    wanted = struct.pack("!HH", 0x5A5A, number)
    return len(data) >= 8 and data[0] == _ECHO[version][1] and data[4:8] == wanted  # noqa: PLR2004 an echo's header
