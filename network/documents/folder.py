"""A folder written whole or not at all: everything goes into a new folder beside it, then the two change places."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from inventory.errors import SansoError
from inventory.text import Text

MARK = ".sanso-compile"
"""A folder with this file in it was written by us and may be replaced."""


class FolderError(SansoError):
    """The folder cannot be written."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of folder: the command that writes it, how an older one is known, and which files mark it besides."""

    command: str
    owns: Callable[[Path], bool]
    marks: Mapping[str, str] = field(default_factory=dict)
    durable: bool = False
    """Whether it has to be on disk, and not only written, before it takes the old one's place."""
    private: str = ""
    """What a file's path begins with that only its owner may read; "": all may read all."""


COMPILED = Kind(
    "sanso compile",
    lambda folder: (folder / MARK).exists(),
    {MARK: "Written by sanso compile; replaced as a whole by the next run.\n"},
)


def write_folder(target: Path, files: Mapping[str, str | bytes], kind: Kind = COMPILED) -> None:
    """Write `files` (path → content) as the whole content of `target`, which must not exist, be empty, or be ours.

    Raises:
        FolderError: the folder holds something else, or cannot be written. The old content is untouched then.
    """
    target = Path(os.path.abspath(target))  # noqa: PTH100 a link given by the user is kept as a link's name
    refuse_foreign(target, kind)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as scratch:
            fresh = Path(scratch) / "new"
            _fill(fresh, {**files, **kind.marks}, kind.private)
            if kind.durable:
                _settle(fresh)
            _swap(target, fresh, Path(scratch) / "old")
            if kind.durable:
                _sync(target.parent)
    except OSError as error:
        reason = error.strerror or str(error)
        raise FolderError(
            Text(f"Cannot write {target}: {reason}.", f"{target} に書き込めません: {reason}"),
            Text("Choose another folder with -o.", "-o で別のフォルダを指定してください。"),
        ) from error


def refuse_foreign(target: Path, kind: Kind = COMPILED) -> None:
    """Raise FolderError when `target` is there, holds something, and is not a folder of this kind."""
    if target.is_dir() and not target.is_symlink():
        if kind.owns(target) or not any(target.iterdir()):
            return
    elif not target.exists() and not target.is_symlink():
        return
    raise FolderError(
        Text(
            f"{target} exists and was not written by {kind.command}; it stays as it is.",
            f"{target} はすでにあり、{kind.command} が作ったものではないので、手を付けません。",
        ),
        Text(
            "Choose a folder that does not exist yet, or remove this one yourself.",
            "まだ無いフォルダを指定するか、このフォルダを自分で削除してください。",
        ),
    )


def _fill(folder: Path, files: Mapping[str, str | bytes], private: str) -> None:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if private and name.startswith(private):
            path.touch(mode=0o600)
        path.write_bytes(content.encode() if isinstance(content, str) else content)


def _settle(folder: Path) -> None:
    """Bring every file and folder to disk."""
    for path in (*folder.rglob("*"), folder):
        _sync(path)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _swap(target: Path, fresh: Path, old: Path) -> None:
    """Put `fresh` in the place of `target`; the old folder comes back if that fails."""
    if not target.exists():
        fresh.rename(target)
        return
    shutil.copymode(target, fresh)
    target.rename(old)
    try:
        fresh.rename(target)
    except BaseException:
        old.rename(target)
        raise
