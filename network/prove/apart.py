"""Work done in a process of its own, while this one goes on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TypeVar

Item = TypeVar("Item")

MANY = 300
"""From so many devices on a second process is worth its while."""
_END = ()
"""Sent behind the last item, which comes in a tuple of its own."""


@contextmanager
def apart(work: Callable[[], Iterable[Item]]) -> Iterator[Iterator[Item]]:
    """Begin `work` in a copy of this process; what is yielded waits for its items, which have to be plain values.

    Should the other process end before the last of them (the machine ran out of memory), the rest is worked out here
    instead; `work` has to give the same items again. Whatever ends the block ends that process, too.
    """
    context = get_context("fork")
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, sender), daemon=True)
    process.start()
    sender.close()
    try:
        yield _items(work, receiver)
    finally:
        process.kill()
        process.join()
        receiver.close()


def _items(work: Callable[[], Iterable[Item]], receiver: Connection) -> Iterator[Item]:
    count = 0
    try:
        while (told := receiver.recv()) != _END:
            yield told[0]
            count += 1
    except EOFError:
        yield from islice(work(), count, None)


def _work(work: Callable[[], Iterable[Item]], sender: Connection) -> None:
    """In the other process: an interrupt is the first one's business, and so is an error, which it meets itself."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with suppress(OSError):  # nobody is there any more
        try:
            for item in work():
                sender.send((item,))
        except Exception:  # noqa: BLE001 told by doing the work again where somebody listens
            return
        sender.send(_END)
