"""nftables: reading a statement token by token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from network.parse.nft_lexer import NO_WORD, text_of

_Value = TypeVar("_Value")


class Cursor:
    """A place in a statement. Every reading method raises ValueError when something else stands there."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._end = len(tokens)
        self._at = 0

    def more(self) -> bool:
        """Whether a token is left."""
        return self._at < self._end

    def next(self) -> str:
        """The next token, of any kind."""
        if self._at >= self._end:
            msg = "the statement ends early"
            raise ValueError(msg)
        token = self._tokens[self._at]
        self._at += 1
        return token

    def peek(self) -> str:
        """The next token; "" at the end."""
        return self._tokens[self._at] if self._at < self._end else ""

    def word(self) -> str:
        """The next token, which must be a word."""
        token = self.next()
        if token[0] in NO_WORD:
            raise ValueError(token)
        return token

    def string(self) -> str:
        """The text of the next token, which must be a string in quotes."""
        token = self.next()
        if token[0] != '"':
            raise ValueError(token)
        return text_of(token)

    def skip(self, *texts: str) -> bool:
        """Go past these words or signs if they come next."""
        after = self._at + len(texts)
        if self._tokens[self._at : after] != texts:
            return False
        self._at = after
        return True

    def follows(self, *texts: str) -> bool:
        """Whether these words or signs come next."""
        return self._tokens[self._at : self._at + len(texts)] == texts

    def values(self, read: Callable[[str], _Value]) -> tuple[_Value, ...]:
        """One value, or several in braces, each of one token."""
        if not self.skip("{"):
            return (read(self.next()),)
        found = [read(self.next())]
        while self.skip(","):
            if self.skip("}"):
                return tuple(found)
            found.append(read(self.next()))
        if not self.skip("}"):
            msg = "a closing brace is missing"
            raise ValueError(msg)
        return tuple(found)
