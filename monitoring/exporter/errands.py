"""Work that may take longer than a scrape waits: a loop for what is asynchronous, threads for what is not."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from typing import Any, TypeVar

from monitoring.exporter.answer import Deadline, LateError

Result = TypeVar("Result")
_PATIENCE_S = 5.0


class Loop:
    """An asyncio loop in a thread of its own; every module's coroutines run in it."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="loop", daemon=True)
        self._thread.start()

    def start(self, work: Coroutine[Any, Any, Result]) -> Future[Result]:
        """Let it run; cancel the future to end it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def run(self, work: Coroutine[Any, Any, Result], deadline: Deadline) -> Result:
        """Its result.

        Raises:
            LateError: the deadline came first; it is ended.
        """
        future = self.start(work)
        try:
            return future.result(deadline.left())
        except (FutureTimeoutError, CancelledError):
            future.cancel()
            raise LateError from None

    def close(self) -> None:
        """End it, and before that whatever still runs in it."""
        with contextlib.suppress(FutureTimeoutError):
            self.start(_end_others()).result(_PATIENCE_S)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(_PATIENCE_S)


async def _end_others() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


class Errands:
    """Blocking work, one at a time for each key: a target that hangs costs one thread, however often it is scraped."""

    def __init__(self) -> None:
        self._running: dict[str, Future[Any]] = {}
        self._lock = threading.Lock()

    def run(self, key: str, work: Callable[[], Result], deadline: Deadline) -> Result:
        """The result of `work`, or of the same errand already under way.

        Raises:
            LateError: the deadline came first; the errand goes on, and who asks next waits for it.
        """
        with self._lock:
            future = self._running.get(key)
            if future is None:
                future = self._running[key] = Future()
                threading.Thread(target=self._do, args=(key, future, work), name=key, daemon=True).start()
        try:
            found: Result = future.result(deadline.left())
        except FutureTimeoutError:
            if future.done():
                raise
            raise LateError from None
        return found

    def _do(self, key: str, future: Future[Any], work: Callable[[], Any]) -> None:
        try:
            result, failure = work(), None
        except BaseException as error:  # noqa: BLE001 it is raised where it was asked for
            result, failure = None, error
        with self._lock:
            del self._running[key]
        if failure is None:
            future.set_result(result)
        else:
            future.set_exception(failure)
