"""What the drivers share: one SSH connection, a candidate staged on the device, a commit that can be taken back."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Generic, ParamSpec, TypeVar

from napalm import base

from .beside import configuration
from .errors import ClosedError, CommandError, CommitFailedError, MergeError, ReplaceError, Trouble, Words
from .platforms import Platform, platform
from .ssh import Connection, Login
from .transaction import IN_PEACE, PendingCommit, Transaction

P = ParamSpec("P")
R = TypeVar("R")
_LONGEST = 86400
_OWN_TIME = 300
_HOSTNAME = re.compile(r"^(?:# )?hostname (\S+)$", re.MULTILINE)


class beyond(Generic[P, R]):  # noqa: N801 it is used as a decorator
    """A method that NAPALM does not know.

    NAPALM's own suite refuses drivers with further public methods; on an instance this is a plain callable.
    """

    def __init__(self, function: Callable[..., R]) -> None:
        self._function = function
        self.__doc__ = function.__doc__

    def __get__(self, instance: object, owner: type | None = None) -> Callable[..., R]:
        return self._function if instance is None else partial(self._function, instance)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A candidate on the device: the token it is committed by, its whole text, and what ran when it was staged.

    The device refuses the commit when anything else runs by then.
    """

    token: str
    text: str
    before: str
    merge: bool


@dataclass(frozen=True, slots=True)
class Observation:
    """A device at one moment: what it runs, the commit it keeps a snapshot of, its neighbours, and who answers it.

    `neighbors` holds what `get_ospf_neighbors`, `get_bfd_neighbors` and `get_bgp_neighbors` tell, as "ospf", "bfd" and
    "bgp"; it is empty on platforms that do not route. `answering` is as in the method of that name. `serving` names the
    services of a server that do their work.
    """

    running: str
    pending: PendingCommit | None
    neighbors: Mapping[str, Any]
    answering: Mapping[str, frozenset[str]]
    serving: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class InterfaceVitals:
    """An interface as a watch wants it; counters since it was made."""

    name: str
    vrf: str
    """"default" is the main table."""
    is_up: bool
    receive_bytes: int
    transmit_bytes: int
    receive_errors: int
    transmit_errors: int


@dataclass(frozen=True, slots=True)
class Vitals:
    """What a watch asks of a device again and again. `neighbors` is as in `Observation`.

    `routes` counts those of the forwarding table by VRF and family (4, 6); empty on platforms that do not route.
    """

    interfaces: tuple[InterfaceVitals, ...]
    neighbors: Mapping[str, Any]
    routes: Mapping[tuple[str, int], int]


class DeviceDriver(base.NetworkDriver):  # type: ignore[misc] # napalm carries no types
    """A Linux device over SSH. A subclass says how its running text is read and what a candidate needs on the device.

    `optional_args`: `port` (22), `key_file` (private key; else the password, else ssh-agent and ~/.ssh),
    `known_hosts_file` (~/.ssh/known_hosts), `ssh_strict` (True: unknown host keys are refused). A `timeout` in seconds
    holds for connecting and for silence of a command.
    """

    platform: ClassVar[str]
    proves_itself: ClassVar[bool] = True
    """The device compares running and candidate by itself; else the driver does it."""

    def __init__(
        self,
        hostname: str,
        username: str,
        password: str,
        timeout: int = 60,
        optional_args: dict[str, Any] | None = None,
    ) -> None:
        options = optional_args or {}
        self.hostname = hostname
        self.username = username
        self.password = password
        self.timeout = timeout
        self.device: Connection | None = None
        self._login = Login(
            host=hostname,
            user=username,
            password=password or "",
            port=int(options.get("port") or 22),
            key=_path(options.get("key_file")),
            known_hosts=_path(options.get("known_hosts_file")),
            strict=bool(options.get("ssh_strict", True)),
            timeout_s=timeout,
        )
        self._candidate: Candidate | None = None
        self._read_last = ""

    # --- what a platform gives

    reading: ClassVar[tuple[str, ...]]
    """The commands that tell the running configuration."""

    @abstractmethod
    def _text(self, *told: str) -> str:
        """The running configuration in the platform's canonical text, from what the commands of `reading` told.

        What stands in the kernel beside it follows in a section of its own; see `beside.py`.
        """

    @abstractmethod
    def _startup(self) -> str:
        """The configuration the device boots with, in the same text."""

    @abstractmethod
    def _merged(self, running: str, more: str) -> str:
        """The running text with more lines merged in.

        Raises:
            ValueError: the lines cannot be read; the message says where.
        """

    @abstractmethod
    def _parts(self, running: str, text: str, more: str | None) -> dict[str, str]:
        """The files a commit from `running` to `text` needs on the device (see `device/`). `more` is what is merged.

        Raises:
            ValueError: the text cannot be read.
        """

    @abstractmethod
    def _difference(self, running: str, text: str) -> str:
        """What changes, for people; "" when nothing does."""

    def _as_device_says(self, text: str, answer: str) -> str:
        """The candidate as the device understood it at staging."""
        del answer
        return text

    # --- the connection

    @property
    def _facts(self) -> Platform:
        return platform(self.platform)

    def _connected(self) -> Connection:
        if self.device is None:
            raise ClosedError(
                self.hostname,
                Trouble(
                    Words("there is no connection", "接続されていません"),
                    hint=Words("call open() first", "先に open() を呼んでください"),
                ),
            )
        return self.device

    def _guard(self) -> Transaction:
        return Transaction(self.hostname, self._connected(), self._facts)

    def open(self) -> None:
        self.device = Connection(self._login)

    def close(self) -> None:
        device, self.device = self.device, None
        candidate, self._candidate = self._candidate, None
        if device is None:
            return
        try:
            if candidate is not None and device.alive():
                Transaction(self.hostname, device, self._facts).discard(candidate.token)
        finally:
            device.close()

    def is_alive(self) -> dict[str, bool]:
        return {"is_alive": self.device is not None and self.device.alive()}

    def _running(self) -> str:
        self._read_last = self._text(*self._said(*self.reading))
        return self._read_last

    # --- the candidate

    def load_replace_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        self._load(_given(filename, config), self._running(), merge=False)

    def load_merge_candidate(self, filename: str | None = None, config: str | None = None) -> None:
        self._load(_given(filename, config), self._running(), merge=True)

    @beyond
    def load_over(self, running: str, config: str) -> None:
        """`load_replace_candidate` over what is known to run; the device refuses the commit when anything else does.

        It is read again only where it is not what this session read last.
        """
        self._load(config, running if running == self._read_last else self._running(), merge=False)

    def _load(self, given: str, running: str, *, merge: bool) -> None:
        self.discard_config()
        given, running = configuration(given), configuration(running)
        refusal = MergeError if merge else ReplaceError
        try:
            text = self._merged(running, given) if merge else given
            parts = self._parts(running, text, given if merge else None)
        except ValueError as error:
            raise refusal(
                self.hostname,
                Trouble(
                    Words(
                        f"the candidate is not a configuration of platform {self.platform}; nothing was changed",
                        f"候補設定が {self.platform} の設定として読めません。何も変更していません",
                    ),
                    found=str(error),
                ),
            ) from error
        own, other = (_HOSTNAME.search(item) for item in (running, text))
        if own is None or other is None or own[1] != other[1]:
            raise refusal(
                self.hostname,
                Trouble(
                    Words(
                        "the candidate is not one of this device; nothing was changed",
                        "候補設定はこの機器のものではありません。何も変更していません",
                    ),
                    Words(own[0] if own else "a host name", own[0] if own else "ホスト名"),
                    other[0] if other else "no line with its host name",
                    Words(
                        "a device gets its host name on its console, not by a commit",
                        "ホスト名は変更の適用ではなく、機器のコンソールで設定してください",
                    ),
                ),
            )
        token, answer = self._guard().stage(parts, merge=merge)
        self._candidate = Candidate(token, self._as_device_says(text, answer), running, merge)

    def compare_config(self) -> str:
        if self._candidate is None:
            return ""
        return self._difference(self._candidate.before, self._candidate.text)

    def discard_config(self) -> None:
        if self._candidate is not None:
            self._guard().discard(self._candidate.token)
            self._candidate = None

    # --- the commit

    def commit_config(self, message: str = "", revert_in: int | None = None) -> None:
        """Make the candidate the running configuration; see the errors for what the device runs when that fails.

        Without `revert_in` it is saved at once. With it (1-86400 s) the device goes back by itself when the time is
        over or when it reboots, unless confirmed. `message` names the change; `pending_commit()` tells it.
        """
        if revert_in is not None and not 1 <= revert_in <= _LONGEST:
            raise CommitFailedError(
                self.hostname,
                Trouble(
                    Words(
                        "revert_in is out of range; nothing was changed", "revert_in が範囲外です。何も変更していません"
                    ),
                    Words(f"1 to {_LONGEST} seconds", f"1〜{_LONGEST} 秒"),
                    str(revert_in),
                ),
            )
        candidate = self._candidate
        if candidate is None:
            raise CommitFailedError(
                self.hostname,
                Trouble(
                    Words("there is no candidate; nothing was changed", "候補設定がありません。何も変更していません"),
                    hint=Words("load one first", "先に読み込んでください"),
                ),
            )
        at_once = revert_in is None
        guard = self._guard()
        guard.commit(candidate.token, 0 if at_once and self.proves_itself else (revert_in or _OWN_TIME), message)
        self._candidate = None
        if self.proves_itself:
            return
        difference = self._difference(configuration(self._running()), candidate.text)
        if difference:
            guard.rollback()
            raise CommitFailedError(
                self.hostname,
                Trouble(
                    Words(
                        "the device did not take the candidate as it is; it is back on its old configuration",
                        "機器が候補設定をそのまま受け付けず、元の設定に戻しました",
                    ),
                    found=difference,
                ),
            )
        if at_once:
            guard.confirm()

    def has_pending_commit(self) -> bool:
        pending = self._guard().pending()
        return pending is not None and not pending.confirmed

    def confirm_commit(self) -> None:
        self._guard().confirm()

    def rollback(self) -> None:
        """Go back to the configuration before the last commit, confirmed or not; again and again is the same."""
        self._guard().rollback()

    @beyond
    def pending_commit(self) -> PendingCommit | None:
        """The commit the device keeps a snapshot of, waiting for its confirmation or confirmed and not yet closed."""
        return self._guard().pending()

    @beyond
    def close_change(self, change: str) -> None:
        """Drop the snapshot of a confirmed change, if it is the one kept: it cannot be rolled back any more."""
        self._guard().close(" ".join(change.split()))

    # --- reading

    def get_config(
        self,
        retrieve: str = "all",
        full: bool = False,  # noqa: FBT001, FBT002 NAPALM's signature
        sanitized: bool = False,  # noqa: FBT001, FBT002 likewise
        format: str = "text",  # noqa: A002 likewise
    ) -> dict[str, str]:
        del full, format
        texts = {
            "running": self._running() if retrieve in ("all", "running") else "",
            "startup": self._startup() if retrieve in ("all", "startup") else "",
            "candidate": self._candidate.text if self._candidate and retrieve in ("all", "candidate") else "",
        }
        return {name: self._without_secrets(text) if sanitized else text for name, text in texts.items()}

    def _without_secrets(self, text: str) -> str:
        return text

    def _said(self, *commands: str) -> tuple[str, ...]:
        """What the commands print, while nothing is done on the device; they have to succeed.

        Raises:
            CommandError: one did not.
        """
        outputs = self._connected().outputs(commands, first=IN_PEACE)
        for command, output in zip(commands, outputs, strict=True):
            if output.code:
                raise CommandError(
                    self.hostname,
                    Trouble(
                        Words("its configuration cannot be read", "設定を読み出せません"),
                        Words(
                            f"an answer to: {_brief(command)}",
                            f"次のコマンドの応答: {_brief(command)}",
                        ),
                        f"exit code {output.code}",
                        Words(
                            f"see that {self._facts.vendor} runs",
                            f"{self._facts.vendor} が動作しているか確認してください",
                        ),
                    ),
                )
        return tuple(output.text for output in outputs)

    def _outputs(self, *commands: str) -> tuple[str, ...]:
        """What the commands print, in one round trip."""
        return tuple(output.text for output in self._connected().outputs(commands))


def _brief(command: str) -> str:
    """Its first line, which may be a comment that says what follows."""
    return command.split("\n", 1)[0].removeprefix("# ")


def _path(value: object) -> Path | None:
    return Path(str(value)).expanduser() if value else None


def _given(filename: str | None, config: str | None) -> str:
    """NAPALM's rule: the file takes precedence."""
    return Path(filename).read_text("utf-8") if filename else config or ""
