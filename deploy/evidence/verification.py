"""Verify a pack: every file by its hash, none missing, none added, and what the manifest tells against the contents."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.evidence.agreement import disagreements
from deploy.evidence.manifest import MANIFEST, Lines, read_manifest
from deploy.plan import digest
from inventory.errors import SansoError
from inventory.text import Text

HEX_DIGITS = 64


class UnverifiableError(SansoError):
    """A pack that cannot be read."""


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of it: `digest` is the manifest's own, `anchored` whether it was the one noted at the handing over."""

    files: int
    digest: str
    anchored: bool
    problems: tuple[Text, ...]

    @property
    def whole(self) -> bool:
        return not self.problems


def verify(folder: Path, noted: str | None = None) -> Verification:
    """Verify a pack, if given against the digest that was noted when it was handed over.

    Raises:
        UnverifiableError: there is no pack, or a file of it cannot be read.
    """
    return verify_folder(folder, noted, disagreements, _NO_PACK)


def verify_folder(
    folder: Path,
    noted: str | None,
    agreement: Callable[[Path, Mapping[str, str]], Iterator[Text]],
    missing: tuple[Text, Text],
) -> Verification:
    """Verify any folder with a manifest of ours.

    Args:
        folder: where it is.
        noted: the digest of the manifest that was noted, if there is one.
        agreement: tells what in the folder does not fit together, given the folder and the manifest's files.
        missing: what to tell, and the hint, when there is no manifest; `{folder}` and `{manifest}` are filled in.

    Raises:
        UnverifiableError: there is no manifest, or a file cannot be read.
    """
    try:
        content = (folder / MANIFEST).read_bytes()
        lines = read_manifest(content)
        own = digest(content)
        problems = [*_anchor(own, noted), *lines.problems, *_files(folder, lines)]
        problems += agreement(folder, lines.files)
    except OSError as error:
        raise _unreadable(folder, error, missing) from error
    return Verification(len(lines.files), own, noted is not None and noted == own, tuple(problems))


def verification_lines(folder: Path, found: Verification) -> Iterator[Text]:
    """What came of it, for people; and what it cannot tell."""
    yield from found.problems
    if not found.whole:
        count = len(found.problems)
        yield Text(
            f"{folder}: NOT as it was made: {count} finding(s).",
            f"{folder}: 作成時のままではありません。指摘 {count} 件。",
        )
    else:
        yield Text(
            f"{folder}: all {found.files} files are as the manifest has them, none is missing, none was added.",
            f"{folder}: 全 {found.files} ファイルが目録と一致します。欠落も追加もありません。",
        )
    yield Text(f"Digest of the manifest: {found.digest}", f"目録のハッシュ値 (控えと照合する値): {found.digest}")
    if found.anchored:
        yield Text("It is the digest that was noted.", "控えのハッシュ値と一致します。")
    else:
        yield Text(
            "A pack alone cannot show that all of it, manifest included, was not replaced: compare this digest with the"
            " one noted at the handing over (--digest).",
            "目録を含む全部の差し替えは、この一式だけでは検出できません。受け渡し時に控えたハッシュ値と"
            "照合してください (--digest)。",
        )


def spelt(noted: str) -> str | None:
    """A digest as copied from paper, without its blanks and hyphens; None when it is none."""
    plain = "".join(sign for sign in noted.lower() if not sign.isspace() and sign != "-")
    return plain if len(plain) == HEX_DIGITS and set(plain) <= set("0123456789abcdef") else None


def _anchor(own: str, noted: str | None) -> Iterator[Text]:
    if noted is not None and noted != own:
        yield Text(
            f"The manifest is not the one that was noted: its digest is {own}, noted was {noted}.",
            f"目録が控えと異なります。目録のハッシュ値は {own}、控えは {noted} です。",
        )


def _files(folder: Path, lines: Lines) -> Iterator[Text]:
    there = {path.relative_to(folder).as_posix(): path for path in _walk(folder)}
    for name, sha in lines.files.items():
        path = there.pop(name, None)
        if path is None:
            yield Text(f"{name}: missing.", f"{name}: ありません。")
        elif path.is_symlink() or not path.is_file():
            yield Text(f"{name}: not a plain file.", f"{name}: 通常のファイルではありません。")
        elif (found := digest(path.read_bytes())) != sha:
            yield Text(
                f"{name}: changed; its SHA-256 is {found}, the manifest has {sha}.",
                f"{name}: 変更されています。SHA-256 は {found}、目録では {sha} です。",
            )
    there.pop(MANIFEST, None)
    for name in sorted(there):
        yield Text(f"{name}: added; the manifest does not have it.", f"{name}: 追加されています。目録にありません。")


def _walk(folder: Path) -> Iterator[Path]:
    """Everything in the folder that is not a folder with something in it; links are not followed."""

    def fail(error: OSError) -> None:
        raise error

    for place, folders, files in os.walk(folder, onerror=fail):
        here = Path(place)
        yield from (here / name for name in files)
        yield from (here / name for name in folders if (here / name).is_symlink())
        if not folders and not files:
            yield here


_NO_PACK = (
    Text(
        "{folder} is no evidence pack: it has no {manifest}.",
        "{folder} は証跡一式ではありません。{manifest} がありません。",
    ),
    Text(
        "Give the folder that holds index.html; make one with: sanso evidence CITY -o DIR",
        "index.html のあるフォルダを指定してください。作成は sanso evidence 市 -o フォルダ で行います。",
    ),
)


def _unreadable(folder: Path, error: OSError, missing: tuple[Text, Text]) -> UnverifiableError:
    reason, name = error.strerror or str(error), error.filename or folder
    if not (folder / MANIFEST).exists():
        what, hint = missing
        return UnverifiableError(what.format(folder=folder, manifest=MANIFEST), hint)
    return UnverifiableError(Text(f"{name} cannot be read: {reason}.", f"{name} を読めません: {reason}。"))
