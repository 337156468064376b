"""A filter in the kernel for a packet socket: only IP packets from certain addresses are handed over.

Classic BPF, as in Linux' `linux/bpf_common.h`: the accumulator is loaded from an offset into the packet (which begins
with the IP header), compared, and the program returns how many bytes are handed over.
"""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Iterable

from network.state import Address

_SO_ATTACH_FILTER = 26
_LOAD_BYTE, _LOAD_WORD, _SHIFT_RIGHT, _IF_EQUAL, _JUMP, _RETURN = 0x30, 0x20, 0x74, 0x15, 0x05, 0x06
_WHOLE = 0xFFFF
_SOURCE = {4: 12, 6: 8}
"""Offset of the source address."""
_INSTRUCTION = struct.Struct("HBBI")
_WORD = 4

Code = list[tuple[int, int, int, int]]
"""Operation, instructions to skip if true, if false, operand."""


def only_from(ear: socket.socket, sources: Iterable[Address]) -> None:
    """Let a packet socket hand over only IP packets from these addresses."""
    code = program(sources)
    text = ctypes.create_string_buffer(b"".join(_INSTRUCTION.pack(*step) for step in code))
    ear.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("HP", len(code), ctypes.addressof(text)))


def program(sources: Iterable[Address]) -> Code:
    """The filter's instructions."""
    wanted = list(sources)
    code: Code = [(_LOAD_BYTE, 0, 0, 0), (_SHIFT_RIGHT, 0, 0, 4)]
    for version in (4, 6):
        part = [step for address in wanted if address.version == version for step in _one(address)]
        part.append((_RETURN, 0, 0, 0))
        code += [(_IF_EQUAL, 1, 0, version), (_JUMP, 0, 0, len(part)), *part]
    return [*code, (_RETURN, 0, 0, 0)]


def _one(address: Address) -> Code:
    """Hand the packet over if all words of its source are the address'; else go on behind."""
    words = [address.packed[at : at + _WORD] for at in range(0, len(address.packed), _WORD)]
    code: Code = []
    for number, word in enumerate(words):
        rest = 2 * (len(words) - number - 1) + 1
        code.append((_LOAD_WORD, 0, 0, _SOURCE[address.version] + number * _WORD))
        code.append((_IF_EQUAL, 0, rest, int.from_bytes(word, "big")))
    return [*code, (_RETURN, 0, 0, _WHOLE)]
