"""nftables: words, and the statements they make."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Literal, NamedTuple

from network.parse.source import Source

_TOKEN = re.compile(
    r"""[ \t\r]*
      (?: (?P<word>[^ \t\r{},;="#!]+)
        | (?P<sign>!=|[{},;=])
        | (?P<string>"[^"]*")
        | (?P<comment>\#.*)
        | (?P<odd>[^ \t\r]) )""",
    re.VERBOSE | re.DOTALL,
)
_BLOCK_DEPTH = 2
"""Tables hold blocks, and blocks hold statements; deeper braces are sets of values in a statement."""


class Token(NamedTuple):
    """A word, a "string" without its quotes, or a sign."""

    kind: Literal["word", "string", "sign", "end"]
    text: str
    line: int


class Statement(NamedTuple):
    """Words up to a line's end or `;`, and the statements in the braces after them, if there are any."""

    tokens: tuple[Token, ...]
    body: tuple[Statement, ...] | None
    first: int
    last: int

    @property
    def words(self) -> list[str]:
        """The tokens as text; a string keeps a quote, so that it is never taken for a word."""
        return [f'"{token.text}' if token.kind == "string" else token.text for token in self.tokens]


def tokens(source: Source, lines: Iterable[tuple[int, str]]) -> Iterator[Token]:
    """The tokens of numbered lines, with an "end" after each; a line with an odd character is doubted and skipped."""
    for number, text in lines:
        found = [_token(match, number) for match in _TOKEN.finditer(text) if match.lastgroup != "comment"]
        if None in found:
            source.doubt(number)
            continue
        yield from (token for token in found if token is not None)
        yield Token("end", "", number)


def _token(match_: re.Match[str], line: int) -> Token | None:
    """None for an odd character."""
    match match_.lastgroup:
        case "word":
            return Token("word", match_["word"], line)
        case "sign":
            return Token("sign", match_["sign"], line)
        case "string":
            return Token("string", match_["string"][1:-1], line)
    return None


def statements(source: Source, stream: Iterator[Token]) -> tuple[Statement, ...]:
    """All statements. A closing brace without its opening one is doubted; a missing one closes at the end."""
    found: list[Statement] = []
    closed = True
    while closed:
        some, closed, line = _block(stream, 0)
        found.extend(some)
        if closed:
            source.doubt(line)
    return tuple(found)


def _block(stream: Iterator[Token], depth: int) -> tuple[list[Statement], bool, int]:
    """Statements up to the closing brace; whether it was there; its line."""
    found: list[Statement] = []
    held: list[Token] = []
    inner = 0
    line = 0

    def finish(body: tuple[Statement, ...] | None = None, last: int = 0) -> None:
        if held:
            found.append(Statement(tuple(held), body, held[0].line, last or held[-1].line))
            held.clear()

    for token in stream:
        line = token.line
        sign = token.text if token.kind == "sign" else ""
        if sign == "{" and held and depth < _BLOCK_DEPTH and not inner:
            body, _, last = _block(stream, depth + 1)
            finish(tuple(body), last)
        elif sign == "}" and not inner:
            finish()
            return found, True, line
        elif token.kind == "end" or (sign == ";" and not inner):
            if not inner:
                finish()
        else:
            inner += (sign == "{") - (sign == "}")
            held.append(token)
    finish()
    return found, False, line
