"""The device's `guard`, spoken to: staging, commit, confirmation, return. Its answers become clear errors."""

from __future__ import annotations

import io
import secrets
import shlex
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol, cast

from .errors import (
    CommandError,
    CommitFailedError,
    DeviceError,
    MergeError,
    MissingPackageError,
    PendingError,
    ReplaceError,
    Trouble,
    Words,
)
from .platforms import Platform, device_file
from .ssh import Output

GUARD = "/usr/local/lib/sanso/guard"
_STAGED = "/var/lib/sanso-commit/staged"
_SCRIPTS = ("guard", "netdev", "frr", "nftables", "openvswitch", "sanso-boot.service")
_LONG = 300.0
"""Seconds a change may take on the device; its own timer is not shorter."""

State = Literal["pending", "confirmed", "reverting", "failed"]


@dataclass(frozen=True, slots=True)
class PendingCommit:
    """A commit the device keeps a snapshot of.

    `state` "pending" goes back at `deadline` (this machine's clock, UTC); "confirmed" waits to be closed; "reverting"
    is on its way back; "failed" could not go back and needs a person.
    """

    change: str
    deadline: datetime
    confirmed: bool
    state: State


class Runner(Protocol):
    """The part of a connection that is needed here."""

    def run(self, command: str, stdin: bytes = b"", timeout_s: float | None = None) -> Output: ...


class Transaction:
    """One device's guard over a connection."""

    def __init__(self, host: str, device: Runner, platform: Platform) -> None:
        self._host = host
        self._device = device
        self._platform = platform

    def stage(self, parts: Mapping[str, str], *, merge: bool) -> tuple[str, str]:
        """Bring a candidate and everything it may need later onto the device and have it checked there.

        Returns:
            The token it is committed or discarded by, and what the device makes of it (for platforms that say so).

        Raises:
            ReplaceError, MergeError: the device's own checker refuses it, or it does not fit on the disk.
            MissingPackageError: the device lacks a program.
        """
        token = secrets.token_hex(8)
        folder = f"{_STAGED}/{token}"
        unpack = f"umask 077; mkdir -p {folder} && tar -x -C {folder} || {{ rm -rf {folder}; exit 17; }}"
        command = f"{unpack}; exec sh {folder}/lib/guard stage {token}"
        answer = self._device.run(command, _archive(self._all(parts)), _LONG)
        if answer.code == 0:
            return token, answer.text
        raise self._refusal(answer, merge=merge)

    def commit(self, token: str, seconds: int, change: str) -> None:
        """Make a staged candidate run. `seconds` 0 confirms it at once.

        Raises:
            CommitFailedError, PendingError: see their messages; they tell what the device runs.
        """
        answer = self._guard("commit", token, str(seconds), " ".join(change.split()))
        if answer.code:
            raise self._failure(answer)

    def confirm(self) -> None:
        self._told("confirm")

    def rollback(self) -> None:
        self._told("rollback")

    def close(self, change: str) -> None:
        if not self._missing(answer := self._guard("close", change)) and answer.code:
            raise self._failure(answer)

    def discard(self, token: str) -> None:
        self._guard("discard", token)

    def pending(self) -> PendingCommit | None:
        answer = self._guard("status")
        lines = answer.text.splitlines()
        if self._missing(answer) or (answer.code == 0 and not lines):
            return None
        if answer.code or len(lines) < 2:  # noqa: PLR2004 state and seconds at least
            raise self._failure(answer)
        if lines[0] == "reverted":
            return None
        return PendingCommit(
            change=" ".join(lines[2:]),
            deadline=datetime.now(UTC) + timedelta(seconds=int(lines[1])),
            confirmed=lines[0] == "confirmed",
            state=cast("State", lines[0]),
        )

    def _told(self, *words: str) -> None:
        answer = self._guard(*words)
        if answer.code:
            raise self._failure(Output(15, "") if self._missing(answer) else answer)

    def _guard(self, *words: str) -> Output:
        return self._device.run(shlex.join((GUARD, *words)), timeout_s=_LONG)

    @staticmethod
    def _missing(answer: Output) -> bool:
        """The guard was never installed: nothing was ever committed here."""
        return answer.code in (126, 127)

    def _all(self, parts: Mapping[str, str]) -> dict[str, bytes]:
        common = {
            "platform": f"{self._platform.name}\n",
            "needs": "".join(f"{command} {package}\n" for command, package in self._platform.packages.items()),
            "files": "".join(f"{name} {target}\n" for name, target in self._platform.files.items()),
        }
        texts = {name: text.encode() for name, text in {**common, **parts}.items()}
        return {**texts, **{f"lib/{name}": device_file(name) for name in _SCRIPTS}, "complete": b""}

    def _refusal(self, answer: Output, *, merge: bool) -> DeviceError:
        kind = MergeError if merge else ReplaceError
        match answer.code:
            case 10:
                return kind(
                    self._host,
                    Trouble(
                        Words(
                            "the device's own checker refuses the candidate; nothing was changed",
                            "機器の構文検査が候補設定を拒否しました。何も変更していません",
                        ),
                        found=answer.text,
                    ),
                )
            case 18:
                packages = answer.text.strip()
                return MissingPackageError(
                    self._host,
                    Trouble(
                        Words(
                            "the device lacks programs it needs; nothing was changed",
                            "機器に必要なプログラムがありません。何も変更していません",
                        ),
                        Words(f"the packages {packages}", f"パッケージ {packages}"),
                        hint=Words(
                            f"on the device: apt-get install {packages}",
                            f"機器で apt-get install {packages} を実行してください",
                        ),
                    ),
                )
        return kind(
            self._host,
            Trouble(
                Words(
                    "the candidate could not be put on the device; nothing was changed",
                    "候補設定を機器に書き込めません。何も変更していません",
                ),
                Words(f"free space in {_STAGED}", f"{_STAGED} の空き容量"),
                answer.text,
                Words(
                    "log in as root and see that the disk is not full",
                    "root で接続し、ディスクの空きを確認してください",
                ),
            ),
        )

    def _failure(self, answer: Output) -> DeviceError:
        text = answer.text
        if answer.code in _PENDING:
            return PendingError(self._host, _filled(_PENDING[answer.code], text))
        if answer.code in _COMMIT:
            return CommitFailedError(self._host, _filled(_COMMIT[answer.code], text))
        return CommandError(
            self._host,
            Trouble(Words("the device's guard failed", "機器の guard が失敗しました"), found=f"{answer.code}: {text}"),
        )


def _filled(trouble: Trouble, found: str) -> Trouble:
    return Trouble(trouble.what, trouble.expected, found, trouble.hint)


def _archive(parts: Mapping[str, bytes]) -> bytes:
    """A tar of files below the working folder, in the order given."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in parts.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            entry.mode = 0o600
            tar.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


_PENDING = {
    12: Trouble(
        Words(
            "another commit is still pending; nothing was changed",
            "別の変更が未確定のまま残っています。何も変更していません",
        ),
        hint=Words(
            "confirm it, roll it back, or wait for its timer", "確定するか、元に戻すか、タイマーを待ってください"
        ),
    ),
    15: Trouble(
        Words("no commit is pending", "未確定の変更はありません"),
        Words("a commit made with revert_in", "revert_in 付きの変更"),
    ),
    16: Trouble(
        Words(
            "the timer ran out before the confirmation: the device is back on its old configuration",
            "確定前にタイマーが切れ、機器は元の設定に戻っています",
        ),
        hint=Words("commit again with a longer revert_in", "revert_in を長くして再度変更してください"),
    ),
    20: Trouble(
        Words("the device is still busy with another change", "機器は別の変更を処理中です"),
        hint=Words("try again in a minute", "1 分ほど後に再試行してください"),
    ),
}
_COMMIT = {
    11: Trouble(
        Words(
            "the configuration has changed since the candidate was staged; nothing was changed",
            "候補設定の準備後に設定が変わっています。何も変更していません",
        ),
        hint=Words(
            "load the candidate again and look at the difference", "候補設定を読み込み直して差分を確認してください"
        ),
    ),
    13: Trouble(
        Words(
            "the device did not take the candidate as it is; it is back on its old configuration",
            "機器が候補設定をそのまま受け付けず、元の設定に戻しました",
        ),
        Words("the candidate's lines running (< wanted, > there)", "候補設定どおりの動作 (< 期待, > 実際)"),
    ),
    14: Trouble(
        Words(
            "the device could not go back to its old configuration",
            "機器が元の設定に戻れませんでした",
        ),
        hint=Words(
            "log in and compare with /var/lib/sanso-commit/slot/old; then roll back again",
            "機器にログインし /var/lib/sanso-commit/slot/old と比べてから、再度ロールバックしてください",
        ),
    ),
    17: Trouble(
        Words(
            "the device's disk is full; nothing was changed", "機器のディスクに空きがありません。何も変更していません"
        ),
        hint=Words("make room in /var/lib/sanso-commit", "/var/lib/sanso-commit の空きを確保してください"),
    ),
    19: Trouble(
        Words(
            "the candidate is no longer on the device; nothing was changed",
            "候補設定が機器に残っていません。何も変更していません",
        ),
        hint=Words("load it again", "再度読み込んでください"),
    ),
}
