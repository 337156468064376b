"""One change at a time: a lock file in the state directory, let go by the kernel when its holder dies."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from inventory.errors import SansoError
from inventory.text import Text


class BusyError(SansoError):
    """Another `sanso` is changing devices."""


@contextmanager
def only_one(state: Path) -> Iterator[None]:
    """Hold the state directory's lock; BusyError when another process has it."""
    path = state / "change.lock"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise BusyError(
            Text(f"{path} cannot be opened: {error.strerror}.", f"{path} を開けません: {error.strerror}。")
        ) from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(handle, 20, 0).decode(errors="replace").strip() or "?"
            raise BusyError(
                Text(
                    f"Another sanso (process {holder}) is changing devices now.",
                    f"別の sanso (プロセス {holder}) が機器を変更中です。",
                ),
                Text(
                    "Wait for it to finish; `sanso history` shows how far it is.",
                    "終了を待ってください。経過は `sanso history` で確認できます。",
                ),
            ) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(handle)
