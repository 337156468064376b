"""Work done in a process of its own, while this one goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Found = TypeVar("Found")


@contextmanager
def apart(work: Callable[[], Found]) -> Iterator[Callable[[], Found]]:
    """Begin `work` in a copy of this process; what is yielded waits for its result, which has to be plain values.

    Should the other process end without one (the machine ran out of memory), the work is done here instead. Whatever
    ends the block ends that process, too.
    """
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sender, receiver), daemon=True)

    def result() -> Found:
        try:
            found: Found = receiver.recv()
        except EOFError:
            found = work()
        return found

    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})  # else one may come when nobody could end it yet
    try:
        process.start()
        sender.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
        yield result
    finally:
        if process.pid is not None:
            process.kill()
            process.join()
        receiver.close()
        signal.pthread_sigmask(signal.SIG_SETMASK, held)


def _work(work: Callable[[], Found], sender: Connection, receiver: Connection) -> None:
    """In the other process: an interrupt is the first one's business, and so is an error, which it meets itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    receiver.close()  # so that sending fails, and does not wait for ever, when the first process is gone
    try:
        found = work()
    except Exception:  # noqa: BLE001 told by doing the work again where somebody listens
        return
    with suppress(OSError):  # nobody is there any more
        sender.send(found)
