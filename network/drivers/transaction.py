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

from .answers import SLOT, STAGED, failure, refusal
from .platforms import Platform, device_file
from .ssh import Output

GUARD = "/usr/local/lib/sanso/guard"
STATUS = f"[ ! -e {SLOT} ] || {GUARD} status"
IN_PEACE = "[ ! -e /run/sanso/lock ] || { exec 9</run/sanso/lock; flock -s -w 120 9; }"
"""Said before others: they wait for whatever is being done on the device, which then waits for their shell's end."""
_SCRIPTS = ("guard", "mend", "netdev", "vty", "frr", "nftables", "openvswitch", "debian", "sanso-boot.service")
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
        folder = f"{STAGED}/{token}"
        unpack = f"umask 077; mkdir -p {folder} && tar -x -C {folder} || {{ rm -rf {folder}; exit 17; }}"
        command = f"{unpack}; exec sh {folder}/lib/guard stage {token}"
        answer = self._device.run(command, _archive(self._all(parts)), _LONG)
        if answer.code == 0:
            return token, answer.text
        raise refusal(self._host, answer, merge=merge)

    def commit(self, token: str, seconds: int, change: str) -> None:
        """Make a staged candidate run. `seconds` 0 confirms it at once.

        Raises:
            CommitFailedError, PendingError: see their messages; they tell what the device runs.
        """
        answer = self._guard("commit", token, str(seconds), " ".join(change.split()))
        if answer.code:
            raise failure(self._host, answer)

    def confirm(self) -> None:
        self._told("confirm")

    def rollback(self) -> None:
        self._told("rollback")

    def close(self, change: str) -> None:
        if not self._missing(answer := self._guard("close", change)) and answer.code:
            raise failure(self._host, answer)

    def discard(self, token: str) -> None:
        self._guard("discard", token)

    def pending(self) -> PendingCommit | None:
        return self.kept(self._device.run(f"{IN_PEACE}\n{STATUS}", timeout_s=_LONG))

    def kept(self, answer: Output) -> PendingCommit | None:
        """The commit that an answer to `STATUS` tells of."""
        lines = answer.text.splitlines()
        if self._missing(answer) or (answer.code == 0 and not lines):
            return None
        if answer.code or len(lines) < 2:  # noqa: PLR2004 state and seconds at least
            raise failure(self._host, answer)
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
            raise failure(self._host, Output(15, "") if self._missing(answer) else answer)

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
