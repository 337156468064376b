"""What ends a drill from outside: Ctrl-C, a request to end, a terminal that is gone. It goes back in good order."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from inventory import console
from inventory.errors import EXIT_INTERRUPTED
from inventory.text import Text

REASONS = {
    signal.SIGINT: Text("the operator interrupted it", "操作者が中断しました"),
    signal.SIGTERM: Text("it was asked to end", "終了を求められました"),
    signal.SIGHUP: Text("the operator's terminal is gone", "操作者の端末との接続が切れました"),
}


class Interrupts:
    """`reason` is None until somebody wants the drill to end."""

    def __init__(self) -> None:
        self._reason: Text | None = None
        self._event = threading.Event()

    @property
    def reason(self) -> Text | None:
        return self._reason

    def raise_for(self, reason: Text) -> None:
        """End the drill for this reason (the first one counts)."""
        self._reason = self._reason or reason
        self._event.set()

    def wait(self, seconds: float) -> None:
        """Wait; an interrupt ends this wait, and no later one."""
        if self._event.wait(seconds):
            self._event.clear()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Hear signals. A second Ctrl-C ends at once; the journal knows what is left to be done."""

        def hear(number: int, _frame: FrameType | None) -> None:
            if self._reason is not None and number != signal.SIGHUP:
                os._exit(EXIT_INTERRUPTED)
            self.raise_for(REASONS[signal.Signals(number)])
            if number == signal.SIGHUP:
                _leave_terminal()
            tell(
                Text(
                    "Interrupted: the drill goes back in good order. Once more ends at once; then run"
                    " `sanso drill abort`.",
                    "中断を受け付けました。順に復旧します。もう一度押すと直ちに終了します"
                    " (その場合は `sanso drill abort` を実行してください)。",
                )
            )

        before = {number: signal.signal(number, hear) for number in REASONS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _leave_terminal() -> None:
    """What is still told goes nowhere; a terminal that is gone must not end the way back."""
    null = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(null, descriptor)
    os.close(null)


def tell(text: Text | str) -> None:
    """Tell it to the terminal, if there still is one."""
    with contextlib.suppress(OSError, ValueError):
        console.tell(text)
