"""Time for a running change: a monotonic clock, waiting that an interrupt ends, and the interrupt itself."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

from inventory import console
from inventory.errors import EXIT_INTERRUPTED
from inventory.text import Text


class Clock(Protocol):
    """Seconds that only grow, and waiting."""

    def now(self) -> float: ...
    def wait(self, seconds: float) -> None: ...
    @property
    def interrupted(self) -> bool: ...


class OperatorClock:
    """The machine's clock, with the operator's Ctrl-C: it ends a wait, and is asked for between steps."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def now(self) -> float:
        return time.monotonic()

    def wait(self, seconds: float) -> None:
        self._stop.wait(seconds)

    @property
    def interrupted(self) -> bool:
        return self._stop.is_set()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as a wish to go back in good order; a second one ends the process at once.

        Ending at once is safe: what is then left undone, the timers on the devices and `sanso recover` finish.
        """

        def hear(_number: int, _frame: FrameType | None) -> None:
            if self._stop.is_set():
                os._exit(EXIT_INTERRUPTED)
            self._stop.set()
            console.tell(
                Text(
                    "Interrupted: going back in good order. Once more ends at once; then run `sanso recover`.",
                    "中断を受け付けました。順に変更前の設定へ戻します。もう一度押すと直ちに終了します"
                    " (その場合は `sanso recover` を実行してください)。",
                )
            )

        before = {number: signal.signal(number, hear) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
