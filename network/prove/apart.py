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
    process = context.Process(target=_work, args=(work, sender), daemon=True)
    process.start()
    sender.close()

    def result() -> Found:
        try:
            found: Found = receiver.recv()
        except EOFError:
            found = work()
        return found

    try:
        yield result
    finally:
        process.kill()
        process.join()
        receiver.close()


def _work(work: Callable[[], Found], sender: Connection) -> None:
    """In the other process: an interrupt is the first one's business, and so is an error, which it meets itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        found = work()
    except Exception:  # noqa: BLE001 told by doing the work again where somebody listens
        return
    with suppress(OSError):  # nobody is there any more
        sender.send(found)
