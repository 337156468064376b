"""nftables: reading a statement token by token."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from network.parse.nft_lexer import is_word, text_of

_Value = TypeVar("_Value")


class Cursor:
    """A place in a statement. Every reading method raises ValueError when something else stands there."""

    def __init__(self, tokens: tuple[str, ...]) -> None:
        self._tokens = tokens
        self._at = 0

    def more(self) -> bool:
        """Whether a token is left."""
        return self._at < len(self._tokens)

    def next(self) -> str:
        """The next token, of any kind."""
        if self._at >= len(self._tokens):
            msg = "the statement ends early"
            raise ValueError(msg)
        self._at += 1
        return self._tokens[self._at - 1]

    def peek(self) -> str:
        """The next token; "" at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def word(self) -> str:
        """The next token, which must be a word."""
        token = self.next()
        if not is_word(token):
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
        if not self.follows(*texts):
            return False
        self._at += len(texts)
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
