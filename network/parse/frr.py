"""FRR: from `show running-config` or `/etc/frr/frr.conf` to state.

Blocks are followed by indentation, which FRR always prints: what stands deeper than a line that is not understood
belongs to it and is not understood either, and an `exit` closes the block that began at its own depth.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from network.parse import words as w
from network.parse.frr_blocks import Block, Words
from network.parse.frr_draft import Draft
from network.parse.frr_top import Top
from network.parse.source import Source
from network.state import DeviceState

_BLANKS = " \t\r"
_CLOSERS = frozenset({"exit", "exit-vrf", "exit-address-family", "end", "quit"})


def parse(source: Source) -> DeviceState:
    """Read the whole source as FRR's configuration."""
    draft = Draft(source)
    read_lines(draft, source.numbered(1, len(source.lines)))
    return draft.state("frr")


def read_lines(draft: Draft, lines: Iterable[tuple[int, str]]) -> None:
    """Read numbered lines into a draft."""
    stack: list[tuple[int, Block]] = [(-1, Top(draft))]
    shut: int | None = None
    for number, raw in lines:
        said = _said(raw)
        if said is None:
            continue
        depth, words = said
        inside = shut is not None and depth > shut
        if words[0] in _CLOSERS and len(words) == 1:
            if shut != depth and not inside:
                _close(stack, depth)
            shut = shut if inside else None
        elif inside or not _read(stack, depth, words, number):
            draft.source.doubt(number)
            shut = shut if inside else depth
        else:
            shut = None


@lru_cache(w.REMEMBERED)
def _said(raw: str) -> tuple[int, Words] | None:
    """The depth of a line and its words, between which FRR itself writes one blank; None when it says nothing."""
    text = raw.strip(_BLANKS)
    if not text or text[0] in "!#":
        return None
    words = re.split(r"[ \t]+", text) if "\t" in text or "  " in text else text.split(" ")
    return raw.index(text), tuple(words)


def _close(stack: list[tuple[int, Block]], depth: int) -> None:
    while stack[-1][0] > depth:
        stack.pop()
    if stack[-1][0] == depth:
        stack.pop()


def _read(stack: list[tuple[int, Block]], depth: int, words: Words, line: int) -> bool:
    """Offer a line to the innermost block, then to those around it, as FRR does."""
    for position in range(len(stack) - 1, -1, -1):
        block = stack[position][1]
        try:
            taken = block.read(words, line)
        except (ValueError, LookupError):
            continue
        if taken is not None:
            del stack[position + 1 :]
            if taken is not block:
                stack.append((depth, taken))
            return True
    return False
