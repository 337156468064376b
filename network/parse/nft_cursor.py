"""nftables: reading a statement token by token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from network.parse.nft_lexer import Token

_Value = TypeVar("_Value")


class Cursor:
    """A place in a statement. Every reading method raises ValueError when something else stands there."""

    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._texts = tuple(None if token.kind == "string" else token.text for token in tokens)
        self._at = 0

    def more(self) -> bool:
        """Whether a token is left."""
        return self._at < len(self._tokens)

    def next(self) -> Token:
        """The next token, of any kind."""
        if self._at >= len(self._tokens):
            msg = "the statement ends early"
            raise ValueError(msg)
        self._at += 1
        return self._tokens[self._at - 1]

    def peek(self) -> str:
        """The next token's text; "" at the end, and for a string."""
        return (self._texts[self._at] or "") if self._at < len(self._texts) else ""

    def word(self) -> str:
        """The next token, which must be a word."""
        token = self.next()
        if token.kind != "word":
            raise ValueError(token.text)
        return token.text

    def string(self) -> str:
        """The next token, which must be a string in quotes."""
        token = self.next()
        if token.kind != "string":
            raise ValueError(token.text)
        return token.text

    def skip(self, *texts: str) -> bool:
        """Go past these words or signs if they come next."""
        if not self.follows(*texts):
            return False
        self._at += len(texts)
        return True

    def follows(self, *texts: str) -> bool:
        """Whether these words or signs come next."""
        return self._texts[self._at : self._at + len(texts)] == texts

    def values(self, read: Callable[[Token], _Value]) -> tuple[_Value, ...]:
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
