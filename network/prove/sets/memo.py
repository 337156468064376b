"""Answers about sets of packets, kept for as long as the same objects are asked about.

Equal sets cost too much to find; but what is read from equal rules is made the same object here, so that firewalls with
the same rules, and one firewall before and after a change, share what was worked out.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any, TypeVar

from network.prove.sets.packets import Packets

MOST = 500_000
"""So many answers are kept; then all are forgotten."""

Answer = TypeVar("Answer")


class Memo:
    """Keeps answers."""

    def __init__(self) -> None:
        self._answers: dict[tuple[Hashable, ...], tuple[object, Any]] = {}

    def of(self, question: Hashable, things: Sequence[object], find: Callable[[], Answer]) -> Answer:
        """What `find` says about these very objects; `question` is all else that it hangs on."""
        key = question, *map(id, things)
        known = self._answers.get(key)
        if known is None:
            if len(self._answers) >= MOST:
                self._answers.clear()
            known = self._answers[key] = things, find()  # with the things, so that nothing else gets their numbers
        answer: Answer = known[1]
        return answer

    def same(self, value: Answer) -> Answer:
        """The first of all equal values that were asked about."""
        known: Answer = self._answers.setdefault(("same", value), (value, value))[1]
        return known

    def within(self, some: Packets, others: Packets) -> bool:
        """Whether packets are among others."""
        return self.of("within", (some, others), lambda: some <= others)

    def both(self, some: Packets, others: Packets) -> Packets:
        """The packets in both."""
        return self.of("both", (some, others), lambda: some & others)
