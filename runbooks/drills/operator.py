"""The only way a person speaks to a drill: answers at the terminal, or, where that is asked for, nobody's answers."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from inventory.text import Text
from runbooks.drills.interrupts import tell
from runbooks.drills.standing import DrillError

_TICK_S = 0.2
NO = frozenset({"x", "n", "no", "いいえ", "不可", "中止", "ｘ", "ｎ"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered: yes or no, and words. `by` is who, or "auto"."""

    good: bool
    words: str
    by: str


class TerminalGoneError(DrillError):
    """The operator's terminal is gone."""

    def __init__(self) -> None:
        super().__init__(Text("The operator's terminal is gone.", "操作者の端末との接続が切れました。"))


class Operator(Protocol):
    """Who is asked."""

    automatic: bool

    def ask(self, question: Text, watch: Callable[[], None]) -> Answer:
        """Ask and wait for the answer; `watch` is called all the while, and may raise."""
        ...

    def note(self, question: Text, watch: Callable[[], None]) -> str:
        """Ask for words; "" is none."""
        ...


class Terminal:
    """A person at the terminal: Enter is yes, `x` is no, anything else is yes with words."""

    automatic = False

    def __init__(self, name: str) -> None:
        self._name = name
        self._read = b""

    def ask(self, question: Text, watch: Callable[[], None]) -> Answer:
        line = self.note(question, watch)
        word, _, rest = line.partition(" ")
        if word.lower() in NO:
            return Answer(good=False, words=rest.strip(), by=self._name)
        return Answer(good=True, words=line, by=self._name)

    def note(self, question: Text, watch: Callable[[], None]) -> str:
        tell(question)
        descriptor = sys.stdin.fileno()
        while b"\n" not in self._read:
            watch()
            if not select.select([descriptor], [], [], _TICK_S)[0]:
                continue
            try:
                block = os.read(descriptor, 4096)
            except OSError:
                block = b""
            if not block:
                raise TerminalGoneError
            self._read += block
        line, _, self._read = self._read.partition(b"\n")
        return line.decode(errors="replace").strip()


class Automatic:
    """Nobody is asked: every answer is yes, and recorded as given automatically. For CI."""

    automatic = True

    def ask(self, question: Text, watch: Callable[[], None]) -> Answer:
        tell(question)
        watch()
        return Answer(good=True, words="", by="auto")

    def note(self, question: Text, watch: Callable[[], None]) -> str:
        del question
        watch()
        return ""


def operator_of(name: str, *, automatic: bool) -> Operator:
    """Who is asked in this process.

    Raises:
        DrillError: nobody can be: standard input is no terminal, and no automatic decision was asked for.
    """
    if automatic:
        return Automatic()
    if not sys.stdin.isatty():
        raise DrillError(
            Text(
                "A drill asks its operator, and standard input is no terminal.",
                "訓練では操作者に確認しながら進めますが、標準入力が端末ではありません。",
            ),
            Text(
                "Run it at a terminal, or with --decide-automatically (recorded as such).",
                "端末で実行するか、--decide-automatically を付けてください (自動応答として記録されます)。",
            ),
        )
    return Terminal(name)
