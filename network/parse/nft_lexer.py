"""nftables: words, and the statements they make.

A token is text: a word, a sign, or a string that keeps its quotes, so that it is never taken for a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from network.parse.source import Source
from network.parse.words import REMEMBERED

_TOKEN = re.compile(r"""[^ \t\r{},;="#!]+|!=|[{},;=]|"[^"]*"|\#.*|[^ \t\r]""", re.DOTALL)
"""A word, a sign, a string, a comment, or a character that is none of them."""
_ODD = frozenset('"!')
_STRUCTURE = frozenset("{};")
NO_WORD = frozenset('"{},;=!')
"""What no word begins with."""
_BLOCK_DEPTH = 2
"""Tables hold blocks, and blocks hold statements; deeper braces are sets of values in a statement."""


class Statement(NamedTuple):
    """Tokens up to a line's end or `;`, and the statements in the braces after them, if there are any."""

    tokens: tuple[str, ...]
    body: tuple[Statement, ...] | None
    first: int
    last: int


class _Open(NamedTuple):
    """A block around the one that is read: its statements so far, and the header of the inner one, with its line."""

    found: list[Statement]
    header: tuple[str, ...]
    first: int


def is_word(token: str) -> bool:
    """Whether a token is neither a sign nor a string."""
    return token[0] not in NO_WORD


def text_of(token: str) -> str:
    """A word or sign as it is, a string without its quotes."""
    return token[1:-1] if token[0] == '"' else token


def statements(source: Source, lines: Iterable[tuple[int, str]]) -> tuple[Statement, ...]:
    """All statements of numbered lines; a line with an odd character is doubted and skipped.

    A closing brace without its opening one is doubted; a missing one closes at the end.
    """
    reader = _Reader()
    for number, text in lines:
        found = _tokens(text)
        if found is None or not reader.read(number, found):
            source.doubt(number)
    return reader.end()


@lru_cache(REMEMBERED)
def _tokens(text: str) -> tuple[str, ...] | None:
    """The tokens of a line without its comment; None when one of its characters is odd. Firewalls share most lines."""
    found: list[str] = _TOKEN.findall(text)
    if found and found[-1][0] == "#":
        found.pop()
    return tuple(found) if _ODD.isdisjoint(found) else None


class _Reader:
    """Statements being read, line by line."""

    def __init__(self) -> None:
        self._found: list[Statement] = []
        self._around: list[_Open] = []
        self._held: list[str] = []
        self._first = self._last = self._inner = 0

    def read(self, number: int, words: tuple[str, ...]) -> bool:
        """The tokens of a line; False when a brace closes what was never opened."""
        whole = True
        if not self._inner and (_STRUCTURE.isdisjoint(words) or self._holds_set(words)):  # nearly all of them
            if words:
                self._found.append(Statement(words, None, number, number))
        else:
            for word in words:
                whole = self._take(word, number) and whole
        if not self._inner:
            self._finish()
        self._last = number
        return whole

    def end(self) -> tuple[Statement, ...]:
        """All that was read; what is still open closes here."""
        self._finish()
        while self._around:
            self._close(self._last)
        return tuple(self._found)

    def _take(self, word: str, number: int) -> bool:
        if self._inner or word not in _STRUCTURE or (word == "{" and not (self._held and self._deep)):
            self._inner += (word == "{") - (word == "}")
            self._first = self._first if self._held else number
            self._held.append(word)
            self._last = number
        elif word == "{":
            self._around.append(_Open(self._found, tuple(self._held), self._first))
            self._found, self._held = [], []
        else:
            self._finish()
            if word == "}":
                return self._close(number)
        return True

    def _holds_set(self, words: tuple[str, ...]) -> bool:
        """Whether a line is one statement that ends with a set of values in braces."""
        alone = words[-1] == "}" and words.count("{") == words.count("}") == 1
        return alone and not self._deep and ";" not in words

    @property
    def _deep(self) -> bool:
        """Whether a brace may open a block here."""
        return len(self._around) < _BLOCK_DEPTH

    def _finish(self) -> None:
        """End the statement that is read, if there is one."""
        if self._held:
            self._found.append(Statement(tuple(self._held), None, self._first, self._last))
            self._held = []

    def _close(self, last: int) -> bool:
        """End the innermost block, if there is one."""
        if not self._around:
            return False
        outer, body = self._around.pop(), self._found
        self._found = outer.found
        self._found.append(Statement(outer.header, tuple(body), outer.first, last))
        return True
